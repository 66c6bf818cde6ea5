//! Working time inside and across days. Moments are wall times of Asia/Ho_Chi_Minh.

use crate::domain::calendar::{Calendar, CalendarError, next_date};
use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

/// What one day gave to a stretch of working time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayWork {
    /// The working time taken on the day.
    pub taken: TimeDelta,
    /// The moment at which it was full, or the day's end was reached.
    pub end: NaiveDateTime,
}

impl Calendar {
    /// Returns the moment at which the office opens on the date, worked or not.
    #[must_use]
    pub fn opening_at(&self, date: NaiveDate) -> NaiveDateTime {
        date.and_time(self.opening())
    }

    /// Returns the moment at which the office closes on the date, worked or not.
    #[must_use]
    pub fn closing_at(&self, date: NaiveDate) -> NaiveDateTime {
        date.and_time(self.closing())
    }

    /// Returns the moment itself inside working time, else the next opening; 11:30 and 17:00 are outside.
    ///
    /// # Errors
    /// `NotPublished` where the rows end first.
    pub fn next_opening(&self, at: NaiveDateTime) -> Result<NaiveDateTime, CalendarError> {
        if self.is_working_day(at.date())? {
            let open = self.working_time().iter().find(|&&(_, to)| at.time() < to);
            if let Some(&(from, _)) = open {
                return Ok(at.date().and_time(from.max(at.time())));
            }
        }
        Ok(self.opening_at(self.next_working_day(at.date())?))
    }

    /// Returns the time of day at which so much of a working day is done; the closing time at most.
    #[must_use]
    pub fn time_after(&self, worked: TimeDelta) -> NaiveTime {
        self.stretch(NaiveTime::MIN, worked).1
    }

    /// Takes at most `left` of working time from the moment to the end of its day, all on a working day.
    ///
    /// # Errors
    /// `NotPublished` where the year has no row.
    pub fn work_on_day(&self, at: NaiveDateTime, left: TimeDelta) -> Result<DayWork, CalendarError> {
        if !self.is_working_day(at.date())? {
            return Ok(DayWork { taken: TimeDelta::zero(), end: at });
        }
        let (taken, end) = self.stretch(at.time(), left);
        Ok(DayWork { taken, end: at.date().and_time(end) })
    }

    /// Returns the moment at which so much working time has passed since `from`.
    ///
    /// Time that is full exactly at a closing time ends there, not at the next opening; none ends at `from`.
    ///
    /// # Errors
    /// `NotPublished` where the rows end first.
    pub fn add_working_time(&self, from: NaiveDateTime, time: TimeDelta) -> Result<NaiveDateTime, CalendarError> {
        let mut at = from;
        let mut left = time;
        while left > TimeDelta::zero() {
            let day = self.work_on_day(at, left)?;
            left -= day.taken;
            at = if left > TimeDelta::zero() { midnight(next_date(at.date())?) } else { day.end };
        }
        Ok(at)
    }

    /// Returns the last moment after which so much working time passes until `to`; `earliest` where there is not so much
    /// between them.
    ///
    /// # Errors
    /// `NotPublished` where a year between has no row.
    pub fn take_working_time(
        &self,
        to: NaiveDateTime,
        time: TimeDelta,
        earliest: NaiveDateTime,
    ) -> Result<NaiveDateTime, CalendarError> {
        let mut left = time;
        let mut at = to;
        while left > TimeDelta::zero() && at > earliest {
            let date = at.date();
            let from = midnight(date);
            let day = if self.is_working_day(date)? {
                self.worked_between(from.time(), at.time())
            } else {
                TimeDelta::zero()
            };
            if day >= left {
                return Ok(self.stretch_back(at, left).max(earliest));
            }
            left -= day;
            let before = date.pred_opt().ok_or(CalendarError::NotPublished { year: date.year() })?;
            // The end of the day before, as far as working time goes.
            at = self.closing_at(before);
        }
        Ok(at.max(earliest))
    }

    /// Goes back inside one working day.
    fn stretch_back(&self, to: NaiveDateTime, time: TimeDelta) -> NaiveDateTime {
        let mut left = time;
        for &(open, close) in self.working_time().iter().rev() {
            let end = close.min(to.time());
            if end <= open {
                continue;
            }
            if end - open >= left {
                return to.date().and_time(end - left);
            }
            left -= end - open;
        }
        self.opening_at(to.date())
    }

    /// Returns the working time in `[from, to)`; none when `to` is not later.
    ///
    /// # Errors
    /// `NotPublished` where a year between has no row.
    pub fn working_time_between(&self, from: NaiveDateTime, to: NaiveDateTime) -> Result<TimeDelta, CalendarError> {
        let mut total = TimeDelta::zero();
        let mut at = from;
        while at.date() < to.date() {
            total += self.work_on_day(at, self.day_length())?.taken;
            at = midnight(next_date(at.date())?);
        }
        if at < to && self.is_working_day(at.date())? {
            total += self.worked_between(at.time(), to.time());
        }
        Ok(total)
    }

    /// Returns the whole working minutes in `[from, to)`, rounded down.
    ///
    /// # Errors
    /// `NotPublished` where a year between has no row.
    pub fn working_minutes_between(&self, from: NaiveDateTime, to: NaiveDateTime) -> Result<i64, CalendarError> {
        Ok(self.working_time_between(from, to)?.num_minutes())
    }

    fn worked_between(&self, from: NaiveTime, to: NaiveTime) -> TimeDelta {
        let part = |&(open, close): &(NaiveTime, NaiveTime)| (close.min(to) - open.max(from)).max(TimeDelta::zero());
        self.working_time().iter().map(part).sum()
    }

    /// Takes at most `left` from the time of day on; returns what was taken and where it ended.
    fn stretch(&self, from: NaiveTime, left: TimeDelta) -> (TimeDelta, NaiveTime) {
        let mut taken = TimeDelta::zero();
        let mut end = from;
        for &(open, close) in self.working_time() {
            let start = open.max(from);
            if start >= close || taken == left {
                continue;
            }
            let part = (close - start).min(left - taken);
            taken += part;
            end = start + part;
        }
        (taken, end)
    }
}

/// Returns the first moment of the date.
pub(crate) fn midnight(date: NaiveDate) -> NaiveDateTime {
    date.and_time(NaiveTime::MIN)
}
