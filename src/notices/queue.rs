//! Puts notices into the queue.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, SmallInt, Timestamptz, Uuid as SqlUuid};

use crate::domain::ids::NoticeId;
use crate::domain::notice::{NoticeStatus, Purpose};
use crate::platform::prepared::Prepare;
use crate::schema::notices;

/// A place in the queue.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) notice_id: NoticeId,
    pub(super) priority: i16,
    /// From when on it may be sent.
    pub(super) run_at: DateTime<Utc>,
}

/// What is in doubt may lie at its gateway, so no other gets it.
const PUT: &str = "-- notices::queue::put
INSERT INTO notice_queue (notice_id, channel, priority, run_at, attempt, unit_id, gateway, open_since)
SELECT n.id, n.channel, t.priority, t.run_at, 0, n.unit_id,
    CASE WHEN n.status = 'in_doubt' THEN coalesce(n.gateway, '') ELSE '' END,
    CASE WHEN n.status = 'in_doubt' AND n.gateway IS NOT NULL THEN t.run_at END
FROM unnest($1, $2, $3) AS t (notice_id, priority, run_at) JOIN notices n ON n.id = t.notice_id
ON CONFLICT DO NOTHING";

/// Puts notices that stand as they last stood into the queue, with their whole schedule before them; one that waits already
/// keeps its place.
pub(super) fn put(conn: &mut PgConnection, places: &[Place]) -> QueryResult<()> {
    if places.is_empty() {
        return Ok(());
    }
    diesel::sql_query(PUT)
        .bind::<Array<SqlUuid>, _>(places.iter().map(|place| place.notice_id.0).collect::<Vec<_>>())
        .bind::<Array<SmallInt>, _>(places.iter().map(|place| place.priority).collect::<Vec<_>>())
        .bind::<Array<Timestamptz>, _>(places.iter().map(|place| place.run_at).collect::<Vec<_>>())
        .prepared()
        .execute(conn)
}

/// Puts a notice in doubt back into the queue: its gateway says that it never had it, so any may send it.
pub(super) fn send_what_never_left(conn: &mut PgConnection, id: NoticeId, now: DateTime<Utc>) -> QueryResult<()> {
    let doubtful = notices::table.find(id).filter(notices::status.eq(NoticeStatus::InDoubt));
    let purpose: Option<Purpose> = diesel::update(doubtful)
        .set((notices::status.eq(NoticeStatus::Queued), notices::reason.eq(None::<String>)))
        .returning(notices::purpose)
        .get_result(conn)
        .optional()?;
    match purpose {
        Some(purpose) => put(conn, &[Place { notice_id: id, priority: purpose.priority(), run_at: now }]),
        None => Ok(()),
    }
}
