//! Messages that a gateway took and then never spoke of again: after some days no receipt is waited for any more, and each
//! says so.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Text, Timestamptz};

use super::gateway::Gateway;
use crate::error::AppError;
use crate::platform::db::Scope;
use crate::state::AppState;

/// How far behind is looked, should nobody have looked for a while.
const LOOK_BACK: TimeDelta = TimeDelta::days(7);

/// It stays `sent`, and is paid for; a receipt that comes later still counts.
const NOTE: &str = "-- notices::sending::silence::note
UPDATE notices n SET reason = 'no_receipt', final_at = $4
WHERE n.sent_at > $1 AND n.sent_at <= $2 AND n.status = 'sent' AND n.final_at IS NULL AND n.gateway = ANY ($3)";

/// Notes of each message whose gateway tells of arrivals and has not for so long that none came; returns how many.
///
/// # Errors
/// Whatever the database says.
pub async fn tick(state: &AppState, gateways: &[Gateway]) -> Result<usize, AppError> {
    let telling = gateways.iter().filter(|gateway| gateway.tells_of_arrival());
    let names: Vec<String> = telling.map(|gateway| gateway.name().to_owned()).collect();
    if names.is_empty() {
        return Ok(0);
    }
    let (clock, waits) = (state.clock.clone(), TimeDelta::hours(state.config.notices.no_receipt_h.into()));
    let work = move |conn: &mut PgConnection| {
        let now: DateTime<Utc> = clock.database_now(conn)?;
        Ok::<_, AppError>(
            diesel::sql_query(NOTE)
                .bind::<Timestamptz, _>(now - waits - LOOK_BACK)
                .bind::<Timestamptz, _>(now - waits)
                .bind::<Array<Text>, _>(&names)
                .bind::<Timestamptz, _>(now)
                .execute(conn)?,
        )
    };
    state.db.tx(&Scope::system(), work).await
}
