//! Dossiers of a unit that has ended go on with the unit that follows it: seen there, and, while they are open, resolved
//! there. Code, clock, process and history stay.

use diesel::prelude::*;
use diesel::sql_types::{Array, Uuid as SqlUuid};
use serde_json::json;
use uuid::Uuid;

use super::access::pass_on;
use super::change::Change;
use super::model::{Dossier, Holder};
use super::{queries, steps};
use crate::domain::dossier::{StepOutcome, Verb};
use crate::domain::ids::{DossierId, FieldId, UnitId};
use crate::domain::period::office_date;
use crate::error::AppError;
use crate::schema::{dossier_legs, dossier_step_helpers, staff};
use crate::state::Act;

/// Which dossiers have to do with which ended units.
pub type Left = [(UnitId, DossierId)];

/// Who follows a unit in a field, as columns.
struct Heirs {
    from: Vec<UnitId>,
    field: Vec<FieldId>,
    to: Vec<UnitId>,
}

impl Heirs {
    fn of(act: &Act<'_>) -> Self {
        let catalogue = act.catalogue();
        let fields: Vec<FieldId> = catalogue.fields().iter().map(|field| field.id).collect();
        let mut heirs = Self { from: Vec::new(), field: Vec::new(), to: Vec::new() };
        for (from, field, to) in catalogue.successions().map(&fields, office_date(act.now)) {
            heirs.from.push(from);
            heirs.field.push(field);
            heirs.to.push(to);
        }
        heirs
    }
}

/// Counters of the unit that follows do what those of before did.
const RELATE_HEIRS: &str = "-- dossiers::succeed::relate_heirs
WITH left_behind AS (SELECT * FROM unnest($1, $2) AS l (unit_id, dossier_id)),
    heirs AS (SELECT * FROM unnest($3, $4, $5) AS h (from_unit_id, field_id, to_unit_id))
INSERT INTO dossier_units (unit_id, dossier_id, why)
SELECT DISTINCT h.to_unit_id, d.id, related.why
FROM left_behind l
JOIN dossiers d ON d.id = l.dossier_id
JOIN heirs h ON h.from_unit_id = l.unit_id AND h.field_id = d.field_id
JOIN LATERAL (
    SELECT 'successor' AS why
    UNION ALL
    SELECT u.why FROM dossier_units u
    WHERE u.dossier_id = l.dossier_id AND u.unit_id = l.unit_id AND u.why = 'received'
) related ON true
ON CONFLICT DO NOTHING";

/// Lets the units that follow see what ended ones had to do with.
///
/// # Errors
/// Whatever the database says.
pub fn relate_heirs(conn: &mut PgConnection, act: &Act<'_>, left: &Left) -> QueryResult<()> {
    let heirs = Heirs::of(act);
    let (units, dossiers): (Vec<UnitId>, Vec<DossierId>) = left.iter().copied().unzip();
    diesel::sql_query(RELATE_HEIRS)
        .bind::<Array<SqlUuid>, _>(units)
        .bind::<Array<SqlUuid>, _>(dossiers)
        .bind::<Array<SqlUuid>, _>(heirs.from)
        .bind::<Array<SqlUuid>, _>(heirs.field)
        .bind::<Array<SqlUuid>, _>(heirs.to)
        .execute(conn)?;
    Ok(())
}

const OPEN_ONES: &str = "-- dossiers::succeed::open_ones
SELECT l.unit_id, l.dossier_id
FROM unnest($1, $2) AS l (unit_id, dossier_id)
JOIN dossiers d ON d.id = l.dossier_id
WHERE d.status NOT IN ('declined', 'withdrawn', 'stopped', 'returned', 'voided') AND NOT d.mirrored
ORDER BY l.dossier_id, l.unit_id";

#[derive(QueryableByName)]
struct OpenOne {
    #[diesel(sql_type = SqlUuid)]
    unit_id: UnitId,
    #[diesel(sql_type = SqlUuid)]
    dossier_id: DossierId,
}

/// Returns those that somebody still has to do something with, in the order in which they are locked.
///
/// # Errors
/// Whatever the database says.
pub fn open_ones(conn: &mut PgConnection, left: &Left) -> QueryResult<Vec<(UnitId, DossierId)>> {
    let (units, dossiers): (Vec<UnitId>, Vec<DossierId>) = left.iter().copied().unzip();
    let found: Vec<OpenOne> =
        diesel::sql_query(OPEN_ONES).bind::<Array<SqlUuid>, _>(units).bind::<Array<SqlUuid>, _>(dossiers).load(conn)?;
    Ok(found.into_iter().map(|one| (one.unit_id, one.dossier_id)).collect())
}

/// What a dossier goes on by.
#[derive(Debug, Clone, Copy)]
pub struct Succession<'a> {
    /// The unit that has ended.
    pub from: UnitId,
    /// The decision: stands in the history.
    pub source: &'a str,
}

/// Hands one open dossier to the unit that follows; returns whether the ended one had any of it in hand.
///
/// # Errors
/// Whatever the database says.
pub fn succeed(
    conn: &mut PgConnection,
    act: &Act<'_>,
    id: DossierId,
    succession: &Succession<'_>,
) -> Result<bool, AppError> {
    let Some(dossier) = queries::lock_by_id(conn, id)? else { return Ok(false) };
    let from = succession.from;
    let to = act.catalogue().successions().in_charge(from, dossier.field_id, office_date(act.now));
    let mut change = Change::next(dossier, Verb::Succeed);
    let resolved = change.dossier.resolving_unit_id == from;
    if resolved {
        hand_on_resolving(conn, &mut change.dossier, (from, to))?;
    }
    let returned = change.dossier.returning_unit_id == from;
    if returned {
        change.dossier.returning_unit_id = to;
    }
    let held = go_on_with_step(conn, act, &mut change.dossier, succession)?;
    if !(resolved || returned || held) {
        return Ok(false);
    }
    let code = |unit| act.catalogue().unit(unit).map(|unit| unit.code.clone());
    change.details = json!({ "from_unit": code(from), "to_unit": code(to) });
    change.note = Some(succession.source.to_owned());
    change.record(conn, act)?;
    Ok(true)
}

fn hand_on_resolving(conn: &mut PgConnection, dossier: &mut Dossier, (from, to): (UnitId, UnitId)) -> QueryResult<()> {
    pass_on(conn, dossier.id, (from, to))?;
    diesel::update(dossier_legs::table.filter(dossier_legs::dossier_id.eq(dossier.id)))
        .set(dossier_legs::unit_id.eq(to))
        .execute(conn)?;
    dossier.resolving_unit_id = to;
    Ok(())
}

/// Goes on with the step under way as a hop of its own, held by whoever held it and came along; returns whether the ended
/// unit had one.
fn go_on_with_step(
    conn: &mut PgConnection,
    act: &Act<'_>,
    dossier: &mut Dossier,
    succession: &Succession<'_>,
) -> Result<bool, AppError> {
    let Some(step) = steps::current(conn, dossier)?.filter(|step| step.unit_id == succession.from) else {
        return Ok(false);
    };
    steps::leave(conn, act, dossier, StepOutcome::Reassigned, Some(succession.source))?;
    let to = act.catalogue().successions().in_charge(step.unit_id, dossier.field_id, office_date(act.now));
    let holder = step.holder_id.zip(step.holder_name).map(|(id, name)| Holder { id, name });
    let came_along = match &holder {
        Some(holder) => {
            let unit: UnitId = staff::table.find(holder.id).select(staff::unit_id).first(conn)?;
            act.catalogue().is_within(unit, to)
        }
        None => false,
    };
    let index = usize::try_from(step.step).unwrap_or(0);
    steps::enter_with(conn, act, dossier, (index, holder.as_ref().filter(|_| came_along)))?;
    keep_helpers(conn, dossier, step.id)?;
    Ok(true)
}

fn keep_helpers(conn: &mut PgConnection, dossier: &Dossier, before: Uuid) -> QueryResult<()> {
    let Some(step) = steps::current(conn, dossier)? else { return Ok(()) };
    use dossier_step_helpers::dsl;
    let helpers = dsl::dossier_step_helpers.filter(dsl::step_id.eq(before));
    diesel::insert_into(dsl::dossier_step_helpers)
        .values(helpers.select((step.id.into_sql::<SqlUuid>(), dsl::dossier_id, dsl::staff_id, dsl::staff_name)))
        .into_columns((dsl::step_id, dsl::dossier_id, dsl::staff_id, dsl::staff_name))
        .execute(conn)?;
    Ok(())
}
