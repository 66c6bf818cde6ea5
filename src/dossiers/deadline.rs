//! A dossier's due dates: derived from what is stored, never typed in.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::model::Dossier;
use super::queries;
use crate::domain::calendar::{Calendar, CalendarError};
use crate::domain::calendars::{Calendars, PublishedCalendar};
use crate::domain::catalogue::Procedure;
use crate::domain::deadline::{
    Answer, Dates, DeadlineError, Ended, Extension, Left, Pause, Question, Standing, answer_extended, dates, standing,
    standing_without_result,
};
use crate::domain::dossier::Status;
use crate::domain::procedure::{Area, ChosenCase, Cutoff, Term, TermError, TermRules};
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
    /// The term of the leg, which stands in place of that of its procedure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leg_term: Option<Term>,
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
    begin(act, dossier, (cases, None))
}

/// Starts the clock of a leg, whose term the process names.
///
/// # Errors
/// As [`start`].
pub fn start_leg(act: &Act<'_>, leg: &mut Dossier, term: Term) -> Result<(), AppError> {
    begin(act, leg, (Vec::new(), Some(term)))
}

fn begin(
    act: &Act<'_>,
    dossier: &mut Dossier,
    (cases, leg_term): (Vec<ChosenCase>, Option<Term>),
) -> Result<(), AppError> {
    let procedure = procedure_of(act, dossier)?;
    let hard_area = is_hard_area(act, dossier);
    let terms = terms_of(&rules_of(procedure, leg_term)?, dossier, &cases, hard_area)?;
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
        leg_term,
    };
    compute(act.catalogue().calendars().in_force(), dossier, derivation)?;
    dossier.due_first = dossier.due_at;
    Ok(())
}

/// Counts the due dates of a dossier anew: its pauses have changed.
///
/// # Errors
/// [`AppError::Conflict`] where the calendar ends.
pub fn recompute(conn: &mut PgConnection, act: &Act<'_>, dossier: &mut Dossier) -> Result<(), AppError> {
    let mut derivation = Derivation::of(dossier)?;
    let calendar = calendar_of(act, dossier, &derivation)?;
    derivation.pauses = counting_pauses(conn, dossier)?;
    compute(calendar, dossier, derivation)
}

/// Counts the due dates of a dossier by the calendar in force, if it was counted by another, as all open dossiers
/// were when that came: one that ended meanwhile and is open again.
///
/// # Errors
/// As [`recompute`].
pub fn catch_up(act: &Act<'_>, dossier: &mut Dossier) -> Result<(), AppError> {
    let calendar = calendar_of(act, dossier, &Derivation::of(dossier)?)?;
    follow(calendar, act.catalogue().calendars(), dossier)
}

/// Counts the due dates of a dossier by a newer calendar. A due date that the old calendar does not give was never
/// counted but taken over with the slip of an old system: it stays.
///
/// # Errors
/// As [`recompute`].
pub fn follow(newer: &PublishedCalendar, known: &Calendars, dossier: &mut Dossier) -> Result<(), AppError> {
    let mut derivation = Derivation::of(dossier)?;
    let was = count(&known.numbered(derivation.calendar_version).calendar, dossier, &derivation)?.dates;
    if (was.due_unextended, was.due_at) == (dossier.due_unextended, dossier.due_at) {
        return compute(newer, dossier, derivation);
    }
    derivation.calendar_version = newer.number;
    dossier.derivation = Some(stored(&derivation)?);
    Ok(())
}

/// Puts other cases in force and counts anew.
///
/// # Errors
/// As [`start`].
pub fn set_cases(act: &Act<'_>, dossier: &mut Dossier, cases: Vec<ChosenCase>) -> Result<(), AppError> {
    let mut derivation = Derivation::of(dossier)?;
    let calendar = calendar_of(act, dossier, &derivation)?;
    let rules = rules_of(procedure_of(act, dossier)?, derivation.leg_term)?;
    let terms = terms_of(&rules, dossier, &cases, derivation.hard_area)?;
    (derivation.term, derivation.statutory) = terms;
    derivation.cases = cases;
    compute(calendar, dossier, derivation)
}

/// Puts an extension in force and counts anew.
///
/// # Errors
/// As [`recompute`].
pub fn set_extension(act: &Act<'_>, dossier: &mut Dossier, extension: Extension) -> Result<(), AppError> {
    let mut derivation = Derivation::of(dossier)?;
    let calendar = calendar_of(act, dossier, &derivation)?;
    derivation.extension = Some(extension);
    compute(calendar, dossier, derivation)
}

/// Returns the calendar by which a dossier is counted from now on: the one in force, unless its due date had passed when
/// the one it was counted by gave way. A due date that has passed is touched by no calendar that comes later.
fn calendar_of<'a>(
    act: &'a Act<'_>,
    dossier: &Dossier,
    derivation: &Derivation,
) -> Result<&'a PublishedCalendar, AppError> {
    let calendars = act.catalogue().calendars();
    let Some(replaced_at) = calendars.replaced_at(derivation.calendar_version) else {
        return Ok(calendars.in_force());
    };
    let before = calendars.numbered(derivation.calendar_version);
    let had_passed = match dossier.due_at {
        Some(due_at) => due_at < replaced_at,
        None => count(&before.calendar, dossier, derivation)?.dates.left == Some(Left::Overdue),
    };
    Ok(if had_passed { before } else { calendars.in_force() })
}

/// The due dates that a derivation gives.
struct Counted {
    dates: Dates,
    statutory: Option<DateTime<Utc>>,
}

fn count(calendar: &Calendar, dossier: &Dossier, derivation: &Derivation) -> Result<Counted, AppError> {
    let question = derivation.question(dossier, derivation.term, &derivation.pauses)?;
    let counted = dates(calendar, &question, derivation.extension).map_err(refused)?;
    let statutory = match derivation.statutory {
        Some(term) => {
            let question = Question { term, ..question };
            dates(calendar, &question, None).map_err(refused)?.due_unextended
        }
        None => None,
    };
    Ok(Counted { dates: counted, statutory })
}

fn compute(calendar: &PublishedCalendar, dossier: &mut Dossier, mut derivation: Derivation) -> Result<(), AppError> {
    let Counted { dates, statutory } = count(&calendar.calendar, dossier, &derivation)?;
    derivation.calendar_version = calendar.number;
    derivation.counts_from = dates.counts_from;
    dossier.due_unextended = dates.due_unextended;
    dossier.due_at = dates.due_at;
    dossier.due_statutory = statutory;
    dossier.provisional = dates.provisional;
    dossier.derivation = Some(stored(&derivation)?);
    Ok(())
}

fn stored(derivation: &Derivation) -> Result<serde_json::Value, AppError> {
    serde_json::to_value(derivation).map_err(|err| AppError::Internal(err.into()))
}

/// The pauses of the clock: one of before acceptance stopped none.
fn counting_pauses(conn: &mut PgConnection, dossier: &Dossier) -> Result<Vec<Pause>, AppError> {
    let rows = queries::pauses(conn, dossier.id)?;
    let counting = rows.into_iter().filter(|row| row.back_to != Status::Registered);
    Ok(counting.map(|row| Pause { opened_at: row.opened_at, closed_at: row.closed_at, effect: row.effect }).collect())
}

/// Explains the due date of a dossier day by day, by the calendar that it was counted by.
///
/// # Errors
/// As [`recompute`].
pub fn explain(act: &Act<'_>, dossier: &Dossier) -> Result<(Derivation, Answer), AppError> {
    let derivation = Derivation::of(dossier)?;
    let question = derivation.question(dossier, derivation.term, &derivation.pauses)?;
    let calendar = &act.catalogue().calendars().numbered(derivation.calendar_version).calendar;
    let answer = answer_extended(calendar, &question, derivation.extension).map_err(refused)?;
    Ok((derivation, answer))
}

/// Returns the time left while the clock stands, by the calendar that it was counted by.
///
/// # Errors
/// As [`recompute`].
pub fn left(act: &Act<'_>, dossier: &Dossier) -> Result<Option<Left>, AppError> {
    let derivation = Derivation::of(dossier)?;
    let calendar = &act.catalogue().calendars().numbered(derivation.calendar_version).calendar;
    Ok(count(calendar, dossier, &derivation)?.dates.left)
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

/// Returns how a result that is ready at the moment stands by the statutory term; `None` where no shorter one is pledged. An
/// extension that the citizen was told of holds for both.
///
/// # Errors
/// None that stored data can cause.
pub fn statutory_standing_of_result(
    dossier: &Dossier,
    finished_at: DateTime<Utc>,
) -> Result<Option<Standing>, AppError> {
    let (Some(term), Some(due)) = (Derivation::of(dossier)?.statutory, dossier.due_statutory) else { return Ok(None) };
    let extended = dossier.due_at.map_or(due, |due_at| due_at.max(due));
    Ok(Some(standing(term.unit(), due, extended, finished_at).standing))
}

/// Returns how a withdrawal or stop stands by the statutory term; `None` where no shorter one is pledged.
///
/// # Errors
/// As [`recompute`].
pub fn statutory_standing_of_end(act: &Act<'_>, dossier: &Dossier) -> Result<Option<Standing>, AppError> {
    if dossier.accepted_at.is_none() {
        return Ok(None);
    }
    let derivation = Derivation::of(dossier)?;
    let Some(term) = derivation.statutory else { return Ok(None) };
    if let Some(due) = dossier.due_statutory {
        let extended = dossier.due_at.map_or(due, |due_at| due_at.max(due));
        return Ok(Some(standing_without_result(term.unit(), Some(extended), act.now)));
    }
    let calendar = &act.catalogue().calendars().numbered(derivation.calendar_version).calendar;
    let question = derivation.question(dossier, term, &derivation.pauses)?;
    let left = dates(calendar, &question, None).map_err(refused)?.left;
    Ok(Some(if left == Some(Left::Overdue) { Standing::Late } else { Standing::OnTime }))
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

/// Returns what governs the term: the rules of the procedure; of a leg, its own term with the cases of its procedure.
fn rules_of(procedure: &Procedure, leg_term: Option<Term>) -> Result<TermRules, AppError> {
    let rules = procedure.terms.clone();
    let Some(base) = leg_term else {
        return rules.ok_or_else(|| AppError::internal("a received procedure without term"));
    };
    let cases = rules.filter(|rules| rules.base.unit() == base.unit()).map(|rules| rules.cases);
    Ok(TermRules { base, statutory: None, by_channel: Vec::new(), hard_area: None, cases: cases.unwrap_or_default() })
}

fn terms_of(
    rules: &TermRules,
    dossier: &Dossier,
    cases: &[ChosenCase],
    hard_area: bool,
) -> Result<(Term, Option<Term>), AppError> {
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
