//! Makes exports, step by step: whoever holds the lease takes the next batch, and writes it down with how far it came.

use std::fs::File;
use std::io::{Read, Seek};
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::dsl::max;
use diesel::prelude::*;
use uuid::Uuid;

use super::model::{Export, ExportState};
use super::register::{self, Question};
use super::register_file::{self, Place, disk_fault};
use crate::domain::ids::ExportId;
use crate::domain::role::Actor;
use crate::error::{AppError, Chain};
use crate::exports::filled::{Asked, Caption, Filled};
use crate::exports::layouts::Counts;
use crate::exports::{ByteOrderMark, ReportFormat, files};
use crate::platform::db::Scope;
use crate::schema::{export_parts, exports};
use crate::state::{Act, AppState};
use crate::statistics::{AskedPeriod, PeriodRule};

/// After so long whoever made it is taken for dead.
const LEASE: TimeDelta = TimeDelta::minutes(10);
/// Processes that may die over one export.
const MOST_LOST: i16 = 3;
/// Batches that one turn takes before others get theirs.
const TURN: usize = 40;
/// Bytes in a piece of a file.
const PIECE: usize = 1 << 20;

/// Makes what is wanted, the oldest first, and erases what was kept long enough; returns how many steps were taken.
///
/// # Errors
/// Whatever the database says; what is wrong with an export is written down with it.
pub async fn tick(state: AppState) -> Result<usize, AppError> {
    let mut steps = erase(&state).await?;
    let Some((id, lease)) = claim(&state).await? else {
        return Ok(steps);
    };
    for _ in 0..TURN {
        steps += 1;
        match step(&state, (id, lease)).await {
            Ok(Step::More) => {}
            Ok(Step::Ended) => return Ok(steps),
            Err(err @ AppError::Unavailable { .. }) => {
                // A busy database kills nobody: the next one need not wait until the lease has run out.
                release(&state, (id, lease)).await?;
                return Err(err);
            }
            Err(err) => {
                tracing::error!(export.id = %id, error = %Chain(&err), "export {id} could not be made");
                give_up(&state, (id, lease), why(&err).to_owned()).await?;
                return Ok(steps);
            }
        }
    }
    release(&state, (id, lease)).await?;
    Ok(steps)
}

/// Returns the code by which it is said why there is no file: of what can't be asked for, the first fault.
fn why(err: &AppError) -> &'static str {
    match err {
        AppError::Invalid(faults) => faults.first().map_or(err.code(), |fault| fault.said.code),
        err => err.code(),
    }
}

enum Step {
    More,
    Ended,
}

type Leased = (ExportId, Uuid);

/// Takes the oldest that nobody holds. A lease that ran out was lost by a process that died; after some of them the export
/// is given up, for it may be what kills them.
async fn claim(state: &AppState) -> Result<Option<Leased>, AppError> {
    let clock = state.clock.clone();
    let work = move |conn: &mut PgConnection| {
        let now = clock.database_now(conn)?;
        let free = exports::leased_until.is_null().or(exports::leased_until.le(now));
        let found: Option<Export> = exports::table
            .filter(exports::ended_at.is_null())
            .filter(free)
            .order((exports::asked_at, exports::id))
            .select(Export::as_select())
            .for_update()
            .skip_locked()
            .first(conn)
            .optional()?;
        let Some(export) = found else { return Ok(None) };
        let lost = export.lost_leases + i16::from(export.lease.is_some());
        let row = exports::table.find(export.id);
        if lost > MOST_LOST {
            end(conn, export.id, ExportState::Failed, (now, Some("killed".to_owned())))?;
            return Ok(None);
        }
        let lease = Uuid::now_v7();
        diesel::update(row)
            .set((
                exports::state.eq(ExportState::Running.as_str()),
                exports::lost_leases.eq(lost),
                exports::lease.eq(lease),
                exports::leased_until.eq(now + LEASE),
            ))
            .execute(conn)?;
        Ok(Some((export.id, lease)))
    };
    state.db.tx(&Scope::system(), work).await
}

fn end(
    conn: &mut PgConnection,
    id: ExportId,
    state: ExportState,
    (now, why): (DateTime<Utc>, Option<String>),
) -> Result<(), AppError> {
    diesel::update(exports::table.find(id))
        .set((
            exports::state.eq(state.as_str()),
            exports::failed_why.eq(why),
            exports::lease.eq(None::<Uuid>),
            exports::leased_until.eq(None::<DateTime<Utc>>),
            exports::ended_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

async fn give_up(state: &AppState, (id, lease): Leased, why: String) -> Result<(), AppError> {
    let clock = state.clock.clone();
    let work = move |conn: &mut PgConnection| {
        let now = clock.database_now(conn)?;
        match held(conn, (id, lease))? {
            Some(_) => end(conn, id, ExportState::Failed, (now, Some(why))),
            None => Ok(()),
        }
    };
    state.db.tx(&Scope::system(), work).await
}

async fn release(state: &AppState, (id, lease): Leased) -> Result<(), AppError> {
    let work = move |conn: &mut PgConnection| {
        diesel::update(exports::table.find(id).filter(exports::lease.eq(lease)))
            .set((exports::lease.eq(None::<Uuid>), exports::leased_until.eq(None::<DateTime<Utc>>)))
            .execute(conn)?;
        Ok::<(), AppError>(())
    };
    state.db.tx(&Scope::system(), work).await
}

/// Locks the export when it is still ours and wanted.
fn held(conn: &mut PgConnection, (id, lease): Leased) -> Result<Option<Export>, AppError> {
    let mine = exports::table.find(id).filter(exports::lease.eq(lease)).filter(exports::ended_at.is_null());
    Ok(mine.select(Export::as_select()).for_update().first(conn).optional()?)
}

async fn step(state: &AppState, leased: Leased) -> Result<Step, AppError> {
    let (clock, office) = (state.clock.clone(), state.office.clone());
    let work = move |conn: &mut PgConnection| {
        let now = clock.database_now(conn)?;
        let (office, by) = (office.in_force(conn)?, Actor::house());
        let act = Act { office: &office, by: &by, now };
        let Some(export) = held(conn, leased)? else { return Ok(Step::Ended) };
        advance(conn, &act, &export)
    };
    state.db.tx(&Scope::system(), work).await
}

fn advance(conn: &mut PgConnection, act: &Act<'_>, export: &Export) -> Result<Step, AppError> {
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

/// Erases what ended longer ago than it is kept: the bytes go, the line stays.
async fn erase(state: &AppState) -> Result<usize, AppError> {
    let (clock, kept) = (state.clock.clone(), TimeDelta::days(state.config.exports.keep_days.into()));
    let work = move |conn: &mut PgConnection| {
        let until = clock.database_now(conn)? - kept;
        let old = exports::table.filter(exports::ended_at.le(until));
        let old = old.filter(exports::state.ne(ExportState::Erased.as_str()));
        let ids: Vec<ExportId> = old.order(exports::id).limit(100).select(exports::id).for_update().load(conn)?;
        diesel::delete(export_parts::table.filter(export_parts::export_id.eq_any(&ids))).execute(conn)?;
        // What was begun and is not wanted any more goes at once.
        let given_up = [ExportState::Cancelled.as_str(), ExportState::Failed.as_str()];
        let given_up = exports::table.filter(exports::state.eq_any(given_up)).select(exports::id);
        diesel::delete(export_parts::table.filter(export_parts::export_id.eq_any(given_up))).execute(conn)?;
        diesel::update(exports::table.filter(exports::id.eq_any(&ids)))
            .set(exports::state.eq(ExportState::Erased.as_str()))
            .execute(conn)?;
        Ok::<usize, AppError>(ids.len())
    };
    state.db.tx(&Scope::system(), work).await
}
