//! What the counter does with a registered dossier: takes it in or not; then hands it to the resolving unit.

use diesel::prelude::*;
use serde::Deserialize;

use super::change::{Ask, Change};
use super::intake::{CaseForm, chosen};
use super::model::Dossier;
use super::{deadline, legs, steps};
use crate::domain::dossier::{Status, StepOutcome, Verb};
use crate::domain::notice::{Facts, Purpose};
use crate::domain::period::office_date;
use crate::domain::process;
use crate::error::AppError;
use crate::http::body::Faults;
use crate::state::Act;

/// How a registered dossier is taken in.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Accept {
    /// Lawful other terms that apply from the start.
    pub cases: Option<Vec<CaseForm>>,
}

/// Why, in words.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// 1–1000 characters.
    pub reason: Option<String>,
}

impl Reason {
    /// Reads the reason.
    ///
    /// # Errors
    /// [`AppError::Invalid`] when there is none.
    pub fn read(&self) -> Result<String, AppError> {
        let mut faults = Faults::new();
        let reason = faults.text("/reason", 1000, self.reason.as_deref());
        faults.finish(reason)
    }
}

/// A verb that needs nothing said; `note` goes into the history.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// Up to 1000 characters.
    pub note: Option<String>,
}

impl Note {
    /// Reads the note.
    ///
    /// # Errors
    /// [`AppError::Invalid`] when it is too long.
    pub fn read(&self) -> Result<Option<String>, AppError> {
        let mut faults = Faults::new();
        let note = faults.optional_text("/note", 1000, self.note.as_deref());
        faults.finish(Some(note))
    }
}

/// Takes a registered dossier in: the clock starts now.
pub fn accept(conn: &mut PgConnection, act: &Act<'_>, ask: &Ask, form: &Accept) -> Result<Dossier, AppError> {
    let mut change = Change::begin(conn, act, ask, Verb::Accept)?;
    change.dossier.status = Status::Received;
    change.dossier.accepted_at = Some(act.now);
    deadline::start(act, &mut change.dossier, chosen(form.cases.as_deref().unwrap_or_default()))?;
    steps::enter(conn, act, &mut change.dossier, 0)?;
    let recorded = change.record(conn, act)?;
    legs::begin_all(conn, act, &recorded.dossier)?;
    let facts = Facts { due: recorded.dossier.due_at.map(office_date), ..Facts::default() };
    recorded.tell(conn, act, Purpose::Received, facts)?;
    Ok(recorded.dossier)
}

/// Does not take a registered dossier in.
pub fn decline(conn: &mut PgConnection, act: &Act<'_>, ask: &Ask, form: &Reason) -> Result<Dossier, AppError> {
    let reason = form.read()?;
    let mut change = Change::begin(conn, act, ask, Verb::Decline)?;
    change.dossier.status = Status::Declined;
    change.note = Some(reason.clone());
    let recorded = change.record(conn, act)?;
    recorded.tell(conn, act, Purpose::Declined, Facts { reason: Some(reason), ..Facts::default() })?;
    Ok(recorded.dossier)
}

/// Hands a received dossier to the resolving unit.
pub fn transfer(conn: &mut PgConnection, act: &Act<'_>, ask: &Ask, form: &Note) -> Result<Dossier, AppError> {
    let note = form.read()?;
    let change = Change::begin(conn, act, ask, Verb::Transfer)?;
    hand_on(conn, act, change, note)
}

/// Hands on a dossier that this transaction holds.
///
/// # Errors
/// Whatever the database says.
pub(super) fn hand_on(
    conn: &mut PgConnection,
    act: &Act<'_>,
    mut change: Change,
    note: Option<String>,
) -> Result<Dossier, AppError> {
    change.dossier.status = Status::Processing;
    let first = process::first_inside(&steps::process_of(act, &change.dossier)?.steps);
    steps::leave(conn, act, &change.dossier, StepOutcome::Advanced, note.as_deref())?;
    steps::enter(conn, act, &mut change.dossier, first)?;
    change.note = note;
    Ok(change.record(conn, act)?.dossier)
}
