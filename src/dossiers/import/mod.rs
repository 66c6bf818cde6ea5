//! `motcua import dossiers FILE`: dossiers from a table, new ones and those of an old system, all of them or row by
//! row, with a verdict on each. What the columns mean is in docs/import.md.
//!
//! A file becomes rows of text (`read`), each row is read whole with every fault (`row`), then loaded (`load`). A
//! dossier is known by its source and the code there, so a file may be loaded again: what is there is skipped.

mod load;
pub mod read;
pub mod row;
pub mod verdict;

pub use read::{COLUMNS, FileError};
pub use verdict::{Verdict, What, write};

use std::path::Path;

use diesel::prelude::*;
use serde_json::json;

use super::import::load::{Loaded, MEANWHILE, load};
use super::import::row::Row;
use crate::audit;
use crate::domain::audit::{Action, Subject};
use crate::domain::role::Actor;
use crate::error::{AppError, Chain, Said};
use crate::platform::progress::Progress;
use crate::state::{Act, AppState};
use verdict::CellFault;

/// What becomes of the good rows when others are wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// They wait.
    AllOrNothing,
    /// They are loaded, each in a transaction of its own.
    RowByRow,
}

/// Whether anything is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DryRun {
    /// Nothing is.
    Yes,
    /// It is.
    No,
}

/// Why there are no verdicts.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file is no table of dossiers.
    #[error(transparent)]
    File(#[from] FileError),
    /// The database would not.
    #[error("the import stopped: {}", Chain(.0))]
    App(#[from] AppError),
}

/// Loads the dossiers of a table and returns a verdict on each row.
///
/// # Errors
/// A file that is no such table, or a database that would not. Wrong rows are no errors: their verdicts tell.
pub fn run(
    state: &AppState,
    by: &Actor,
    file: &Path,
    (mode, dry_run): (Mode, DryRun),
    progress: &Progress,
) -> Result<Vec<Verdict>, ImportError> {
    let rows = read::rows(file)?;
    progress.set_total(u64::try_from(rows.len()).unwrap_or(u64::MAX));
    let verdicts = match (mode, dry_run) {
        (Mode::RowByRow, DryRun::No) => row_by_row(state, by, &rows, progress)?,
        _ => at_once(state, by, &rows, (dry_run, progress))?,
    };
    progress.finish();
    Ok(verdicts)
}

fn row_by_row(
    state: &AppState,
    by: &Actor,
    rows: &[read::TableRow],
    progress: &Progress,
) -> Result<Vec<Verdict>, AppError> {
    // Before the first row: what is loaded before an interruption is recorded too.
    state.act_here(by, state.clock.now(), |conn, act| note_import(conn, act, rows.len()))?;
    let one = |row: &read::TableRow| {
        let verdict = state.act_here(by, state.clock.now(), |conn, act| judge(conn, act, row));
        progress.advance(1);
        verdict
    };
    rows.iter().map(one).collect()
}

/// Loads all in one transaction, which is undone when a row is wrong or nothing was to be written.
fn at_once(
    state: &AppState,
    by: &Actor,
    rows: &[read::TableRow],
    (dry_run, progress): (DryRun, &Progress),
) -> Result<Vec<Verdict>, AppError> {
    const UNDONE: &str = "import_undone";
    let mut verdicts = Vec::with_capacity(rows.len());
    let done = state.act_here(by, state.clock.now(), |conn, act| {
        for row in rows {
            verdicts.push(judge(conn, act, row)?);
            progress.advance(1);
        }
        note_import(conn, act, rows.len())?;
        let is_undone = dry_run == DryRun::Yes || verdicts.iter().any(Verdict::is_refused);
        let undone = || AppError::Conflict(Said::new(UNDONE, "Không ghi gì", "Nothing was written"));
        if is_undone { Err(undone()) } else { Ok(()) }
    });
    match done {
        Ok(()) => Ok(verdicts),
        Err(err) if err.code() == UNDONE => Ok(verdicts.into_iter().map(|verdict| verdict.undone(dry_run)).collect()),
        Err(err) => Err(err),
    }
}

fn note_import(conn: &mut PgConnection, act: &Act<'_>, rows: usize) -> Result<(), AppError> {
    Ok(audit::note(conn, act, Action::DossiersImported, Subject::Dossiers, json!({"rows": rows}))?)
}

/// Loads one row, or says all that is wrong with it; then it has left no trace.
fn judge(conn: &mut PgConnection, act: &Act<'_>, table_row: &read::TableRow) -> Result<Verdict, AppError> {
    let (row, mut faults) = Row::read(act, table_row);
    let what = match conn.transaction(|conn| load(conn, act, &row, &faults)) {
        Ok(Loaded::New(code)) => What::Loaded(code),
        Ok(Loaded::There(code)) => What::There(Some(code)),
        Err(AppError::Conflict(said)) if said.code == MEANWHILE => What::There(None),
        Err(AppError::Invalid(more)) => {
            for fault in more {
                let fault = CellFault::of(&fault);
                // A cell that could not be read at all is told once.
                if !faults.iter().any(|other| other.column == fault.column) {
                    faults.push(fault);
                }
            }
            What::Refused(faults)
        }
        Err(AppError::Conflict(said) | AppError::Forbidden(said) | AppError::NotFound(said)) => {
            faults.push(CellFault::new("", said.en));
            What::Refused(faults)
        }
        Err(err) => return Err(err),
    };
    Ok(Verdict { row: table_row.number, what })
}
