//! What becomes of units on the day: they end or are renamed, their people, keys and lower units go on elsewhere.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Date, Uuid as SqlUuid};
use uuid::Uuid;

use super::form::{Plan, PlanForm, Rename};
use super::model::Reorganisation;
use super::queries;
use crate::catalogue::import::write_tree;
use crate::catalogue::{self, publication};
use crate::domain::ids::UnitId;
use crate::domain::successions::Succession;
use crate::error::{AppError, Chain};
use crate::schema::{api_keys, staff, unit_aliases, unit_names, unit_successions, units};
use crate::state::Act;

/// Whether the catalogue that this transaction reads by is the one in force; whoever else would change it waits.
///
/// # Errors
/// Whatever the database says.
pub(super) fn holds_catalogue(conn: &mut PgConnection, act: &Act<'_>) -> Result<bool, AppError> {
    publication::lock(conn)?;
    Ok(catalogue::versions(conn)?.catalogue == act.catalogue().version())
}

/// Lets the catalogue know who follows whom from the day on; a plan that no longer fits it is refused.
///
/// # Errors
/// Whatever the database says.
pub(super) fn announce(conn: &mut PgConnection, act: &Act<'_>, row: &mut Reorganisation) -> Result<(), AppError> {
    let plan = match form_of(row)?.read(act.catalogue()) {
        Ok(plan) => plan,
        Err(err @ AppError::Invalid(_)) => {
            tracing::error!(reorganisation = row.code, "the reorganisation {} no longer fits the catalogue", row.code);
            row.refused = Some(told(&err));
            return Ok(());
        }
        Err(err) => return Err(err),
    };
    write_successions(conn, &row.code, &plan)?;
    publication::count_up(conn)?;
    row.announced_at = Some(act.now);
    Ok(())
}

/// All faults of a plan in one line.
fn told(err: &AppError) -> String {
    let AppError::Invalid(faults) = err else { return err.to_string() };
    let told = faults.iter().map(|fault| format!("{}: {} / {}", fault.pointer, fault.said.vi, fault.said.en));
    told.collect::<Vec<_>>().join("; ")
}

fn write_successions(conn: &mut PgConnection, code: &str, plan: &Plan) -> QueryResult<()> {
    let line = |line: &Succession| {
        (
            unit_successions::id.eq(Uuid::now_v7()),
            unit_successions::reorganisation.eq(code.to_owned()),
            unit_successions::from_unit_id.eq(line.from),
            unit_successions::to_unit_id.eq(line.to),
            unit_successions::field_id.eq(line.field),
            unit_successions::effective_on.eq(line.on),
        )
    };
    let rows: Vec<_> = plan.moves.iter().map(line).collect();
    diesel::insert_into(unit_successions::table).values(rows).execute(conn)?;
    let ending: Vec<UnitId> = plan.moves.iter().map(|line| line.from).collect();
    diesel::update(units::table.filter(units::id.eq_any(ending))).set(units::valid_to.eq(plan.on)).execute(conn)?;
    Ok(())
}

/// Ends the units and renames those that go on; their dossiers follow batch by batch.
///
/// # Errors
/// Whatever the database says.
pub(super) fn begin(conn: &mut PgConnection, act: &Act<'_>, row: &mut Reorganisation) -> Result<(), AppError> {
    let form = form_of(row)?;
    for rename in form.renames_in(act.catalogue()) {
        write_name(conn, act, (&rename, row.effective_on))?;
    }
    let heirs = queries::heirs(conn, &row.code)?;
    move_named_staff(conn, act, &form, &heirs)?;
    for (from, to) in &heirs {
        follow_heir(conn, act, (*from, *to), row.effective_on)?;
    }
    let (placings, misfit) = form.placings_in(act.catalogue(), &heirs.iter().copied().collect());
    if let Some(err) = misfit {
        // The day has come, and all else is right: the units stay where they are until somebody decides anew.
        tracing::error!(
            reorganisation = row.code, error = %Chain(&err),
            "of the reorganisation {}, not every unit can lie where it was to: {}", row.code, told(&err)
        );
    }
    for placing in placings {
        diesel::sql_query(LIES_BELOW)
            .bind::<SqlUuid, _>(placing.unit)
            .bind::<SqlUuid, _>(placing.parent)
            .bind::<Date, _>(row.effective_on)
            .execute(conn)?;
    }
    write_tree(conn)?;
    publication::count_up(conn)?;
    row.begun_at = Some(act.now);
    Ok(())
}

fn form_of(row: &Reorganisation) -> Result<PlanForm, AppError> {
    serde_json::from_value(row.plan.clone()).map_err(|err| AppError::Internal(err.into()))
}

fn write_name(conn: &mut PgConnection, act: &Act<'_>, (rename, on): (&Rename, NaiveDate)) -> Result<(), AppError> {
    let unit = act.catalogue().unit(rename.unit);
    let unit = unit.ok_or_else(|| AppError::internal("a unit went away"))?;
    diesel::insert_into(unit_names::table)
        .values((
            unit_names::unit_id.eq(unit.id),
            unit_names::code.eq(&unit.code),
            unit_names::name.eq(&unit.name),
            unit_names::valid_to.eq(on),
        ))
        .execute(conn)?;
    if unit.code != rename.code {
        let former = (unit_aliases::unit_id.eq(unit.id), unit_aliases::valid_to.eq(on));
        diesel::insert_into(unit_aliases::table)
            .values((unit_aliases::code.eq(&unit.code), former))
            .on_conflict(unit_aliases::code)
            .do_update()
            .set(former)
            .execute(conn)?;
    }
    diesel::update(units::table.find(unit.id))
        .set((units::code.eq(&rename.code), units::name.eq(&rename.name)))
        .execute(conn)?;
    Ok(())
}

/// Moves the accounts that the plan sends elsewhere, out of the units that end.
fn move_named_staff(
    conn: &mut PgConnection,
    act: &Act<'_>,
    form: &PlanForm,
    heirs: &[(UnitId, UnitId)],
) -> Result<(), AppError> {
    let ending: Vec<UnitId> = heirs.iter().map(|(from, _)| *from).collect();
    for (username, to) in form.staff_in(act.catalogue()) {
        let account = staff::table.filter(staff::username.eq(username)).filter(staff::unit_id.eq_any(&ending));
        diesel::update(account).set(staff::unit_id.eq(to)).execute(conn)?;
    }
    Ok(())
}

/// Legs that wait for their turn begin with the unit that follows in the field of their procedure.
const WAITING_LEGS: &str = "-- reorganisations::carry_out::waiting_legs
UPDATE dossier_legs l SET unit_id = coalesce(
    (SELECT s.to_unit_id FROM unit_successions s WHERE s.from_unit_id = $1 AND s.field_id = v.field_id), $2)
FROM procedure_versions v
WHERE l.unit_id = $1 AND l.dossier_id IS NULL AND v.id = l.procedure_version_id";

/// Lower units lie below the unit that follows; one that follows and lay below the ended one takes its place. Where they lay
/// before is kept; a move that is decided for a day before the last one changes nothing of the days before that.
const LOWER_UNITS: &str = "-- reorganisations::carry_out::lower_units
WITH lower AS (
    SELECT id, CASE WHEN id = $2 THEN (SELECT parent_id FROM units WHERE id = $1) ELSE $2 END AS parent_id
    FROM units WHERE parent_id = $1 AND id <> $1 AND valid_to IS DISTINCT FROM $3
), kept AS (
    INSERT INTO unit_parents (unit_id, parent_id, valid_to)
    SELECT id, $1, greatest($3, (SELECT max(p.valid_to) FROM unit_parents p WHERE p.unit_id = lower.id)) FROM lower
    ON CONFLICT DO NOTHING
)
UPDATE units SET parent_id = lower.parent_id FROM lower WHERE units.id = lower.id";

/// A unit that lay elsewhere in the morning already, by another reorganisation of the day, keeps where it lay before the day.
const LIES_BELOW: &str = "-- reorganisations::carry_out::lies_below
WITH kept AS (
    INSERT INTO unit_parents (unit_id, parent_id, valid_to)
    SELECT id, parent_id, greatest($3, (SELECT max(p.valid_to) FROM unit_parents p WHERE p.unit_id = units.id))
    FROM units WHERE id = $1
    ON CONFLICT DO NOTHING
)
UPDATE units SET parent_id = $2 WHERE id = $1";

fn follow_heir(
    conn: &mut PgConnection,
    act: &Act<'_>,
    (from, to): (UnitId, UnitId),
    on: NaiveDate,
) -> Result<(), AppError> {
    diesel::update(staff::table.filter(staff::unit_id.eq(from))).set(staff::unit_id.eq(to)).execute(conn)?;
    let keys = api_keys::table.filter(api_keys::unit_id.eq(from)).filter(api_keys::revoked_at.is_null());
    diesel::update(keys).set(api_keys::unit_id.eq(to)).execute(conn)?;
    diesel::sql_query(WAITING_LEGS).bind::<SqlUuid, _>(from).bind::<SqlUuid, _>(to).execute(conn)?;
    diesel::sql_query(LOWER_UNITS).bind::<SqlUuid, _>(from).bind::<SqlUuid, _>(to).bind::<Date, _>(on).execute(conn)?;
    let counter = act.catalogue().unit(to).map_or(to, |unit| unit.receives_at);
    let received = units::table.filter(units::receives_at_id.eq(from)).filter(units::id.ne(from));
    diesel::update(received).set(units::receives_at_id.eq(counter)).execute(conn)?;
    Ok(())
}
