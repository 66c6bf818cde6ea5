//! The calendar: published whole under a new number, so that a due date can name the one it was counted by.

use chrono::{Datelike, NaiveDate};

use super::super::existing::Existing;
use super::super::read::CALENDAR;
use super::super::report::What;
use super::Plan;
use crate::catalogue::stored::StoredCalendar;

/// Years ahead that there should always be (DESIGN §6).
const YEARS_AHEAD: i32 = 2;

impl Plan {
    /// Plans the calendar. Years that the file no longer has are kept: due dates were counted by them.
    pub(super) fn calendar(&mut self, written: StoredCalendar, existing: &Existing, today: NaiveDate) {
        let mut calendar = written;
        let before = existing.calendar.as_ref();
        for year in before.iter().flat_map(|before| &before.years) {
            if calendar.years.iter().any(|row| row.year == year.year) {
                continue;
            }
            self.note(CALENDAR, &year.year.to_string(), What::Kept);
            calendar.years.push(year.clone());
        }
        calendar.years.sort_by_key(|row| row.year);
        self.note_years(&calendar, before);
        self.warn_of_end(&calendar, today);
        if before != Some(&calendar) {
            self.calendar = Some((existing.calendar_version + 1, calendar));
        }
    }

    fn note_years(&mut self, calendar: &StoredCalendar, before: Option<&StoredCalendar>) {
        if let Some(before) = before
            && (&before.weekdays, &before.working_time) != (&calendar.weekdays, &calendar.working_time)
        {
            let fields = vec!["weekdays, working_time".to_owned()];
            self.note_changed(CALENDAR, "office hours", fields);
        }
        for year in &calendar.years {
            let old = before.and_then(|before| before.years.iter().find(|row| row.year == year.year));
            let code = year.year.to_string();
            match old {
                None => self.note(CALENDAR, &code, What::New),
                Some(old) if old == year => self.unchanged += 1,
                Some(_) => {
                    let fields = vec!["days off, make-up days, state or source".to_owned()];
                    self.note_changed(CALENDAR, &code, fields);
                }
            }
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
