//! Foresight: which open dossiers will be ready in time, as things stand, and who must know.
//!
//! The moments at which the forecast of a dossier turns are written with every change of it, so that lists, the morning's
//! list of leaders and warnings are one look at an index.

mod draft;
pub mod fill;
mod legs;
mod morning;
mod own;
mod queries;
mod recipients;
pub mod routes;
pub mod warn;

use diesel::prelude::*;

use super::held;
use super::model::{Dossier, PauseRow, StepRow};
use super::{deadline, steps};
use crate::domain::dossier::Status;
use crate::domain::foresight::{Forecast, Outlook};
use crate::domain::held::Span;
use crate::domain::ids::DossierId;
use crate::domain::period::{from_office_time, office_time};
use crate::domain::process::Weights;
use crate::error::AppError;
use crate::platform::prepared::Prepare;
use crate::schema::warnings;
use crate::state::Act;

/// What becomes of a dossier as things stand.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    /// In a word.
    pub forecast: Forecast,
    /// Working minutes until the due date.
    pub left_minutes: i64,
    /// Working minutes that the steps may still use.
    pub needed_minutes: i64,
}

/// Looks at one dossier now; `None` while no clock runs.
///
/// # Errors
/// [`AppError::Conflict`] where the calendar has no row.
pub fn look(conn: &mut PgConnection, act: &Act<'_>, dossier: &Dossier) -> Result<Option<Seen>, AppError> {
    let under_way = UnderWay::load(conn, act, dossier)?;
    let Some(outlook) = outlook(act, dossier, &under_way)? else { return Ok(None) };
    let calendar = act.catalogue().calendar();
    let tolerance = act.office.config.foresight.tolerance();
    let forecast = outlook.forecast(calendar, tolerance).map_err(|err| deadline::refused(err.into()))?;
    let left_minutes = outlook.left(calendar).map_err(|err| deadline::refused(err.into()))?;
    Ok(Some(Seen { forecast, left_minutes, needed_minutes: outlook.needed() }))
}

/// Keeps the moments at which a dossier's forecast turns; forgets them while no clock runs.
///
/// # Errors
/// [`AppError::Conflict`] where the calendar has no row.
pub(super) fn refresh(conn: &mut PgConnection, act: &Act<'_>, dossier: &Dossier) -> Result<(), AppError> {
    let under_way = UnderWay::load(conn, act, dossier)?;
    match foreseen(act, dossier, &under_way)? {
        Some(row) => queries::keep(conn, &row)?,
        None => queries::forget(conn, dossier.id)?,
    };
    Ok(())
}

/// What a forecast needs beside the dossier itself.
#[derive(Debug, Default)]
struct UnderWay {
    hop: Option<StepRow>,
    /// All of its pauses, where the hop has been worked on.
    pauses: Vec<PauseRow>,
}

impl UnderWay {
    fn load(conn: &mut PgConnection, act: &Act<'_>, dossier: &Dossier) -> Result<Self, AppError> {
        if !is_running(dossier) {
            return Ok(Self::default());
        }
        let hop = steps::current(conn, dossier)?;
        let was_worked_on = |hop: &StepRow| hop.budget_minutes.is_some() && hop.entered_at < act.now;
        let pauses = match hop.as_ref().is_some_and(was_worked_on) {
            true => super::queries::pauses(conn, dossier.id)?,
            false => Vec::new(),
        };
        Ok(Self { hop, pauses })
    }
}

/// The moments at which the forecast of a dossier turns; `None` while no clock runs.
fn foreseen(act: &Act<'_>, dossier: &Dossier, under_way: &UnderWay) -> Result<Option<queries::Kept>, AppError> {
    let Some(outlook) = outlook(act, dossier, under_way)? else { return Ok(None) };
    let calendar = act.catalogue().calendar();
    let config = &act.office.config.foresight;
    let turns = outlook.turns(calendar, config.tolerance()).map_err(|err| deadline::refused(err.into()))?;
    let term = whole_minutes(act, dossier)?;
    let at = |percent: &u8| {
        let left = chrono::TimeDelta::minutes(term * i64::from(100 - percent.min(&100)) / 100);
        let at = calendar.take_working_time(outlook.due, left, outlook.at);
        at.map(from_office_time).map_err(|err| deadline::refused(err.into()))
    };
    Ok(Some(queries::Kept {
        dossier_id: dossier.id,
        due_at: from_office_time(outlook.due),
        at_risk_at: from_office_time(turns.at_risk_at),
        will_be_late_at: from_office_time(turns.will_be_late_at),
        warn_at: config.warn_percent.iter().map(at).collect::<Result<_, _>>()?,
    }))
}

/// Takes the warnings of a dossier out of the way when it ends, and puts them back when its end is undone.
pub(super) fn settle(conn: &mut PgConnection, dossier: &Dossier, from: Option<Status>) -> Result<(), AppError> {
    let is_over = |status: Status| status.is_final() || status == Status::Finished;
    if from.is_none_or(|from| is_over(from) == is_over(dossier.status)) {
        return Ok(());
    }
    diesel::update(warnings::table.filter(warnings::dossier_id.eq(dossier.id)))
        .set(warnings::is_over.eq(is_over(dossier.status)))
        .prepared()
        .execute(conn)?;
    Ok(())
}

/// Forgets what was foreseen of dossiers by another calendar: the loop looks at them anew within a minute. Nobody is warned
/// twice of the same due date.
pub(super) fn forget(conn: &mut PgConnection, dossiers: &[DossierId]) -> Result<(), AppError> {
    Ok(queries::forget_all(conn, dossiers)?)
}

/// The working minutes from the beginning to the due date.
fn whole_minutes(act: &Act<'_>, dossier: &Dossier) -> Result<i64, AppError> {
    match dossier.status {
        Status::Registered => Ok(i64::from(act.office.config.dossiers.answer_hours) * 60),
        _ => Ok(steps::term_minutes(act, dossier)?.unwrap_or(0)),
    }
}

fn outlook(act: &Act<'_>, dossier: &Dossier, under_way: &UnderWay) -> Result<Option<Outlook>, AppError> {
    if let Some(due) = dossier.answer_due_at.filter(|_| dossier.status == Status::Registered) {
        // Nothing is done to it but to answer it.
        return Ok(Some(Outlook { at: office_time(act.now), due: office_time(due), step_left: 0, ahead: 0 }));
    }
    let Some(due) = dossier.due_at.filter(|_| is_running(dossier)) else { return Ok(None) };
    let (step_left, ahead) = match &under_way.hop {
        Some(hop) => (step_left(act, dossier, hop, &under_way.pauses)?, ahead(act, dossier, hop)?),
        None => (0, 0),
    };
    Ok(Some(Outlook { at: office_time(act.now), due: office_time(due), step_left, ahead }))
}

/// Whether somebody in the office has it and the clock may run.
fn is_running(dossier: &Dossier) -> bool {
    !dossier.mirrored && matches!(dossier.status, Status::Received | Status::Processing)
}

fn step_left(act: &Act<'_>, dossier: &Dossier, hop: &StepRow, pauses: &[PauseRow]) -> Result<i64, AppError> {
    let Some(budget) = hop.budget_minutes else { return Ok(0) };
    if hop.entered_at >= act.now {
        return Ok(budget);
    }
    let used = held::minutes_beside(act, dossier, &Span { from: hop.entered_at, to: None }, pauses)?;
    Ok((budget - used).max(0))
}

fn ahead(act: &Act<'_>, dossier: &Dossier, hop: &StepRow) -> Result<i64, AppError> {
    let Some(term) = steps::term_minutes(act, dossier)? else { return Ok(0) };
    let steps = &steps::process_of(act, dossier)?.steps;
    Ok(usize::try_from(hop.step).map_or(0, |index| Weights::new(steps, term).ahead(index)))
}
