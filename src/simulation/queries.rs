//! What a replay asks of the tables of notices.

use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Array, Text, Uuid as SqlUuid};
use uuid::Uuid;

use crate::domain::ids::DossierId;
use crate::domain::notice::{NoticeChannel, Purpose};
use crate::platform::prepared::Prepare;
use crate::schema::notices;

/// The sink of a replay: nothing but these rows.
pub const GATEWAY: &str = "simulation";

const KEEP: &str = "-- simulation::queries::keep
WITH taken AS (
    DELETE FROM notice_queue q USING notices n
    WHERE n.dossier_id = ANY($1) AND q.notice_id = n.id
    RETURNING q.notice_id
), kept AS (
    UPDATE notices n SET status = 'sent', gateway = $2, attempts = 1, sent_at = n.created_at
    FROM taken t WHERE n.id = t.notice_id
    RETURNING n.id, n.created_at
)
INSERT INTO notice_attempts (notice_id, attempt, gateway, started_at, ended_at, outcome)
SELECT id, 1, $2, created_at, created_at, 'accepted' FROM kept";

/// Takes the notices of these dossiers out of the queue in the transaction that wrote them, so that no worker ever
/// sees them, and books them as sent into the sink of the replay at the moment of their writing.
pub fn keep(conn: &mut PgConnection, dossiers: &[DossierId]) -> QueryResult<()> {
    let ids: Vec<Uuid> = dossiers.iter().map(|id| id.0).collect();
    diesel::sql_query(KEEP).bind::<Array<SqlUuid>, _>(ids).bind::<Text, _>(GATEWAY).prepared().execute(conn)
}

/// Has PostgreSQL look at tables that grew: a plan made while one was nearly empty reads the whole of it, and is
/// kept until somebody looks.
pub fn look_at_sizes(conn: &mut PgConnection) -> QueryResult<()> {
    // The tables belong to who migrates.
    conn.batch_execute(
        "SET LOCAL ROLE NONE; ANALYZE dossiers (id), dossier_units (dossier_id), dossier_states (dossier_id), dossier_steps (dossier_id), \
         notices (dossier_id), notice_queue (notice_id)",
    )
}

/// Counts the SMS written in `[from, to)` by what they were for.
pub fn sms_by_purpose(
    conn: &mut PgConnection,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
) -> QueryResult<Vec<(Purpose, i64)>> {
    notices::table
        .filter(notices::channel.eq(NoticeChannel::Sms))
        .filter(notices::created_at.ge(from))
        .filter(notices::created_at.lt(to))
        .group_by(notices::purpose)
        .select((notices::purpose, diesel::dsl::count_star()))
        .load(conn)
}
