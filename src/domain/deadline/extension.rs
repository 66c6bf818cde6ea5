//! The one extension that a dossier may have.

use crate::domain::calendar::{Calendar, CalendarError};
use crate::domain::period::{from_office_time, office_date};
use crate::domain::words::words;
use chrono::{DateTime, NaiveDate, Utc};

words! {
    /// Whether the one rescheduling of a dossier, by extension or apology, is used.
    pub enum Rescheduling {
        /// Not yet.
        Free = "free",
        /// It is used.
        Used = "used",
    }
}

/// A wish to extend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExtensionAsk {
    /// The due date in force; `None` while a pause is open.
    pub due_at: Option<DateTime<Utc>>,
    /// The new last day.
    pub to: NaiveDate,
    /// Whether one was granted before.
    pub rescheduling: Rescheduling,
}

/// Why an extension is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExtensionRefused {
    /// It was rescheduled before.
    #[error("the dossier has been rescheduled once already")]
    AlreadyRescheduled,
    /// A pause is open.
    #[error("the dossier is paused; extend it after the pause")]
    Paused,
    /// The new date is not after the due date.
    #[error("the new date must be later than {due_on}")]
    NotLater {
        /// The due date in force.
        due_on: NaiveDate,
    },
    /// The new date is not worked.
    #[error("{date} is no working day")]
    NotAWorkingDay {
        /// The new date.
        date: NaiveDate,
    },
    /// It is asked for too late.
    #[error("an extension had to be issued by {latest}")]
    TooLate {
        /// The last day on which it could be.
        latest: NaiveDate,
    },
    /// The calendar does not reach so far.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
}

/// Returns the new due date, the closing time of its day, or why there is none.
///
/// Once, to a later working day, issued at the latest one working day before the due date, not during a pause
/// (NĐ 61/2018/NĐ-CP Đ19, DESIGN §6).
///
/// # Errors
/// The first reason that holds.
pub fn check_extension(
    calendar: &Calendar,
    now: DateTime<Utc>,
    ask: &ExtensionAsk,
) -> Result<DateTime<Utc>, ExtensionRefused> {
    if ask.rescheduling == Rescheduling::Used {
        return Err(ExtensionRefused::AlreadyRescheduled);
    }
    let due_on = office_date(ask.due_at.ok_or(ExtensionRefused::Paused)?);
    if ask.to <= due_on {
        return Err(ExtensionRefused::NotLater { due_on });
    }
    if !calendar.is_working_day(ask.to)? {
        return Err(ExtensionRefused::NotAWorkingDay { date: ask.to });
    }
    let latest = calendar.previous_working_day(due_on)?;
    if office_date(now) > latest {
        return Err(ExtensionRefused::TooLate { latest });
    }
    Ok(from_office_time(calendar.closing_at(ask.to)))
}
