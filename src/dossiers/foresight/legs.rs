//! Warnings to the unit of a leg that was not acknowledged within its working hours, or that began too late after what it
//! waited for (NĐ 63/2024/NĐ-CP: two working hours, ten minutes): each once, whatever number of workers there is.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};

use super::queries::ToWarn;
use super::warn::{BATCH, What, rows_of};
use crate::domain::ids::{DossierId, StaffId, UnitId};
use crate::error::AppError;
use crate::schema::warnings;
use crate::state::Act;

/// A leg of which nobody was warned yet, with who holds it.
#[derive(QueryableByName)]
struct Late {
    #[diesel(sql_type = SqlUuid)]
    dossier_id: DossierId,
    #[diesel(sql_type = Text)]
    what: String,
    /// When it should have been done.
    #[diesel(sql_type = Timestamptz)]
    due_at: DateTime<Utc>,
    #[diesel(sql_type = SqlUuid)]
    unit_id: UnitId,
    #[diesel(sql_type = Text)]
    role: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    holder_id: Option<StaffId>,
}

/// Two workers may find the same ones: `warnings_once_key` lets one of them write. A leg that waits for papers is in its
/// unit's hands without being acknowledged.
const LATE: &str = "-- dossiers::foresight::legs::late
SELECT late.dossier_id, late.what, late.due_at, s.unit_id, s.role, s.holder_id
FROM (
    SELECT l.dossier_id, 'acknowledge' AS what, l.acknowledge_by AS due_at
    FROM dossier_legs l JOIN dossiers d ON d.id = l.dossier_id
    WHERE l.acknowledged_at IS NULL AND l.dossier_id IS NOT NULL AND l.acknowledge_by < $1 AND d.status = 'received'
    UNION ALL
    SELECT l.dossier_id, 'sync', l.ready_at + make_interval(mins => $2)
    FROM dossier_legs l JOIN dossiers d ON d.id = l.dossier_id
    WHERE l.started_at > l.ready_at AND l.started_at > l.ready_at + make_interval(mins => $2) AND d.ended_at IS NULL
        AND d.status <> 'voided'
) late
JOIN dossier_steps s ON s.dossier_id = late.dossier_id AND s.left_at IS NULL
WHERE NOT EXISTS (
    SELECT FROM warnings w WHERE w.dossier_id = late.dossier_id AND w.what = late.what AND w.due_at = late.due_at
)
ORDER BY late.due_at, late.dossier_id, late.what LIMIT $3";

/// Warns of one batch; returns how many legs there were and how many warnings were written.
///
/// # Errors
/// Whatever the database says.
pub(super) fn warn(conn: &mut PgConnection, act: &Act<'_>) -> Result<(usize, usize), AppError> {
    let minutes = i32::try_from(act.office.config.dossiers.sync_minutes).unwrap_or(i32::MAX);
    let late: Vec<Late> = diesel::sql_query(LATE)
        .bind::<Timestamptz, _>(act.now)
        .bind::<Integer, _>(minutes)
        .bind::<BigInt, _>(BATCH)
        .load(conn)?;
    let mut rows = Vec::with_capacity(late.len() * 2);
    let found = late.len();
    for leg in late {
        let what = if leg.what == What::Sync.as_str() { What::Sync } else { What::Acknowledge };
        rows.extend(rows_of(conn, act, &leg.into_warning(), (what, 100))?);
    }
    let written = diesel::insert_into(warnings::table).values(&rows).on_conflict_do_nothing().execute(conn)?;
    Ok((found, written))
}

impl Late {
    fn into_warning(self) -> ToWarn {
        ToWarn {
            dossier_id: self.dossier_id,
            due_at: self.due_at,
            passed: 1,
            receiving_unit_id: self.unit_id,
            unit_id: self.unit_id,
            role: self.role,
            holder_id: self.holder_id,
            waits: false,
            leading_unit_id: None,
        }
    }
}
