//! What lies in the queue for a gateway that the settings no longer have, and what every gateway has passed by: no claim
//! takes it, so it is ended here, and somebody is told.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, SmallInt, Text, Timestamptz};

use super::gateway::Gateway;
use super::record;
use crate::domain::ids::NoticeId;
use crate::error::AppError;
use crate::platform::db::Scope;
use crate::platform::prepared::Prepare;
use crate::state::AppState;

/// For so long a process that has other settings, or one that is just being started anew, may still take it.
const ANOTHER_MAY: TimeDelta = TimeDelta::hours(1);
const AT_A_TIME: i64 = 500;

#[derive(QueryableByName)]
struct Stranded {
    #[diesel(sql_type = diesel::sql_types::Uuid)]
    notice_id: NoticeId,
    #[diesel(sql_type = Text)]
    gateway: String,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    open_since: Option<DateTime<Utc>>,
    #[diesel(sql_type = SmallInt)]
    attempt: i16,
}

const TAKE: &str = "-- notices::sending::stranded::take
WITH stranded AS (
    SELECT q.notice_id FROM notice_queue q
    WHERE q.run_at < $1 AND NOT EXISTS (
        SELECT FROM unnest($2, $3) AS g (name, channel)
        WHERE g.channel = q.channel AND (q.gateway = g.name OR q.gateway = '' AND g.name <> ALL (q.not_by)))
    LIMIT $4 FOR UPDATE SKIP LOCKED
)
DELETE FROM notice_queue q USING stranded s WHERE q.notice_id = s.notice_id
RETURNING q.notice_id, q.gateway, q.open_since, q.attempt";

/// What may be out already is in doubt; what never left has failed. What a receipt told meanwhile stands.
const END: &str = "-- notices::sending::stranded::end
UPDATE notices n SET
    status = CASE WHEN s.open_since IS NULL THEN 'failed' ELSE 'in_doubt' END,
    reason = 'no_gateway',
    gateway = COALESCE(nullif(s.gateway, ''), n.gateway),
    attempts = s.attempt,
    final_at = CASE WHEN s.open_since IS NULL THEN $5 END
FROM unnest($1, $2, $3, $4) AS s (notice_id, gateway, open_since, attempt)
WHERE n.id = s.notice_id AND n.status = 'queued'";

/// Ends what is stranded for an hour; returns how many.
///
/// # Errors
/// Whatever the database says.
pub async fn tick(state: &AppState, gateways: &[Gateway]) -> Result<usize, AppError> {
    let names: Vec<String> = gateways.iter().map(|gateway| gateway.name().to_owned()).collect();
    let channels: Vec<&'static str> = gateways.iter().map(|gateway| gateway.channel().as_str()).collect();
    let clock = state.clock.clone();
    let work = move |conn: &mut PgConnection| {
        let now = clock.database_now(conn)?;
        let stranded: Vec<Stranded> = diesel::sql_query(TAKE)
            .bind::<Timestamptz, _>(now - ANOTHER_MAY)
            .bind::<Array<Text>, _>(&names)
            .bind::<Array<Text>, _>(&channels)
            .bind::<BigInt, _>(AT_A_TIME)
            .prepared()
            .load(conn)?;
        end(conn, &stranded, now)?;
        Ok::<_, AppError>(stranded.len())
    };
    let ended = state.db.tx(&Scope::system(), work).await?;
    if ended > 0 {
        tracing::error!(
            ended,
            "{ended} notices had no gateway of these settings that takes them; see the dead letters"
        );
    }
    Ok(ended)
}

fn end(conn: &mut PgConnection, stranded: &[Stranded], now: DateTime<Utc>) -> QueryResult<()> {
    if stranded.is_empty() {
        return Ok(());
    }
    let ids: Vec<NoticeId> = stranded.iter().map(|row| row.notice_id).collect();
    record::close_intents(conn, &ids, now)?;
    diesel::sql_query(END)
        .bind::<Array<diesel::sql_types::Uuid>, _>(ids.iter().map(|id| id.0).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(stranded.iter().map(|row| row.gateway.as_str()).collect::<Vec<_>>())
        .bind::<Array<Nullable<Timestamptz>>, _>(stranded.iter().map(|row| row.open_since).collect::<Vec<_>>())
        .bind::<Array<SmallInt>, _>(stranded.iter().map(|row| row.attempt).collect::<Vec<_>>())
        .bind::<Timestamptz, _>(now)
        .prepared()
        .execute(conn)?;
    Ok(())
}
