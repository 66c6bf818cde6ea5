//! Hops inside the process: on and back.

use diesel::prelude::*;
use serde::Deserialize;
use serde_json::json;

use super::assign::{Colleague, colleague};
use super::change::{Ask, Change};
use super::facts;
use super::held_by::held_step;
use super::model::{Dossier, StepRow};
use super::steps;
use crate::domain::dossier::{StepOutcome, Verb};
use crate::domain::process::{self, Step};
use crate::error::{AppError, Said};
use crate::http::body::Faults;
use crate::schema::dossier_steps;
use crate::state::Act;

/// What goes with a dossier to the next step.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandOn {
    /// Where the step has several ways on: which is taken.
    pub choice: Option<String>,
    /// The user name of who is to do the next step; else whoever has its role there.
    pub username: Option<String>,
    /// Up to 1000 characters.
    pub note: Option<String>,
}

/// Why a dossier goes back, and to which step.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SendBack {
    /// Up to 1000 characters.
    pub reason: Option<String>,
    /// What the step does to which it goes; may be left out where there is only one.
    pub to: Option<String>,
}

/// Hands the dossier on to the next step: the one after it, or where its branches lead.
pub fn advance(conn: &mut PgConnection, act: &Act<'_>, ask: &Ask, form: &HandOn) -> Result<Dossier, AppError> {
    let mut faults = Faults::new();
    let note = faults.optional_text("/note", 1000, form.note.as_deref());
    faults.finish(Some(()))?;
    let mut change = Change::begin(conn, act, ask, Verb::Advance)?;
    let held = held_step(conn, act, &change.dossier)?;
    let steps = &steps::process_of(act, &change.dossier)?.steps;
    let current = index_of(&held);
    let choice = read_choice(steps.get(current), form.choice.as_deref())?;
    let facts = facts::load(conn, &change.dossier, choice.clone())?;
    let next = process::next(steps, current, &facts).filter(|next| *next < process::after_result(steps));
    let Some((next, step)) = next.and_then(|next| Some((next, steps.get(next)?))) else {
        return Err(last_step());
    };
    let unit = steps::unit_of(act, &change.dossier, step);
    let holder = match form.username.as_deref() {
        Some(username) => Some(colleague(conn, act, &Colleague { unit, username, pointer: "/username" })?),
        None => None,
    };
    change.details = json!({ "from_step": held.does, "to_step": step.does });
    if let Some(choice) = &choice {
        change.details = json!({ "from_step": held.does, "to_step": step.does, "choice": choice });
        diesel::update(dossier_steps::table.find(held.id)).set(dossier_steps::choice.eq(choice)).execute(conn)?;
    }
    steps::leave(conn, act, &change.dossier, StepOutcome::Advanced, note.as_deref())?;
    steps::enter_with(conn, act, &mut change.dossier, (next, holder.as_ref()))?;
    change.note = note;
    Ok(change.record(conn, act)?.dossier)
}

/// Hands the dossier back to a step that the process names, with a reason.
pub fn send_back(conn: &mut PgConnection, act: &Act<'_>, ask: &Ask, form: &SendBack) -> Result<Dossier, AppError> {
    let mut faults = Faults::new();
    let reason = faults.text("/reason", 1000, form.reason.as_deref());
    let reason = faults.finish(reason)?;
    let mut change = Change::begin(conn, act, ask, Verb::SendBack)?;
    let held = held_step(conn, act, &change.dossier)?;
    let steps = &steps::process_of(act, &change.dossier)?.steps;
    let to = back_to(steps, &held, form.to.as_deref())?;
    change.details = json!({ "from_step": held.does, "to_step": steps.get(to).map(|step| &step.does) });
    steps::leave(conn, act, &change.dossier, StepOutcome::SentBack, Some(&reason))?;
    steps::enter(conn, act, &mut change.dossier, to)?;
    change.note = Some(reason);
    Ok(change.record(conn, act)?.dossier)
}

fn index_of(step: &StepRow) -> usize {
    usize::try_from(step.step).unwrap_or(0)
}

/// Reads what was chosen from what the step offers.
fn read_choice(step: Option<&Step>, said: Option<&str>) -> Result<Option<String>, AppError> {
    let offered = step.map(Step::choices).unwrap_or_default();
    match said.map(str::trim) {
        None if offered.is_empty() => Ok(None),
        Some(word) if offered.contains(&word) => Ok(Some(word.to_owned())),
        _ => {
            let list = offered.join(", ");
            let said = match offered.is_empty() {
                true => Said::new(
                    "no_choice",
                    "Bước này không có lựa chọn; hãy bỏ choice",
                    "This step has nothing to choose; leave choice out",
                ),
                false => {
                    Said::new("choice_needed", format!("Hãy chọn một trong: {list}"), format!("Choose one of: {list}"))
                }
            };
            Err(AppError::invalid("/choice", said))
        }
    }
}

/// Returns the step to which the one that is held sends back.
fn back_to(steps: &[Step], held: &StepRow, said: Option<&str>) -> Result<usize, AppError> {
    let ways = steps.get(index_of(held)).map(|step| step.sends_back_to.as_slice()).unwrap_or_default();
    let chosen = match (ways, said) {
        ([], _) => {
            return Err(AppError::Conflict(Said::new(
                "no_way_back",
                format!("Bước “{}” không có bước trả lại", held.does),
                format!("The step “{}” has none to send back to", held.does),
            )));
        }
        ([only], None) => Some(only),
        (ways, said) => ways.iter().find(|way| Some(way.as_str()) == said),
    };
    chosen.and_then(|does| process::position(steps, does)).ok_or_else(|| {
        let list = ways.join(", ");
        AppError::invalid(
            "/to",
            Said::new("way_back_needed", format!("Hãy chọn bước trả lại: {list}"), format!("Name one of: {list}")),
        )
    })
}

fn last_step() -> AppError {
    AppError::Conflict(Said::new(
        "last_step",
        "Đây là bước cuối của quy trình; hãy kết thúc bằng finish",
        "This is the last step of the process; end it with finish",
    ))
}
