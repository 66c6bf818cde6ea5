//! Other agencies asked for their opinion; the clock stands only where the version excludes their time.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Deserialize;
use serde_json::json;

use super::accept::Note;
use super::access::relate;
use super::change::{Ask, Change};
use super::deadline;
use super::model::Dossier;
use super::named_units::read_unit;
use super::pause::{self, NewPause};
use crate::domain::dossier::{PauseKind, Status, UnitRelation, Verb};
use crate::domain::procedure::PauseEffect;
use crate::error::AppError;
use crate::http::body::Faults;
use crate::state::Act;

/// Who is asked, what, and until when.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Consult {
    /// The unit asked.
    pub unit_code: Option<String>,
    /// What is asked.
    pub question: Option<String>,
    /// Until when an answer is due.
    pub answer_by: Option<NaiveDate>,
}

/// Asks another unit, which sees the dossier from now on.
pub fn consult(conn: &mut PgConnection, act: &Act<'_>, ask: &Ask, form: &Consult) -> Result<Dossier, AppError> {
    let mut faults = Faults::new();
    let code = faults.required("/unit_code", form.unit_code.as_deref());
    let unit = code.and_then(|code| read_unit(act.catalogue(), (code, act.now), &mut faults));
    let question = faults.text("/question", 1000, form.question.as_deref());
    let (unit, question) = faults.finish(unit.zip(question))?;
    let mut change = Change::begin(conn, act, ask, Verb::Consult)?;
    relate(conn, change.dossier.id, &[(unit.id, UnitRelation::Consulted)])?;
    if deadline::procedure_of(act, &change.dossier)?.excludes_external_time {
        let opened = NewPause {
            kind: PauseKind::External,
            effect: PauseEffect::Resume,
            back_to: Status::Processing,
            answer_by: form.answer_by,
            reason: question.clone(),
            replaces: None,
        };
        pause::open(conn, act, &change.dossier, opened)?;
        deadline::recompute(conn, act, &mut change.dossier)?;
    }
    change.note = Some(question);
    change.details = json!({ "unit": unit.code, "answer_by": form.answer_by });
    Ok(change.record(conn, act)?.dossier)
}

/// Books the answer; a pause for it closes.
pub fn answered(conn: &mut PgConnection, act: &Act<'_>, ask: &Ask, form: &Note) -> Result<Dossier, AppError> {
    let note = form.read()?;
    let mut change = Change::begin(conn, act, ask, Verb::ConsultAnswered)?;
    let open = pause::current(conn, &change.dossier)?;
    if open.is_some_and(|pause| pause.kind == PauseKind::External) {
        pause::close(conn, act, &change.dossier)?;
        deadline::recompute(conn, act, &mut change.dossier)?;
    }
    change.note = note;
    Ok(change.record(conn, act)?.dossier)
}
