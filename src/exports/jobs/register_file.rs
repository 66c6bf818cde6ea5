//! The file of a register, made of its batches: what is in memory is a batch or two, however many there are.

use std::fs::File;
use std::io::{BufWriter, ErrorKind, Write};
use std::path::Path;
use std::sync::mpsc::sync_channel;

use csv::StringRecord;
use diesel::prelude::*;
use rust_xlsxwriter::{Workbook, XlsxError};

use super::register::{Question, batch, rows};
use crate::error::{AppError, Said};
use crate::exports::files::csv::{plain, writer};
use crate::exports::files::xlsx::{Looks, head_lines, properties, write_bottom, write_head, write_top};
use crate::exports::filled::{Asked, Caption};
use crate::exports::layouts::{Head, Layout, Shows};
use crate::exports::{ByteOrderMark, ReportFormat};
use crate::state::Act;

/// Dossiers on a sheet; a sheet has 1,048,576 rows.
const MOST_ON_A_SHEET: u64 = 1_000_000;
/// Letters that the name of a sheet may have.
const LONGEST_SHEET: usize = 31;
/// Parts that may lie ready while one is written.
const AHEAD: usize = 2;

/// The rows of a register, a part after the other.
type Parts<'a> = dyn Iterator<Item = Result<Vec<u8>, AppError>> + 'a;
type Records<'a> = dyn Iterator<Item = Result<StringRecord, AppError>> + 'a;

/// Where a register is written to.
#[derive(Debug, Clone, Copy)]
pub(in crate::exports) struct Place<'a> {
    /// The file.
    pub file: &'a File,
    /// Where a workbook lays down its sheets before it packs them; what lies there has no name, and goes with the process.
    pub scratch: &'a Path,
}

/// Writes the register of a period into a file, batch by batch as they are read.
///
/// # Errors
/// What the database or the disk meets.
pub(in crate::exports) fn write_register(
    conn: &mut PgConnection,
    act: &Act<'_>,
    (asked, caption): (&Asked, &Caption),
    (format, mark, place): (ReportFormat, ByteOrderMark, Place<'_>),
) -> Result<(), AppError> {
    let units = asked.unit.map(|unit| act.catalogue().within(unit));
    let question = Question { period: asked.period.period, units };
    let (mut after, mut done) = (None, 0);
    let mut parts = std::iter::from_fn(|| {
        let entries = match batch(conn, &question, after) {
            Ok(entries) => entries,
            Err(err) => return Some(Err(err.into())),
        };
        let last = entries.last()?;
        after = Some((last.accepted_at, last.id));
        let part = rows(act, &asked.layout, &entries, done).map_err(|err| AppError::Internal(err.into()));
        done += i64::try_from(entries.len()).unwrap_or(0);
        Some(part)
    });
    match format {
        ReportFormat::Csv => write_csv(caption, &mut parts, (place.file, mark)),
        _ => write_xlsx(caption, &mut parts, place),
    }
}

/// Writes the register as CSV into a file.
///
/// # Errors
/// What the parts or the disk meet.
pub(super) fn write_csv(
    caption: &Caption,
    parts: &mut Parts<'_>,
    (mut file, mark): (&File, ByteOrderMark),
) -> Result<(), AppError> {
    let layout = &caption.layout;
    let head = csv_head(caption, mark).map_err(csv_fault)?;
    file.write_all(&head).map_err(disk_fault)?;
    let mut lines = csv::WriterBuilder::new().flexible(true).terminator(csv::Terminator::CRLF).from_writer(file);
    for part in parts {
        for record in csv::ReaderBuilder::new().has_headers(false).from_reader(part?.as_slice()).records() {
            lines.write_record(record.map_err(csv_fault)?.iter().map(plain)).map_err(csv_fault)?;
        }
    }
    for note in &layout.notes {
        lines.write_record([plain(&caption.write(note, |_| String::new()))]).map_err(csv_fault)?;
    }
    lines.flush().map_err(disk_fault)
}

/// Says of a disk that is full that it is; whoever asked can't know it from `internal`.
pub(super) fn disk_fault(err: std::io::Error) -> AppError {
    match err.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => AppError::Conflict(Said::new(
            "disk_full",
            "Ổ đĩa đã đầy, không ghi được tệp; hãy báo quản trị",
            "The disk is full and the file can't be written; tell the administrator",
        )),
        _ => AppError::Internal(err.into()),
    }
}

fn csv_fault(err: csv::Error) -> AppError {
    match err.into_kind() {
        csv::ErrorKind::Io(err) => disk_fault(err),
        other => AppError::internal(format!("{other:?}")),
    }
}

fn xlsx_fault(err: XlsxError) -> AppError {
    match err {
        XlsxError::IoError(err) => disk_fault(err),
        err => AppError::Internal(err.into()),
    }
}

fn csv_head(caption: &Caption, mark: ByteOrderMark) -> Result<Vec<u8>, csv::Error> {
    let mut lines = writer(mark);
    let layout = &caption.layout;
    let unit = format!("Đơn vị: {}", caption.unit_name);
    for line in [&layout.form, &layout.title, &caption.period_text(), &unit] {
        lines.write_record([plain(line)])?;
    }
    lines.write_record(layout.columns.iter().map(|column| plain(&column.heading())))?;
    lines.flush()?;
    lines.into_inner().map_err(|err| err.into_error().into())
}

/// Writes the register as a workbook into a file, row after row.
///
/// # Errors
/// What the parts or the disk meet.
pub(super) fn write_xlsx(caption: &Caption, parts: &mut Parts<'_>, place: Place<'_>) -> Result<(), AppError> {
    reading_ahead(parts, |records| write_workbook(caption, records, place))
}

/// Writes on a thread of its own while the next parts are read.
fn reading_ahead(
    parts: &mut Parts<'_>,
    write: impl FnOnce(&mut Records<'_>) -> Result<(), AppError> + Send,
) -> Result<(), AppError> {
    let (sender, receiver) = sync_channel::<Result<Vec<StringRecord>, AppError>>(AHEAD);
    std::thread::scope(|scope| {
        let writing = scope.spawn(move || {
            write(&mut receiver.into_iter().flat_map(|part| match part {
                Ok(records) => records.into_iter().map(Ok).collect::<Vec<_>>(),
                Err(err) => vec![Err(err)],
            }))
        });
        // Who writes is gone only with a fault of its own, which is told below.
        for part in parts {
            if sender.send(part.and_then(|bytes| records_of(&bytes))).is_err() {
                break;
            }
        }
        drop(sender);
        writing.join().unwrap_or_else(|_| Err(AppError::internal("a thread of the register panicked")))
    })
}

fn write_workbook(caption: &Caption, records: &mut Records<'_>, place: Place<'_>) -> Result<(), AppError> {
    let (looks, layout) = (Looks::new(), one_line_head(&caption.layout));
    let mut workbook = Workbook::new();
    workbook.set_tempdir(place.scratch).map_err(xlsx_fault)?;
    workbook.set_properties(&properties(caption).map_err(xlsx_fault)?);
    let top = head_lines(&layout, |text| caption.write(text, |_| String::new()));
    let mut records = records.peekable();
    let mut number = 1_u32;
    loop {
        let sheet = workbook.add_worksheet_with_constant_memory().map_err(xlsx_fault)?;
        let row = write_top(sheet, &looks, (caption, &top)).map_err(xlsx_fault)?;
        if number > 1 {
            sheet.set_name(sheet_name(&layout.sheet, number)).map_err(xlsx_fault)?;
        }
        let mut row = write_head(sheet, &looks, (&layout, row)).map_err(xlsx_fault)?;
        let mut on_sheet = 0;
        while on_sheet < MOST_ON_A_SHEET
            && let Some(record) = records.next()
        {
            for (column, (text, shown)) in (0..).zip(record?.iter().zip(&layout.columns)) {
                match (&shown.shows, text.parse::<u32>()) {
                    (Shows::RowNumber, Ok(number)) => sheet.write_number_with_format(row, column, number, &looks.text),
                    _ => sheet.write_string_with_format(row, column, text, &looks.text),
                }
                .map_err(xlsx_fault)?;
            }
            (row, on_sheet) = (row + 1, on_sheet + 1);
        }
        if records.peek().is_none() {
            let notes: Vec<_> = layout.notes.iter().map(|note| caption.write(note, |_| String::new())).collect();
            write_bottom(sheet, &looks, (&layout, &notes, row)).map_err(xlsx_fault)?;
            break;
        }
        number += 1;
    }
    let mut file = BufWriter::new(place.file);
    workbook.save_to_writer(&mut file).map_err(xlsx_fault)?;
    file.flush().map_err(disk_fault)
}

/// Names a further sheet by its number, as long as a name may be.
fn sheet_name(first: &str, number: u32) -> String {
    let number = format!(" {number}");
    first.chars().take(LONGEST_SHEET - number.len()).chain(number.chars()).collect()
}

/// A sheet that is written through can't merge downwards: the headings of a column stand in one cell.
fn one_line_head(layout: &Layout) -> Layout {
    let heads = (0..).zip(&layout.columns).map(|(column, shown)| Head {
        top: 0,
        left: column,
        bottom: 0,
        right: column,
        text: shown.heading(),
    });
    Layout { heads: heads.collect(), depth: 1, ..layout.clone() }
}

fn records_of(part: &[u8]) -> Result<Vec<StringRecord>, AppError> {
    csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(part)
        .into_records()
        .collect::<Result<_, _>>()
        .map_err(csv_fault)
}
