//! Builders for the tests of dates.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc, Weekday};
use motcua::domain::calendar::{Calendar, CalendarYear};
use motcua::domain::deadline::{Pause, Question, due_at};
use motcua::domain::period::{from_office_time, office_time};
use motcua::domain::procedure::{Channel, Cutoff, PauseEffect, Term, TermUnit};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

pub const WEEK: [Weekday; 5] = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];

#[derive(Deserialize)]
struct CalendarFile {
    working_time: Vec<Hours>,
    weekdays: Vec<u8>,
    years: Vec<YearRow>,
}

#[derive(Deserialize)]
struct Hours {
    from: String,
    to: String,
}

#[derive(Deserialize)]
struct YearRow {
    year: i32,
    #[serde(flatten)]
    row: CalendarYear,
}

pub fn file(path: &str) -> String {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(root.join(path)).unwrap()
}

pub fn years() -> BTreeMap<i32, CalendarYear> {
    calendar_file().years.into_iter().map(|year| (year.year, year.row)).collect()
}

fn calendar_file() -> CalendarFile {
    serde_json::from_str(&file("config/province/calendar.json")).unwrap()
}

pub fn calendar() -> Calendar {
    let file = calendar_file();
    let weekday = |&day: &u8| Weekday::try_from(day - 1).unwrap();
    let weekdays: Vec<Weekday> = file.weekdays.iter().map(weekday).collect();
    let times = file.working_time.iter().map(|hours| (time(&hours.from), time(&hours.to))).collect();
    Calendar::new(&weekdays, times, years()).unwrap()
}

pub fn calendar_of(years: BTreeMap<i32, CalendarYear>) -> Calendar {
    Calendar::new(&WEEK, hours(&[("07:00", "11:30"), ("13:30", "17:00")]), years).unwrap()
}

pub fn hours(times: &[(&str, &str)]) -> Vec<(NaiveTime, NaiveTime)> {
    times.iter().map(|(from, to)| (time(from), time(to))).collect()
}

pub fn time(text: &str) -> NaiveTime {
    NaiveTime::parse_from_str(text, "%H:%M").unwrap()
}

pub fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub fn local(text: &str) -> NaiveDateTime {
    let format = if text.len() > 16 { "%Y-%m-%dT%H:%M:%S%.f" } else { "%Y-%m-%dT%H:%M" };
    NaiveDateTime::parse_from_str(text, format).unwrap()
}

/// Reads a wall time of the office.
pub fn at(text: &str) -> DateTime<Utc> {
    from_office_time(local(text))
}

pub fn term(amount: &str, unit: TermUnit) -> Term {
    Term::new(amount.parse().unwrap(), unit).unwrap()
}

pub fn days(amount: &str) -> Term {
    term(amount, TermUnit::WorkingDay)
}

pub fn pause(opened: &str, closed: &str, effect: PauseEffect) -> Pause {
    Pause { opened_at: at(opened), closed_at: Some(at(closed)), effect }
}

pub fn open_pause(opened: &str, effect: PauseEffect) -> Pause {
    Pause { opened_at: at(opened), closed_at: None, effect }
}

/// Returns a question at the counter without cutoff and pauses.
pub fn asked(received: &str, term: Term) -> Question<'static> {
    Question { received_at: at(received), channel: Channel::Direct, term, cutoff: Cutoff::None, pauses: &[] }
}

/// Returns the due date as wall time, `2026-10-05T17:00`.
pub fn due(question: &Question<'_>) -> String {
    due_in(&calendar(), question)
}

pub fn due_in(calendar: &Calendar, question: &Question<'_>) -> String {
    shown(due_at(calendar, question).unwrap().unwrap())
}

pub fn shown(at: DateTime<Utc>) -> String {
    office_time(at).format("%Y-%m-%dT%H:%M").to_string()
}
