//! Takes notices that are due out of the queue: for a time, under a token, in a short transaction.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Bytea, Nullable, SmallInt, Text, Timestamptz};
use uuid::Uuid;

use super::record::{self, Attempt, End, Ended};
use crate::domain::delivery::Outcome;
use crate::domain::ids::NoticeId;
use crate::domain::notice::{NoticeChannel, NoticeStatus, PRIORITIES};
use crate::platform::clock::Clock;
use crate::platform::prepared::Prepare;

/// What is asked of the queue.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    pub(super) channel: NoticeChannel,
    pub(super) gateway: &'static str,
    pub(super) deduplicates: bool,
    pub(super) limit: i64,
    pub(super) lease: TimeDelta,
    /// Older ones need not be looked for: dead rows of a long transaction lie there.
    pub(super) low_water: Option<DateTime<Utc>>,
    pub(super) token: Uuid,
}

/// What was taken.
#[derive(Debug, Default)]
pub(super) struct Claim {
    pub(super) now: DateTime<Utc>,
    /// To be sent.
    pub(super) notices: Vec<Claimed>,
    /// Settled at once: too late, or begun before a crash.
    pub(super) expired: usize,
    pub(super) in_doubt: usize,
    /// How many rows were taken in all, and when the oldest was due.
    pub(super) taken: usize,
    pub(super) oldest: Option<DateTime<Utc>>,
    pub(super) is_paused: bool,
}

#[derive(Debug, Clone, QueryableByName)]
pub(super) struct Claimed {
    #[diesel(sql_type = diesel::sql_types::Uuid)]
    pub(super) notice_id: NoticeId,
    #[diesel(sql_type = SmallInt)]
    pub(super) attempt: i16,
    #[diesel(sql_type = Timestamptz)]
    was_due: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    status: NoticeStatus,
    #[diesel(sql_type = SmallInt)]
    pub(super) key_id: i16,
    #[diesel(sql_type = Bytea)]
    pub(super) address: Vec<u8>,
    #[diesel(sql_type = Bytea)]
    pub(super) wording: Vec<u8>,
    #[diesel(sql_type = Timestamptz)]
    pub(super) created_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    pub(super) expires_at: DateTime<Utc>,
    #[diesel(sql_type = Bool)]
    was_begun: bool,
}

#[derive(QueryableByName)]
struct Before {
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Text>)]
    paused_why: Option<String>,
}

/// Dead rows can make a scan of the whole table look cheap; here it never is.
const BEFORE: &str = "-- notices::claim::before
SELECT clock_timestamp() AS at, paused_why, set_config('enable_seqscan', 'off', true) FROM sending";

const CLAIM: &str = "-- notices::claim::claim
WITH due AS MATERIALIZED (
    SELECT d.notice_id, d.run_at
    FROM unnest($1) AS turn (priority),
    LATERAL (
        SELECT q.notice_id, q.run_at FROM notice_queue q
        WHERE q.channel = $2 AND q.priority = turn.priority AND q.run_at <= $3 AND q.run_at >= $4
        ORDER BY q.run_at, q.notice_id LIMIT $5
        FOR UPDATE SKIP LOCKED
    ) d
    LIMIT $5
), claimed AS (
    UPDATE notice_queue q SET run_at = $6, lease_token = $7, attempt = q.attempt + 1
    FROM due WHERE q.notice_id = due.notice_id
    RETURNING q.notice_id, q.attempt, due.run_at AS was_due
)
SELECT c.notice_id, c.attempt, c.was_due, n.status, n.key_id, n.address, n.wording, n.created_at, n.expires_at,
    EXISTS (SELECT FROM notice_attempts a WHERE a.notice_id = c.notice_id AND a.outcome = 'intent') AS was_begun
FROM claimed c JOIN notices n ON n.id = c.notice_id";

/// Claims what is due, settles what must not be sent any more, and notes the intent to send the rest where the
/// gateway could not be asked after a crash.
pub(super) fn claim(conn: &mut PgConnection, clock: &Clock, ask: &Ask) -> QueryResult<Claim> {
    let before: Before = diesel::sql_query(BEFORE).prepared().get_result(conn)?;
    let now = match clock {
        Clock::System => before.at,
        Clock::Manual(_) => clock.now(),
    };
    let mut claim = Claim { now, is_paused: before.paused_why.is_some(), ..Claim::default() };
    if claim.is_paused {
        return Ok(claim);
    }
    let rows = take(conn, ask, now)?;
    claim.taken = rows.len();
    claim.oldest = rows.iter().map(|row| row.was_due).min();
    settle(conn, ask, rows, &mut claim)?;
    if !ask.deduplicates {
        note_intents(conn, ask, &claim)?;
    }
    Ok(claim)
}

fn take(conn: &mut PgConnection, ask: &Ask, now: DateTime<Utc>) -> QueryResult<Vec<Claimed>> {
    diesel::sql_query(CLAIM)
        .bind::<Array<SmallInt>, _>(&PRIORITIES[..])
        .bind::<Text, _>(ask.channel)
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(ask.low_water.unwrap_or(DateTime::UNIX_EPOCH))
        .bind::<BigInt, _>(ask.limit)
        .bind::<Timestamptz, _>(now + ask.lease)
        .bind::<diesel::sql_types::Uuid, _>(ask.token)
        .prepared()
        .load(conn)
}

/// Parts what is to be sent from what is settled already.
fn settle(conn: &mut PgConnection, ask: &Ask, rows: Vec<Claimed>, claim: &mut Claim) -> QueryResult<()> {
    let mut ended = Vec::new();
    for row in rows {
        let end = match row.status {
            // A receipt came before the record, and then the worker died.
            status if status != NoticeStatus::Queued => Some((status, None)),
            _ if row.was_begun && !ask.deduplicates => {
                claim.in_doubt += 1;
                Some((NoticeStatus::InDoubt, Some("interrupted".to_owned())))
            }
            _ if row.expires_at <= claim.now => {
                claim.expired += 1;
                Some((NoticeStatus::Expired, Some("expired".to_owned())))
            }
            _ => None,
        };
        match end {
            None => claim.notices.push(row),
            Some((status, reason)) => ended.push(Ended {
                notice_id: row.notice_id,
                status,
                reason,
                reference: None,
                at: claim.now,
                attempts: row.attempt.saturating_sub(1),
            }),
        }
    }
    record::close_intents(conn, &ended, claim.now)?;
    record::end(conn, &End { token: ask.token, gateway: ask.gateway }, &ended)
}

fn note_intents(conn: &mut PgConnection, ask: &Ask, claim: &Claim) -> QueryResult<()> {
    let intents: Vec<_> = claim
        .notices
        .iter()
        .map(|notice| Attempt {
            notice_id: notice.notice_id,
            attempt: notice.attempt,
            outcome: Outcome::Intent,
            ended_at: None,
            code: None,
            reference: None,
        })
        .collect();
    record::note(conn, ask.gateway, claim.now, &intents)
}
