//! Foresight of dossiers that came here with their own history, or before there was any.

use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::refresh;
use crate::domain::dossier::Status;
use crate::domain::role::Actor;
use crate::dossiers::model::Dossier;
use crate::error::AppError;
use crate::schema::{dossier_foresight, dossiers};
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
    for dossier in &unseen {
        refresh(conn, act, dossier)?;
    }
    Ok(unseen.len())
}
