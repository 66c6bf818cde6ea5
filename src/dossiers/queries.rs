//! How dossiers are found and locked, and the writes that one statement does best.

use chrono::{DateTime, Utc};
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid};

use super::model::{Dossier, EnteredStep, Paper, PauseRow, Payment, Rescheduled, State, StepRow};
use crate::domain::code::DossierCode;
use crate::domain::ids::DossierId;
use crate::platform::db::take_in_hand;
use crate::platform::prepared::Prepare;
use crate::schema::{dossier_papers, dossier_pauses, dossier_payments, dossier_reschedulings, dossier_steps, dossiers};

/// Finds a dossier by its code.
pub(super) fn find(conn: &mut PgConnection, code: &DossierCode) -> QueryResult<Option<Dossier>> {
    let found: Option<(Dossier, String)> = dossiers::table
        .filter(dossiers::code.eq(code.as_str()))
        .select((Dossier::as_select(), in_hand()))
        .prepared()
        .get_result(conn)
        .optional()?;
    Ok(found.map(|(dossier, _)| dossier))
}

/// Notes the dossier that was found as the one in hand, to the end of the transaction: row-level security has let it
/// through and lets pass what belongs to it.
fn in_hand() -> SqlLiteral<Text> {
    diesel::dsl::sql("set_config('motcua.dossier', dossiers.id::text, true)")
}

/// Finds a dossier by its code and locks it to the end of the transaction; a leg after its parent, so that all who
/// change both lock them in the same order.
pub(super) fn lock(conn: &mut PgConnection, code: &DossierCode) -> QueryResult<Option<Dossier>> {
    let locked: Option<(Dossier, String)> = dossiers::table
        .filter(dossiers::code.eq(code.as_str()))
        .filter(dossiers::parent_id.is_null())
        .select((Dossier::as_select(), in_hand()))
        .for_update()
        .prepared()
        .get_result(conn)
        .optional()?;
    match locked {
        Some((dossier, _)) => Ok(Some(dossier)),
        None => lock_leg(conn, code),
    }
}

fn lock_leg(conn: &mut PgConnection, code: &DossierCode) -> QueryResult<Option<Dossier>> {
    let found = find(conn, code)?.and_then(|leg| leg.parent_id.map(|parent| (leg.id, parent)));
    let Some((leg, parent)) = found else { return Ok(None) };
    lock_in_family(conn, parent)?;
    lock_in_family(conn, leg).map(Some)
}

/// Takes a dossier in hand, the parent of a leg that was let through or a leg of such a parent, and locks it.
pub(super) fn lock_in_family(conn: &mut PgConnection, id: DossierId) -> QueryResult<Dossier> {
    take_in_hand(conn, id)?;
    dossiers::table.find(id).select(Dossier::as_select()).for_update().first(conn)
}

/// Reads the dossier in hand.
pub(super) fn known(conn: &mut PgConnection, id: DossierId) -> QueryResult<Dossier> {
    dossiers::table.find(id).select(Dossier::as_select()).first(conn)
}

/// Locks a dossier that was found by other means.
pub(super) fn lock_by_id(conn: &mut PgConnection, id: DossierId) -> QueryResult<Option<Dossier>> {
    let locked: Option<(Dossier, String)> =
        dossiers::table.find(id).select((Dossier::as_select(), in_hand())).for_update().get_result(conn).optional()?;
    Ok(locked.map(|(dossier, _)| dossier))
}

/// Loads the pauses of a dossier, in order.
pub(super) fn pauses(conn: &mut PgConnection, dossier: DossierId) -> QueryResult<Vec<PauseRow>> {
    dossier_pauses::table
        .filter(dossier_pauses::dossier_id.eq(dossier))
        .order((dossier_pauses::opened_at, dossier_pauses::id))
        .select(PauseRow::as_select())
        .load(conn)
}

/// Loads the steps of a dossier, in order.
pub(super) fn steps(conn: &mut PgConnection, dossier: DossierId) -> QueryResult<Vec<StepRow>> {
    dossier_steps::table
        .filter(dossier_steps::dossier_id.eq(dossier))
        .order(dossier_steps::number)
        .select(StepRow::as_select())
        .load(conn)
}

/// Loads the papers of a dossier, in order.
pub(super) fn papers(conn: &mut PgConnection, dossier: DossierId) -> QueryResult<Vec<Paper>> {
    dossier_papers::table
        .filter(dossier_papers::dossier_id.eq(dossier))
        .order(dossier_papers::position)
        .select(Paper::as_select())
        .load(conn)
}

/// Loads what is or was owed.
pub(super) fn payments(conn: &mut PgConnection, dossier: DossierId) -> QueryResult<Vec<Payment>> {
    dossier_payments::table
        .filter(dossier_payments::dossier_id.eq(dossier))
        .order(dossier_payments::id)
        .select(Payment::as_select())
        .load(conn)
}

/// Loads the one second promise, if there is one.
pub(super) fn rescheduling(conn: &mut PgConnection, dossier: DossierId) -> QueryResult<Option<Rescheduled>> {
    dossier_reschedulings::table.find(dossier).select(Rescheduled::as_select()).first(conn).optional()
}

/// Closes the row in force, if there is one, and opens the next. A clock that went back must not end a row before it
/// began. While the clock of a dossier stands the new row keeps the due date of before: late then is late still.
const OPEN_STATE: &str = "-- dossiers::queries::open_state
WITH closed AS (
    UPDATE dossier_states SET valid_to = greatest(valid_from, $8) WHERE dossier_id = $2 AND valid_to IS NULL
    RETURNING valid_to, due_unextended, due_at
)
INSERT INTO dossier_states
    (id, dossier_id, status, unit_id, due_unextended, due_at, paused, valid_from, recorded_at)
SELECT $1, $2, $3, $4, CASE WHEN $6 IS NULL THEN closed.due_unextended ELSE $5 END, coalesce($6, closed.due_at), $7,
    coalesce(closed.valid_to, $8), $8
FROM (VALUES (true)) AS one LEFT JOIN closed ON true";

/// Writes what is in force from now on.
pub(super) fn open_state(conn: &mut PgConnection, now: DateTime<Utc>, state: &State) -> QueryResult<()> {
    let fresh = &state.in_force;
    diesel::sql_query(OPEN_STATE)
        .bind::<SqlUuid, _>(uuid::Uuid::now_v7())
        .bind::<SqlUuid, _>(state.dossier_id)
        .bind::<Text, _>(fresh.status)
        .bind::<SqlUuid, _>(fresh.unit)
        .bind::<Nullable<Timestamptz>, _>(fresh.due_unextended)
        .bind::<Nullable<Timestamptz>, _>(fresh.due_at)
        .bind::<Bool, _>(state.paused)
        .bind::<Timestamptz, _>(now)
        .prepared()
        .execute(conn)?;
    Ok(())
}

/// Writes the next step of a dossier, and that its unit has to do with it. Its budget is what earlier hops have left.
const ENTER_STEP: &str = "-- dossiers::queries::enter_step
WITH related AS (
    INSERT INTO dossier_units (unit_id, dossier_id, why) VALUES ($4, $2, 'step') ON CONFLICT DO NOTHING
)
INSERT INTO dossier_steps
    (id, dossier_id, number, step, unit_id, role, does, holder_id, holder_name, budget_minutes, entered_at)
SELECT $1, $2, coalesce(max(number), 0) + 1, $3, $4, $5, $6, $7, $8,
    CASE WHEN $9 IS NOT NULL
        THEN greatest($9 - coalesce(sum(working_minutes) FILTER (WHERE step = ANY ($10)), 0), 0)::bigint END, $11
FROM dossier_steps WHERE dossier_id = $2";

/// Enters a step after all that the dossier has been through.
pub(super) fn enter_step(conn: &mut PgConnection, step: &EnteredStep<'_>) -> QueryResult<()> {
    diesel::sql_query(ENTER_STEP)
        .bind::<SqlUuid, _>(uuid::Uuid::now_v7())
        .bind::<SqlUuid, _>(step.dossier_id)
        .bind::<SmallInt, _>(step.step)
        .bind::<SqlUuid, _>(step.unit_id)
        .bind::<Text, _>(step.role)
        .bind::<Text, _>(step.does)
        .bind::<Nullable<SqlUuid>, _>(step.holder.map(|holder| holder.id))
        .bind::<Nullable<Text>, _>(step.holder.map(|holder| holder.name.as_str()))
        .bind::<Nullable<BigInt>, _>(step.budget_minutes)
        .bind::<Array<SmallInt>, _>(&step.sharing)
        .bind::<Timestamptz, _>(step.entered_at)
        .prepared()
        .execute(conn)?;
    Ok(())
}
