//! The working calendar of the office: which days are worked, and when the office is open.
//!
//! Days off and make-up days are data with the document that decided them (Bộ luật Lao động 2019 Đ111.3, Đ112).
//! A year without a row is an error, never a guess.

use crate::domain::words::words;
use crate::domain::working_days::Stretch;
use chrono::{Datelike, Days, NaiveDate, NaiveTime, TimeDelta, Weekday};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

words! {
    /// How final the row of a year is.
    pub enum YearState {
        /// Announced by the government.
        Published = "published",
        /// Statutory days off only; due dates in it are recomputed when it is announced.
        Provisional = "provisional",
    }
}

words! {
    /// What a date is to the office.
    pub enum DayKind {
        /// An ordinary working day.
        Working = "working",
        /// A day worked in place of another.
        MakeUp = "make_up",
        /// A day of the week that is never worked.
        Weekend = "weekend",
        /// A public holiday or a day swapped for a make-up day.
        Off = "off",
    }
}

impl DayKind {
    /// Says whether the office works on such a day.
    #[must_use]
    pub const fn is_working(self) -> bool {
        matches!(self, Self::Working | Self::MakeUp)
    }
}

/// Why there is no such calendar, or no answer from it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// No row for the year.
    #[error("the calendar of {year} is not published; add the year first")]
    NotPublished {
        /// The year asked for.
        year: i32,
    },
    /// No day of the week is worked.
    #[error("the calendar has no working weekday")]
    NoWorkingWeekday,
    /// No working time at all.
    #[error("the calendar has no working time")]
    NoWorkingTime,
    /// An interval that ends when it starts, or before.
    #[error("the working time from {from} to {to} is empty")]
    EmptyInterval {
        /// Its opening.
        from: NaiveTime,
        /// Its closing.
        to: NaiveTime,
    },
    /// An interval that starts before the one listed before it ends.
    #[error("the working time from {from} overlaps the one before it or is out of order")]
    OverlappingIntervals {
        /// The opening of the later interval.
        from: NaiveTime,
    },
    /// A date both off and worked.
    #[error("{date} is listed both off and worked")]
    OffAndWorked {
        /// The date.
        date: NaiveDate,
    },
    /// A date listed under another year.
    #[error("{date} is listed under {year}")]
    ForeignDate {
        /// The year of the row.
        year: i32,
        /// The date in it.
        date: NaiveDate,
    },
    /// A row for a year that no date has.
    #[error("{year} is no year of a calendar")]
    NoSuchYear {
        /// The year of the row.
        year: i32,
    },
}

/// The row of one year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarYear {
    /// How final the row is.
    pub state: YearState,
    /// Days off, beside the weekends.
    #[serde(default)]
    pub off: BTreeSet<NaiveDate>,
    /// Days worked although the weekday is not.
    #[serde(default)]
    pub work: BTreeSet<NaiveDate>,
    /// The document that decided it.
    #[serde(default)]
    pub source: String,
}

/// The calendar of the province's offices; all times are wall times of Asia/Ho_Chi_Minh.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    weekdays: Vec<Weekday>,
    working_time: Vec<(NaiveTime, NaiveTime)>,
    years: BTreeMap<i32, CalendarYear>,
    // The same once more, as tables, so that no count asks a set or walks from day to day.
    stretches: Vec<Stretch>,
    opening: NaiveTime,
    closing: NaiveTime,
    day_length: TimeDelta,
}

impl Calendar {
    /// Checks and indexes a calendar. Intervals of working time are half open; they may touch, not overlap.
    ///
    /// # Errors
    /// Every variant of [`CalendarError`] but `NotPublished`.
    pub fn new(
        weekdays: &[Weekday],
        working_time: Vec<(NaiveTime, NaiveTime)>,
        years: BTreeMap<i32, CalendarYear>,
    ) -> Result<Self, CalendarError> {
        if weekdays.is_empty() {
            return Err(CalendarError::NoWorkingWeekday);
        }
        let (opening, closing) = check_working_time(&working_time)?;
        let stretches = stretches_of(&years, weekdays)?;
        let day_length = working_time.iter().map(|&(from, to)| to - from).sum();
        let weekdays = weekdays.to_vec();
        Ok(Self { weekdays, working_time, years, stretches, opening, closing, day_length })
    }

    /// Returns what the date is.
    ///
    /// # Errors
    /// `NotPublished` where the year has no row.
    pub fn kind(&self, date: NaiveDate) -> Result<DayKind, CalendarError> {
        let kind = self.stretches.iter().find_map(|stretch| stretch.kind(date));
        kind.ok_or(CalendarError::NotPublished { year: date.year() })
    }

    /// Says whether the office works on the date.
    ///
    /// # Errors
    /// `NotPublished` where the year has no row.
    pub fn is_working_day(&self, date: NaiveDate) -> Result<bool, CalendarError> {
        Ok(self.kind(date)?.is_working())
    }

    /// Returns the first working day after the date.
    ///
    /// # Errors
    /// `NotPublished` where the rows end first.
    pub fn next_working_day(&self, after: NaiveDate) -> Result<NaiveDate, CalendarError> {
        self.nth_working_day(after, 1)
    }

    /// Returns the n-th working day after the date, which is never counted itself; for 0 the date.
    ///
    /// # Errors
    /// `NotPublished` where the rows end first.
    pub fn nth_working_day(&self, after: NaiveDate, n: u32) -> Result<NaiveDate, CalendarError> {
        if n == 0 {
            return Ok(after);
        }
        let first = next_date(after)?;
        let stretch = self.stretch_of(first)?;
        stretch.nth_from(first, n).ok_or_else(|| CalendarError::NotPublished { year: stretch.year_after() })
    }

    /// Returns the last working day before the date.
    ///
    /// # Errors
    /// `NotPublished` where the rows begin later.
    pub fn previous_working_day(&self, before: NaiveDate) -> Result<NaiveDate, CalendarError> {
        let last = before.pred_opt().ok_or(CalendarError::NotPublished { year: before.year() })?;
        let stretch = self.stretch_of(last)?;
        stretch.last_up_to(last).ok_or_else(|| CalendarError::NotPublished { year: stretch.first_year() - 1 })
    }

    /// Returns the date itself when it is a working day, else the next one (Bộ luật Dân sự 2015 Đ148.5).
    ///
    /// # Errors
    /// `NotPublished` where the rows end first.
    pub fn rolled(&self, date: NaiveDate) -> Result<NaiveDate, CalendarError> {
        if self.is_working_day(date)? { Ok(date) } else { self.next_working_day(date) }
    }

    /// Counts the working days in `(after, to]`; 0 when `to` is not later.
    ///
    /// # Errors
    /// `NotPublished` where a year between has no row.
    pub fn working_days_between(&self, after: NaiveDate, to: NaiveDate) -> Result<u32, CalendarError> {
        if to <= after {
            return Ok(0);
        }
        let first = next_date(after)?;
        let stretch = self.stretch_of(first)?;
        stretch.count(first, to).ok_or_else(|| CalendarError::NotPublished { year: stretch.year_after() })
    }

    /// Returns the date so many calendar days later, every day up to it being in a year that has a row.
    ///
    /// # Errors
    /// `NotPublished` where a year up to there has no row.
    pub fn plus_days(&self, date: NaiveDate, days: u32) -> Result<NaiveDate, CalendarError> {
        if days == 0 {
            return Ok(date);
        }
        let stretch = self.stretch_of(next_date(date)?)?;
        let end = date.checked_add_days(Days::new(days.into())).filter(|end| stretch.kind(*end).is_some());
        end.ok_or_else(|| CalendarError::NotPublished { year: stretch.year_after() })
    }

    /// Says whether a year from `from`'s to `to`'s is provisional.
    #[must_use]
    pub fn is_provisional(&self, from: NaiveDate, to: NaiveDate) -> bool {
        from <= to && self.years.range(from.year()..=to.year()).any(|(_, row)| row.state == YearState::Provisional)
    }

    /// Returns the time at which the working day begins.
    #[must_use]
    pub const fn opening(&self) -> NaiveTime {
        self.opening
    }

    /// Returns the time at which the working day ends.
    #[must_use]
    pub const fn closing(&self) -> NaiveTime {
        self.closing
    }

    /// Returns the working time of one whole day.
    #[must_use]
    pub const fn day_length(&self) -> TimeDelta {
        self.day_length
    }

    /// Returns the half-open intervals of working time of a working day, in order.
    #[must_use]
    pub fn working_time(&self) -> &[(NaiveTime, NaiveTime)] {
        &self.working_time
    }

    /// Returns the weekdays that are worked.
    #[must_use]
    pub fn weekdays(&self) -> &[Weekday] {
        &self.weekdays
    }

    /// Returns the rows by year.
    #[must_use]
    pub const fn years(&self) -> &BTreeMap<i32, CalendarYear> {
        &self.years
    }

    fn stretch_of(&self, date: NaiveDate) -> Result<&Stretch, CalendarError> {
        let found = self.stretches.iter().find(|stretch| stretch.kind(date).is_some());
        found.ok_or(CalendarError::NotPublished { year: date.year() })
    }
}

/// Returns the date after this one.
///
/// # Errors
/// `NotPublished` at the end of time, which no calendar has rows for.
pub(crate) fn next_date(date: NaiveDate) -> Result<NaiveDate, CalendarError> {
    date.succ_opt().ok_or(CalendarError::NotPublished { year: date.year() })
}

fn check_working_time(intervals: &[(NaiveTime, NaiveTime)]) -> Result<(NaiveTime, NaiveTime), CalendarError> {
    let mut end = None;
    for &(from, to) in intervals {
        if to <= from {
            return Err(CalendarError::EmptyInterval { from, to });
        }
        if end.is_some_and(|end| from < end) {
            return Err(CalendarError::OverlappingIntervals { from });
        }
        end = Some(to);
    }
    let opening = intervals.first().map(|&(from, _)| from);
    opening.zip(end).ok_or(CalendarError::NoWorkingTime)
}

fn check_year(year: i32, row: &CalendarYear) -> Result<(), CalendarError> {
    let foreign = row.off.iter().chain(&row.work).find(|date| date.year() != year);
    if let Some(&date) = foreign {
        return Err(CalendarError::ForeignDate { year, date });
    }
    match row.off.intersection(&row.work).next() {
        Some(&date) => Err(CalendarError::OffAndWorked { date }),
        None => Ok(()),
    }
}

/// Puts the days of all years into tables, one for each run of years without a gap.
fn stretches_of(years: &BTreeMap<i32, CalendarYear>, weekdays: &[Weekday]) -> Result<Vec<Stretch>, CalendarError> {
    let mut stretches: Vec<Stretch> = Vec::new();
    for (&year, row) in years {
        check_year(year, row)?;
        let first = NaiveDate::from_yo_opt(year, 1).ok_or(CalendarError::NoSuchYear { year })?;
        if stretches.last().is_none_or(|last| last.year_after() != year) {
            stretches.push(Stretch::starting(first));
        }
        let days = first.iter_days().take_while(|date| date.year() == year);
        if let Some(last) = stretches.last_mut() {
            last.extend(days.map(|date| (date, kind_of(date, row, weekdays))));
        }
    }
    Ok(stretches)
}

fn kind_of(date: NaiveDate, row: &CalendarYear, weekdays: &[Weekday]) -> DayKind {
    match date {
        date if row.work.contains(&date) => DayKind::MakeUp,
        date if row.off.contains(&date) => DayKind::Off,
        date if weekdays.contains(&date.weekday()) => DayKind::Working,
        _ => DayKind::Weekend,
    }
}
