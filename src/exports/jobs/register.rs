//! The register (sổ theo dõi hồ sơ): dossiers by acceptance, batch by batch, and the file made of the batches. However many
//! there are, a batch is all that is in memory.

use std::fs::File;
use std::io::{BufWriter, ErrorKind, Write};
use std::path::Path;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use rust_xlsxwriter::{Workbook, XlsxError};
use uuid::Uuid;

use crate::domain::ids::{ProcedureVersionId, UnitId};
use crate::domain::period::{Period, office_date, office_time};
use crate::error::{AppError, Said};
use crate::exports::files::csv::{plain, writer};
use crate::exports::files::xlsx::{Looks, head_lines, properties, write_bottom, write_head, write_top};
use crate::exports::filled::{Asked, Caption};
use crate::exports::layouts::{Head, Layout, RegisterColumn, Shows};
use crate::exports::{ByteOrderMark, ReportFormat};
use crate::state::Act;

/// Dossiers in a batch.
const BATCH: i64 = 5000;
/// Dossiers on a sheet; a sheet has 1,048,576 rows.
const MOST_ON_A_SHEET: u64 = 1_000_000;
/// Letters that the name of a sheet may have.
const LONGEST_SHEET: usize = 31;

/// Whose register it is.
pub(super) struct Question {
    pub period: Period,
    pub units: Option<Vec<UnitId>>,
}

/// A dossier of the register.
#[derive(Debug, QueryableByName)]
pub(super) struct Entry {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Text)]
    channel: String,
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = Text)]
    result_delivery: String,
    #[diesel(sql_type = Nullable<Text>)]
    place_code: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    standing: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    applicant: Option<String>,
    #[diesel(sql_type = SqlUuid)]
    procedure_version_id: ProcedureVersionId,
    #[diesel(sql_type = SqlUuid)]
    resolving_unit_id: UnitId,
    #[diesel(sql_type = Timestamptz)]
    pub accepted_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    due_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    finished_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    returned_at: Option<DateTime<Utc>>,
}

/// Whose dossiers stand in it: those that count, of the units that resolve them now.
const CHOSEN: &str = "d.accepted_at >= $1 AND d.accepted_at < $2 AND NOT d.mirrored AND d.parent_id IS NULL
  AND d.status NOT IN ('voided', 'declined') AND ($3 IS NULL OR d.resolving_unit_id = ANY($3))";

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// Counts the dossiers of a register.
pub(super) fn count(conn: &mut PgConnection, question: &Question) -> QueryResult<i64> {
    let (from, to) = question.period.bounds();
    let sql = format!("/* exports::register::count */ SELECT count(*) AS number FROM dossiers d WHERE {CHOSEN}");
    let counted = diesel::sql_query(sql).bind::<Timestamptz, _>(from).bind::<Timestamptz, _>(to).bind::<Nullable<
        Array<SqlUuid>,
    >, _>(
        question.units.as_ref(),
    );
    Ok(counted.get_result::<Number>(conn)?.number)
}

/// Reads the next batch.
pub(super) fn batch(
    conn: &mut PgConnection,
    question: &Question,
    after: Option<(DateTime<Utc>, Uuid)>,
) -> QueryResult<Vec<Entry>> {
    let (from, to) = question.period.bounds();
    let sql = format!(
        "/* exports::register::batch */ SELECT d.id, d.code, d.channel, d.status, d.result_delivery, d.place_code, \
         d.standing, d.procedure_version_id, d.resolving_unit_id, d.accepted_at, coalesce(d.due_at, d.due_first) AS due_at, \
         d.finished_at, d.returned_at, \
         (SELECT p.name FROM dossier_people p WHERE p.dossier_id = d.id AND p.part = 'applicant' AND p.erased_at IS NULL) \
         AS applicant FROM dossiers d \
         WHERE {CHOSEN} AND ($4 IS NULL OR (d.accepted_at, d.id) > ($4, $5)) ORDER BY d.accepted_at, d.id LIMIT $6"
    );
    diesel::sql_query(sql)
        .bind::<Timestamptz, _>(from)
        .bind::<Timestamptz, _>(to)
        .bind::<Nullable<Array<SqlUuid>>, _>(question.units.as_ref())
        .bind::<Nullable<Timestamptz>, _>(after.map(|(at, _)| at))
        .bind::<Nullable<SqlUuid>, _>(after.map(|(_, id)| id))
        .bind::<BigInt, _>(BATCH)
        .load(conn)
}

/// Writes a batch as it is kept until the file is made: one line a dossier, the texts of the columns; the first of them
/// has the number after `done`.
pub(super) fn rows(act: &Act<'_>, layout: &Layout, entries: &[Entry], done: i64) -> Result<Vec<u8>, csv::Error> {
    let mut lines = csv::WriterBuilder::new().from_writer(Vec::new());
    for (number, entry) in (done + 1..).zip(entries) {
        lines.write_record(layout.columns.iter().map(|column| text(act, &column.shows, entry, number)))?;
    }
    lines.flush()?;
    lines.into_inner().map_err(|err| err.into_error().into())
}

fn text(act: &Act<'_>, shows: &Shows, entry: &Entry, number: i64) -> String {
    let moment = |at: Option<DateTime<Utc>>| {
        at.map_or_else(String::new, |at| office_time(at).format("%H:%M %d/%m/%Y").to_string())
    };
    let column = match shows {
        Shows::RowNumber => return number.to_string(),
        Shows::Code => return entry.code.clone(),
        Shows::Register(column) => *column,
        Shows::Name | Shows::Open | Shows::Count(_) | Shows::Rate(..) => return String::new(),
    };
    let procedure = act.catalogue().procedure(entry.procedure_version_id);
    match column {
        RegisterColumn::Procedure => procedure.map_or_else(String::new, |procedure| procedure.name.clone()),
        RegisterColumn::ProcedureCode => procedure.map_or_else(String::new, |procedure| procedure.code.clone()),
        RegisterColumn::Applicant => entry.applicant.clone().unwrap_or_default(),
        RegisterColumn::Unit => unit_then(act, entry.resolving_unit_id, office_date(entry.accepted_at)),
        RegisterColumn::Channel => word(&entry.channel).to_owned(),
        RegisterColumn::AcceptedAt => moment(Some(entry.accepted_at)),
        RegisterColumn::DueAt => moment(entry.due_at),
        RegisterColumn::FinishedAt => moment(entry.finished_at),
        RegisterColumn::ReturnedAt => moment(entry.returned_at),
        RegisterColumn::ResultDelivery => word(&entry.result_delivery).to_owned(),
        RegisterColumn::Place => entry.place_code.clone().unwrap_or_default(),
        RegisterColumn::Status => word(&entry.status).to_owned(),
        RegisterColumn::Standing => entry.standing.as_deref().map_or("", word).to_owned(),
    }
}

/// Units are called what they were called when the dossier was accepted.
fn unit_then(act: &Act<'_>, id: UnitId, day: NaiveDate) -> String {
    let unit = act.catalogue().unit(id);
    unit.map_or_else(String::new, |unit| act.catalogue().named_on(unit, day).1)
}

fn word(word: &str) -> &str {
    match word {
        "direct" => "Trực tiếp",
        "online" => "Trực tuyến",
        "postal" => "Bưu chính",
        "counter" => "Tại quầy",
        "received" => "Được tiếp nhận",
        "processing" => "Đang xử lý",
        "awaiting_supplement" => "Yêu cầu bổ sung",
        "awaiting_payment" => "Nghĩa vụ tài chính",
        "withdrawn" => "Công dân rút",
        "suspended" => "Tạm dừng",
        "stopped" => "Dừng xử lý",
        "finished" => "Đã xử lý xong",
        "returned" => "Đã trả kết quả",
        "early" => "Trước hạn",
        "on_time" => "Đúng hạn",
        "late" => "Quá hạn",
        other => other,
    }
}

/// The rows of a register, a part after the other.
type Parts<'a> = dyn Iterator<Item = Result<Vec<u8>, AppError>> + 'a;

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
    let (looks, layout) = (Looks::new(), one_line_head(&caption.layout));
    let mut workbook = Workbook::new();
    workbook.set_tempdir(place.scratch).map_err(xlsx_fault)?;
    workbook.set_properties(&properties(caption).map_err(xlsx_fault)?);
    let top = head_lines(&layout, |text| caption.write(text, |_| String::new()));
    let mut records = parts.flat_map(records_of).peekable();
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

fn records_of(part: Result<Vec<u8>, AppError>) -> Vec<Result<csv::StringRecord, AppError>> {
    match part {
        Err(err) => vec![Err(err)],
        Ok(bytes) => csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(bytes.as_slice())
            .into_records()
            .map(|record| record.map_err(|err| AppError::Internal(err.into())))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_further_sheet_has_a_name_that_is_not_too_long() {
        assert_eq!(sheet_name("Sổ theo dõi", 2), "Sổ theo dõi 2");
        assert_eq!(sheet_name(&"ổ".repeat(31), 12), format!("{} 12", "ổ".repeat(28)));
    }

    #[test]
    fn a_full_disk_is_called_one_whoever_meets_it() {
        let full = || std::io::Error::from(ErrorKind::StorageFull);
        for fault in [disk_fault(full()), csv_fault(full().into()), xlsx_fault(full().into())] {
            assert_eq!(fault.code(), "disk_full");
        }
    }
}
