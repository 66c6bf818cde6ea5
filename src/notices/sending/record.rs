//! Writes down what came of a claimed batch, in a few statements whatever its size, fenced by its token.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Nullable, SmallInt, Text, Timestamptz};
use uuid::Uuid;

use crate::costs::estimate_sql;
use crate::domain::delivery::Outcome;
use crate::domain::ids::NoticeId;
use crate::domain::notice::NoticeStatus;
use crate::platform::prepared::Prepare;
use crate::schema::notice_attempts;

type Uuids = Array<diesel::sql_types::Uuid>;

/// One attempt.
#[derive(Debug)]
pub(super) struct Attempt {
    pub(super) notice_id: NoticeId,
    pub(super) attempt: i16,
    pub(super) outcome: Outcome,
    pub(super) ended_at: Option<DateTime<Utc>>,
    pub(super) code: Option<String>,
    pub(super) reference: Option<String>,
}

/// A notice that leaves the queue.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) notice_id: NoticeId,
    pub(super) status: NoticeStatus,
    pub(super) reason: Option<String>,
    pub(super) reference: Option<String>,
    pub(super) at: DateTime<Utc>,
    pub(super) attempts: i16,
}

/// By whose claim and through which gateway.
#[derive(Debug, Clone, Copy)]
pub(super) struct End<'a> {
    pub(super) token: Uuid,
    pub(super) gateway: &'a str,
}

/// A notice that stays in the queue.
#[derive(Debug)]
pub(super) struct Again {
    pub(super) notice_id: NoticeId,
    pub(super) at: DateTime<Utc>,
    /// The attempts that count, this one left out where it was not the message's fault.
    pub(super) attempts: i16,
    /// Since when this gateway may have it, and so gets it again; none where any may.
    pub(super) open_since: Option<DateTime<Utc>>,
    /// Whether this gateway is to be passed by from now on.
    pub(super) elsewhere: bool,
}

const NOTE: &str = "-- notices::sending::record::note
INSERT INTO notice_attempts (notice_id, attempt, gateway, started_at, ended_at, outcome, code, gateway_ref)
SELECT t.notice_id, t.attempt, $1, $2, t.ended_at, t.outcome, t.code, t.gateway_ref
FROM unnest($3, $4, $5, $6, $7, $8) AS t (notice_id, attempt, ended_at, outcome, code, gateway_ref)
ON CONFLICT (notice_id, attempt, started_at) DO UPDATE SET
    ended_at = excluded.ended_at, outcome = excluded.outcome, code = excluded.code, gateway_ref = excluded.gateway_ref";

/// Notes attempts that began at `started_at`; an intent noted before becomes what came of it.
pub(super) fn note(
    conn: &mut PgConnection,
    gateway: &str,
    started_at: DateTime<Utc>,
    attempts: &[Attempt],
) -> QueryResult<()> {
    if attempts.is_empty() {
        return Ok(());
    }
    let column = |get: fn(&Attempt) -> Option<&str>| attempts.iter().map(get).collect::<Vec<_>>();
    diesel::sql_query(NOTE)
        .bind::<Text, _>(gateway)
        .bind::<Timestamptz, _>(started_at)
        .bind::<Uuids, _>(attempts.iter().map(|row| row.notice_id.0).collect::<Vec<_>>())
        .bind::<Array<SmallInt>, _>(attempts.iter().map(|row| row.attempt).collect::<Vec<_>>())
        .bind::<Array<Nullable<Timestamptz>>, _>(attempts.iter().map(|row| row.ended_at).collect::<Vec<_>>())
        .bind::<Array<Nullable<Text>>, _>(column(|row| Some(row.outcome.as_str())))
        .bind::<Array<Nullable<Text>>, _>(column(|row| row.code.as_deref()))
        .bind::<Array<Nullable<Text>>, _>(column(|row| row.reference.as_deref()))
        .prepared()
        .execute(conn)?;
    Ok(())
}

/// A receipt may have come before the record: what it said stands.
const END: &str = concat!(
    "-- notices::sending::record::end
WITH ended AS (
    SELECT * FROM unnest($1, $2, $3, $4, $5, $6) AS t (notice_id, status, reason, gateway_ref, at, attempts)
), mine AS (
    DELETE FROM notice_queue q USING ended e WHERE q.notice_id = e.notice_id AND q.lease_token = $7
    RETURNING q.notice_id
)
UPDATE notices n SET
    status = CASE WHEN n.status = 'queued' THEN e.status ELSE n.status END,
    reason = CASE WHEN n.status = 'queued' THEN e.reason ELSE n.reason END,
    gateway = $8,
    gateway_ref = COALESCE(e.gateway_ref, n.gateway_ref),
    attempts = e.attempts,
    sent_at = CASE WHEN e.status = 'sent' THEN e.at ELSE n.sent_at END,
    cost_estimated_vnd = CASE WHEN e.status = 'sent' THEN ",
    estimate_sql!("$8", "e.at"),
    " ELSE n.cost_estimated_vnd END,
    final_at = CASE WHEN e.status IN ('sent', 'in_doubt') THEN n.final_at ELSE COALESCE(n.final_at, e.at) END
FROM ended e JOIN mine m ON m.notice_id = e.notice_id
WHERE n.id = e.notice_id"
);

/// Takes notices out of the queue and says how they ended; those claimed anew by another stay.
pub(super) fn end(conn: &mut PgConnection, by: &End<'_>, ended: &[Ended]) -> QueryResult<()> {
    if ended.is_empty() {
        return Ok(());
    }
    let column = |get: fn(&Ended) -> Option<&str>| ended.iter().map(get).collect::<Vec<_>>();
    diesel::sql_query(END)
        .bind::<Uuids, _>(ended.iter().map(|row| row.notice_id.0).collect::<Vec<_>>())
        .bind::<Array<Nullable<Text>>, _>(column(|row| Some(row.status.as_str())))
        .bind::<Array<Nullable<Text>>, _>(column(|row| row.reason.as_deref()))
        .bind::<Array<Nullable<Text>>, _>(column(|row| row.reference.as_deref()))
        .bind::<Array<Timestamptz>, _>(ended.iter().map(|row| row.at).collect::<Vec<_>>())
        .bind::<Array<SmallInt>, _>(ended.iter().map(|row| row.attempts).collect::<Vec<_>>())
        .bind::<diesel::sql_types::Uuid, _>(by.token)
        .bind::<Text, _>(by.gateway)
        .prepared()
        .execute(conn)?;
    Ok(())
}

const AGAIN: &str = "-- notices::sending::record::again
UPDATE notice_queue q SET run_at = t.at, attempt = t.attempts, lease_token = NULL, open_since = t.open_since,
    gateway = CASE WHEN t.open_since IS NULL THEN '' ELSE $6 END,
    not_by = CASE WHEN t.elsewhere THEN array_append(q.not_by, $6) ELSE q.not_by END
FROM unnest($1, $2, $3, $4, $5) AS t (notice_id, at, attempts, open_since, elsewhere)
WHERE q.notice_id = t.notice_id AND q.lease_token = $7";

/// Puts notices back into the queue for another try; those claimed anew by another stay.
pub(super) fn again(conn: &mut PgConnection, by: &End<'_>, rows: &[Again]) -> QueryResult<()> {
    if rows.is_empty() {
        return Ok(());
    }
    diesel::sql_query(AGAIN)
        .bind::<Uuids, _>(rows.iter().map(|row| row.notice_id.0).collect::<Vec<_>>())
        .bind::<Array<Timestamptz>, _>(rows.iter().map(|row| row.at).collect::<Vec<_>>())
        .bind::<Array<SmallInt>, _>(rows.iter().map(|row| row.attempts).collect::<Vec<_>>())
        .bind::<Array<Nullable<Timestamptz>>, _>(rows.iter().map(|row| row.open_since).collect::<Vec<_>>())
        .bind::<Array<Bool>, _>(rows.iter().map(|row| row.elsewhere).collect::<Vec<_>>())
        .bind::<Text, _>(by.gateway)
        .bind::<diesel::sql_types::Uuid, _>(by.token)
        .prepared()
        .execute(conn)?;
    Ok(())
}

/// Closes what was begun and never ended: nobody knows what came of it.
pub(super) fn close_intents(conn: &mut PgConnection, ids: &[NoticeId], now: DateTime<Utc>) -> QueryResult<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let open = notice_attempts::table
        .filter(notice_attempts::notice_id.eq_any(ids))
        .filter(notice_attempts::outcome.eq(Outcome::Intent));
    diesel::update(open)
        .set((
            notice_attempts::outcome.eq(Outcome::Ambiguous),
            notice_attempts::ended_at.eq(now),
            notice_attempts::code.eq("interrupted"),
        ))
        .execute(conn)?;
    Ok(())
}

/// Forgets the intents of notices that were not sent after all.
pub(super) fn forget_intents(conn: &mut PgConnection, started_at: DateTime<Utc>, ids: &[NoticeId]) -> QueryResult<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let unsent = notice_attempts::table
        .filter(notice_attempts::notice_id.eq_any(ids))
        .filter(notice_attempts::started_at.eq(started_at))
        .filter(notice_attempts::outcome.eq(Outcome::Intent));
    diesel::delete(unsent).execute(conn)?;
    Ok(())
}
