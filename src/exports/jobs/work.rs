//! The duty that makes exports: whoever holds the lease takes the next step and writes it down with how far it came.

use chrono::TimeDelta;
use diesel::prelude::*;

use super::lease::{Leased, claim, give_up, held, put_off, release};
use super::make::{Step, advance};
use super::model::ExportState;
use crate::domain::ids::ExportId;
use crate::domain::role::Actor;
use crate::error::{AppError, Chain};
use crate::platform::db::{Scope, allow_ms};
use crate::schema::{export_parts, exports};
use crate::state::{Act, AppState};

/// Steps that one turn takes before others get theirs.
const TURN: usize = 40;

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
            Err(err @ AppError::TookTooLong { .. }) => {
                tracing::warn!(export.id = %id, error = %Chain(&err), "a step of export {id} took too long");
                put_off(&state, (id, lease), err.code()).await?;
                return Ok(steps);
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

async fn step(state: &AppState, leased: Leased) -> Result<Step, AppError> {
    let (clock, office) = (state.clock.clone(), state.office.clone());
    let timeout_ms = state.config.exports.statement_timeout_ms;
    let work = move |conn: &mut PgConnection| {
        allow_ms(conn, timeout_ms)?;
        let now = clock.database_now(conn)?;
        let (office, by) = (office.in_force(conn)?, Actor::house());
        let act = Act { office: &office, by: &by, now };
        let Some(export) = held(conn, leased)? else { return Ok(Step::Ended) };
        advance(conn, &act, &export)
    };
    state.db.tx(&Scope::system(), work).await
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
