//! The hops of a dossier inside its process: entered, held, left, each with its working minutes.

use diesel::prelude::*;

use super::deadline::Derivation;
use super::model::{Dossier, EnteredStep, Holder, StepRow};
use super::{held, queries};
use crate::domain::catalogue::Process;
use crate::domain::dossier::{Status, StepOutcome};
use crate::domain::held::Span;
use crate::domain::ids::UnitId;
use crate::domain::period::{office_date, office_time};
use crate::domain::process::{self, PLACE, Step, Weights};
use crate::error::AppError;
use crate::platform::prepared::Prepare;
use crate::schema::dossier_steps;
use crate::state::Act;

/// Returns the process version that a dossier started with.
///
/// # Errors
/// None that stored data can cause.
pub fn process_of<'a>(act: &'a Act<'_>, dossier: &Dossier) -> Result<&'a Process, AppError> {
    act.catalogue()
        .process(dossier.process_version_id)
        .ok_or_else(|| AppError::internal("a dossier of an unknown process version"))
}

/// Returns the unit that does a step: the one it names, the commune where the matter lies, the receiving one for the
/// counter, else the resolving one; whoever follows it where it has ended.
pub fn unit_of(act: &Act<'_>, dossier: &Dossier, step: &Step) -> UnitId {
    let code = match step.unit.as_deref() {
        Some(PLACE) => dossier.place_code.as_deref(),
        named => named,
    };
    let unit = match code.and_then(|code| act.catalogue().unit_by_code(code)) {
        Some(unit) => unit.id,
        None if step.role.0 == "clerk" => dossier.receiving_unit_id,
        None => dossier.resolving_unit_id,
    };
    act.catalogue().successions().in_charge(unit, dossier.field_id, office_date(act.now))
}

/// Enters a step, and sets the progress that it stands for.
///
/// # Errors
/// Whatever the database says.
pub fn enter(conn: &mut PgConnection, act: &Act<'_>, dossier: &mut Dossier, index: usize) -> Result<(), AppError> {
    enter_with(conn, act, dossier, (index, None))
}

/// Enters a step that somebody holds from the first moment.
///
/// # Errors
/// Whatever the database says.
pub fn enter_with(
    conn: &mut PgConnection,
    act: &Act<'_>,
    dossier: &mut Dossier,
    (index, holder): (usize, Option<&Holder>),
) -> Result<(), AppError> {
    let process = process_of(act, dossier)?;
    let Some(step) = process.steps.get(index) else { return Ok(()) };
    let entered = EnteredStep {
        dossier_id: dossier.id,
        step: number_of(index),
        unit_id: unit_of(act, dossier, step),
        role: &step.role.0,
        does: &step.does,
        holder,
        budget_minutes: budget_of(act, dossier, process, index)?,
        sharing: process::sharing(&process.steps, index).map(number_of).collect(),
        entered_at: act.now,
    };
    queries::enter_step(conn, &entered)?;
    let counted = process::after_result(&process.steps);
    if let Some(progress) = Status::Processing.progress(index, counted) {
        dossier.progress = progress;
    }
    Ok(())
}

fn number_of(index: usize) -> i16 {
    i16::try_from(index).unwrap_or(i16::MAX)
}

/// Returns what a step and those that share its budget may use of the term, in working minutes.
fn budget_of(act: &Act<'_>, dossier: &Dossier, process: &Process, index: usize) -> Result<Option<i64>, AppError> {
    let total = term_minutes(act, dossier)?;
    Ok(total.and_then(|total| Weights::new(&process.steps, total).of(index)))
}

/// Returns the working minutes of a dossier's term as it was promised last; `None` before there is a due date.
///
/// # Errors
/// [`AppError::Conflict`] where the calendar ends.
pub fn term_minutes(act: &Act<'_>, dossier: &Dossier) -> Result<Option<i64>, AppError> {
    let Some(due) = dossier.due_unextended.or(dossier.due_first) else { return Ok(None) };
    let from = Derivation::of(dossier)?.counts_from;
    let calendar = act.catalogue().calendar();
    let total = calendar.working_minutes_between(office_time(from), office_time(due));
    total.map(Some).map_err(|err| super::deadline::refused(err.into()))
}

/// Returns the step under way.
///
/// # Errors
/// Whatever the database says.
pub fn current(conn: &mut PgConnection, dossier: &Dossier) -> QueryResult<Option<StepRow>> {
    dossier_steps::table
        .filter(dossier_steps::dossier_id.eq(dossier.id))
        .filter(dossier_steps::left_at.is_null())
        .select(StepRow::as_select())
        .first(conn)
        .optional()
}

/// Leaves the step under way, if there is one, with the working minutes for which it was held.
///
/// # Errors
/// Whatever the database says.
pub fn leave(
    conn: &mut PgConnection,
    act: &Act<'_>,
    dossier: &Dossier,
    outcome: StepOutcome,
    note: Option<&str>,
) -> Result<Option<StepRow>, AppError> {
    let Some(step) = current(conn, dossier)? else { return Ok(None) };
    let left_at = act.now.max(step.entered_at);
    let minutes = held::minutes_of(conn, act, dossier, &Span { from: step.entered_at, to: Some(left_at) })?;
    diesel::update(dossier_steps::table.find(step.id))
        .set((
            dossier_steps::left_at.eq(left_at),
            dossier_steps::working_minutes.eq(minutes),
            dossier_steps::outcome.eq(outcome),
            dossier_steps::note.eq(note),
        ))
        .prepared()
        .execute(conn)?;
    Ok(Some(step))
}
