//! The calendar as a list that SQL looks a day up in: how many days are worked up to each. The working days in `(after, to]`
//! are then one difference, as `Calendar::working_days_between` counts them.

use chrono::{Datelike, NaiveDate};

use crate::domain::calendar::{Calendar, CalendarError};
use crate::error::{AppError, Said};

/// How many days are worked up to each day from the first on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WorkingDays {
    pub(crate) first: NaiveDate,
    pub(crate) worked: Vec<i32>,
}

impl WorkingDays {
    /// Lists the last years of a calendar that lie without a gap between them: over a gap nothing can be counted.
    ///
    /// # Errors
    /// None that a calendar with rows for its own years can cause.
    pub(crate) fn of(calendar: &Calendar) -> Result<Self, CalendarError> {
        let mut list = Self { first: NaiveDate::default(), worked: Vec::new() };
        let mut next = list.first;
        for first in calendar.years().keys().filter_map(|year| NaiveDate::from_ymd_opt(*year, 1, 1)) {
            if first != next {
                list = Self { first, worked: Vec::new() };
            }
            next = list.add_year(calendar, first)?;
        }
        Ok(list)
    }

    /// Adds a year; returns the first day after it.
    fn add_year(&mut self, calendar: &Calendar, first: NaiveDate) -> Result<NaiveDate, CalendarError> {
        let mut worked = self.worked.last().copied().unwrap_or(0);
        let mut next = first;
        for day in first.iter_days().take_while(|day| day.year() == first.year()) {
            worked += i32::from(calendar.is_working_day(day)?);
            self.worked.push(worked);
            next = day.succ_opt().unwrap_or(day);
        }
        Ok(next)
    }
}

/// Refuses figures in which days were not counted: no figure is better than a wrong one.
///
/// # Errors
/// [`AppError::Conflict`] when there are dossiers with days that no calendar holds.
pub(crate) fn all_counted(uncounted: i64) -> Result<(), AppError> {
    if uncounted == 0 {
        return Ok(());
    }
    Err(AppError::Conflict(Said::new(
        "calendar_not_published",
        format!("{uncounted} hồ sơ có ngày mà lịch làm việc chưa có; hãy nạp lịch của các năm đó"),
        format!("{uncounted} dossiers have days that no calendar holds; load the calendars of those years"),
    )))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::domain::calendar::{CalendarYear, YearState};
    use chrono::{Days, NaiveTime, Weekday};
    use proptest::prelude::*;

    fn first() -> NaiveDate {
        NaiveDate::from_ymd_opt(2025, 1, 1).unwrap()
    }

    fn calendar(off: &[u16], work: &[u16]) -> Calendar {
        let days = |numbers: &[u16]| -> BTreeSet<NaiveDate> {
            numbers.iter().map(|number| first() + Days::new((*number).into())).collect()
        };
        let (off, work) = (days(off), days(work));
        let years: BTreeMap<i32, CalendarYear> = [2025, 2026]
            .into_iter()
            .map(|year| {
                let of = |days: &BTreeSet<NaiveDate>| days.iter().copied().filter(|day| day.year() == year).collect();
                let work = of(&(&work - &off));
                (year, CalendarYear { state: YearState::Published, off: of(&off), work, source: String::new() })
            })
            .collect();
        let at = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
        let weekdays = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
        Calendar::new(&weekdays, vec![(at(7), at(17))], years).unwrap()
    }

    proptest! {
        #[test]
        fn a_difference_is_what_the_calendar_counts(
            off in prop::collection::vec(0..730_u16, 0..30), work in prop::collection::vec(0..730_u16, 0..30),
            after in 0..730_usize, to in 0..730_usize,
        ) {
            let calendar = calendar(&off, &work);
            let list = WorkingDays::of(&calendar).unwrap();
            prop_assert_eq!((list.first, list.worked.len()), (first(), 730));
            let day = |number: usize| first() + Days::new(u64::try_from(number).unwrap());
            let difference = (list.worked[to] - list.worked[after]).max(0);
            let counted = calendar.working_days_between(day(after), day(to)).unwrap();
            prop_assert_eq!(u32::try_from(difference).unwrap(), counted);
        }
    }
}
