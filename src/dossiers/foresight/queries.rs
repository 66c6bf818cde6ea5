//! What is kept of foresight.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};

use crate::domain::ids::{DossierId, StaffId, UnitId};
use crate::platform::prepared::Prepare;
use crate::schema::dossier_foresight;

/// The moments of one dossier.
pub(super) struct Kept {
    pub dossier_id: DossierId,
    pub due_at: DateTime<Utc>,
    pub at_risk_at: DateTime<Utc>,
    pub will_be_late_at: DateTime<Utc>,
    pub warn_at: Vec<DateTime<Utc>>,
}

/// Keeps them; for another due date people are warned anew.
const KEEP: &str = "-- dossiers::foresight::queries::keep
INSERT INTO dossier_foresight AS kept (dossier_id, due_at, at_risk_at, will_be_late_at, warn_at, warned)
VALUES ($1, $2, $3, $4, $5, 0)
ON CONFLICT (dossier_id) DO UPDATE SET due_at = excluded.due_at, at_risk_at = excluded.at_risk_at,
    will_be_late_at = excluded.will_be_late_at, warn_at = excluded.warn_at,
    warned = CASE WHEN kept.due_at = excluded.due_at THEN kept.warned ELSE 0 END";

/// See [`KEEP`].
pub(super) fn keep(conn: &mut PgConnection, row: &Kept) -> QueryResult<()> {
    diesel::sql_query(KEEP)
        .bind::<SqlUuid, _>(row.dossier_id)
        .bind::<Timestamptz, _>(row.due_at)
        .bind::<Timestamptz, _>(row.at_risk_at)
        .bind::<Timestamptz, _>(row.will_be_late_at)
        .bind::<Array<Timestamptz>, _>(&row.warn_at)
        .prepared()
        .execute(conn)
}

/// Keeps those of dossiers of which nothing was kept yet; returns how many there were.
pub(super) fn keep_first(conn: &mut PgConnection, rows: &[Kept]) -> QueryResult<usize> {
    let row = |row: &Kept| {
        (
            dossier_foresight::dossier_id.eq(row.dossier_id),
            dossier_foresight::due_at.eq(row.due_at),
            dossier_foresight::at_risk_at.eq(row.at_risk_at),
            dossier_foresight::will_be_late_at.eq(row.will_be_late_at),
            dossier_foresight::warn_at.eq(row.warn_at.iter().copied().map(Some).collect::<Vec<_>>()),
            dossier_foresight::warned.eq(0),
        )
    };
    let rows: Vec<_> = rows.iter().map(row).collect();
    diesel::insert_into(dossier_foresight::table).values(rows).on_conflict_do_nothing().execute(conn)
}

/// Forgets them: no clock runs.
pub(super) fn forget(conn: &mut PgConnection, dossier: DossierId) -> QueryResult<()> {
    diesel::delete(dossier_foresight::table.find(dossier)).prepared().execute(conn)
}

/// Forgets those of many dossiers, which are looked at anew.
pub(super) fn forget_all(conn: &mut PgConnection, dossiers: &[DossierId]) -> QueryResult<()> {
    diesel::delete(dossier_foresight::table.filter(dossier_foresight::dossier_id.eq_any(dossiers))).execute(conn)?;
    Ok(())
}

/// A dossier of which people must be warned.
#[derive(Debug, QueryableByName)]
pub(super) struct ToWarn {
    #[diesel(sql_type = SqlUuid)]
    pub dossier_id: DossierId,
    #[diesel(sql_type = Timestamptz)]
    pub due_at: DateTime<Utc>,
    /// How many of its moments lie behind, the one of now included.
    #[diesel(sql_type = Integer)]
    pub passed: i32,
    #[diesel(sql_type = SqlUuid)]
    pub unit_id: UnitId,
    #[diesel(sql_type = Text)]
    pub role: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub holder_id: Option<StaffId>,
    /// Whose counter took it in.
    #[diesel(sql_type = SqlUuid)]
    pub receiving_unit_id: UnitId,
    /// Whether it waits to be answered.
    #[diesel(sql_type = Bool)]
    pub waits: bool,
    /// Of a parent, which has no step of its own: the unit that answers for it.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub leading_unit_id: Option<UnitId>,
}

/// Takes the next ones, and notes that they were warned of. Several workers take different ones.
const TAKE: &str = "-- dossiers::foresight::queries::take
WITH next AS (
    SELECT dossier_id, (SELECT count(*) FROM unnest(warn_at) AS at WHERE at <= $1)::integer AS passed
    FROM dossier_foresight
    WHERE warned < cardinality(warn_at) AND warn_at[warned + 1] <= $1
    ORDER BY warn_at[warned + 1] LIMIT $2 FOR UPDATE SKIP LOCKED
), taken AS (
    UPDATE dossier_foresight f SET warned = next.passed FROM next WHERE f.dossier_id = next.dossier_id
    RETURNING f.dossier_id, f.due_at, next.passed
)
SELECT taken.dossier_id, taken.due_at, taken.passed, coalesce(s.unit_id, d.receiving_unit_id) AS unit_id,
    coalesce(s.role, 'clerk') AS role, s.holder_id, d.receiving_unit_id, d.status = 'registered' AS waits,
    (SELECT d.resolving_unit_id FROM dossier_legs l WHERE l.parent_id = d.id LIMIT 1) AS leading_unit_id
FROM taken JOIN dossiers d ON d.id = taken.dossier_id
LEFT JOIN dossier_steps s ON s.dossier_id = taken.dossier_id AND s.left_at IS NULL";

/// See [`TAKE`].
pub(super) fn take(conn: &mut PgConnection, now: DateTime<Utc>, limit: i64) -> QueryResult<Vec<ToWarn>> {
    diesel::sql_query(TAKE).bind::<Timestamptz, _>(now).bind::<BigInt, _>(limit).load(conn)
}
