//! Pictures by plotters, in dots: whole numbers all the way, so that the same figures are the same picture.

use plotters::backend::SVGBackend;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Rectangle, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{BLACK, Color, IntoFont, RGBColor, ShapeStyle, TextStyle, WHITE};
use resvg::{tiny_skia, usvg};

use super::Rates;
use crate::domain::tally::Rate;
use crate::error::AppError;
use crate::statistics::ageing::{Age, PendingCounts};

const FONT: &str = "Liberation Serif, Times New Roman, serif";
const REGULAR: &[u8] = include_bytes!("../../../config/fonts/LiberationSerif-Regular.ttf");

const ON_TIME: RGBColor = RGBColor(31, 119, 180);
const EARLY: RGBColor = RGBColor(44, 160, 44);
const OVERDUE: RGBColor = RGBColor(214, 39, 40);
const FAINT: RGBColor = RGBColor(200, 200, 200);

const WIDTH: i32 = 960;
const TOP: i32 = 116;
/// Dots that a month or a share takes below or beside a point of a trend.
const LABEL: i32 = 54;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// What plotters say when a picture can't be drawn.
type Drawn = Result<(), Box<dyn std::error::Error + Send + Sync>>;

fn picture(height: i32, paint: impl Fn(&Area<'_>) -> Drawn) -> Result<String, AppError> {
    let size = (u32::try_from(WIDTH).unwrap_or(1), u32::try_from(height).unwrap_or(1));
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        let drawn = area.fill(&WHITE).map_err(Into::into).and_then(|()| paint(&area));
        drawn.and_then(|()| Ok(area.present()?)).map_err(|err| AppError::internal(err.to_string()))?;
    }
    Ok(svg)
}

fn write(area: &Area<'_>, text: &str, (x, y): (i32, i32), (size, at): (i32, HPos)) -> Drawn {
    let style = TextStyle::from((FONT, size).into_font()).color(&BLACK).pos(Pos::new(at, VPos::Center));
    Ok(area.draw(&Text::new(text.to_owned(), (x, y), style))?)
}

fn fill(area: &Area<'_>, corners: [(i32, i32); 2], colour: RGBColor) -> Drawn {
    Ok(area.draw(&Rectangle::new(corners, colour.filled()))?)
}

fn line(area: &Area<'_>, points: Vec<(i32, i32)>, style: ShapeStyle) -> Drawn {
    Ok(area.draw(&PathElement::new(points, style))?)
}

/// The title, whose figures they are, and what the colours mean.
fn head(area: &Area<'_>, [title, whose]: [&str; 2], colours: [(&str, RGBColor); 2]) -> Drawn {
    write(area, title, (WIDTH / 2, 28), (20, HPos::Center))?;
    write(area, &cut(whose, 120), (WIDTH / 2, 54), (16, HPos::Center))?;
    for ((name, colour), x) in colours.into_iter().zip([300, 540]) {
        fill(area, [(x, 78), (x + 14, 92)], colour)?;
        write(area, name, (x + 22, 85), (15, HPos::Left))?;
    }
    Ok(())
}

/// Returns so much of `length` as the rate is of the whole.
fn part(rate: &Rate, length: i32) -> i32 {
    let points = i32::try_from(rate.basis_points.unwrap_or(0)).unwrap_or(0);
    length * points / 10_000
}

/// Nothing and the whole are never rounded, so they need no decimals.
fn percent(rate: &Rate) -> String {
    let decimals = if matches!(rate.basis_points, Some(0 | 10_000)) { 0 } else { 2 };
    rate.printed(decimals).unwrap_or_else(|| "không phát sinh".to_owned())
}

fn cut(text: &str, letters: usize) -> String {
    match text.char_indices().nth(letters) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or(text)),
        None => text.to_owned(),
    }
}

/// Draws two bars for each, from the left.
pub(super) fn bars(title: [&str; 2], rates: &[Rates]) -> Result<String, AppError> {
    const LEFT: i32 = 330;
    const ROOM: i32 = 520;
    let rows = i32::try_from(rates.len()).unwrap_or(0);
    picture(TOP + rows.max(1) * 44 + 20, |area| {
        head(area, title, [("Trước hạn và đúng hạn", ON_TIME), ("Trước hạn", EARLY)])?;
        if rates.is_empty() {
            write(area, "Không phát sinh hồ sơ đã giải quyết", (WIDTH / 2, TOP + 20), (16, HPos::Center))?;
        }
        for (row, rate) in (0..).zip(rates) {
            let y = TOP + row * 44;
            write(area, &cut(&rate.name, 46), (LEFT - 10, y + 18), (14, HPos::Right))?;
            for (share, top, colour) in [(&rate.on_time, y, ON_TIME), (&rate.early, y + 19, EARLY)] {
                let end = LEFT + part(share, ROOM);
                fill(area, [(LEFT, top), (end, top + 16)], colour)?;
                write(area, &percent(share), (end + 6, top + 8), (13, HPos::Left))?;
            }
        }
        Ok(())
    })
}

/// Draws two lines from month to month. Where months lie close, every second or third says its name and its shares, the last
/// one always.
pub(super) fn lines(title: [&str; 2], rates: &[Rates]) -> Result<String, AppError> {
    const LEFT: i32 = 70;
    const ROOM: i32 = 360;
    let base = TOP + ROOM;
    let months = i32::try_from(rates.len()).unwrap_or(1).max(1);
    let step = (WIDTH - LEFT - 70) / months;
    let each = (LABEL + step - 1) / step.max(1);
    let is_told = |place: i32| (months - 1 - place) % each == 0;
    picture(base + 60, |area| {
        head(area, title, [("Trước hạn và đúng hạn", ON_TIME), ("Trước hạn", EARLY)])?;
        for tenth in (0..=100).step_by(20) {
            let y = base - ROOM * tenth / 100;
            line(area, vec![(LEFT, y), (WIDTH - 40, y)], FAINT.stroke_width(1))?;
            write(area, &format!("{tenth} %"), (LEFT - 8, y), (13, HPos::Right))?;
        }
        // Lower than a share of nothing, which stands below its point.
        for (place, month) in (0..).zip(rates).filter(|(place, _)| is_told(*place)) {
            write(area, &month.name, (LEFT + step / 2 + place * step, base + 34), (13, HPos::Center))?;
        }
        let on_time: Vec<&Rate> = rates.iter().map(|month| &month.on_time).collect();
        let early: Vec<&Rate> = rates.iter().map(|month| &month.early).collect();
        for (shares, colour, beside) in [(on_time, ON_TIME, -12), (early, EARLY, 14)] {
            // A month in which nothing was resolved has no point.
            let months = (0..).zip(shares).filter(|(_, rate)| rate.basis_points.is_some());
            let at = |place| LEFT + step / 2 + place * step;
            let points: Vec<_> =
                months.map(|(place, rate)| (place, (at(place), base - part(rate, ROOM)), rate)).collect();
            line(area, points.iter().map(|(_, point, _)| *point).collect(), colour.stroke_width(2))?;
            for (place, (x, y), rate) in points {
                area.draw(&Circle::new((x, y), 3, colour.filled()))?;
                if is_told(place) {
                    write(area, &percent(rate), (x, y + beside), (11, HPos::Center))?;
                }
            }
        }
        Ok(())
    })
}

/// Draws a column for each age, what is overdue on top.
pub(super) fn columns(title: [&str; 2], ages: &[(Age, PendingCounts)]) -> Result<String, AppError> {
    const LEFT: i32 = 60;
    const ROOM: i32 = 340;
    let base = TOP + ROOM;
    let most = ages.iter().map(|(_, counts)| counts.pending).max().unwrap_or(0).max(1);
    let high = |count: i64| i32::try_from(i64::from(ROOM - 30) * count / most).unwrap_or(0);
    let step = (WIDTH - LEFT - 40) / i32::try_from(ages.len()).unwrap_or(1).max(1);
    picture(base + 50, |area| {
        head(area, title, [("Trong hạn, tạm dừng", ON_TIME), ("Quá hạn", OVERDUE)])?;
        line(area, vec![(LEFT, base), (WIDTH - 40, base)], BLACK.stroke_width(1))?;
        for (place, (age, counts)) in (0..).zip(ages) {
            let left = LEFT + place * step + 12;
            let (in_time, overdue) = (high(counts.pending_in_time), high(counts.pending_overdue));
            fill(area, [(left, base - in_time), (left + step - 24, base)], ON_TIME)?;
            fill(area, [(left, base - in_time - overdue), (left + step - 24, base - in_time)], OVERDUE)?;
            let count = match counts.pending_overdue {
                0 => counts.pending.to_string(),
                overdue => format!("{} (quá hạn {overdue})", counts.pending),
            };
            let middle = left + step / 2 - 12;
            write(area, &count, (middle, base - in_time - overdue - 12), (13, HPos::Center))?;
            write(area, age.name(), (middle, base + 18), (13, HPos::Center))?;
        }
        Ok(())
    })
}

/// Makes dots of a picture, with the embedded font alone: whatever the machine has changes nothing.
///
/// # Errors
/// Only faults of ours.
pub(crate) fn png(svg: &str) -> Result<Vec<u8>, AppError> {
    let broken = |err: &dyn std::fmt::Display| AppError::internal(format!("a chart could not be made: {err}"));
    let mut options = usvg::Options { font_family: "Liberation Serif".to_owned(), ..usvg::Options::default() };
    options.fontdb_mut().load_font_data(REGULAR.to_vec());
    let tree = usvg::Tree::from_str(svg, &options).map_err(|err| broken(&err))?;
    let size = tree.size().to_int_size();
    let mut dots = tiny_skia::Pixmap::new(size.width(), size.height()).ok_or_else(|| broken(&"it has no size"))?;
    resvg::render(&tree, tiny_skia::Transform::identity(), &mut dots.as_mut());
    dots.encode_png().map_err(|err| broken(&err))
}
