//! Hops inside the process: on, back, and to a person.

use diesel::prelude::*;
use serde::Deserialize;
use serde_json::json;

use super::accept::{Note, Reason};
use super::access::is_ours;
use super::change::{Ask, Change};
use super::model::{Dossier, StepRow};
use super::steps;
use crate::domain::dossier::{StepOutcome, Verb};
use crate::domain::ids::StaffId;
use crate::domain::process::Step;
use crate::domain::role::{Role, Who};
use crate::error::{AppError, Said};
use crate::http::body::Faults;
use crate::schema::{dossier_steps, staff};
use crate::state::Act;

/// To whom a step is given.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Assign {
    /// The user name of a colleague in the unit that holds the step.
    pub username: Option<String>,
    /// Up to 1000 characters.
    pub note: Option<String>,
}

/// Hands the dossier on to the next step.
pub fn advance(conn: &mut PgConnection, act: &Act<'_>, ask: &Ask, form: &Note) -> Result<Dossier, AppError> {
    let note = form.read()?;
    let mut change = Change::begin(conn, act, ask, Verb::Advance)?;
    let held = held_step(conn, act, &change.dossier)?;
    let next = usize::try_from(held.step).unwrap_or(0) + 1;
    let process = steps::process_of(act, &change.dossier)?;
    if process.steps.get(next).is_none_or(steps::is_after_result) {
        return Err(AppError::Conflict(Said::new(
            "last_step",
            "Đây là bước cuối của quy trình; hãy kết thúc bằng finish",
            "This is the last step of the process; end it with finish",
        )));
    }
    change.details = json!({ "from_step": held.does, "to_step": process.steps.get(next).map(|step| &step.does) });
    change.note = note;
    steps::leave(conn, act, &change.dossier, StepOutcome::Advanced, change.note.as_deref())?;
    steps::enter(conn, act, &mut change.dossier, next)?;
    Ok(change.record(conn, act)?.dossier)
}

/// Hands the dossier back to the step that the process names, with a reason.
pub fn send_back(conn: &mut PgConnection, act: &Act<'_>, ask: &Ask, form: &Reason) -> Result<Dossier, AppError> {
    let reason = form.read()?;
    let mut change = Change::begin(conn, act, ask, Verb::SendBack)?;
    let held = held_step(conn, act, &change.dossier)?;
    let process = steps::process_of(act, &change.dossier)?;
    let current = usize::try_from(held.step).unwrap_or(0);
    let to = sends_back_to(&process.steps, current).ok_or_else(|| {
        AppError::Conflict(Said::new(
            "no_way_back",
            format!("Bước “{}” không có bước trả lại", held.does),
            format!("The step “{}” has none to send back to", held.does),
        ))
    })?;
    change.details = json!({ "from_step": held.does, "to_step": process.steps.get(to).map(|step| &step.does) });
    steps::leave(conn, act, &change.dossier, StepOutcome::SentBack, Some(&reason))?;
    steps::enter(conn, act, &mut change.dossier, to)?;
    change.note = Some(reason);
    Ok(change.record(conn, act)?.dossier)
}

/// Gives the step under way to a person of the unit that holds it.
pub fn assign(conn: &mut PgConnection, act: &Act<'_>, ask: &Ask, form: &Assign) -> Result<Dossier, AppError> {
    let mut faults = Faults::new();
    let username = faults.text("/username", 64, form.username.as_deref());
    let note = faults.optional_text("/note", 1000, form.note.as_deref());
    let username = faults.finish(username)?;
    let mut change = Change::begin(conn, act, ask, Verb::Assign)?;
    let step = steps::current(conn, &change.dossier)?.ok_or_else(no_step)?;
    check_holding_unit(act, &step)?;
    let (id, name) = colleague(conn, act, &step, &username)?;
    diesel::update(dossier_steps::table.find(step.id))
        .set((dossier_steps::holder_id.eq(id), dossier_steps::holder_name.eq(&name)))
        .execute(conn)?;
    change.note = note;
    change.details = json!({ "step": step.does, "holder": name });
    Ok(change.record(conn, act)?.dossier)
}

/// Returns the step under way when who acts holds it: the person to whom it was given, else the role that the
/// process names in the unit of the step; a division head or leader of that unit always.
fn held_step(conn: &mut PgConnection, act: &Act<'_>, dossier: &Dossier) -> Result<StepRow, AppError> {
    let step = steps::current(conn, dossier)?.ok_or_else(no_step)?;
    check_holding_unit(act, &step)?;
    let in_charge = matches!(act.by.role, Role::DivisionHead | Role::Leader);
    let holds = match step.holder_id {
        Some(holder) => act.by.staff_id() == Some(holder),
        None => act.by.role.as_str() == step.role,
    };
    if act.by.who == Who::System || in_charge || holds {
        return Ok(step);
    }
    let holder = step.holder_name.as_deref().unwrap_or(&step.role);
    Err(AppError::Forbidden(Said::new(
        "not_the_holder",
        format!("Bước “{}” đang do {holder} giữ", step.does),
        format!("The step “{}” is held by {holder}", step.does),
    )))
}

fn check_holding_unit(act: &Act<'_>, step: &StepRow) -> Result<(), AppError> {
    if is_ours(act, step.unit_id) {
        return Ok(());
    }
    let unit = act.catalogue().unit(step.unit_id).map_or("?", |unit| unit.name.as_str());
    Err(AppError::Forbidden(Said::new(
        "held_elsewhere",
        format!("Bước “{}” đang ở {unit}", step.does),
        format!("The step “{}” is at {unit}", step.does),
    )))
}

fn no_step() -> AppError {
    AppError::Conflict(Said::new("no_step", "Hồ sơ không có bước nào đang mở", "The dossier has no step under way"))
}

fn sends_back_to(process: &[Step], current: usize) -> Option<usize> {
    let to = process.get(current)?.sends_back_to.as_deref()?;
    process.iter().take(current).rposition(|step| step.does == to)
}

fn colleague(
    conn: &mut PgConnection,
    act: &Act<'_>,
    step: &StepRow,
    username: &str,
) -> Result<(StaffId, String), AppError> {
    let found: Option<(StaffId, String, crate::domain::ids::UnitId)> = staff::table
        .filter(staff::username.eq(username))
        .filter(staff::disabled_at.is_null())
        .select((staff::id, staff::full_name, staff::unit_id))
        .first(conn)
        .optional()?;
    let there = found.filter(|(_, _, unit)| act.catalogue().is_within(*unit, step.unit_id));
    there.map(|(id, name, _)| (id, name)).ok_or_else(|| {
        AppError::invalid(
            "/username",
            Said::new(
                "no_such_colleague",
                "Không có người này trong đơn vị đang giữ bước",
                "There is no such person in the unit that holds the step",
            ),
        )
    })
}
