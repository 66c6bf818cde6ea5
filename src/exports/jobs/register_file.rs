//! The file of a register, made of its batches: what is in memory is a batch or two, however many there are.

use std::any::Any;
use std::fs::File;
use std::io::{BufWriter, Cursor, ErrorKind, Write};
use std::path::Path;
use std::sync::mpsc::sync_channel;

use csv::StringRecord;
use diesel::prelude::*;
use rust_xlsxwriter::{Workbook, Worksheet, XlsxError};

use super::moments;
use super::register::{Question, batch, rows};
use crate::error::{AppError, Said};
use crate::exports::files::csv::{plain, writer};
use crate::exports::files::xlsx::{
    Looks, draw_borders, dress_columns, fit_row, head_lines, properties, write_bottom, write_head, write_top,
};
use crate::exports::filled::{Asked, Caption};
use crate::exports::layouts::{Layout, Shows};
use crate::exports::{ByteOrderMark, ReportFormat};
use crate::state::Act;

/// Dossiers on a sheet; a sheet has 1,048,576 rows.
const MOST_ON_A_SHEET: usize = 1_000_000;
/// Letters that the name of a sheet may have.
const LONGEST_SHEET: usize = 31;
/// Parts that may lie ready while one is written.
const AHEAD: usize = 2;
/// Rows of a sheet that are as high as their texts, and no more, as each height stays in memory.
const FITTED: u32 = 20_000;
/// How hard a workbook is packed, 1 to 9: the usual 6 takes more than twice as long, for a file a fifth smaller.
const PACKED: u8 = 3;

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
    // It names people, and each dossier at the unit that has it: rights and the map are those of today.
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
    reading_ahead(parts, |records| write_workbook(caption, records, (place, MOST_ON_A_SHEET)))
}

/// Writes on a thread of its own while the next parts are read.
fn reading_ahead(
    parts: &mut Parts<'_>,
    write: impl FnOnce(&mut Records<'_>) -> Result<(), AppError> + Send,
) -> Result<(), AppError> {
    let (sender, receiver) = sync_channel::<Result<Vec<u8>, AppError>>(AHEAD);
    std::thread::scope(|scope| {
        let writing = scope.spawn(move || write(&mut receiver.into_iter().flat_map(records_of)));
        // Who writes is gone only with a fault of its own, which is told below.
        for part in parts {
            if sender.send(part).is_err() {
                break;
            }
        }
        drop(sender);
        writing.join().unwrap_or_else(|panic| Err(last_words(panic.as_ref())))
    })
}

/// What `rust_xlsxwriter` can't lay down on the disk it panics over, with the fault in its words.
fn last_words(panic: &(dyn Any + Send)) -> AppError {
    let words = panic.downcast_ref::<String>().map_or("", String::as_str);
    match ["StorageFull", "QuotaExceeded"].iter().any(|kind| words.contains(kind)) {
        true => disk_fault(ErrorKind::StorageFull.into()),
        false => AppError::internal(format!("a thread of the register panicked: {words}")),
    }
}

/// Reads the lines of a part as they are asked for.
fn records_of(part: Result<Vec<u8>, AppError>) -> Box<Records<'static>> {
    match part {
        Ok(bytes) => {
            let lines = csv::ReaderBuilder::new().has_headers(false).from_reader(Cursor::new(bytes));
            Box::new(lines.into_records().map(|record| record.map_err(csv_fault)))
        }
        Err(err) => Box::new(std::iter::once(Err(err))),
    }
}

fn write_workbook(
    caption: &Caption,
    records: &mut Records<'_>,
    (place, on_a_sheet): (Place<'_>, usize),
) -> Result<(), AppError> {
    let (looks, layout) = (Looks::new(), &*caption.layout);
    let mut workbook = Workbook::new();
    workbook.set_tempdir(place.scratch).map_err(xlsx_fault)?;
    workbook.set_zip_compression_level(PACKED);
    workbook.set_properties(&properties(caption).map_err(xlsx_fault)?);
    let top = head_lines(layout, |text| caption.write(text, |_| String::new()));
    let mut records = records.peekable();
    let mut number = 1_u32;
    loop {
        let sheet = workbook.add_worksheet_with_constant_memory().map_err(xlsx_fault)?;
        let row = write_top(sheet, &looks, (caption, &top)).map_err(xlsx_fault)?;
        dress_columns(sheet, &looks, &layout.columns).map_err(xlsx_fault)?;
        if number > 1 {
            sheet.set_name(sheet_name(&layout.sheet, number)).map_err(xlsx_fault)?;
        }
        let first = write_head(sheet, &looks, (layout, row)).map_err(xlsx_fault)?;
        let after = write_rows(sheet, (layout, first), &mut records.by_ref().take(on_a_sheet))?;
        draw_borders(sheet, layout.width(), &(first..after)).map_err(xlsx_fault)?;
        if records.peek().is_none() {
            let notes: Vec<_> = layout.notes.iter().map(|note| caption.write(note, |_| String::new())).collect();
            write_bottom(sheet, &looks, (layout, &notes, after)).map_err(xlsx_fault)?;
            break;
        }
        number += 1;
    }
    let mut file = BufWriter::new(place.file);
    workbook.save_to_writer(&mut file).map_err(xlsx_fault)?;
    file.flush().map_err(disk_fault)
}

/// Writes a line a dossier from a row on; returns the first row after them. Cells have the look of their columns, and one
/// without a text is not written at all.
fn write_rows(
    sheet: &mut Worksheet,
    (layout, first): (&Layout, u32),
    records: &mut Records<'_>,
) -> Result<u32, AppError> {
    let mut row = first;
    for record in records {
        let record = record?;
        if row - first < FITTED {
            let wrapped = record.iter().zip(&layout.columns).filter(|(_, shown)| !shown.shows.is_moment());
            fit_row(sheet, row, wrapped.map(|(text, shown)| (text, shown.width))).map_err(xlsx_fault)?;
        }
        for (column, (text, shown)) in (0..).zip(record.iter().zip(&layout.columns)) {
            let number = match &shown.shows {
                Shows::RowNumber => text.parse::<u32>().ok().map(f64::from),
                shows if shows.is_moment() => moments::serial(text),
                _ => None,
            };
            match number {
                Some(number) => sheet.write_number(row, column, number),
                None => sheet.write_string(row, column, text),
            }
            .map_err(xlsx_fault)?;
        }
        row += 1;
    }
    Ok(row)
}

/// Names a further sheet by its number, as long as a name may be.
fn sheet_name(first: &str, number: u32) -> String {
    let number = format!(" {number}");
    first.chars().take(LONGEST_SHEET - number.len()).chain(number.chars()).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;
    use crate::exports::layouts::Layouts;
    use crate::statistics::{AskedPeriod, PeriodRule};

    /// A register of so many dossiers, three on a sheet; returns what its files inside say: two sheets and the looks.
    fn register_of(dossiers: usize) -> [String; 3] {
        let line = |number| {
            format!(
                "{number},H21.16-240603-{number:04},Cấp giấy,,Ánh,,,Sở,12:00 03/06/2024,,,,Tại quầy,,,Lan,,Đã trả,\n"
            )
        };
        register_with(&(1..=dossiers).map(line).collect::<String>())
    }

    fn register_with(part: &str) -> [String; 3] {
        let layout = Layouts::load(None).unwrap().find("register").unwrap();
        let period = AskedPeriod::month("2024-06", PeriodRule::Calendar).unwrap();
        let caption = Caption::new(layout, period, None, (chrono::DateTime::UNIX_EPOCH, 1));
        let (scratch, mut file) = (tempfile::tempdir().unwrap(), tempfile::tempfile().unwrap());
        let place = Place { file: &file, scratch: scratch.path() };
        write_workbook(&caption, &mut records_of(Ok(part.as_bytes().to_vec())), (place, 3)).unwrap();
        let mut book = zip::ZipArchive::new(&mut file).unwrap();
        ["worksheets/sheet1", "worksheets/sheet2", "styles"].map(|name| {
            let mut text = String::new();
            if let Ok(mut file) = book.by_name(&format!("xl/{name}.xml")) {
                file.read_to_string(&mut text).unwrap();
            }
            text
        })
    }

    fn between<'a>(text: &'a str, from: &str, to: &str) -> Vec<&'a str> {
        text.split(from).skip(1).filter_map(|rest| rest.split(to).next()).collect()
    }

    #[test]
    fn borders_are_drawn_around_the_rows_of_each_sheet_and_around_nothing_else() {
        let [first, second, looks] = register_of(5);
        let ruled = |sheet: &str| between(sheet, "<conditionalFormatting ", "</conditionalFormatting>").join("|");
        // The head ends with row 9, and nineteen columns end with S.
        for (sheet, range) in [(&first, "A10:S12"), (&second, "A10:S11")] {
            let rule = ruled(sheet);
            assert!(rule.starts_with(&format!("sqref=\"{range}\"")), "{rule}");
            assert!(rule.contains("dxfId=\"0\"") && rule.contains("<formula>TRUE()</formula>"), "{rule}");
        }
        let [drawn] = between(&looks, "<dxf>", "</dxf>")[..] else { panic!("{looks}") };
        assert_eq!(between(drawn, "style=\"", "\""), ["thin"; 4], "{drawn}");
        assert!(drawn.starts_with("<border>"), "{drawn}");
    }

    #[test]
    fn a_cell_has_the_look_of_its_column_and_an_open_one_is_not_written() {
        let [sheet, ..] = register_of(1);
        let look = between(&sheet, "<col min=\"2\"", "/>").join("");
        let [look] = between(&look, "style=\"", "\"")[..] else { panic!("{look}") };
        let [row] = between(&sheet, "<row r=\"10\"", "</row>")[..] else { panic!("{sheet}") };
        let written: Vec<_> = between(row, "<c r=\"", "\"");
        assert_eq!(written, ["A10", "B10", "C10", "E10", "H10", "I10", "M10", "P10", "R10"]);
        let looks = between(row, "\" s=\"", "\"");
        let alike: Vec<_> = looks.iter().map(|it| *it == look).collect();
        assert_eq!(
            alike,
            [false, true, true, true, true, false, true, true, true],
            "numbers and moments look otherwise"
        );
        assert!(row.contains("<v>1</v>") && row.contains("<v>45446.5</v>"), "{row}");
    }

    #[test]
    fn the_head_is_merged_as_the_form_prints_it() {
        let [sheet, ..] = register_of(1);
        let merged = between(&sheet, "<mergeCell ref=\"", "\"");
        for (said, range) in [("STT", "A7:A8"), ("Ngày, tháng, năm", "I7:J7"), ("Trả kết quả", "K7:O7")] {
            assert!(merged.contains(&range), "{said} in {merged:?}");
        }
        let heads: Vec<_> =
            ["7", "8"].map(|row| between(&sheet, &format!("<row r=\"{row}\""), "</row>").join("")).into();
        assert!(heads[0].contains("Ngày, tháng, năm") && heads[0].contains("Người nhận hồ sơ"), "{heads:?}");
        assert!(heads[1].contains("Hẹn trả kết quả") && heads[1].contains("Bên nhận (ký)"), "{heads:?}");
    }

    #[test]
    fn a_row_is_as_high_as_its_longest_text() {
        let long = "1,H21.16-240603-0001,Cấp đổi Giấy chứng nhận quyền sử dụng đất lần thứ hai,,Ánh,,,Sở,,,,,Tại quầy,,,,,Đã trả,\n";
        let [sheet, ..] =
            register_with(&format!("{long}2,H21.16-240603-0002,Cấp giấy,,Ánh,,,Sở,,,,,Tại quầy,,,,,Đã trả,\n"));
        assert!(sheet.contains("<row r=\"10\" ht=\"31.5\"") && sheet.contains("<row r=\"11\">"), "{sheet}");
    }

    /// 28 is ENOSPC.
    #[test]
    fn a_disk_that_is_full_under_a_sheet_is_said_to_be_full() {
        let said = |number| {
            let lay_down = move || std::io::Result::<()>::Err(std::io::Error::from_raw_os_error(number));
            let panic = std::thread::spawn(move || lay_down().unwrap()).join().unwrap_err();
            last_words(panic.as_ref()).code()
        };
        assert_eq!((said(28), said(5)), ("disk_full", "internal_error"));
    }

    #[test]
    fn a_register_of_nothing_has_no_borders_below_its_head() {
        let [sheet, none, _] = register_of(0);
        assert!(sheet.contains("(19)") && !sheet.contains("conditionalFormatting"), "{sheet}");
        assert_eq!(none, "");
    }
}
