//! Reports as spreadsheets: Times New Roman, the page as the layout has it, ready for print and signature, with real numbers.

use std::ops::Range;

use chrono::{Datelike, Timelike};
use rust_xlsxwriter::{
    ConditionalFormatFormula, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet,
    XlsxError,
};

use crate::domain::period::from_office_time;
use crate::domain::working_time::midnight;
use crate::exports::filled::{Caption, Filled, Level, Line, Value};
use crate::exports::layouts::{Column, Layout, Orientation, Paper, Shows};

const A4: u8 = 9;
const A3: u8 = 8;
const FONT: &str = "Times New Roman";
/// Pixels that a line of text takes at its size of 12 points.
const LINE_PIXELS: u32 = 21;
/// Lines of the highest row that there may be (545 pixels).
const MOST_LINES: u32 = 25;

/// How cells look.
pub(in crate::exports) struct Looks {
    pub plain: Format,
    pub italic: Format,
    pub centred: Format,
    pub title: Format,
    pub head: Format,
    pub numbers: Format,
    text: Format,
    number: Format,
    unboxed: Format,
    unboxed_number: Format,
    moment: Format,
    count: Format,
    rates: [Format; 3],
    total_text: Format,
    total_number: Format,
    total_count: Format,
    total_rates: [Format; 3],
}

impl Looks {
    pub(in crate::exports) fn new() -> Self {
        let plain = Format::new().set_font_name(FONT).set_font_size(12);
        let bold = plain.clone().set_bold();
        let unboxed = plain.clone().set_align(FormatAlign::VerticalCenter).set_text_wrap();
        let boxed = unboxed.clone().set_border(FormatBorder::Thin);
        let count = boxed.clone().set_num_format("#,##0");
        // Where a text is wrapped a number is not: in a narrow column it would be crosses.
        let moment = plain
            .clone()
            .set_align(FormatAlign::VerticalCenter)
            .set_align(FormatAlign::Center)
            .set_num_format("hh:mm dd/mm/yyyy")
            .set_shrink();
        // A spreadsheet writes the decimal comma of its reader's country: 99,96 %.
        let rates = ["0 %", "0.0 %", "0.00 %"].map(|format| boxed.clone().set_num_format(format));
        Self {
            italic: plain.clone().set_italic(),
            centred: bold.clone().set_align(FormatAlign::Center),
            title: bold.set_font_size(14).set_align(FormatAlign::Center),
            head: boxed.clone().set_bold().set_align(FormatAlign::Center),
            numbers: boxed.clone().set_italic().set_align(FormatAlign::Center),
            total_text: boxed.clone().set_bold(),
            total_number: boxed.clone().set_bold().set_align(FormatAlign::Center),
            number: boxed.clone().set_align(FormatAlign::Center),
            unboxed_number: unboxed.clone().set_align(FormatAlign::Center),
            total_count: count.clone().set_bold(),
            total_rates: rates.clone().map(Format::set_bold),
            text: boxed,
            unboxed,
            moment,
            plain,
            count,
            rates,
        }
    }
}

/// Writes a report.
pub(super) fn write(report: &Filled) -> Result<Vec<u8>, XlsxError> {
    let looks = Looks::new();
    let mut workbook = Workbook::new();
    workbook.set_properties(&properties(&report.caption)?);
    let sheet = workbook.add_worksheet();
    let top: Vec<(String, String)> = head_lines(&report.caption.layout, |text| report.text(text));
    let row = write_top(sheet, &looks, (&report.caption, &top))?;
    fit_numbers(sheet, report)?;
    let mut row = write_head(sheet, &looks, (&report.caption.layout, row))?;
    for line in &report.lines {
        write_line(sheet, row, (line, &report.caption.layout), &looks)?;
        row += 1;
    }
    write_bottom(sheet, &looks, (&report.caption.layout, &report.notes(), row))?;
    workbook.save_to_buffer()
}

/// The date of the document is that of its figures, not of the writing; a workbook says it in UTC.
pub(in crate::exports) fn properties(caption: &Caption) -> Result<DocProperties, XlsxError> {
    let made = from_office_time(midnight(caption.made_on()));
    let part = |number: u32| u8::try_from(number).unwrap_or(1);
    let year = u16::try_from(made.year()).unwrap_or(2000);
    let day = ExcelDateTime::from_ymd(year, part(made.month()), part(made.day()))?;
    let made = day.and_hms(u16::try_from(made.hour()).unwrap_or(0), 0, 0)?;
    let (title, subject) = (&caption.layout.title, caption.period_text());
    Ok(DocProperties::new().set_title(title).set_subject(subject).set_creation_datetime(&made))
}

/// The lines above the title, left and right.
pub(in crate::exports) fn head_lines(
    layout: &Layout,
    text: impl Fn(&crate::exports::layouts::Text) -> String,
) -> Vec<(String, String)> {
    let lines = layout.head_left.len().max(layout.head_right.len());
    let at = |side: &[_], line: usize| side.get(line).map(&text).unwrap_or_default();
    (0..lines).map(|line| (at(&layout.head_left, line), at(&layout.head_right, line))).collect()
}

/// Sets the page and writes what stands above the table; returns the first row of the table's head.
pub(in crate::exports) fn write_top(
    sheet: &mut Worksheet,
    looks: &Looks,
    (caption, top): (&Caption, &[(String, String)]),
) -> Result<u32, XlsxError> {
    let layout = &caption.layout;
    let last = layout.width().saturating_sub(1);
    sheet.set_name(&layout.sheet)?;
    sheet.set_paper_size(match layout.page.paper {
        Paper::A4 => A4,
        Paper::A3 => A3,
    });
    match layout.page.orientation {
        Orientation::Landscape => sheet.set_landscape(),
        Orientation::Portrait => sheet.set_portrait(),
    };
    sheet.set_margins(0.5, 0.5, 0.6, 0.6, 0.3, 0.3);
    sheet.set_print_fit_to_pages(1, 0);
    for (column, shown) in (0..).zip(&layout.columns) {
        sheet.set_column_width(column, shown.width)?;
    }
    let mut row = 0;
    for (left, right) in top {
        sheet.write_string_with_format(row, 0, left, &looks.plain)?;
        sheet.write_string_with_format(row, layout.width() / 2, right, &looks.plain)?;
        row += 1;
    }
    // The lines above stand apart from the title.
    row += u32::from(row > 0);
    merged(sheet, (row, 0, row, last), &layout.title, &looks.title)?;
    merged(sheet, (row + 1, 0, row + 1, last), &caption.period_text(), &looks.centred)?;
    sheet.write_string_with_format(row + 2, last.saturating_sub(2), &layout.counted_in, &looks.italic)?;
    Ok(row + 4)
}

/// Makes room for the longest number of a line, as roman ones of groups are long: `LXXXVIII`.
fn fit_numbers(sheet: &mut Worksheet, report: &Filled) -> Result<(), XlsxError> {
    let numbers = report.lines.iter().filter_map(|line| line.number.as_ref());
    let longest = numbers.map(String::len).max().and_then(|long| u16::try_from(long).ok()).unwrap_or(0);
    for (column, shown) in (0..).zip(&report.caption.layout.columns) {
        if shown.shows == Shows::RowNumber {
            sheet.set_column_width(column, shown.width.max(longest + 3))?;
        }
    }
    Ok(())
}

/// Writes the head with the numbers of its columns, repeated on each page; returns the first row after it.
pub(in crate::exports) fn write_head(
    sheet: &mut Worksheet,
    looks: &Looks,
    (layout, first): (&Layout, u32),
) -> Result<u32, XlsxError> {
    let numbers = first + u32::from(layout.depth);
    sheet.set_repeat_rows(first, numbers)?;
    // From the top down, as a sheet that is written through can't go back.
    sheet.set_row_height(numbers.saturating_sub(1), 48)?;
    let mut heads: Vec<_> = layout.heads.iter().collect();
    heads.sort_by_key(|head| (head.top, head.left));
    for head in heads {
        let place = (first + u32::from(head.top), head.left, first + u32::from(head.bottom), head.right);
        merged(sheet, place, &head.text, &looks.head)?;
    }
    for column in 0..layout.width() {
        sheet.write_string_with_format(numbers, column, format!("({})", column + 1), &looks.numbers)?;
    }
    Ok(numbers + 1)
}

/// Gives the columns of a table the look of its cells but for their borders: what is written without a look of its own has
/// that of its column. To look a format up by its content for each of millions of cells takes longer than to write them.
pub(in crate::exports) fn dress_columns(
    sheet: &mut Worksheet,
    looks: &Looks,
    columns: &[Column],
) -> Result<(), XlsxError> {
    for (column, shown) in (0..).zip(columns) {
        let look = match &shown.shows {
            Shows::RowNumber => &looks.unboxed_number,
            shows if shows.is_moment() => &looks.moment,
            _ => &looks.unboxed,
        };
        sheet.set_column_format(column, look)?;
    }
    Ok(())
}

/// Draws thin borders around each cell of these rows, also where nothing was written: one rule for the whole range, as borders
/// of the columns would go on above and below the table.
pub(in crate::exports) fn draw_borders(
    sheet: &mut Worksheet,
    columns: u16,
    rows: &Range<u32>,
) -> Result<(), XlsxError> {
    if rows.is_empty() {
        return Ok(());
    }
    let always = ConditionalFormatFormula::new().set_rule("TRUE()");
    let always = always.set_format(Format::new().set_border(FormatBorder::Thin));
    let (last_row, last_column) = (rows.end.saturating_sub(1), columns.saturating_sub(1));
    sheet.add_conditional_format(rows.start, 0, last_row, last_column, &always)?;
    Ok(())
}

/// Gives a row the height of the longest of its texts, each with the width of its column in characters. Excel would see to it
/// by itself, but others leave one line to what they take for Excel's, where the lines lie on top of each other.
pub(in crate::exports) fn fit_row<'a>(
    sheet: &mut Worksheet,
    row: u32,
    texts: impl Iterator<Item = (&'a str, u16)>,
) -> Result<(), XlsxError> {
    let lines = texts.map(|(text, width)| lines_of(text, width)).max().unwrap_or(1);
    if lines > 1 {
        sheet.set_row_height_pixels(row, lines * LINE_PIXELS)?;
    }
    Ok(())
}

/// Returns how many lines a text takes when it is wrapped at its words, and longer ones broken; at most [`MOST_LINES`].
fn lines_of(text: &str, width: u16) -> u32 {
    let width = usize::from(width.max(1));
    let (mut lines, mut used) = (1, 0);
    for word in text.split_whitespace() {
        let mut long = word.chars().count();
        if used > 0 && used + 1 + long > width {
            (lines, used) = (lines + 1, 0);
        }
        while long > width && lines < MOST_LINES {
            (lines, long) = (lines + 1, long - width);
        }
        used += long + usize::from(used > 0);
    }
    lines.min(MOST_LINES)
}

fn merged(
    sheet: &mut Worksheet,
    (top, left, bottom, right): (u32, u16, u32, u16),
    text: &str,
    look: &Format,
) -> Result<(), XlsxError> {
    match (top, left) == (bottom, right) {
        true => drop(sheet.write_string_with_format(top, left, text, look)?),
        false => drop(sheet.merge_range(top, left, bottom, right, text, look)?),
    }
    Ok(())
}

fn write_line(
    sheet: &mut Worksheet,
    row: u32,
    (line, layout): (&Line, &Layout),
    looks: &Looks,
) -> Result<(), XlsxError> {
    let (text, row_number, count, rates) = match line.level {
        Level::Row => (&looks.text, &looks.number, &looks.count, &looks.rates),
        Level::Total | Level::Group => (&looks.total_text, &looks.total_number, &looks.total_count, &looks.total_rates),
    };
    let values: Vec<_> = layout.columns.iter().map(|shown| Filled::value(line, shown)).collect();
    let texts = values.iter().zip(&layout.columns).filter_map(|(value, shown)| match value {
        Value::Text(words) => Some((words.as_str(), shown.width)),
        _ => None,
    });
    fit_row(sheet, row, texts)?;
    for ((column, shown), value) in (0..).zip(&layout.columns).zip(values) {
        match value {
            Value::Blank => sheet.write_blank(row, column, text)?,
            Value::Text(number) if shown.shows == Shows::RowNumber => match number.parse::<u32>() {
                Ok(number) => sheet.write_number_with_format(row, column, number, row_number)?,
                Err(_) => sheet.write_string_with_format(row, column, number, row_number)?,
            },
            Value::Text(words) => sheet.write_string_with_format(row, column, words, text)?,
            // A count that no sheet can hold was refused long before.
            Value::Count(number) => {
                sheet.write_number_with_format(row, column, i32::try_from(number).unwrap_or(i32::MAX), count)?
            }
            Value::Rate(rate, decimals) => {
                // Rounded as everywhere: a sheet would show 99,996 % as the whole.
                let whole = 100 * 10_u32.pow(decimals);
                let look = rates.get(usize::try_from(decimals).unwrap_or(2)).unwrap_or(text);
                match rate.in_parts_of(whole) {
                    Some(parts) => {
                        sheet.write_number_with_format(row, column, f64::from(parts) / f64::from(whole), look)?
                    }
                    None => sheet.write_blank(row, column, text)?,
                }
            }
        };
    }
    Ok(())
}

/// Writes what stands below the table: notes, and who signs.
pub(in crate::exports) fn write_bottom(
    sheet: &mut Worksheet,
    looks: &Looks,
    (layout, notes, after): (&Layout, &[String], u32),
) -> Result<(), XlsxError> {
    let mut row = after;
    for note in notes {
        sheet.write_string_with_format(row, 0, note, &looks.italic)?;
        row += 1;
    }
    let (width, signing) = (layout.width(), u16::try_from(layout.signatures.len()).unwrap_or(u16::MAX));
    if signing == 0 || width < signing * 2 {
        return Ok(());
    }
    let below = looks.italic.clone().set_align(FormatAlign::Center);
    let each = width / signing;
    // The first place is the wider one, and the last ends with the table.
    let places =
        (0..signing).map(|place| (place * each, if place + 1 == signing { width } else { (place + 1) * each } - 1));
    let places: Vec<_> = places.collect();
    if let Some((left, right)) = places.last() {
        merged(sheet, (row + 1, *left, row + 1, *right), &layout.place_and_date, &looks.italic)?;
    }
    for ((left, right), signature) in places.iter().zip(&layout.signatures) {
        merged(sheet, (row + 2, *left, row + 2, *right), &signature.who, &looks.centred)?;
    }
    for ((left, right), signature) in places.iter().zip(&layout.signatures) {
        merged(sheet, (row + 3, *left, row + 3, *right), &signature.how, &below)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::lines_of;

    #[test]
    fn a_text_takes_as_many_lines_as_its_words_fill() {
        let lines = ["", "Sở Y tế", "Văn phòng Đăng ký đất đai", "một hai ba bốn", "dàilắmlắmlắmlắmlắm"];
        assert_eq!(lines.map(|text| lines_of(text, 10)), [1, 1, 3, 2, 2]);
        assert_eq!((lines_of("Cấp lại", 0), lines_of(&"cấp ".repeat(100), 3)), (6, 25));
    }
}
