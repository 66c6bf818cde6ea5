//! A dossier's due dates: derived from what is stored, never typed in.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::model::Dossier;
use super::queries;
use crate::domain::calendar::CalendarError;
use crate::domain::catalogue::Procedure;
use crate::domain::deadline::{
    Answer, DeadlineError, Ended, Extension, Left, Pause, Question, Standing, answer_extended, dates, standing,
    standing_without_result,
};
use crate::domain::dossier::Status;
use crate::domain::procedure::{Area, ChosenCase, Cutoff, Term, TermError};
use crate::error::{AppError, Said};
use crate::state::Act;

/// All that a due date came from, stored beside it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Derivation {
    /// The published term in force: channel, area and cases are in it.
    pub term: Term,
    /// The statutory term, where it is another.
    pub statutory: Option<Term>,
    /// The cutoff of the procedure version.
    pub cutoff: Cutoff,
    /// The cases chosen.
    pub cases: Vec<ChosenCase>,
    /// Whether the matter lies in a hard area.
    pub hard_area: bool,
    /// The number of the procedure version.
    pub procedure_version: i32,
    /// The calendar by which it was counted last.
    pub calendar_version: i32,
    /// The moment from which it counts.
    pub counts_from: DateTime<Utc>,
    /// The pauses, as counted last.
    pub pauses: Vec<Pause>,
    /// The extension.
    pub extension: Option<Extension>,
}

impl Derivation {
    /// Reads what is stored with an accepted dossier.
    pub fn of(dossier: &Dossier) -> Result<Self, AppError> {
        let stored = dossier.derivation.clone().ok_or_else(|| AppError::internal("a due date without derivation"))?;
        serde_json::from_value(stored).map_err(|err| AppError::Internal(err.into()))
    }

    fn question<'a>(&self, dossier: &Dossier, term: Term, pauses: &'a [Pause]) -> Result<Question<'a>, AppError> {
        let received_at = dossier.accepted_at.ok_or_else(|| AppError::internal("a due date without acceptance"))?;
        Ok(Question { received_at, channel: dossier.channel, term, cutoff: self.cutoff, pauses })
    }
}

/// Starts the clock of a dossier at its `accepted_at`, and keeps the first due date, which never moves.
///
/// # Errors
/// [`AppError::Invalid`] for cases that the version does not have, [`AppError::Conflict`] where the calendar ends.
pub fn start(act: &Act<'_>, dossier: &mut Dossier, cases: Vec<ChosenCase>) -> Result<(), AppError> {
    let procedure = procedure_of(act, dossier)?;
    let hard_area = is_hard_area(act, dossier);
    let terms = terms_of(procedure, dossier, &cases, hard_area)?;
    let derivation = Derivation {
        term: terms.0,
        statutory: terms.1,
        cutoff: procedure.cutoff,
        cases,
        hard_area,
        procedure_version: procedure.version,
        calendar_version: 0,
        counts_from: dossier.accepted_at.unwrap_or(act.now),
        pauses: Vec::new(),
        extension: None,
    };
    compute(act, dossier, derivation)?;
    dossier.due_first = dossier.due_at;
    Ok(())
}

/// Counts the due dates of a dossier anew: its pauses, its extension or the calendar have changed.
///
/// # Errors
/// [`AppError::Conflict`] where the calendar ends.
pub fn recompute(conn: &mut PgConnection, act: &Act<'_>, dossier: &mut Dossier) -> Result<(), AppError> {
    let mut derivation = Derivation::of(dossier)?;
    derivation.pauses = counting_pauses(conn, dossier)?;
    compute(act, dossier, derivation)
}

/// Puts other cases in force and counts anew.
///
/// # Errors
/// As [`start`].
pub fn set_cases(act: &Act<'_>, dossier: &mut Dossier, cases: Vec<ChosenCase>) -> Result<(), AppError> {
    let mut derivation = Derivation::of(dossier)?;
    let terms = terms_of(procedure_of(act, dossier)?, dossier, &cases, derivation.hard_area)?;
    (derivation.term, derivation.statutory) = terms;
    derivation.cases = cases;
    compute(act, dossier, derivation)
}

/// Puts an extension in force and counts anew.
///
/// # Errors
/// As [`recompute`].
pub fn set_extension(act: &Act<'_>, dossier: &mut Dossier, extension: Extension) -> Result<(), AppError> {
    let mut derivation = Derivation::of(dossier)?;
    derivation.extension = Some(extension);
    compute(act, dossier, derivation)
}

fn compute(act: &Act<'_>, dossier: &mut Dossier, mut derivation: Derivation) -> Result<(), AppError> {
    derivation.calendar_version = act.catalogue().calendar_version();
    let calendar = act.catalogue().calendar();
    let question = derivation.question(dossier, derivation.term, &derivation.pauses)?;
    let counted = dates(calendar, &question, derivation.extension).map_err(refused)?;
    let statutory = match derivation.statutory {
        Some(term) => {
            let question = Question { term, ..question };
            dates(calendar, &question, None).map_err(refused)?.due_unextended
        }
        None => None,
    };
    derivation.counts_from = counted.counts_from;
    dossier.due_unextended = counted.due_unextended;
    dossier.due_at = counted.due_at;
    dossier.due_statutory = statutory;
    dossier.provisional = counted.provisional;
    dossier.derivation = Some(serde_json::to_value(derivation).map_err(|err| AppError::Internal(err.into()))?);
    Ok(())
}

/// The pauses of the clock: one of before acceptance stopped none.
fn counting_pauses(conn: &mut PgConnection, dossier: &Dossier) -> Result<Vec<Pause>, AppError> {
    let rows = queries::pauses(conn, dossier.id)?;
    let counting = rows.into_iter().filter(|row| row.back_to != Status::Registered);
    Ok(counting.map(|row| Pause { opened_at: row.opened_at, closed_at: row.closed_at, effect: row.effect }).collect())
}

/// Explains the due date of a dossier day by day.
///
/// # Errors
/// As [`recompute`].
pub fn explain(act: &Act<'_>, dossier: &Dossier) -> Result<(Derivation, Answer), AppError> {
    let derivation = Derivation::of(dossier)?;
    let question = derivation.question(dossier, derivation.term, &derivation.pauses)?;
    let answer = answer_extended(act.catalogue().calendar(), &question, derivation.extension).map_err(refused)?;
    Ok((derivation, answer))
}

/// Returns the time left while the clock stands.
///
/// # Errors
/// As [`recompute`].
pub fn left(act: &Act<'_>, dossier: &Dossier) -> Result<Option<Left>, AppError> {
    let derivation = Derivation::of(dossier)?;
    let question = derivation.question(dossier, derivation.term, &derivation.pauses)?;
    Ok(dates(act.catalogue().calendar(), &question, derivation.extension).map_err(refused)?.left)
}

/// Returns how a result that is ready now stands.
///
/// # Errors
/// [`AppError::Conflict`] while another agency's answer is waited for: the clock stands, so nothing can be ready.
pub fn standing_of_result(dossier: &Dossier, finished_at: DateTime<Utc>) -> Result<Ended, AppError> {
    let unit = Derivation::of(dossier)?.term.unit();
    let (Some(unextended), Some(due_at)) = (dossier.due_unextended, dossier.due_at) else {
        return Err(AppError::Conflict(Said::new(
            "pause_open",
            "Hồ sơ đang tạm dừng chờ ý kiến cơ quan khác; hãy ghi nhận ý kiến bằng consult_answered trước",
            "The clock stands for another agency's answer; book it with consult_answered first",
        )));
    };
    Ok(standing(unit, unextended, due_at, finished_at))
}

/// Returns how a withdrawal or stop stands: on time unless the dossier was late already.
///
/// # Errors
/// As [`recompute`].
pub fn standing_of_end(act: &Act<'_>, dossier: &Dossier) -> Result<Option<Standing>, AppError> {
    if dossier.accepted_at.is_none() {
        return Ok(None);
    }
    if dossier.due_at.is_none() && left(act, dossier)? == Some(Left::Overdue) {
        return Ok(Some(Standing::Late));
    }
    let unit = Derivation::of(dossier)?.term.unit();
    Ok(Some(standing_without_result(unit, dossier.due_at, act.now)))
}

/// Returns the procedure version that governs a dossier.
///
/// # Errors
/// None that stored data can cause.
pub fn procedure_of<'a>(act: &'a Act<'_>, dossier: &Dossier) -> Result<&'a Procedure, AppError> {
    act.catalogue()
        .procedure(dossier.procedure_version_id)
        .ok_or_else(|| AppError::internal("a dossier of an unknown procedure version"))
}

fn is_hard_area(act: &Act<'_>, dossier: &Dossier) -> bool {
    let place = dossier.place_code.as_deref().and_then(|code| act.catalogue().unit_by_code(code));
    place.is_some_and(|unit| unit.hard_area)
}

fn terms_of(
    procedure: &Procedure,
    dossier: &Dossier,
    cases: &[ChosenCase],
    hard_area: bool,
) -> Result<(Term, Option<Term>), AppError> {
    let rules = procedure.terms.as_ref().ok_or_else(|| AppError::internal("a received procedure without term"))?;
    let area = if hard_area { Area::Hard } else { Area::Ordinary };
    let term = rules.resolve(dossier.channel, area, cases).map_err(|err| bad_case(&err))?;
    Ok((term, rules.statutory))
}

fn bad_case(err: &TermError) -> AppError {
    let said =
        Said::new("bad_case", format!("Trường hợp không áp dụng được: {err}"), format!("The case can't apply: {err}"));
    AppError::invalid("/case", said)
}

/// Turns a refusal of the calendar into one of the use case.
pub fn refused(err: DeadlineError) -> AppError {
    match err {
        DeadlineError::Calendar(CalendarError::NotPublished { year }) => AppError::Conflict(Said::new(
            "calendar_not_published",
            format!("Lịch làm việc năm {year} chưa có; hãy nạp lịch trước"),
            format!("There is no calendar of {year}; load it first"),
        )),
        other => AppError::Internal(other.into()),
    }
}
