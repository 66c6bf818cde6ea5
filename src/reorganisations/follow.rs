//! The house carries reorganisations out: announced at once, begun on their day, then the dossiers of units that have ended
//! follow, a batch a transaction, which also moves the cursor.

use chrono::TimeDelta;
use diesel::PgConnection;
use uuid::Uuid;

use super::carry_out::{announce, begin, holds_catalogue};
use super::model::{Reorganisation, Stage};
use super::queries;
use crate::domain::ids::UnitId;
use crate::domain::period::office_date;
use crate::domain::role::Actor;
use crate::dossiers::succeed::{Succession, open_ones, relate_heirs, succeed};
use crate::error::AppError;
use crate::state::{Act, AppState};

/// Batches that one tick does at most, so that a stop is heard in between.
const BATCHES_A_TICK: usize = 20;
/// Dossiers of a batch.
const BATCH: i64 = 200;
/// What was under way at midnight has long ended by then, so the last look misses nothing.
const LAST_LOOK_AFTER: TimeDelta = TimeDelta::minutes(10);

/// What one step did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// There is nothing to carry out today.
    Nothing,
    /// One was announced, begun, refused, or begins its last look.
    Went,
    /// So many dossiers were gone through.
    Batch(usize),
    /// Somebody changes the catalogue, or the last look comes later.
    Waits,
    /// All dossiers follow.
    Finished,
}

/// Does the next part of the next reorganisation. Several processes may do it at once: one waits for the other, then goes
/// on where that stopped.
///
/// # Errors
/// Whatever the database says; then this part is not done.
pub fn step(conn: &mut PgConnection, act: &Act<'_>) -> Result<Step, AppError> {
    let Some(mut row) = queries::lock_next(conn, office_date(act.now))? else {
        return Ok(Step::Nothing);
    };
    let done = match row.stage() {
        Stage::Decided | Stage::Announced if !holds_catalogue(conn, act)? => return Ok(Step::Waits),
        Stage::Decided => announce(conn, act, &mut row).map(|()| Step::Went)?,
        Stage::Announced => begin(conn, act, &mut row).map(|()| Step::Went)?,
        Stage::UnderWay => follow(conn, act, &mut row)?,
        Stage::Refused | Stage::Finished => Step::Nothing,
    };
    queries::write_progress(conn, &row)?;
    Ok(done)
}

fn follow(conn: &mut PgConnection, act: &Act<'_>, row: &mut Reorganisation) -> Result<Step, AppError> {
    let ended: Vec<UnitId> = queries::heirs(conn, &row.code)?.into_iter().map(|(from, _)| from).collect();
    let left = queries::next_left(conn, &ended, (row.cursor_unit, row.cursor_dossier), BATCH)?;
    let Some((unit, dossier)) = left.last().copied() else {
        return Ok(end_of_pass(act, row));
    };
    relate_heirs(conn, act, &left)?;
    let mut moved = 0;
    for (from, id) in open_ones(conn, &left)? {
        moved += i64::from(succeed(conn, act, id, &Succession { from, source: &row.source })?);
    }
    row.moved += moved;
    if row.pass == 1 {
        row.done += i64::try_from(left.len()).unwrap_or(0);
    }
    (row.cursor_unit, row.cursor_dossier) = (unit.0, dossier.0);
    Ok(Step::Batch(left.len()))
}

fn end_of_pass(act: &Act<'_>, row: &mut Reorganisation) -> Step {
    if row.pass == 1 {
        if row.begun_at.is_some_and(|begun_at| act.now < begun_at + LAST_LOOK_AFTER) {
            return Step::Waits;
        }
        row.pass = 2;
        (row.cursor_unit, row.cursor_dossier) = (Uuid::nil(), Uuid::nil());
        return Step::Went;
    }
    row.finished_at = Some(act.now);
    tracing::info!(reorganisation = row.code, moved = row.moved, "all dossiers follow the reorganisation {}", row.code);
    Step::Finished
}

/// Does parts until there is nothing left today, or as many as a tick may; returns how many dossiers were gone through.
///
/// # Errors
/// Whatever the database says; the next tick goes on where this one stopped.
pub async fn tick(state: AppState) -> Result<usize, AppError> {
    let mut done = 0;
    for _ in 0..BATCHES_A_TICK {
        match state.act(&Actor::house(), step).await? {
            Step::Batch(dossiers) => done += dossiers,
            Step::Went | Step::Finished => {}
            Step::Nothing | Step::Waits => break,
        }
    }
    Ok(done)
}
