//! Takes the next step of an export: a batch of a register, or the file.

use std::fs::File;
use std::io::{Read, Seek};
use std::path::Path;

use diesel::dsl::max;
use diesel::prelude::*;
use uuid::Uuid;

use super::lease::{LEASE, end};
use super::model::{Export, ExportState};
use super::register::{self, Question};
use super::register_file::{self, Place, disk_fault};
use crate::domain::ids::ExportId;
use crate::error::AppError;
use crate::exports::filled::{Asked, Caption, Filled};
use crate::exports::layouts::Counts;
use crate::exports::{ByteOrderMark, ReportFormat, files};
use crate::schema::{export_parts, exports};
use crate::state::Act;
use crate::statistics::{AskedPeriod, PeriodRule};

/// Bytes in a piece of a file.
const PIECE: usize = 1 << 20;

/// Whether there is more to do.
pub(super) enum Step {
    /// Another batch, or the file.
    More,
    /// It is made, or not ours any more.
    Ended,
}

/// Takes the next step of an export that is ours.
///
/// # Errors
/// What the database or the disk meets; what can't be made.
pub(super) fn advance(conn: &mut PgConnection, act: &Act<'_>, export: &Export) -> Result<Step, AppError> {
    let layout = export.layout(&act.office.config)?;
    let rule = export.period_rule.parse::<PeriodRule>().map_err(|err| AppError::Internal(err.into()))?;
    let period = AskedPeriod { period: export.period()?, rule, name: export.period_name.clone() };
    let counts = layout.counts;
    let asked = Asked { layout, period, unit: export.unit_id };
    match counts {
        Counts::Dossiers | Counts::Intake => {
            let report = Filled::fill(conn, act, &asked)?;
            let format = export.format()?;
            let bytes = files::write(&report, (format, ByteOrderMark::from(export.bom)), &act.office.config.exports)?;
            for (number, piece) in (0..).zip(bytes.chunks(PIECE)) {
                put(conn, (export.id, "file", number), piece)?;
            }
            finish(conn, act, export, (&report.caption, bytes.len()))?;
            Ok(Step::Ended)
        }
        Counts::Register => gather(conn, act, (export, &asked)),
    }
}

/// Takes the next batch of a register, or makes the file when there is none.
fn gather(conn: &mut PgConnection, act: &Act<'_>, (export, asked): (&Export, &Asked)) -> Result<Step, AppError> {
    // It names people, and each dossier at the unit that has it: rights and the map are those of today.
    let units = asked.unit.map(|unit| act.catalogue().within(unit));
    let question = Question { period: asked.period.period, units };
    let entries = register::batch(conn, &question, export.after_at.zip(export.after_id))?;
    let Some(last) = entries.last() else {
        make(conn, act, (export, asked))?;
        return Ok(Step::Ended);
    };
    let expected = match export.rows_expected {
        Some(expected) => expected,
        None => register::count(conn, &question)?,
    };
    let rows = register::rows(act, &asked.layout, &entries, export.rows_done);
    let rows = rows.map_err(|err| AppError::Internal(err.into()))?;
    let number = next_number(conn, export.id)?;
    put(conn, (export.id, "rows", number), &rows)?;
    let taken = i64::try_from(entries.len()).unwrap_or(i64::MAX);
    diesel::update(exports::table.find(export.id))
        .set((
            exports::rows_expected.eq(expected),
            exports::rows_done.eq(export.rows_done + taken),
            exports::after_at.eq(last.accepted_at),
            exports::after_id.eq(last.id),
            exports::leased_until.eq(act.now + LEASE),
            exports::slow_tries.eq(0),
        ))
        .execute(conn)?;
    Ok(Step::More)
}

/// Returns the number of the next batch. Not every one before it was full: while a period goes on, dossiers come after the last.
fn next_number(conn: &mut PgConnection, id: ExportId) -> QueryResult<i32> {
    let rows = export_parts::table.filter(export_parts::export_id.eq(id)).filter(export_parts::kind.eq("rows"));
    let last: Option<i32> = rows.select(max(export_parts::number)).get_result(conn)?;
    Ok(last.map_or(0, |last| last + 1))
}

/// Makes the file of a register out of its batches: in a file of this machine first, as no memory need hold it.
fn make(conn: &mut PgConnection, act: &Act<'_>, (export, asked): (&Export, &Asked)) -> Result<(), AppError> {
    let caption = Caption::of(act, asked)?;
    let scratch = &act.office.config.data.dir;
    let file = nameless(scratch, export.id).map_err(disk_fault)?;
    let size = {
        let mut number = 0;
        let mut parts = std::iter::from_fn(|| {
            let part = part(conn, (export.id, "rows", number)).transpose();
            number += 1;
            part
        });
        match export.format()? {
            ReportFormat::Csv => {
                let mark = ByteOrderMark::from(export.bom);
                register_file::write_csv(&caption, &mut parts, (&file, mark))?;
            }
            _ => register_file::write_xlsx(&caption, &mut parts, Place { file: &file, scratch })?,
        }
        keep(conn, export.id, file)?
    };
    diesel::delete(
        export_parts::table.filter(export_parts::export_id.eq(export.id)).filter(export_parts::kind.eq("rows")),
    )
    .execute(conn)?;
    finish(conn, act, export, (&caption, size))
}

/// Brings the file into the database, piece by piece; returns its size in bytes.
fn keep(conn: &mut PgConnection, id: ExportId, mut file: File) -> Result<usize, AppError> {
    file.rewind().map_err(disk_fault)?;
    let (mut number, mut size) = (0, 0);
    loop {
        let mut piece = Vec::with_capacity(PIECE);
        let limit = u64::try_from(PIECE).unwrap_or(u64::MAX);
        file.by_ref().take(limit).read_to_end(&mut piece).map_err(disk_fault)?;
        if piece.is_empty() {
            return Ok(size);
        }
        put(conn, (id, "file", number), &piece)?;
        (number, size) = (number + 1, size + piece.len());
    }
}

/// Opens a file that has no name any more: it goes with the process, also when that is killed.
fn nameless(dir: &Path, id: ExportId) -> std::io::Result<File> {
    std::fs::create_dir_all(dir)?;
    let path = dir.join(format!("export-{id}-{}.part", Uuid::now_v7().simple()));
    let file = File::options().read(true).write(true).create_new(true).open(&path)?;
    std::fs::remove_file(&path)?;
    Ok(file)
}

fn put(conn: &mut PgConnection, (id, kind, number): (ExportId, &str, i32), bytes: &[u8]) -> Result<(), AppError> {
    diesel::insert_into(export_parts::table)
        .values((
            export_parts::export_id.eq(id),
            export_parts::kind.eq(kind),
            export_parts::number.eq(number),
            export_parts::bytes.eq(bytes),
        ))
        .execute(conn)?;
    Ok(())
}

fn part(conn: &mut PgConnection, key: (ExportId, &str, i32)) -> Result<Option<Vec<u8>>, AppError> {
    Ok(export_parts::table.find(key).select(export_parts::bytes).first(conn).optional()?)
}

fn finish(
    conn: &mut PgConnection,
    act: &Act<'_>,
    export: &Export,
    (caption, size): (&Caption, usize),
) -> Result<(), AppError> {
    diesel::update(exports::table.find(export.id))
        .set((
            exports::file_name.eq(caption.file_name(&export.format)),
            exports::size_bytes.eq(i64::try_from(size).unwrap_or(i64::MAX)),
        ))
        .execute(conn)?;
    end(conn, export.id, ExportState::Done, (act.now, None))
}
