//! When a dossier is due, and why: day by day, from one count.
//!
//! Callers pass and get moments in UTC; everything inside is wall time of Asia/Ho_Chi_Minh at microseconds.
//! The day of receipt is not counted (Bộ luật Dân sự 2015 Đ147.2); a last day off rolls to the next working day
//! (Đ148.5).

mod count;
mod course;
mod explain;
mod extension;
mod standing;
mod start;
mod supplement;

pub use explain::{Line, LineKind};
pub use extension::{ExtensionAsk, ExtensionRefused, Rescheduling, check_extension};
pub use standing::{Ended, Standing, is_past, standing, standing_without_result};
pub use supplement::{SupplementAsk, SupplementEffect, supplement_effect};

use crate::domain::calendar::{Calendar, CalendarError};
use crate::domain::period::{from_office_time, office_time};
use crate::domain::procedure::{Channel, Cutoff, PauseEffect, Term};
use chrono::{DateTime, NaiveDate, Utc};
use course::{Outcome, run};
use explain::Notes;
use serde::{Deserialize, Serialize};
use start::Rule;

/// An interval in which the clock stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// When it was opened.
    pub opened_at: DateTime<Utc>,
    /// When it was closed; `None` while it is open.
    #[serde(default)]
    pub closed_at: Option<DateTime<Utc>>,
    /// What its closing does to the term.
    pub effect: PauseEffect,
}

/// All that a due date comes from, but the calendar.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The moment of acceptance.
    pub received_at: DateTime<Utc>,
    /// How the dossier came in.
    pub channel: Channel,
    /// The term in force.
    pub term: Term,
    /// The cutoff of the procedure.
    pub cutoff: Cutoff,
    /// Its pauses, in any order, taken as given.
    pub pauses: &'a [Pause],
}

/// A granted extension (gia hạn).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// When it was granted; pauses opened from then on move its date too.
    pub granted_at: DateTime<Utc>,
    /// The new last day.
    pub to: NaiveDate,
}

/// The time left while a pause is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Left {
    /// The whole term counts anew when the pause closes.
    WholeTerm {
        /// The term.
        term: Term,
    },
    /// Working days after the day on which the pause was opened; the last may be a fraction of one.
    WorkingDays {
        /// How many.
        days: u32,
    },
    /// Calendar days after the day on which the pause was opened.
    CalendarDays {
        /// How many.
        days: u32,
    },
    /// Working minutes from the opening of the pause, rounded down.
    WorkingMinutes {
        /// How many.
        minutes: i64,
    },
    /// None: the pause was opened after the due date.
    Overdue,
}

/// A due date with its explanation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// The due date; `None` while a pause is open.
    pub due_at: Option<DateTime<Utc>>,
    /// The moment from which the term counts: the acceptance, moved as channel, cutoff and unit ask.
    pub counts_from: DateTime<Utc>,
    /// Whether a year from there to the due date is not yet announced.
    pub provisional: bool,
    /// The time left while a pause is open.
    pub left: Option<Left>,
    /// What each day was; the last line is the due date, or the open pause.
    pub explanation: Vec<Line>,
}

/// The due dates that are kept and recomputed together; both `None` while a pause is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Dates {
    /// The moment from which the term counts.
    pub counts_from: DateTime<Utc>,
    /// The due date by term, case, pauses and calendar.
    pub due_unextended: Option<DateTime<Utc>>,
    /// The same with the extension.
    pub due_at: Option<DateTime<Utc>>,
    /// Whether a year from `counts_from` to `due_at` is not yet announced.
    pub provisional: bool,
    /// The time left while a pause is open.
    pub left: Option<Left>,
}

/// Why there is no due date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeadlineError {
    /// The calendar does not reach so far.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
    /// A pause that ends before it begins.
    #[error("the pause opened at {opened_at} is closed before it is opened")]
    ClosedBeforeOpened {
        /// When it was opened.
        opened_at: DateTime<Utc>,
    },
    /// A pause opened while the one before it stands.
    #[error("the pause opened at {opened_at} overlaps the one before it")]
    OverlappingPauses {
        /// When the later one was opened.
        opened_at: DateTime<Utc>,
    },
}

/// Returns the due date with its explanation.
///
/// # Errors
/// Fails on pauses that overlap or close before they open, and where the calendar's rows end.
pub fn answer(calendar: &Calendar, question: &Question<'_>) -> Result<Answer, DeadlineError> {
    answer_extended(calendar, question, None)
}

/// Returns the due date with its explanation, an extension included.
///
/// # Errors
/// As [`answer`].
pub fn answer_extended(
    calendar: &Calendar,
    question: &Question<'_>,
    extension: Option<Extension>,
) -> Result<Answer, DeadlineError> {
    let mut notes = Notes::Written(Vec::new());
    let outcome = run(Rule::new(calendar, question), question, extension, &mut notes)?;
    Ok(Answer {
        due_at: outcome.due.map(from_office_time),
        counts_from: from_office_time(outcome.counts_from),
        provisional: outcome.provisional,
        left: outcome.left,
        explanation: notes.into_lines(),
    })
}

/// Returns the due date alone, by the same count; `None` while a pause is open.
///
/// # Errors
/// As [`answer`].
pub fn due_at(calendar: &Calendar, question: &Question<'_>) -> Result<Option<DateTime<Utc>>, DeadlineError> {
    Ok(dates(calendar, question, None)?.due_at)
}

/// Returns the due dates with and without the extension.
///
/// A pause that resumes moves both by the same rule; after a restart `due_at` is the later of the two.
///
/// # Errors
/// As [`answer`].
pub fn dates(
    calendar: &Calendar,
    question: &Question<'_>,
    extension: Option<Extension>,
) -> Result<Dates, DeadlineError> {
    let Outcome { counts_from, unextended, due, provisional, left } =
        run(Rule::new(calendar, question), question, extension, &mut Notes::Silent)?;
    Ok(Dates {
        counts_from: from_office_time(counts_from),
        due_unextended: unextended.map(from_office_time),
        due_at: due.map(from_office_time),
        provisional,
        left,
    })
}

/// Returns the moment from which a term counts: R of the rules, moved.
///
/// # Errors
/// Fails where the calendar's rows end.
pub fn counts_from(calendar: &Calendar, question: &Question<'_>) -> Result<DateTime<Utc>, DeadlineError> {
    let start = Rule::new(calendar, question).start(office_time(question.received_at))?;
    Ok(from_office_time(start))
}
