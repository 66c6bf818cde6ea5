//! What a request for more papers does to the term.

use crate::domain::calendar::{Calendar, CalendarError};
use crate::domain::deadline::standing::is_past;
use crate::domain::period::office_date;
use crate::domain::procedure::{PauseEffect, TermUnit};
use chrono::{DateTime, Utc};

/// A wish to ask for a supplement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SupplementAsk {
    /// The moment from which the term counts.
    pub counts_from: DateTime<Utc>,
    /// When the supplement is asked for.
    pub requested_at: DateTime<Utc>,
    /// The due date in force.
    pub due_at: DateTime<Utc>,
    /// The unit of the term.
    pub unit: TermUnit,
    /// The working days after the day of `counts_from` in which it may be asked for; 3 by default.
    pub within_days: u32,
    /// What the procedure version says a supplement does.
    pub version_effect: PauseEffect,
}

/// What the pause of a supplement will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SupplementEffect {
    /// Asked for in time: the effect of the version.
    InTime(PauseEffect),
    /// Asked for too late: a leader must override, and the term resumes.
    NeedsOverride,
}

impl SupplementEffect {
    /// Returns the effect of the pause.
    #[must_use]
    pub const fn pause_effect(self) -> PauseEffect {
        match self {
            Self::InTime(effect) => effect,
            Self::NeedsOverride => PauseEffect::Resume,
        }
    }
}

/// Returns what a supplement asked for at the moment does; on the last day and on the due date it is in time.
///
/// # Errors
/// Fails where the calendar's rows end.
pub fn supplement_effect(calendar: &Calendar, ask: &SupplementAsk) -> Result<SupplementEffect, CalendarError> {
    let last = calendar.nth_working_day(office_date(ask.counts_from), ask.within_days)?;
    let in_time = office_date(ask.requested_at) <= last && !is_past(ask.unit, ask.requested_at, ask.due_at);
    Ok(match in_time {
        true => SupplementEffect::InTime(ask.version_effect),
        false => SupplementEffect::NeedsOverride,
    })
}
