//! What a file changes, and what it may not change.

use std::collections::{BTreeSet, HashSet};

use chrono::{Datelike, NaiveDate};

use super::super::fault::{Place, RowFaults};
use super::super::read::CALENDAR;
use super::super::report::{Change, What};
use super::{CalendarFile, NewCalendar, Planned};
use crate::catalogue::stored::{StoredCalendar, StoredYear};
use crate::error::Said;

/// Years ahead that there should always be (DESIGN §6).
const YEARS_AHEAD: i32 = 2;

/// Checks a file against the calendar of before, as of a day.
pub(super) fn check(file: &CalendarFile, before: Option<&StoredCalendar>, today: NaiveDate, faults: &mut RowFaults) {
    check_gaps(&file.written, before, faults);
    for year in file.written.years.iter().filter(|year| year.year < today.year()) {
        let old = before.and_then(|before| before.years.iter().find(|row| row.year == year.year));
        let differs = old.is_some_and(|old| (old.state, &old.off, &old.work) != (year.state, &year.off, &year.work));
        if let Some(place) = file.places.get(&year.year).filter(|_| differs) {
            faults.say(place, "/year", year_is_over(year.year));
        }
    }
}

/// A count walks from year to year, so there may be no gap, those of before included.
fn check_gaps(written: &StoredCalendar, before: Option<&StoredCalendar>, faults: &mut RowFaults) {
    let kept = before.iter().flat_map(|before| &before.years);
    let years: HashSet<i32> = written.years.iter().chain(kept).map(|row| row.year).collect();
    let place = Place::whole(CALENDAR);
    let Some((first, last)) = years.iter().min().zip(years.iter().max()) else {
        faults.add(&place, "/years", "has no year");
        return;
    };
    // A slip such as 20226 is told once, not by eighteen thousand years between.
    let missing = (*first..*last).find(|year| !years.contains(year));
    if let Some(year) = missing {
        faults.add(&place, "/years", format!("the year {year} is missing between {first} and {last}"));
    }
}

/// Its figures are sealed or about to be, and due dates that have passed stay as they were: only where the days were
/// found may be put right.
fn year_is_over(year: i32) -> Said {
    Said::new(
        "year_is_over",
        format!("Năm {year} đã qua, không thể đổi ngày nghỉ, ngày làm bù của năm đó"),
        format!("{year} is over: its days can't be changed any more"),
    )
}

/// Plans the calendar. Years that the file does not have are kept: due dates were counted by them.
pub(super) fn plan(written: StoredCalendar, before: (i32, Option<&StoredCalendar>), today: NaiveDate) -> Planned {
    let mut planned = Planned { new: None, changes: Vec::new(), unchanged: 0, warnings: Vec::new() };
    let (number, before) = before;
    let mut calendar = written;
    for year in before.iter().flat_map(|before| &before.years) {
        if calendar.years.iter().any(|row| row.year == year.year) {
            continue;
        }
        planned.note(year.year.to_string(), What::Kept);
        calendar.years.push(year.clone());
    }
    calendar.years.sort_by_key(|row| row.year);
    let years = planned.note_years(&calendar, before, today);
    planned.warn_of_end(&calendar, today);
    if before != Some(&calendar) {
        planned.new = Some(NewCalendar { number: number + 1, years, stored: calendar });
    }
    planned
}

impl Planned {
    fn note(&mut self, code: String, what: What) {
        self.changes.push(Change { file: CALENDAR, code, what });
    }

    fn note_changed(&mut self, code: String, field: &str) {
        self.note(code, What::Changed { fields: vec![field.to_owned()] });
    }

    /// Notes what differs; returns the years that do.
    fn note_years(&mut self, calendar: &StoredCalendar, before: Option<&StoredCalendar>, today: NaiveDate) -> Vec<i32> {
        if let Some(before) = before
            && (&before.weekdays, &before.working_time) != (&calendar.weekdays, &calendar.working_time)
        {
            self.note_changed("office hours".to_owned(), "weekdays, working_time");
        }
        let mut years = Vec::new();
        for year in &calendar.years {
            let old = before.and_then(|before| before.years.iter().find(|row| row.year == year.year));
            match old {
                Some(old) if old == year => {
                    self.unchanged += 1;
                    continue;
                }
                Some(old) => {
                    self.note_changed(year.year.to_string(), "days off, make-up days, state or source");
                    self.warn_of_passed(old, year, today);
                }
                None => self.note(year.year.to_string(), What::New),
            }
            years.push(year.year);
        }
        years
    }

    fn warn_of_passed(&mut self, old: &StoredYear, new: &StoredYear, today: NaiveDate) {
        let off = old.off.symmetric_difference(&new.off);
        let changed: BTreeSet<_> = off.chain(old.work.symmetric_difference(&new.work)).collect();
        if let Some(date) = changed.into_iter().find(|date| **date < today) {
            self.warnings
                .push(format!("{CALENDAR}: {date} has passed already; due dates that have passed stay as they are"));
        }
    }

    fn warn_of_end(&mut self, calendar: &StoredCalendar, today: NaiveDate) {
        let needed = today.year() + YEARS_AHEAD;
        let last = calendar.years.iter().map(|row| row.year).max();
        if last.is_some_and(|last| last < needed) {
            self.warnings.push(format!(
                "{CALENDAR}: has no year {needed}; add it, provisional at least, or due dates in it can't be counted"
            ));
        }
    }
}
