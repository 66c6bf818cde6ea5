//! Foresight of dossiers that came here with their own history, or before there was any.

use std::collections::HashMap;

use chrono::DateTime;
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use futures_util::future::try_join;
use uuid::Uuid;

use super::{UnderWay, foreseen, queries};
use crate::domain::dossier::Status;
use crate::domain::ids::DossierId;
use crate::domain::role::Actor;
use crate::dossiers::model::{Dossier, PauseRow, StepRow};
use crate::error::AppError;
use crate::http::page::Cursor;
use crate::platform::keyset;
use crate::platform::prepared::Prepare;
use crate::schema::{dossier_foresight, dossier_pauses, dossier_steps, dossiers};
use crate::state::{Act, AppState};

/// So many dossiers in one transaction.
const BATCH: i64 = 1000;

/// The next dossiers of which nothing is foreseen yet, and where those after them begin; `None` when there are no more.
type Unseen = (Vec<Dossier>, Option<Cursor>);
/// How they are found, from a place on.
type Next = fn(&mut PgConnection, &Cursor) -> QueryResult<Unseen>;

/// Looks at every open dossier whose clock runs and of which nothing is foreseen yet; returns how many there were.
///
/// Two go side by side, each passing by what the other holds: while one counts, the other reads and writes.
///
/// # Errors
/// Whatever the database says.
pub async fn tick(state: AppState) -> Result<usize, AppError> {
    let mut done = 0;
    let both: [Next; 2] = [running, waiting];
    for next in both {
        let (one, other) = try_join(walk(&state, next), walk(&state, next)).await?;
        done += one + other;
    }
    Ok(done)
}

/// Each batch begins where the one before ended: one that began anew would pass by all that has been looked at.
async fn walk(state: &AppState, next: Next) -> Result<usize, AppError> {
    let mut done = 0;
    let mut after = Cursor { at: DateTime::UNIX_EPOCH, id: Uuid::nil() };
    loop {
        let batch = move |conn: &mut PgConnection, act: &Act<'_>| {
            let unseen = next(conn, &after)?;
            fill(conn, act, unseen)
        };
        let (count, last) = state.act(&Actor::house(), batch).await?;
        done += count;
        match last {
            Some(last) => after = last,
            None => return Ok(done),
        }
    }
}

fn fill(conn: &mut PgConnection, act: &Act<'_>, (unseen, last): Unseen) -> Result<(usize, Option<Cursor>), AppError> {
    let mut under_way = under_way(conn, &unseen)?;
    let mut rows = Vec::with_capacity(unseen.len());
    for dossier in &unseen {
        rows.extend(foreseen(act, dossier, &under_way.remove(&dossier.id).unwrap_or_default())?);
    }
    Ok((queries::keep_first(conn, &rows)?, last))
}

/// Those whose clock runs, by due date.
fn running(conn: &mut PgConnection, after: &Cursor) -> QueryResult<Unseen> {
    let kept = dossier_foresight::table.filter(dossier_foresight::dossier_id.eq(dossiers::id));
    let later = dossiers::due_at.gt(after.at).assume_not_null().or(dossiers::id.gt(after.id));
    let unseen: Vec<Dossier> = dossiers::table
        .filter(dossiers::accepted_at.is_not_null())
        .filter(dossiers::ended_at.is_null())
        .filter(dossiers::mirrored.eq(false))
        .filter(dossiers::status.eq_any([Status::Received, Status::Processing]))
        .filter(dossiers::due_at.ge(after.at))
        .filter(later)
        .filter(not(exists(kept)))
        .order((dossiers::due_at, dossiers::id))
        .limit(BATCH)
        .select(Dossier::as_select())
        .for_update()
        .skip_locked()
        .prepared()
        .load(conn)?;
    let last = unseen.last().and_then(|last| Some(Cursor { at: last.due_at?, id: last.id.0 }));
    Ok((unseen, last))
}

/// Those that wait to be answered, the oldest first.
fn waiting(conn: &mut PgConnection, after: &Cursor) -> QueryResult<Unseen> {
    let kept = dossier_foresight::table.filter(dossier_foresight::dossier_id.eq(dossiers::id));
    let unseen: Vec<Dossier> = dossiers::table
        .filter(dossiers::answer_due_at.is_not_null())
        .filter(dossiers::status.eq(Status::Registered))
        .filter(dossiers::mirrored.eq(false))
        .filter(keyset::after((dossiers::registered_at, dossiers::id), (after.at, after.id)))
        .filter(not(exists(kept)))
        .order((dossiers::registered_at, dossiers::id))
        .limit(BATCH)
        .select(Dossier::as_select())
        .for_update()
        .skip_locked()
        .prepared()
        .load(conn)?;
    let last = unseen.last().map(|last| Cursor { at: last.registered_at, id: last.id.0 });
    Ok((unseen, last))
}

/// What is under way of many dossiers, by two statements.
fn under_way(conn: &mut PgConnection, dossiers: &[Dossier]) -> QueryResult<HashMap<DossierId, UnderWay>> {
    let ids: Vec<DossierId> = dossiers.iter().map(|dossier| dossier.id).collect();
    let hops: Vec<StepRow> = dossier_steps::table
        .filter(dossier_steps::dossier_id.eq_any(&ids))
        .filter(dossier_steps::left_at.is_null())
        .select(StepRow::as_select())
        .prepared()
        .load(conn)?;
    let pauses: Vec<PauseRow> = dossier_pauses::table
        .filter(dossier_pauses::dossier_id.eq_any(&ids))
        .order((dossier_pauses::opened_at, dossier_pauses::id))
        .select(PauseRow::as_select())
        .prepared()
        .load(conn)?;
    let mut all: HashMap<DossierId, UnderWay> = HashMap::new();
    for hop in hops {
        let one = all.entry(hop.dossier_id).or_default();
        one.hop = Some(hop);
    }
    for pause in pauses {
        all.entry(pause.dossier_id).or_default().pauses.push(pause);
    }
    Ok(all)
}
