//! The file into a calendar: every day is checked where it stands.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};
use serde_json::Value;

use super::super::fault::{Place, RowFaults};
use super::super::read::{CALENDAR, LONGEST_NAME, place_of, read_row};
use super::super::row::RowReader;
use super::CalendarFile;
use crate::catalogue::stored::{Interval, StoredCalendar, StoredYear, WeekdayNumber};
use crate::error::Said;

/// Reads it; `None` where so much is missing that no calendar is left.
pub(super) fn read(content: Value, faults: &mut RowFaults) -> Option<CalendarFile> {
    let place = Place::whole(CALENDAR);
    let mut row = RowReader::begin(&place, content, faults)?;
    let timezone: Option<String> = row.required("timezone");
    if timezone.is_some_and(|zone| zone != "Asia/Ho_Chi_Minh") {
        row.fault("/timezone", "must be Asia/Ho_Chi_Minh");
    }
    let weekdays: Option<Vec<WeekdayNumber>> = row.required("weekdays");
    let working_time: Option<Vec<Interval>> = row.required("working_time");
    let years: Option<Vec<Value>> = row.required("years");
    row.end();
    let (weekdays, working_time) = (weekdays?, working_time?);
    check_week(&weekdays, &working_time, faults);
    let (years, places) = read_years(years?, &weekdays, faults);
    Some(CalendarFile { written: StoredCalendar { weekdays, working_time, years }, places })
}

fn check_week(weekdays: &[WeekdayNumber], working_time: &[Interval], faults: &mut RowFaults) {
    let place = Place::whole(CALENDAR);
    if weekdays.is_empty() {
        faults.say(&place, "/weekdays", no_weekday());
    }
    if working_time.is_empty() {
        faults.say(&place, "/working_time", no_working_time());
    }
    let mut end = None;
    for (index, interval) in working_time.iter().enumerate() {
        let pointer = format!("/working_time/{index}");
        if interval.to <= interval.from {
            faults.say(&place, &pointer, empty_interval(interval));
        }
        if end.is_some_and(|end| interval.from < end) {
            faults.say(&place, &pointer, overlapping(interval));
        }
        end = end.max(Some(interval.to));
    }
}

fn read_years(
    items: Vec<Value>,
    weekdays: &[WeekdayNumber],
    faults: &mut RowFaults,
) -> (Vec<StoredYear>, BTreeMap<i32, Place>) {
    let (mut years, mut places) = (Vec::new(), BTreeMap::new());
    for (index, item) in items.into_iter().enumerate() {
        let place = place_of(CALENDAR, "/years", index, &item, "year");
        let Some(row) = read_row(&place, item, faults, read_year) else {
            continue;
        };
        if places.insert(row.year, place.clone()).is_some() {
            faults.add(&place, "/year", "stands twice in this file");
            continue;
        }
        row.check(&place, weekdays, faults);
        years.push(StoredYear::from(row));
    }
    years.sort_by_key(|year| year.year);
    (years, places)
}

/// A year as it is written: its days in their order, so that each can be named by its place.
struct WrittenYear {
    year: i32,
    state: crate::domain::calendar::YearState,
    off: Vec<NaiveDate>,
    work: Vec<NaiveDate>,
    source: String,
}

fn read_year(row: &mut RowReader<'_>) -> Option<WrittenYear> {
    let year = row.required("year");
    let state = row.required("state");
    let off = row.required("off");
    let work = row.required("work");
    let source = row.text("source", LONGEST_NAME);
    Some(WrittenYear { year: year?, state: state?, off: off?, work: work?, source: source? })
}

impl From<WrittenYear> for StoredYear {
    fn from(row: WrittenYear) -> Self {
        let WrittenYear { year, state, off, work, source } = row;
        Self { year, state, off: off.into_iter().collect(), work: work.into_iter().collect(), source }
    }
}

impl WrittenYear {
    fn check(&self, place: &Place, weekdays: &[WeekdayNumber], faults: &mut RowFaults) {
        if NaiveDate::from_yo_opt(self.year, 1).is_none() {
            faults.say(place, "/year", no_such_year(self.year));
        }
        self.check_dates(place, ("off", &self.off), faults);
        self.check_dates(place, ("work", &self.work), faults);
        for (index, date) in self.work.iter().enumerate() {
            let pointer = format!("/work/{index}");
            if self.off.contains(date) {
                faults.say(place, &pointer, off_and_worked(*date));
            } else if weekdays.iter().any(|day| day.0 == date.weekday()) {
                faults.say(place, &pointer, works_anyway(*date));
            }
        }
    }

    fn check_dates(&self, place: &Place, (name, dates): (&str, &[NaiveDate]), faults: &mut RowFaults) {
        let mut seen = BTreeSet::new();
        for (index, date) in dates.iter().enumerate() {
            let pointer = format!("/{name}/{index}");
            if date.year() != self.year {
                faults.say(place, &pointer, foreign_year(*date, self.year));
            }
            if !seen.insert(date) {
                faults.say(place, &pointer, stands_twice(*date));
            }
        }
    }
}

fn no_weekday() -> Said {
    Said::new("no_working_weekday", "Tuần không có ngày làm việc nào", "no day of the week is worked")
}

fn no_working_time() -> Said {
    Said::new("no_working_time", "Ngày không có giờ làm việc nào", "there is no working time at all")
}

fn empty_interval(interval: &Interval) -> Said {
    let (from, to) = (interval.from, interval.to);
    Said::new(
        "empty_interval",
        format!("Giờ làm việc từ {from} đến {to} không có phút nào"),
        format!("the working time from {from} to {to} is empty"),
    )
}

fn overlapping(interval: &Interval) -> Said {
    let from = interval.from;
    Said::new(
        "overlapping_intervals",
        format!("Giờ làm việc từ {from} chồng lên khoảng trước hoặc sai thứ tự"),
        format!("the working time from {from} overlaps the one before it or is out of order"),
    )
}

fn no_such_year(year: i32) -> Said {
    Said::new("no_such_year", format!("Không có năm {year}"), format!("{year} is no year of a calendar"))
}

fn off_and_worked(date: NaiveDate) -> Said {
    Said::new(
        "off_and_worked",
        format!("Ngày {date} vừa được nghỉ vừa phải làm bù"),
        format!("{date} is listed both off and worked"),
    )
}

fn works_anyway(date: NaiveDate) -> Said {
    Said::new(
        "works_anyway",
        format!("Ngày {date} vốn là ngày làm việc nên không thể là ngày làm bù"),
        format!("{date} is a working day anyway, so it makes up for nothing"),
    )
}

fn foreign_year(date: NaiveDate, year: i32) -> Said {
    Said::new(
        "foreign_year",
        format!("Ngày {date} không thuộc năm {year}"),
        format!("{date} is listed under {year}, which is not its year"),
    )
}

fn stands_twice(date: NaiveDate) -> Said {
    Said::new("stands_twice", format!("Ngày {date} được ghi hai lần"), format!("{date} stands twice"))
}
