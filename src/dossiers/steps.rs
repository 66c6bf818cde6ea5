//! The hops of a dossier inside its process: entered, held, left, each with its working minutes.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::deadline::Derivation;
use super::model::{Dossier, EnteredStep, PauseRow, StepRow};
use super::queries;
use crate::domain::catalogue::Process;
use crate::domain::dossier::{Status, StepOutcome};
use crate::domain::ids::UnitId;
use crate::domain::period::office_time;
use crate::domain::process::{Budget, Step, budgets};
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

/// Returns the number of the first step in the resolving unit: after the counter's own.
pub fn first_inside(process: &Process) -> usize {
    usize::from(process.steps.first().is_some_and(|step| step.role.0 == "clerk"))
}

/// Whether a step is the counter's handing over, which lies after the result.
pub fn is_after_result(step: &Step) -> bool {
    step.budget == Budget::NoClock
}

/// Returns the unit that does a step: the one it names, the receiving one for the counter, else the resolving one.
pub fn unit_of(act: &Act<'_>, dossier: &Dossier, step: &Step) -> UnitId {
    let named = step.unit.as_deref().and_then(|code| act.catalogue().unit_by_code(code));
    match named {
        Some(unit) => unit.id,
        None if step.role.0 == "clerk" => dossier.receiving_unit_id,
        None => dossier.resolving_unit_id,
    }
}

/// Enters a step, and sets the progress that it stands for.
///
/// # Errors
/// Whatever the database says.
pub fn enter(conn: &mut PgConnection, act: &Act<'_>, dossier: &mut Dossier, index: usize) -> Result<(), AppError> {
    let process = process_of(act, dossier)?;
    let Some(step) = process.steps.get(index) else { return Ok(()) };
    let unit = unit_of(act, dossier, step);
    let entered = EnteredStep {
        dossier_id: dossier.id,
        step: i16::try_from(index).unwrap_or(i16::MAX),
        unit_id: unit,
        role: &step.role.0,
        does: &step.does,
        budget_minutes: budget_of(act, dossier, process, index)?,
        entered_at: act.now,
    };
    queries::enter_step(conn, &entered)?;
    let counted = process.steps.iter().filter(|step| !is_after_result(step)).count();
    if let Some(progress) = Status::Processing.progress(index, counted) {
        dossier.progress = progress;
    }
    Ok(())
}

/// Returns what a step may use of the term, in working minutes.
fn budget_of(act: &Act<'_>, dossier: &Dossier, process: &Process, index: usize) -> Result<Option<i64>, AppError> {
    let Some(due) = dossier.due_unextended.or(dossier.due_first) else { return Ok(None) };
    let from = Derivation::of(dossier)?.counts_from;
    let calendar = act.catalogue().calendar();
    let total = calendar.working_minutes_between(office_time(from), office_time(due));
    let total = total.map_err(|err| super::deadline::refused(err.into()))?;
    Ok(budgets(&process.steps, total).get(index).copied().flatten())
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
    let pauses = queries::pauses(conn, dossier.id)?;
    let minutes = held_minutes(act, step.entered_at, left_at, &pauses)?;
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

/// Counts the working minutes of `[from, to)` in which the clock ran.
fn held_minutes(act: &Act<'_>, from: DateTime<Utc>, to: DateTime<Utc>, pauses: &[PauseRow]) -> Result<i64, AppError> {
    let calendar = act.catalogue().calendar();
    let worked = |from: DateTime<Utc>, to: DateTime<Utc>| {
        let time = calendar.working_time_between(office_time(from), office_time(to.max(from)));
        time.map_err(|err| super::deadline::refused(err.into()))
    };
    let mut held = worked(from, to)?;
    for pause in pauses {
        let start = pause.opened_at.max(from);
        let end = pause.closed_at.unwrap_or(to).min(to);
        if start < end {
            held -= worked(start, end)?;
        }
    }
    Ok(held.num_minutes().max(0))
}
