//! A lawful longer term of the procedure version, a verification say: no extension.

use diesel::prelude::*;
use serde::Deserialize;
use serde_json::json;

use super::change::{Ask, Change};
use super::deadline::{self, Derivation};
use super::intake::{CaseForm, chosen};
use super::model::Dossier;
use crate::domain::deadline::is_past;
use crate::domain::dossier::Verb;
use crate::domain::notice::{Facts, Purpose};
use crate::domain::period::office_date;
use crate::error::{AppError, Said};
use crate::http::body::Faults;
use crate::state::Act;

/// The cases that apply from now on, in writing.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetCase {
    /// All cases that apply; an empty list takes them back.
    pub cases: Option<Vec<CaseForm>>,
    /// Why, in writing.
    pub reason: Option<String>,
}

/// Puts cases in force before the due date.
pub fn set_case(conn: &mut PgConnection, act: &Act<'_>, ask: &Ask, form: &SetCase) -> Result<Dossier, AppError> {
    let mut faults = Faults::new();
    let cases = faults.required("/cases", form.cases.as_deref());
    let reason = faults.text("/reason", 1000, form.reason.as_deref());
    let (cases, reason) = faults.finish(cases.zip(reason))?;
    let mut change = Change::begin(conn, act, ask, Verb::SetCase)?;
    let before = change.dossier.due_at;
    let unit = Derivation::of(&change.dossier)?.term.unit();
    if before.is_some_and(|due| is_past(unit, act.now, due)) {
        return Err(AppError::Conflict(Said::new(
            "after_due_date",
            "Đã quá hạn, không áp dụng được trường hợp kéo dài thời hạn",
            "The due date has passed, so no longer term can apply",
        )));
    }
    deadline::set_cases(act, &mut change.dossier, chosen(cases))?;
    change.details = json!({ "cases": cases, "due_before": before, "due_at": change.dossier.due_at });
    change.note = Some(reason.clone());
    let recorded = change.record(conn, act)?;
    if recorded.dossier.due_at != before {
        let due = recorded.dossier.due_at.map(office_date);
        recorded.tell(conn, act, Purpose::DueChanged, Facts { due, reason: Some(reason), ..Facts::default() })?;
    }
    Ok(recorded.dossier)
}
