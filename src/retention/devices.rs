//! Forgets devices of citizens: with the last dossier in which their ID number is known, and those in use no more.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bytea, Timestamptz};
use uuid::Uuid;

use super::{BATCH, due};
use crate::error::AppError;
use crate::schema::{citizen_devices, dossier_people};
use crate::state::Act;

/// Lists the keyed hashes of the ID numbers of the people of dossiers.
pub(super) fn holders(conn: &mut PgConnection, dossiers: &[Uuid]) -> QueryResult<Vec<Vec<u8>>> {
    dossier_people::table
        .filter(dossier_people::dossier_id.eq_any(dossiers))
        .filter(dossier_people::id_number_hash.is_not_null())
        .select(dossier_people::id_number_hash.assume_not_null())
        .load(conn)
}

const OF_NOBODY: &str = "-- retention::devices::forget_of_nobody
DELETE FROM citizen_devices d WHERE d.holder_hash = ANY ($1)
  AND NOT EXISTS (SELECT FROM dossier_people p WHERE p.id_number_hash = d.holder_hash)";

/// Forgets the devices of those of the holders who have a part in no dossier any more.
pub(super) fn forget_of_nobody(conn: &mut PgConnection, holders: &[Vec<u8>]) -> QueryResult<usize> {
    diesel::sql_query(OF_NOBODY).bind::<Array<Bytea>, _>(holders).execute(conn)
}

const UNSEEN: &str = "-- retention::devices::forget_unseen
DELETE FROM citizen_devices WHERE id IN (
    SELECT id FROM citizen_devices WHERE seen_at < $1 ORDER BY seen_at, id LIMIT $2 FOR UPDATE SKIP LOCKED
)";

/// Forgets devices that are in use no more.
pub(super) fn forget_unseen(conn: &mut PgConnection, act: &Act<'_>) -> Result<usize, AppError> {
    let forgotten = diesel::sql_query(UNSEEN)
        .bind::<Timestamptz, _>(due::devices_before(act))
        .bind::<BigInt, _>(BATCH)
        .execute(conn)?;
    Ok(forgotten)
}

/// Counts devices that are in use no more.
pub(super) fn count_unseen(conn: &mut PgConnection, act: &Act<'_>) -> QueryResult<i64> {
    citizen_devices::table.filter(citizen_devices::seen_at.lt(due::devices_before(act))).count().get_result(conn)
}
