//! Forgets what is over: old requests for codes and old sessions.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;

use crate::error::AppError;
use crate::platform::db::Scope;
use crate::schema::{citizen_sessions, one_time_codes};
use crate::state::AppState;

/// Longer than the day over which codes are counted.
const KEPT: TimeDelta = TimeDelta::days(2);

/// Deletes what expired two days ago; returns how much.
///
/// # Errors
/// Whatever the database says.
pub async fn tick(state: AppState) -> Result<usize, AppError> {
    let before = state.clock.now() - KEPT;
    state.db.tx(&Scope::system(), move |conn| forget(conn, before).map_err(AppError::from)).await
}

fn forget(conn: &mut PgConnection, before: DateTime<Utc>) -> QueryResult<usize> {
    let codes = diesel::delete(one_time_codes::table.filter(one_time_codes::expires_at.lt(before))).execute(conn)?;
    let sessions =
        diesel::delete(citizen_sessions::table.filter(citizen_sessions::expires_at.lt(before))).execute(conn)?;
    Ok(codes + sessions)
}
