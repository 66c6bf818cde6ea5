//! Takes what tells who somebody was out of rows that stay.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text, Timestamptz, Uuid as SqlUuid};

use super::{BATCH, devices, due};
use crate::error::AppError;
use crate::state::Act;

/// What stands where a name or a text was.
const ERASED: &str = "(đã xóa)";

/// Free texts of a dossier, wherever verbs put them, and the words by which it was found. `$1` the dossiers, `$2` what
/// stands instead.
const TEXTS: [&str; 12] = [
    "DELETE FROM dossier_words WHERE dossier_id = ANY ($1) AND $2 IS NOT NULL",
    "UPDATE dossier_papers SET name = $2 WHERE dossier_id = ANY ($1)",
    "UPDATE dossier_originals SET name = $2 WHERE dossier_id = ANY ($1)",
    "UPDATE dossier_pauses SET reason = $2 WHERE dossier_id = ANY ($1)",
    "UPDATE dossier_payments SET notice_number = NULL, voucher = NULL WHERE dossier_id = ANY ($1) AND $2 IS NOT NULL",
    "UPDATE dossier_reschedulings SET reason = $2, letter = $2 WHERE dossier_id = ANY ($1)",
    "UPDATE dossier_steps SET note = NULL WHERE dossier_id = ANY ($1) AND note IS NOT NULL AND $2 IS NOT NULL",
    "UPDATE dossiers SET result_reason = NULL, shelf_place = NULL WHERE id = ANY ($1) AND $2 IS NOT NULL",
    "UPDATE approvals a SET reason = $2, body = a.body || jsonb_build_object('reason', $2)
     FROM dossiers d WHERE d.id = ANY ($1) AND a.subject = d.code",
    "UPDATE identity_reads SET reason = NULL WHERE dossier_id = ANY ($1) AND reason IS NOT NULL AND $2 IS NOT NULL",
    "UPDATE notice_deeds SET reason = NULL WHERE dossier_id = ANY ($1) AND reason IS NOT NULL AND $2 IS NOT NULL",
    "UPDATE notices SET address = '', address_hash = '', address_masked = '***', telco = NULL, wording = '', key_id = 0
     WHERE dossier_id = ANY ($1) AND key_id <> 0 AND $2 IS NOT NULL",
];

const PEOPLE: &str = "-- retention::erase::people
UPDATE dossier_people SET name = $2, key_id = 0, erased_at = $3, address = NULL,
    id_number = NULL, id_number_hash = NULL, phone = NULL, phone_hash = NULL, email = NULL, email_hash = NULL
WHERE dossier_id = ANY ($1)";

/// Erases who the people of dossiers were that are due; verbs, statuses, moments and figures stay.
pub(super) fn dossiers(conn: &mut PgConnection, act: &Act<'_>) -> Result<usize, AppError> {
    let due = due::dossiers(conn, act, BATCH)?;
    if due.is_empty() {
        return Ok(0);
    }
    let holders = devices::holders(conn, &due)?;
    diesel::sql_query(PEOPLE)
        .bind::<Array<SqlUuid>, _>(&due)
        .bind::<Text, _>(ERASED)
        .bind::<Timestamptz, _>(act.now)
        .execute(conn)?;
    let with_legs = due::with_legs(conn, &due)?;
    for sql in TEXTS {
        diesel::sql_query(sql).bind::<Array<SqlUuid>, _>(&with_legs).bind::<Text, _>(ERASED).execute(conn)?;
    }
    devices::forget_of_nobody(conn, &holders)?;
    diesel::sql_query("SELECT motcua_erase_events($1)").bind::<Array<SqlUuid>, _>(&with_legs).execute(conn)?;
    Ok(due.len())
}

const NOTICES: &str = "-- retention::erase::notices
WITH due AS (
    SELECT n.id FROM notices n
    WHERE n.created_at < $1 AND n.key_id <> 0 AND n.status NOT IN ('queued', 'sending')
      AND NOT EXISTS (SELECT FROM notice_queue q WHERE q.notice_id = n.id)
    ORDER BY n.created_at, n.id LIMIT $2 FOR UPDATE SKIP LOCKED
), deeds AS (
    UPDATE notice_deeds e SET reason = NULL FROM due WHERE e.notice_id = due.id AND e.reason IS NOT NULL
)
UPDATE notices n SET address = '', address_hash = '', address_masked = '***', telco = NULL, wording = '', key_id = 0
FROM due WHERE n.id = due.id";

/// Erases recipients and words of notices that are due; that they were sent, when and how, stays.
pub(super) fn notices(conn: &mut PgConnection, act: &Act<'_>) -> Result<usize, AppError> {
    let erased = diesel::sql_query(NOTICES)
        .bind::<Timestamptz, _>(due::notices_before(act))
        .bind::<BigInt, _>(BATCH)
        .execute(conn)?;
    Ok(erased)
}

const READS: &str = "-- retention::erase::identity_reads
DELETE FROM identity_reads WHERE id IN (
    SELECT id FROM identity_reads WHERE read_at < $1 ORDER BY read_at, id LIMIT $2 FOR UPDATE SKIP LOCKED
)";

/// Forgets readings that are due.
pub(super) fn identity_reads(conn: &mut PgConnection, act: &Act<'_>) -> Result<usize, AppError> {
    let forgotten = diesel::sql_query(READS)
        .bind::<Timestamptz, _>(due::reads_before(act))
        .bind::<BigInt, _>(BATCH)
        .execute(conn)?;
    Ok(forgotten)
}

/// Counts notices and readings that are due.
pub(super) fn count(conn: &mut PgConnection, act: &Act<'_>) -> QueryResult<(i64, i64)> {
    use crate::schema::{identity_reads, notices};
    let notices = notices::table
        .filter(notices::created_at.lt(due::notices_before(act)))
        .filter(notices::key_id.ne(0))
        .count()
        .get_result(conn)?;
    let reads = identity_reads::table.filter(identity_reads::read_at.lt(due::reads_before(act))).count();
    Ok((notices, reads.get_result(conn)?))
}
