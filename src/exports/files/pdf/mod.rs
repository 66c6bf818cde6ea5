//! Reports as PDF, set by typst: the page as the layout has it, the head of the table on every sheet, who signs below it. How a
//! sheet looks stands in `config/reports/report.typ`; what it says is given to it as data. The same report is always the same
//! bytes.

mod press;

use serde::Serialize;

use super::printed;
use super::xlsx::head_lines;
use crate::error::AppError;
use crate::exports::filled::{Filled, Level, Line, Value};
use crate::exports::layouts::{Head, Layout, Orientation, Shows};
use press::printable;

/// From so many columns on letters are smaller.
const MANY_COLUMNS: usize = 15;
/// Rows that go to the sheet of who signs, where it would have none: as many of these as have room there.
const WITH_SIGNATURES: [usize; 3] = [3, 2, 1];
/// How the template marks the last row of the table, and where people sign.
const LAST_ROW: &str = "last-row";
const SIGNATURES: &str = "signatures";

/// What the template is given: texts that are printed as they are.
#[derive(Debug, Serialize)]
struct Manuscript {
    title: String,
    period: String,
    counted_in: String,
    paper: &'static str,
    is_landscape: bool,
    /// The lines above the title, left and right.
    top: Vec<[String; 2]>,
    /// Of the letters of the table, in points.
    size: f32,
    /// Of the columns, against each other; `None` is as wide as the longest text.
    widths: Vec<Option<u16>>,
    heads: Vec<HeadCell>,
    /// Rows of the head above the numbers of the columns.
    depth: u16,
    rows: Vec<Row>,
    /// Rows at the end that begin a new sheet.
    rows_apart: usize,
    notes: Vec<String>,
    place_and_date: String,
    signatures: Vec<Signing>,
}

#[derive(Debug, Serialize)]
struct HeadCell {
    x: u16,
    y: u16,
    colspan: u16,
    rowspan: u16,
    text: String,
}

#[derive(Debug, Serialize)]
struct Row {
    is_bold: bool,
    cells: Vec<Cell>,
}

#[derive(Debug, Serialize)]
struct Cell {
    text: String,
    /// Where it stands in its cell: `left`, `center` or `right`.
    side: &'static str,
}

#[derive(Debug, Serialize)]
struct Signing {
    who: String,
    how: String,
}

/// Writes a report. A sheet with nothing but signatures could be put under any other table, so the last rows go with them.
///
/// # Errors
/// Only faults of ours.
pub(super) fn write(report: &Filled) -> Result<Vec<u8>, AppError> {
    let caption = &report.caption;
    let mut manuscript = Manuscript::of(report);
    let mut set = press::set(&manuscript)?;
    if set.parts(LAST_ROW, SIGNATURES) {
        for rows in WITH_SIGNATURES.into_iter().filter(|rows| *rows < manuscript.rows.len()) {
            manuscript.rows_apart = rows;
            let other = press::set(&manuscript)?;
            if !other.parts(LAST_ROW, SIGNATURES) {
                set = other;
                break;
            }
        }
    }
    set.print(&caption.file_name("pdf"), caption.made_on())
}

impl Manuscript {
    fn of(report: &Filled) -> Self {
        let (caption, layout) = (&report.caption, &report.caption.layout);
        let top = head_lines(layout, |text| report.text(text)).into_iter();
        let signing = layout.signatures.iter().map(|it| Signing { who: printable(&it.who), how: printable(&it.how) });
        Self {
            title: printable(&layout.title),
            period: printable(&caption.period_text()),
            counted_in: printable(&layout.counted_in),
            paper: layout.page.paper.as_str(),
            is_landscape: layout.page.orientation == Orientation::Landscape,
            top: top.map(|(left, right)| [printable(&left), printable(&right)]).collect(),
            size: if layout.columns.len() < MANY_COLUMNS { 9.0 } else { 7.5 },
            // A roman number is as long as it is, and can't be broken.
            widths: layout.columns.iter().map(|it| (it.shows != Shows::RowNumber).then_some(it.width)).collect(),
            heads: layout.heads.iter().map(HeadCell::from).collect(),
            depth: layout.depth,
            rows: report.lines.iter().map(|line| Row::of(line, layout)).collect(),
            rows_apart: 0,
            notes: report.notes().iter().map(|note| printable(note)).collect(),
            place_and_date: printable(&layout.place_and_date),
            signatures: signing.collect(),
        }
    }
}

impl From<&Head> for HeadCell {
    fn from(head: &Head) -> Self {
        Self {
            x: head.left,
            y: head.top,
            colspan: head.right - head.left + 1,
            rowspan: head.bottom - head.top + 1,
            text: printable(&head.text),
        }
    }
}

impl Row {
    fn of(line: &Line, layout: &Layout) -> Self {
        let cells = layout.columns.iter().map(|column| match Filled::value(line, column) {
            Value::Blank => Cell { text: String::new(), side: "left" },
            Value::Text(text) if column.shows == Shows::RowNumber => Cell { text, side: "center" },
            Value::Text(text) => Cell { text: printable(&text), side: "left" },
            Value::Count(count) => Cell { text: printed(count), side: "right" },
            Value::Rate(rate, decimals) => Cell { text: rate.printed(decimals).unwrap_or_default(), side: "right" },
        });
        Self { is_bold: line.level != Level::Row, cells: cells.collect() }
    }
}
