//! Giving the step under way to a person, and all that somebody holds to another (leave, transfer).

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::change::{Ask, Change};
use super::held_by::{check_holding_unit, no_step};
use super::model::{Dossier, Holder, StepRow};
use super::{queries, steps};
use crate::domain::dossier::{StepOutcome, Verb};
use crate::domain::ids::{DossierId, StaffId, UnitId};
use crate::error::{AppError, Said};
use crate::http::body::Faults;
use crate::schema::{dossier_step_helpers, dossier_steps, dossiers, staff};
use crate::state::Act;

/// At most so many do a step together with its holder.
const MOST_HELPERS: usize = 10;
/// So many dossiers are given to another in one transaction.
const MOST_AT_ONCE: i64 = 200;

/// To whom a step is given.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Assign {
    /// The user name of a colleague in the unit that holds the step.
    pub username: Option<String>,
    /// The user names of colleagues there who do it with them (phối hợp); each may hand it on.
    pub helpers: Option<Vec<String>>,
    /// Up to 1000 characters.
    pub note: Option<String>,
}

/// Who takes over from whom.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reassign {
    /// The user name of who holds the steps.
    pub from: Option<String>,
    /// The user name of who takes over.
    pub to: Option<String>,
    /// Why: leave, transfer; stands in the history of each dossier.
    pub reason: Option<String>,
}

/// What was given to another.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Reassigned {
    /// The codes of the dossiers, in the order of their age.
    pub codes: Vec<String>,
    /// How many are left: ask again.
    pub left: i64,
}

/// Gives the step under way to a person of the unit that holds it.
pub fn assign(conn: &mut PgConnection, act: &Act<'_>, ask: &Ask, form: &Assign) -> Result<Dossier, AppError> {
    let mut faults = Faults::new();
    let username = faults.text("/username", 64, form.username.as_deref());
    let note = faults.optional_text("/note", 1000, form.note.as_deref());
    let names = form.helpers.clone().unwrap_or_default();
    if names.len() > MOST_HELPERS {
        let said = Said::new("too_many_helpers", "Tối đa 10 người phối hợp", "At most 10 helpers");
        faults.add("/helpers", said);
    }
    let username = faults.finish(username)?;
    let mut change = Change::begin(conn, act, ask, Verb::Assign)?;
    let step = steps::current(conn, &change.dossier)?.ok_or_else(no_step)?;
    check_holding_unit(act, &step)?;
    let asked = Colleague { unit: step.unit_id, username: &username, pointer: "/username" };
    let holder = colleague(conn, act, &asked)?;
    let mut helpers = Vec::with_capacity(names.len());
    for (index, name) in names.iter().enumerate() {
        let pointer = format!("/helpers/{index}");
        let asked = Colleague { unit: step.unit_id, username: name, pointer: &pointer };
        helpers.push(colleague(conn, act, &asked)?);
    }
    give(conn, act, &mut change.dossier, (&step, &holder))?;
    write_helpers(conn, &change.dossier, &helpers)?;
    let names: Vec<_> = helpers.iter().map(|helper| &helper.name).collect();
    change.details = json!({ "step": step.does, "holder": holder.name, "helpers": names });
    change.note = note;
    Ok(change.record(conn, act)?.dossier)
}

/// Gives all steps under way that somebody holds in the unit of who acts, or below, to another.
///
/// # Errors
/// [`AppError::Invalid`] for people who are not there.
pub fn reassign(conn: &mut PgConnection, act: &Act<'_>, form: &Reassign) -> Result<Reassigned, AppError> {
    let mut faults = Faults::new();
    let from = faults.text("/from", 64, form.from.as_deref());
    let to = faults.text("/to", 64, form.to.as_deref());
    let reason = faults.text("/reason", 1000, form.reason.as_deref());
    let ((from, to), reason) = faults.finish(from.zip(to).zip(reason))?;
    let from = former_colleague(conn, act, &from)?;
    let held = held_by(conn, act, from)?;
    let mut codes = Vec::with_capacity(held.len());
    for (id, _) in held.iter().take(usize::try_from(MOST_AT_ONCE).unwrap_or(0)) {
        let Some(dossier) = queries::lock_by_id(conn, *id)? else { continue };
        // Another may have handed it on while this one waited for the lock.
        let Some(step) = steps::current(conn, &dossier)?.filter(|step| step.holder_id == Some(from)) else { continue };
        let asked = Colleague { unit: step.unit_id, username: &to, pointer: "/to" };
        let holder = colleague(conn, act, &asked)?;
        let mut change = Change::next(dossier, Verb::Assign);
        give(conn, act, &mut change.dossier, (&step, &holder))?;
        change.details = json!({ "step": step.does, "holder": holder.name, "from": step.holder_name });
        change.note = Some(reason.clone());
        codes.push(change.record(conn, act)?.dossier.code);
    }
    let left = i64::try_from(held.len().saturating_sub(codes.len())).unwrap_or(0);
    Ok(Reassigned { codes, left })
}

/// The steps under way that somebody holds in the unit of who acts, or below: the oldest dossier first.
fn held_by(conn: &mut PgConnection, act: &Act<'_>, holder: StaffId) -> Result<Vec<(DossierId, UnitId)>, AppError> {
    let held: Vec<(DossierId, UnitId)> = dossier_steps::table
        .inner_join(dossiers::table)
        .filter(dossier_steps::holder_id.eq(holder))
        .filter(dossier_steps::left_at.is_null())
        .filter(dossiers::ended_at.is_null())
        .filter(dossier_steps::unit_id.eq_any(act.catalogue().within(act.by.unit)))
        .order((dossiers::registered_at, dossiers::id))
        .select((dossier_steps::dossier_id, dossier_steps::unit_id))
        .limit(MOST_AT_ONCE * 100)
        .load(conn)?;
    Ok(held)
}

/// Gives a step to a person. Where it has been worked on it goes on as a hop of its own.
fn give(
    conn: &mut PgConnection,
    act: &Act<'_>,
    dossier: &mut Dossier,
    (step, holder): (&StepRow, &Holder),
) -> Result<(), AppError> {
    if step.holder_id.is_none() && step.entered_at >= act.now {
        diesel::update(dossier_steps::table.find(step.id))
            .set((dossier_steps::holder_id.eq(holder.id), dossier_steps::holder_name.eq(&holder.name)))
            .execute(conn)?;
        return Ok(());
    }
    steps::leave(conn, act, dossier, StepOutcome::Reassigned, None)?;
    let index = usize::try_from(step.step).unwrap_or(0);
    steps::enter_with(conn, act, dossier, (index, Some(holder)))
}

fn write_helpers(conn: &mut PgConnection, dossier: &Dossier, helpers: &[Holder]) -> Result<(), AppError> {
    let Some(step) = steps::current(conn, dossier)? else { return Ok(()) };
    diesel::delete(dossier_step_helpers::table.filter(dossier_step_helpers::step_id.eq(step.id))).execute(conn)?;
    let row = |helper: &Holder| {
        (
            dossier_step_helpers::step_id.eq(step.id),
            dossier_step_helpers::dossier_id.eq(dossier.id),
            dossier_step_helpers::staff_id.eq(helper.id),
            dossier_step_helpers::staff_name.eq(helper.name.clone()),
        )
    };
    let rows: Vec<_> = helpers.iter().map(row).collect();
    diesel::insert_into(dossier_step_helpers::table).values(rows).on_conflict_do_nothing().execute(conn)?;
    Ok(())
}

/// Somebody who is to hold a step in a unit, as a body names them.
pub(super) struct Colleague<'a> {
    pub unit: UnitId,
    pub username: &'a str,
    pub pointer: &'a str,
}

/// Finds somebody who works in the unit that does a step, or below it.
///
/// # Errors
/// [`AppError::Invalid`] when there is none.
pub(super) fn colleague(conn: &mut PgConnection, act: &Act<'_>, asked: &Colleague<'_>) -> Result<Holder, AppError> {
    let found: Option<(StaffId, String, UnitId)> = staff::table
        .filter(staff::username.eq(asked.username.trim().to_lowercase()))
        .filter(staff::disabled_at.is_null())
        .select((staff::id, staff::full_name, staff::unit_id))
        .first(conn)
        .optional()?;
    let there = found.filter(|(_, _, unit)| act.catalogue().is_within(*unit, asked.unit));
    there.map(|(id, name, _)| Holder { id, name }).ok_or_else(|| no_such_colleague(asked.pointer))
}

/// Finds who held steps in the unit of who acts; the account may be disabled by now, or have gone elsewhere.
fn former_colleague(conn: &mut PgConnection, act: &Act<'_>, username: &str) -> Result<StaffId, AppError> {
    let found: Option<StaffId> = staff::table
        .filter(staff::username.eq(username.trim().to_lowercase()))
        .select(staff::id)
        .first(conn)
        .optional()?;
    let found = found.ok_or_else(|| no_such_colleague("/from"))?;
    // Who never held anything here is not known of.
    let here = held_by(conn, act, found)?;
    if here.is_empty() && !works_here(conn, act, found)? {
        return Err(no_such_colleague("/from"));
    }
    Ok(found)
}

fn works_here(conn: &mut PgConnection, act: &Act<'_>, id: StaffId) -> QueryResult<bool> {
    let unit: UnitId = staff::table.find(id).select(staff::unit_id).first(conn)?;
    Ok(act.catalogue().is_within(unit, act.by.unit))
}

fn no_such_colleague(pointer: &str) -> AppError {
    AppError::invalid(
        pointer,
        Said::new(
            "no_such_colleague",
            "Không có người này trong đơn vị đang giữ bước",
            "There is no such person in the unit that holds the step",
        ),
    )
}
