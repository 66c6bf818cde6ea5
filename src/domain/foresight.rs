//! Whether a dossier will be ready in time, as things stand: what its steps may still use against what is left.
//!
//! While somebody holds a step within its budget, what is needed and what is left shrink together. So the moments at
//! which the answer changes are known as soon as the step begins: they are kept, and nobody needs to count again.

use chrono::{NaiveDateTime, TimeDelta};

use super::calendar::{Calendar, CalendarError};
use super::words::words;

words! {
    /// What becomes of an open dossier, as things stand.
    pub enum Forecast {
        /// Its steps have all the time that they may use.
        Safe = "safe",
        /// They have less, or the due date is near.
        AtRisk = "at_risk",
        /// They have so much less that it can't be made up for.
        WillBeLate = "will_be_late",
        /// The due date has passed.
        Late = "late",
    }
}

/// What an office takes for near, and for what can be made up for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tolerance {
    /// Steps can be done in so much of their budgets, in percent; below 100.
    pub catch_up_percent: u32,
    /// A due date is near when so many working minutes are left.
    pub near_minutes: u32,
}

/// An open dossier whose clock runs, at one moment. Wall times of Asia/Ho_Chi_Minh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outlook {
    /// The moment.
    pub at: NaiveDateTime,
    /// The due date.
    pub due: NaiveDateTime,
    /// What the step under way has left of its budget, in working minutes.
    pub step_left: i64,
    /// What the steps that come may use, in working minutes.
    pub ahead: i64,
}

/// From when on which forecast holds; each not before the moment at which it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turns {
    /// From then on at risk.
    pub at_risk_at: NaiveDateTime,
    /// From then on it will be late.
    pub will_be_late_at: NaiveDateTime,
}

impl Outlook {
    /// Returns the working minutes that are left.
    ///
    /// # Errors
    /// `NotPublished` where a year between has no row.
    pub fn left(&self, calendar: &Calendar) -> Result<i64, CalendarError> {
        calendar.working_minutes_between(self.at, self.due)
    }

    /// Returns the working minutes that the steps may still use.
    #[must_use]
    pub fn needed(&self) -> i64 {
        self.step_left.max(0) + self.ahead.max(0)
    }

    /// Says what becomes of it if things stand as they do.
    ///
    /// # Errors
    /// `NotPublished` where a year between has no row.
    pub fn forecast(&self, calendar: &Calendar, tolerance: Tolerance) -> Result<Forecast, CalendarError> {
        if self.at > self.due {
            return Ok(Forecast::Late);
        }
        let (left, needed) = (self.left(calendar)?, self.needed());
        Ok(if left.saturating_mul(100) < needed.saturating_mul(tolerance.catch_up_percent.into()) {
            Forecast::WillBeLate
        } else if left < needed || left < tolerance.near_minutes.into() {
            Forecast::AtRisk
        } else {
            Forecast::Safe
        })
    }

    /// Returns the moments at which the forecast turns while the step goes on being held.
    ///
    /// # Errors
    /// `NotPublished` where a year between has no row.
    pub fn turns(&self, calendar: &Calendar, tolerance: Tolerance) -> Result<Turns, CalendarError> {
        let (left, needed, ahead) = (self.left(calendar)?, self.needed(), self.ahead.max(0));
        let percent = i64::from(tolerance.catch_up_percent);
        let at_risk_at = match left < needed {
            true => self.at,
            // Until its budget is used the step costs as much as passes; then only what comes is needed.
            false => self.below(calendar, ahead.max(tolerance.near_minutes.into()))?,
        };
        // While the step is held within its budget, x minutes on: 100 (left - x) < percent (needed - x).
        let missing = 100 * left - percent * needed;
        let on = missing.max(0) / (100 - percent).max(1);
        let will_be_late_at = match on < self.step_left {
            true if missing < 0 => self.at,
            true => calendar.add_working_time(self.at, TimeDelta::minutes(on))?.max(self.at),
            false => self.below(calendar, ahead * percent / 100)?,
        };
        Ok(Turns { at_risk_at, will_be_late_at: will_be_late_at.max(at_risk_at) })
    }

    /// Returns the first moment at which less than so many working minutes are left; the one of now where that is so.
    fn below(&self, calendar: &Calendar, minutes: i64) -> Result<NaiveDateTime, CalendarError> {
        if self.left(calendar)? < minutes {
            return Ok(self.at);
        }
        let last = calendar.take_working_time(self.due, TimeDelta::minutes(minutes), self.at)?;
        Ok(last + TimeDelta::microseconds(1))
    }
}
