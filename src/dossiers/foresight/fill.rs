//! Foresight of dossiers that came here with their own history, or before there was any.

use std::collections::HashMap;

use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::{UnderWay, foreseen, queries};
use crate::domain::dossier::Status;
use crate::domain::ids::DossierId;
use crate::domain::role::Actor;
use crate::dossiers::model::{Dossier, PauseRow, StepRow};
use crate::error::AppError;
use crate::schema::{dossier_foresight, dossier_pauses, dossier_steps, dossiers};
use crate::state::{Act, AppState};

/// So many dossiers in one transaction.
const BATCH: i64 = 500;

/// Looks at every open dossier whose clock runs and of which nothing is foreseen yet; returns how many there were.
///
/// # Errors
/// Whatever the database says.
pub async fn tick(state: AppState) -> Result<usize, AppError> {
    let mut done = 0;
    loop {
        match state.act(&Actor::house(), fill).await? {
            0 => return Ok(done),
            count => done += count,
        }
    }
}

fn fill(conn: &mut PgConnection, act: &Act<'_>) -> Result<usize, AppError> {
    let runs = dossiers::due_at.is_not_null().and(dossiers::status.eq_any([Status::Received, Status::Processing]));
    let waits = dossiers::answer_due_at.is_not_null().and(dossiers::status.eq(Status::Registered));
    let kept = dossier_foresight::table.filter(dossier_foresight::dossier_id.eq(dossiers::id));
    let unseen: Vec<Dossier> = dossiers::table
        .filter(dossiers::ended_at.is_null())
        .filter(dossiers::mirrored.eq(false))
        .filter(runs.or(waits.assume_not_null()))
        .filter(not(exists(kept)))
        .order((dossiers::due_at, dossiers::id))
        .limit(BATCH)
        .select(Dossier::as_select())
        .for_update()
        .skip_locked()
        .load(conn)?;
    let mut under_way = under_way(conn, &unseen)?;
    let mut rows = Vec::with_capacity(unseen.len());
    for dossier in &unseen {
        rows.extend(foreseen(act, dossier, &under_way.remove(&dossier.id).unwrap_or_default())?);
    }
    queries::keep_first(conn, &rows)?;
    Ok(unseen.len())
}

/// What is under way of many dossiers, by two statements.
fn under_way(conn: &mut PgConnection, dossiers: &[Dossier]) -> QueryResult<HashMap<DossierId, UnderWay>> {
    let ids: Vec<DossierId> = dossiers.iter().map(|dossier| dossier.id).collect();
    let hops: Vec<StepRow> = dossier_steps::table
        .filter(dossier_steps::dossier_id.eq_any(&ids))
        .filter(dossier_steps::left_at.is_null())
        .select(StepRow::as_select())
        .load(conn)?;
    let pauses: Vec<PauseRow> = dossier_pauses::table
        .filter(dossier_pauses::dossier_id.eq_any(&ids))
        .order((dossier_pauses::opened_at, dossier_pauses::id))
        .select(PauseRow::as_select())
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
