//! The office's time zone and report periods.
//!
//! The database holds UTC; people and law speak of dates of Asia/Ho_Chi_Minh, `+07:00` without summer time
//! since 1975, so a fixed offset is exact for every date that the office meets.

use chrono::{DateTime, Datelike, FixedOffset, Months, NaiveDate, NaiveDateTime, TimeDelta};
use chrono::{SubsecRound, Timelike, Utc};
use serde::Serialize;
use std::ops::RangeInclusive;

const OFFSET_SECONDS: i32 = 7 * 3600;

/// Years in which a report period may lie; anything else is a slip of the pen.
const YEARS: RangeInclusive<i32> = 1990..=2200;

/// Returns the wall time of Asia/Ho_Chi_Minh, cut to microseconds as the database keeps them.
#[must_use]
pub fn office_time(at: DateTime<Utc>) -> NaiveDateTime {
    let utc = at.naive_utc();
    let utc = utc.with_nanosecond(utc.nanosecond().min(999_999_999)).unwrap_or(utc);
    let local = utc.checked_add_signed(TimeDelta::seconds(OFFSET_SECONDS.into()));
    local.unwrap_or(NaiveDateTime::MAX).trunc_subsecs(6)
}

/// Returns the date of Asia/Ho_Chi_Minh at the moment.
#[must_use]
pub fn office_date(at: DateTime<Utc>) -> NaiveDate {
    office_time(at).date()
}

/// Returns the moment at which the clocks of Asia/Ho_Chi_Minh show the wall time.
#[must_use]
pub fn from_office_time(local: NaiveDateTime) -> DateTime<Utc> {
    let utc = local.checked_sub_signed(TimeDelta::seconds(OFFSET_SECONDS.into()));
    utc.unwrap_or(NaiveDateTime::MIN).and_utc()
}

/// Returns the moment with the office's offset, as answers show it.
#[must_use]
pub fn with_office_offset(at: DateTime<Utc>) -> DateTime<FixedOffset> {
    match FixedOffset::east_opt(OFFSET_SECONDS) {
        Some(offset) => at.with_timezone(&offset),
        None => at.fixed_offset(),
    }
}

/// Why there is no such period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PeriodError {
    /// The end is not after the beginning.
    #[error("the period from {from} to {to} is empty; `to` is the first day after it")]
    Empty {
        /// Its first date.
        from: NaiveDate,
        /// The first date after it.
        to: NaiveDate,
    },
    /// The year lies outside 1990–2200.
    #[error("there are no reports for the year {year}")]
    Year {
        /// The year asked for.
        year: i32,
    },
    /// No such month or quarter.
    #[error("the year has no such part: {number}")]
    Part {
        /// The number asked for.
        number: u32,
    },
}

/// A report period `[from, to)`, dates of Asia/Ho_Chi_Minh.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Period {
    from: NaiveDate,
    to: NaiveDate,
}

impl Period {
    /// Returns the period from `from` to the day before `to`.
    ///
    /// # Errors
    /// Fails when it is empty or lies outside 1990–2200.
    pub fn new(from: NaiveDate, to: NaiveDate) -> Result<Self, PeriodError> {
        for year in [from.year(), to.year()] {
            check_year(year)?;
        }
        if to <= from {
            return Err(PeriodError::Empty { from, to });
        }
        Ok(Self { from, to })
    }

    /// Returns the report month, from the 15th of the month before to the 14th (NĐ 09/2019/NĐ-CP).
    ///
    /// # Errors
    /// Fails when there is no such month or the year is outside 1990–2200.
    pub fn report_month(year: i32, month: u32) -> Result<Self, PeriodError> {
        Self::ending(date(year, month, 15)?, 1)
    }

    /// Returns the report quarter; the first is `[15/12 of the year before, 15/3)` (NĐ 09/2019/NĐ-CP).
    ///
    /// # Errors
    /// Fails when there is no such quarter or the year is outside 1990–2200.
    pub fn report_quarter(year: i32, quarter: u32) -> Result<Self, PeriodError> {
        let month = quarter_month(quarter)?;
        Self::ending(date(year, month, 15)?, 3)
    }

    /// Returns the report half year: the first is `[15/12 of the year before, 15/6)`, two report quarters.
    ///
    /// # Errors
    /// Fails when there is no such half or the year is outside 1990–2200.
    pub fn report_half_year(year: i32, half: u32) -> Result<Self, PeriodError> {
        Self::ending(date(year, half_month(half)?, 15)?, 6)
    }

    /// Returns the report year `[15/12 of the year before, 15/12)` (NĐ 09/2019/NĐ-CP).
    ///
    /// # Errors
    /// Fails when the year is outside 1990–2200.
    pub fn report_year(year: i32) -> Result<Self, PeriodError> {
        Self::ending(date(year, 12, 15)?, 12)
    }

    /// Returns the month of the calendar.
    ///
    /// # Errors
    /// Fails when there is no such month or the year is outside 1990–2200.
    pub fn calendar_month(year: i32, month: u32) -> Result<Self, PeriodError> {
        Self::starting(date(year, month, 1)?, 1)
    }

    /// Returns the quarter of the calendar.
    ///
    /// # Errors
    /// Fails when there is no such quarter or the year is outside 1990–2200.
    pub fn calendar_quarter(year: i32, quarter: u32) -> Result<Self, PeriodError> {
        Self::ending(date(year, quarter_month(quarter)?, 1)? + Months::new(1), 3)
    }

    /// Returns the half year of the calendar.
    ///
    /// # Errors
    /// Fails when there is no such half or the year is outside 1990–2200.
    pub fn calendar_half_year(year: i32, half: u32) -> Result<Self, PeriodError> {
        Self::ending(date(year, half_month(half)?, 1)? + Months::new(1), 6)
    }

    /// Returns the year of the calendar.
    ///
    /// # Errors
    /// Fails when the year is outside 1990–2200.
    pub fn calendar_year(year: i32) -> Result<Self, PeriodError> {
        Self::starting(date(year, 1, 1)?, 12)
    }

    /// Returns its first date.
    #[must_use]
    pub const fn from(&self) -> NaiveDate {
        self.from
    }

    /// Returns the first date after it.
    #[must_use]
    pub const fn to(&self) -> NaiveDate {
        self.to
    }

    /// Returns its last date, as people write it.
    #[must_use]
    pub fn last_day(&self) -> NaiveDate {
        self.to.pred_opt().unwrap_or(self.to)
    }

    /// Returns the moments `[from, to)`: midnights of Asia/Ho_Chi_Minh.
    #[must_use]
    pub fn bounds(&self) -> (DateTime<Utc>, DateTime<Utc>) {
        let midnight = |date: NaiveDate| from_office_time(crate::domain::working_time::midnight(date));
        (midnight(self.from), midnight(self.to))
    }

    /// Returns the period of the same length just before it: so many months where it goes from a day to the same day of
    /// another month, so many days otherwise.
    ///
    /// # Errors
    /// Fails when it lies before 1990.
    pub fn before(&self) -> Result<Self, PeriodError> {
        let years = self.to.year() - self.from.year();
        let months = u32::try_from(years * 12).unwrap_or(0) + self.to.month();
        let from = match months.checked_sub(self.from.month()) {
            Some(months) if self.from.day() == self.to.day() => self.from - Months::new(months),
            _ => self.from - (self.to - self.from),
        };
        Self::new(from, self.from)
    }

    /// Says whether the moment lies in it.
    #[must_use]
    pub fn contains(&self, at: DateTime<Utc>) -> bool {
        (self.from..self.to).contains(&office_date(at))
    }

    fn ending(to: NaiveDate, months: u32) -> Result<Self, PeriodError> {
        Self::new(to - Months::new(months), to)
    }

    fn starting(from: NaiveDate, months: u32) -> Result<Self, PeriodError> {
        Self::new(from, from + Months::new(months))
    }
}

fn check_year(year: i32) -> Result<(), PeriodError> {
    if YEARS.contains(&year) { Ok(()) } else { Err(PeriodError::Year { year }) }
}

fn date(year: i32, month: u32, day: u32) -> Result<NaiveDate, PeriodError> {
    check_year(year)?;
    NaiveDate::from_ymd_opt(year, month, day).ok_or(PeriodError::Part { number: month })
}

fn quarter_month(quarter: u32) -> Result<u32, PeriodError> {
    match quarter {
        1..=4 => Ok(quarter * 3),
        _ => Err(PeriodError::Part { number: quarter }),
    }
}

fn half_month(half: u32) -> Result<u32, PeriodError> {
    match half {
        1 | 2 => Ok(half * 6),
        _ => Err(PeriodError::Part { number: half }),
    }
}
