//! Bugs that other systems had, kept out by name (reference/peers.md §D.3).

use super::given::{
    WEEK, asked, at, calendar, calendar_of, date, days, due, due_in, hours, local, open_pause, pause, term, time, years,
};
use chrono::{TimeDelta, Weekday};
use motcua::domain::calendar::{Calendar, CalendarError, CalendarYear, YearState};
use motcua::domain::deadline::{DeadlineError, Extension, Question, answer, dates, due_at};
use motcua::domain::procedure::{PauseEffect, Term, TermUnit};
use std::collections::{BTreeMap, BTreeSet};

fn working_hours(amount: &str) -> Term {
    term(amount, TermUnit::WorkingHour)
}

#[test]
fn forty_working_hours_that_end_at_closing_are_due_friday_not_monday() {
    assert_eq!(due(&asked("2026-10-05T07:00", working_hours("40"))), "2026-10-09T17:00");
}

#[test]
fn a_term_in_hours_is_not_rounded_past_closing() {
    assert_eq!(due(&asked("2026-10-05T16:45", working_hours("0.25"))), "2026-10-05T17:00");
    assert_eq!(due(&asked("2026-10-05T16:46", working_hours("0.25"))), "2026-10-06T07:01");
}

#[test]
fn one_day_is_one_working_day_not_twenty_four_working_hours() {
    assert_eq!(due(&asked("2026-10-05T09:00", days("1"))), "2026-10-06T17:00");
    assert_eq!(due(&asked("2026-10-05T09:00", working_hours("24"))), "2026-10-08T09:00");
}

#[test]
fn the_lunch_interval_is_not_worked() {
    assert_eq!(due(&asked("2026-10-05T11:00", working_hours("1"))), "2026-10-05T14:00");
    assert_eq!(due(&asked("2026-10-05T12:00", working_hours("1"))), "2026-10-05T14:30");
    assert_eq!(due(&asked("2026-10-05T10:30", working_hours("1"))), "2026-10-05T11:30");
}

#[test]
fn hours_received_when_the_office_is_closed_count_from_the_next_opening() {
    for (received, expected) in [
        ("2026-10-10T09:00", "2026-10-12T08:00"),
        ("2026-09-01T09:00", "2026-09-03T08:00"),
        ("2026-10-05T05:00", "2026-10-05T08:00"),
        ("2026-10-05T17:00", "2026-10-06T08:00"),
        ("2026-10-05T19:00", "2026-10-06T08:00"),
    ] {
        assert_eq!(due(&asked(received, working_hours("1"))), expected, "{received}");
    }
}

#[test]
fn a_calendar_without_mondays_and_thursdays_counts_the_other_days() {
    let weekdays = [Weekday::Tue, Weekday::Wed, Weekday::Fri];
    let calendar = Calendar::new(&weekdays, hours(&[("07:00", "17:00")]), years()).unwrap();
    assert_eq!(due_in(&calendar, &asked("2026-10-02T09:00", days("3"))), "2026-10-09T17:00");
}

#[test]
fn a_calendar_of_all_days_loses_no_minute_where_intervals_touch() {
    let all = [WEEK.as_slice(), &[Weekday::Sat, Weekday::Sun]].concat();
    let times = hours(&[("00:00", "12:00"), ("12:00", "23:59")]);
    let calendar = Calendar::new(&all, times, years()).unwrap();
    let (from, to) = (local("2026-10-05T00:00"), local("2026-10-08T00:00"));
    assert_eq!(calendar.working_minutes_between(from, to).unwrap(), 3 * 1439);
    assert_eq!(due_in(&calendar, &asked("2026-10-05T11:59", working_hours("1"))), "2026-10-05T12:59");
}

#[test]
fn overlapping_pauses_are_refused() {
    let pauses = [
        pause("2026-10-06T09:00", "2026-10-08T09:00", PauseEffect::Resume),
        pause("2026-10-07T09:00", "2026-10-09T09:00", PauseEffect::Resume),
    ];
    let question = Question { pauses: &pauses, ..asked("2026-10-05T09:00", days("10")) };
    let opened_at = at("2026-10-07T09:00");
    assert_eq!(due_at(&calendar(), &question), Err(DeadlineError::OverlappingPauses { opened_at }));
}

#[test]
fn a_second_pause_while_one_is_open_is_refused() {
    let pauses = [
        open_pause("2026-10-06T09:00", PauseEffect::Resume),
        pause("2026-10-07T09:00", "2026-10-09T09:00", PauseEffect::Resume),
    ];
    let question = Question { pauses: &pauses, ..asked("2026-10-05T09:00", days("10")) };
    assert!(matches!(due_at(&calendar(), &question), Err(DeadlineError::OverlappingPauses { .. })));
}

#[test]
fn a_dossier_with_an_open_pause_has_no_due_date() {
    let pauses = [open_pause("2026-10-06T09:00", PauseEffect::Resume)];
    let question = Question { pauses: &pauses, ..asked("2026-10-05T09:00", days("10")) };
    assert_eq!(due_at(&calendar(), &question).unwrap(), None);
}

#[test]
fn a_pause_across_tet_moves_by_working_days_only() {
    let pauses = [pause("2026-02-12T09:00", "2026-02-24T09:00", PauseEffect::Resume)];
    let question = Question { pauses: &pauses, ..asked("2026-02-09T09:00", days("10")) };
    assert_eq!(due(&question), "2026-03-05T17:00");
}

#[test]
fn a_make_up_saturday_inside_a_term_is_counted() {
    assert_eq!(due(&asked("2026-08-21T09:00", days("1"))), "2026-08-22T17:00");
    assert_eq!(due(&asked("2026-08-21T16:00", working_hours("2"))), "2026-08-22T08:00");
}

#[test]
fn an_extension_survives_a_later_pause() {
    let extension = Extension { granted_at: at("2026-10-14T09:00"), to: date("2026-10-26") };
    let pauses = [pause("2026-10-15T09:00", "2026-10-19T09:00", PauseEffect::Resume)];
    let question = Question { pauses: &pauses, ..asked("2026-10-05T09:00", days("10")) };
    let dates = dates(&calendar(), &question, Some(extension)).unwrap();
    assert_eq!(dates.due_unextended, Some(at("2026-10-21T17:00")));
    assert_eq!(dates.due_at, Some(at("2026-10-28T17:00")));
}

#[test]
fn two_offices_with_other_hours_counted_at_once_do_not_disturb_each_other() {
    let other = Calendar::new(&WEEK, hours(&[("08:00", "12:00"), ("13:00", "16:00")]), years());
    let (own, other) = (calendar(), other.unwrap());
    let question = asked("2026-10-05T09:00", working_hours("8"));
    std::thread::scope(|scope| {
        scope.spawn(|| (0..500).for_each(|_| assert_eq!(due_in(&own, &question), "2026-10-06T09:00")));
        scope.spawn(|| (0..500).for_each(|_| assert_eq!(due_in(&other, &question), "2026-10-06T10:00")));
    });
}

#[test]
fn a_year_without_a_row_is_an_error_not_a_guess() {
    let question = asked("2029-12-28T09:00", days("3"));
    let expected = DeadlineError::Calendar(CalendarError::NotPublished { year: 2030 });
    assert_eq!(answer(&calendar(), &question).unwrap_err(), expected);
    assert_eq!(due_at(&calendar(), &question).unwrap_err(), expected);
    let early = asked("2022-12-31T09:00", days("1"));
    assert!(due_at(&calendar(), &early).is_err());
}

#[test]
fn a_moment_at_the_end_of_time_is_an_error_not_a_crash() {
    for at in [chrono::DateTime::<chrono::Utc>::MAX_UTC, chrono::DateTime::<chrono::Utc>::MIN_UTC] {
        for unit in TermUnit::ALL {
            let question = Question { received_at: at, ..asked("2026-10-05T09:00", term("1", *unit)) };
            assert!(due_at(&calendar(), &question).is_err());
        }
    }
}

#[test]
fn a_calendar_without_a_working_day_is_refused_at_once() {
    let made = Calendar::new(&[], hours(&[("07:00", "17:00")]), years());
    assert_eq!(made, Err(CalendarError::NoWorkingWeekday));
}

#[test]
fn a_year_of_days_off_ends_in_an_error_not_in_a_loop() {
    let off: BTreeSet<_> = date("2026-01-01").iter_days().take(365).collect();
    let row = CalendarYear { state: YearState::Published, off, work: BTreeSet::new(), source: String::new() };
    let calendar = calendar_of(BTreeMap::from([(2026, row)]));
    for unit in TermUnit::ALL {
        assert!(due_at(&calendar, &asked("2026-10-05T09:00", term("1", *unit))).is_err());
    }
}

#[test]
fn wrong_calendars_are_refused() {
    let new = |times| Calendar::new(&WEEK, times, years());
    let (seven, eight, nine) = (time("07:00"), time("08:00"), time("09:00"));
    assert_eq!(new(vec![]), Err(CalendarError::NoWorkingTime));
    assert!(matches!(new(vec![(eight, eight)]), Err(CalendarError::EmptyInterval { .. })));
    assert!(matches!(new(vec![(nine, seven)]), Err(CalendarError::EmptyInterval { .. })));
    let overlapping = new(vec![(seven, nine), (eight, time("10:00"))]);
    assert_eq!(overlapping, Err(CalendarError::OverlappingIntervals { from: eight }));
    let unsorted = new(vec![(eight, nine), (seven, eight)]);
    assert_eq!(unsorted, Err(CalendarError::OverlappingIntervals { from: seven }));
    let mut rows = years();
    rows.get_mut(&2026).unwrap().off.insert(date("2026-08-22"));
    let both = Calendar::new(&WEEK, hours(&[("07:00", "17:00")]), rows);
    assert_eq!(both, Err(CalendarError::OffAndWorked { date: date("2026-08-22") }));
    let mut rows = years();
    rows.get_mut(&2026).unwrap().off.insert(date("2025-08-22"));
    let foreign = Calendar::new(&WEEK, hours(&[("07:00", "17:00")]), rows);
    assert_eq!(foreign, Err(CalendarError::ForeignDate { year: 2026, date: date("2025-08-22") }));
}

#[test]
fn the_working_days_of_the_years_are_those_of_the_decisions() {
    let calendar = calendar();
    for (year, days) in [(2024, 251), (2025, 250), (2026, 249)] {
        let (from, to) = (date(&format!("{}-12-31", year - 1)), date(&format!("{year}-12-31")));
        let counted = calendar.working_days_between(from, to);
        assert_eq!(counted.unwrap(), days, "{year}");
        let start = from.and_hms_opt(23, 0, 0).unwrap();
        let time = calendar.working_time_between(start, start + TimeDelta::days(366));
        assert!(time.unwrap() >= TimeDelta::hours(8 * i64::from(days)));
    }
}
