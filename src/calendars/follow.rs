//! The open dossiers follow a calendar that came into force: a batch a transaction, which also moves the cursor, so that
//! whoever comes next goes on exactly there.

use diesel::PgConnection;
use uuid::Uuid;

use super::queries;
use crate::catalogue::publication::Publication;
use crate::domain::role::Actor;
use crate::dossiers::recalculate::{keys_after, recalculate};
use crate::error::AppError;
use crate::http::page::Cursor;
use crate::platform::progress::Progress;
use crate::state::{Act, AppState};

/// Batches that one tick does at most, so that a stop is heard in between.
const BATCHES_A_TICK: usize = 20;

/// What one step did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// No calendar is to be followed.
    Nothing,
    /// So many dossiers were counted anew.
    Batch(usize),
    /// All were gone through once; what deeds under way left behind comes next.
    SecondPass,
    /// A deed under way still counts by the calendar of before.
    Waits,
    /// All follow.
    Finished,
}

/// Does the next batch of the publication that is not finished. Several processes may do it at once: one waits for the
/// other, then goes on where that stopped.
///
/// # Errors
/// Whatever the database says; then this batch is not done.
pub fn step(conn: &mut PgConnection, act: &Act<'_>) -> Result<Step, AppError> {
    let Some(mut publication) = queries::lock_unfinished(conn)? else {
        return Ok(Step::Nothing);
    };
    let calendar = act.catalogue().calendars().in_force();
    if calendar.number != publication.calendar_version {
        // It came after this transaction had begun.
        return Ok(Step::Waits);
    }
    let after = Cursor { at: publication.cursor_due_at, id: publication.cursor_id };
    let keys = keys_after(conn, calendar, after, act.office.config.worker.calendar_batch)?;
    let done = match keys.last() {
        Some(last) => batch(conn, act, &mut publication, (&keys, *last))?,
        None if publication.pass == 1 => begin_second_pass(conn, &mut publication)?,
        None => finish(conn, act, &mut publication)?,
    };
    queries::write_progress(conn, &publication)?;
    Ok(done)
}

fn batch(
    conn: &mut PgConnection,
    act: &Act<'_>,
    publication: &mut Publication,
    (keys, last): (&[Cursor], Cursor),
) -> Result<Step, AppError> {
    let done = recalculate(conn, act, keys, publication.tells)?;
    queries::write_moves(conn, publication.calendar_version, &done.moves)?;
    publication.done += count(done.done);
    publication.moved += count(done.moves.len());
    (publication.cursor_due_at, publication.cursor_id) = (last.at, last.id);
    Ok(Step::Batch(done.done))
}

/// A deed that began under the calendar of before may have counted by it behind the cursor, or a dossier that nobody could
/// see yet. When the last of them has ended, all that is left of it can be seen, and no more comes.
fn begin_second_pass(conn: &mut PgConnection, publication: &mut Publication) -> Result<Step, AppError> {
    if !queries::is_free(conn, publication.calendar_version - 1)? {
        return Ok(Step::Waits);
    }
    publication.pass = 2;
    (publication.cursor_due_at, publication.cursor_id) = (publication.published_at, Uuid::nil());
    Ok(Step::SecondPass)
}

fn finish(conn: &mut PgConnection, act: &Act<'_>, publication: &mut Publication) -> Result<Step, AppError> {
    // One that moved twice counts once.
    publication.moved = queries::count_moves(conn, publication.calendar_version)?;
    publication.finished_at = Some(act.now);
    let number = publication.calendar_version;
    tracing::info!(calendar = number, moved = publication.moved, "all open dossiers follow calendar {number}");
    Ok(Step::Finished)
}

fn count(items: usize) -> i64 {
    i64::try_from(items).unwrap_or(i64::MAX)
}

/// Does batches until all follow, or as many as a tick may; returns how many dossiers were counted anew.
///
/// # Errors
/// Whatever the database says; the next tick goes on where this one stopped.
pub async fn tick(state: AppState) -> Result<usize, AppError> {
    let mut done = 0;
    for _ in 0..BATCHES_A_TICK {
        match state.act(&Actor::house(), step).await? {
            Step::Batch(dossiers) => done += dossiers,
            Step::SecondPass => {}
            Step::Nothing | Step::Waits | Step::Finished => break,
        }
    }
    Ok(done)
}

/// Returns how many dossiers are still to be counted anew; `None` when all follow the calendar in force.
///
/// # Errors
/// Whatever the database says.
pub fn left(conn: &mut PgConnection) -> Result<Option<u64>, AppError> {
    let left = queries::unfinished(conn)?.map(|publication| publication.total - publication.done);
    Ok(left.map(|left| u64::try_from(left).unwrap_or(0)))
}

/// How a run on the calling thread ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Followed {
    /// All open dossiers follow the calendar in force.
    All,
    /// All but what deeds under way still count by the calendar of before: a later run ends it.
    AllButDeedsUnderWay,
}

/// Does batches until all follow, on the calling thread.
///
/// # Errors
/// As [`tick`].
pub fn follow_here(state: &AppState, progress: &Progress) -> Result<Followed, AppError> {
    loop {
        match state.act_here(&Actor::house(), state.clock.now(), step)? {
            Step::Batch(dossiers) => progress.advance(u64::try_from(dossiers).unwrap_or(0)),
            Step::SecondPass => {}
            Step::Nothing | Step::Finished => return Ok(Followed::All),
            Step::Waits => return Ok(Followed::AllButDeedsUnderWay),
        }
    }
}
