//! The calendar's tables against a walk from day to day, also where years are missing.

use std::sync::LazyLock;

use chrono::{Days, NaiveDate};
use motcua::domain::calendar::{Calendar, CalendarError};
use proptest::prelude::*;

use super::given::{calendar_of, years};

static WHOLE: LazyLock<Calendar> = LazyLock::new(|| calendar_of(years()));

/// The years of the province but 2025: a count that meets it must say so.
static WITH_A_GAP: LazyLock<Calendar> = LazyLock::new(|| {
    let mut rows = years();
    rows.remove(&2025);
    calendar_of(rows)
});

fn day(number: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2022, 11, 1).unwrap() + Days::new(number)
}

fn walk(calendar: &Calendar, after: NaiveDate, n: u32) -> Result<NaiveDate, CalendarError> {
    let (mut date, mut left) = (after, n);
    while left > 0 {
        date = date + Days::new(1);
        left -= u32::from(calendar.is_working_day(date)?);
    }
    Ok(date)
}

fn count(calendar: &Calendar, after: NaiveDate, to: NaiveDate) -> Result<u32, CalendarError> {
    let days = after.iter_days().skip(1).take_while(|date| *date <= to);
    days.map(|date| Ok(u32::from(calendar.is_working_day(date)?))).sum()
}

fn walk_back(calendar: &Calendar, before: NaiveDate) -> Result<NaiveDate, CalendarError> {
    let mut date = before - Days::new(1);
    while !calendar.is_working_day(date)? {
        date = date - Days::new(1);
    }
    Ok(date)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_table_says_what_a_walk_finds(from in 0_u64..2700, length in 0_u64..500, n in 0_u32..400, gap in any::<bool>()) {
        let calendar: &Calendar = if gap { &WITH_A_GAP } else { &WHOLE };
        let (from, to) = (day(from), day(from + length));
        prop_assert_eq!(calendar.nth_working_day(from, n), walk(calendar, from, n));
        prop_assert_eq!(calendar.working_days_between(from, to), count(calendar, from, to));
        prop_assert_eq!(calendar.working_days_between(to, from), if length == 0 { count(calendar, from, to) } else { Ok(0) });
        prop_assert_eq!(calendar.previous_working_day(from), walk_back(calendar, from));
        let known = from.iter_days().skip(1).take_while(|date| *date <= to).try_for_each(|date| calendar.kind(date).map(drop));
        let days = u32::try_from(length).unwrap();
        prop_assert_eq!(calendar.plus_days(from, days), known.map(|()| to));
    }
}
