//! When a result may be expected: by how long others of its kind took, and how long the clock of this one has run. It is
//! what usually happens, never a promise; the due date is the promise.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::calendar::{Calendar, CalendarError};
use super::held::{Span, divide};
use super::period::office_time;

/// How long results of a kind took, in working minutes in which the clock ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsualTime {
    /// Half of them took no longer.
    pub p50_minutes: i64,
    /// Nine of ten took no longer.
    pub p90_minutes: i64,
}

/// What may be expected of a dossier whose clock runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expectation {
    /// It has taken less time than nine of ten.
    Ready {
        /// The date by which half of its kind are ready; `None` when it has passed.
        half_by: Option<NaiveDate>,
        /// The date by which nine of ten are.
        most_by: NaiveDate,
    },
    /// It has taken longer than nine of ten: then nothing can be said.
    LongerThanUsual,
}

/// Says what may be expected at `now` of a dossier that was accepted at `accepted_at` and whose clock stood in `pauses`,
/// if it goes on without another pause.
///
/// # Errors
/// `NotPublished` where the calendar has no row for a year that is needed.
pub fn expect(
    calendar: &Calendar,
    usual: UsualTime,
    (accepted_at, now): (DateTime<Utc>, DateTime<Utc>),
    pauses: &[Span],
) -> Result<Expectation, CalendarError> {
    let parts = divide(calendar, (accepted_at, now.max(accepted_at)), &[], pauses)?;
    let ran: i64 = parts.iter().filter(|part| part.pause.is_none()).map(|part| part.minutes).sum();
    if ran >= usual.p90_minutes {
        return Ok(Expectation::LongerThanUsual);
    }
    let after = |minutes: i64| {
        let ready = calendar.add_working_time(office_time(now), TimeDelta::minutes(minutes - ran));
        ready.map(|at| at.date())
    };
    let half_by = if ran < usual.p50_minutes { Some(after(usual.p50_minutes)?) } else { None };
    Ok(Expectation::Ready { half_by, most_by: after(usual.p90_minutes)? })
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use chrono::{NaiveTime, Weekday};
    use proptest::prelude::*;

    use super::*;
    use crate::domain::calendar::{CalendarYear, YearState};
    use crate::domain::period::from_office_time;

    /// 2024 and 2025 with their weekends; eight hours a day.
    fn calendar() -> Calendar {
        let at = |hour, minute| NaiveTime::from_hms_opt(hour, minute, 0).unwrap();
        let year = |year| {
            let plain = CalendarYear {
                state: YearState::Published,
                off: BTreeSet::new(),
                work: BTreeSet::new(),
                source: String::new(),
            };
            (year, plain)
        };
        let years: BTreeMap<_, _> = [2024, 2025].map(year).into_iter().collect();
        let weekdays = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
        let hours = vec![(at(7, 0), at(11, 30)), (at(13, 30), at(17, 0))];
        Calendar::new(&weekdays, hours, years).unwrap()
    }

    fn at(text: &str) -> DateTime<Utc> {
        from_office_time(chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap())
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// Two days and four days of eight hours.
    const USUAL: UsualTime = UsualTime { p50_minutes: 960, p90_minutes: 1920 };

    #[test]
    fn half_are_ready_after_two_days_and_most_after_four() {
        let life = (at("2024-05-20 07:00"), at("2024-05-20 09:00"));
        let expected = Expectation::Ready { half_by: Some(day("2024-05-21")), most_by: day("2024-05-23") };
        assert_eq!(expect(&calendar(), USUAL, life, &[]), Ok(expected));
    }

    #[test]
    fn what_the_clock_stood_moves_both_dates() {
        let pause = Span { from: at("2024-05-20 08:00"), to: Some(at("2024-05-22 08:00")) };
        let life = (at("2024-05-20 07:00"), at("2024-05-22 09:00"));
        let expected = Expectation::Ready { half_by: Some(day("2024-05-23")), most_by: day("2024-05-27") };
        assert_eq!(expect(&calendar(), USUAL, life, &[pause]), Ok(expected));
    }

    #[test]
    fn what_half_did_not_need_is_not_expected_any_more() {
        let life = (at("2024-05-20 07:00"), at("2024-05-22 07:00"));
        let expected = Expectation::Ready { half_by: None, most_by: day("2024-05-23") };
        assert_eq!(expect(&calendar(), USUAL, life, &[]), Ok(expected));
        let longer = (at("2024-05-20 07:00"), at("2024-05-24 07:00"));
        assert_eq!(expect(&calendar(), USUAL, longer, &[]), Ok(Expectation::LongerThanUsual));
    }

    proptest! {
        #[test]
        fn dates_stay_while_the_clock_runs(
            p50 in 1..5_000_i64, more in 0..5_000_i64, minutes in 0..40_000_i64,
        ) {
            let usual = UsualTime { p50_minutes: p50, p90_minutes: p50 + more };
            let accepted = at("2024-03-04 09:00");
            let first = expect(&calendar(), usual, (accepted, accepted), &[]).unwrap();
            let later = expect(&calendar(), usual, (accepted, accepted + TimeDelta::minutes(minutes)), &[]).unwrap();
            let Expectation::Ready { half_by: Some(half), most_by: most } = first else { panic!("{first:?}") };
            prop_assert!(half <= most);
            if let Expectation::Ready { half_by, most_by } = later {
                prop_assert_eq!(most_by, most);
                prop_assert!(half_by.is_none_or(|by| by == half));
            }
        }
    }
}
