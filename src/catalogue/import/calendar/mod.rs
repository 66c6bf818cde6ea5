//! The calendar of a file: read (`read`), compared with the one in force (`plan`). It comes into force whole, under a new
//! number, so that a due date can name the one it was counted by.

mod plan;
mod read;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::PgConnection;
use serde_json::Value;

use super::fault::{Place, RowFault, RowFaults};
use super::read::CALENDAR;
use super::report::Change;
use crate::catalogue::load::stored_calendar;
use crate::catalogue::stored::StoredCalendar;
use crate::domain::calendar::Calendar;
use crate::error::{AppError, Said};

/// What a file says, and where each year of it stands.
#[derive(Debug)]
pub struct CalendarFile {
    written: StoredCalendar,
    places: BTreeMap<i32, Place>,
}

/// What a file makes of the calendar in force.
#[derive(Debug)]
pub struct Planned {
    /// What there is to publish, if anything differs.
    pub new: Option<NewCalendar>,
    /// What differs or is kept, year by year.
    pub changes: Vec<Change>,
    /// How many years are as they were.
    pub unchanged: usize,
    /// What should be looked at.
    pub warnings: Vec<String>,
}

/// A calendar to be published.
#[derive(Debug, Clone)]
pub struct NewCalendar {
    /// Its number.
    pub number: i32,
    /// The years that are new or differ.
    pub years: Vec<i32>,
    pub(in crate::catalogue) stored: StoredCalendar,
}

impl NewCalendar {
    /// Returns the calendar that due dates will be counted by.
    ///
    /// # Errors
    /// None that a checked file can cause.
    pub fn calendar(&self) -> Result<Calendar, AppError> {
        self.stored.read().map_err(|err| AppError::Internal(err.into()))
    }
}

/// Reads the content of a file, noting every fault.
pub(super) fn read(content: Value, faults: &mut RowFaults) -> Option<CalendarFile> {
    read::read(content, faults)
}

/// Compares a file with the calendar of before, which has that number, as of a day, noting every fault.
pub(super) fn plan(
    file: CalendarFile,
    before: (i32, Option<&StoredCalendar>),
    today: NaiveDate,
    faults: &mut RowFaults,
) -> Planned {
    plan::check(&file, before.1, today, faults);
    plan::plan(file.written, before, today)
}

/// Reads the content of a file and compares it with the calendar in force, as of a day; a file that changes nothing is
/// a fault too.
///
/// # Errors
/// Whatever the database says. The faults of the file are the inner error.
pub fn read_and_plan(
    conn: &mut PgConnection,
    content: Value,
    today: NaiveDate,
) -> Result<Result<(NewCalendar, Planned), Vec<RowFault>>, AppError> {
    let mut faults = RowFaults::default();
    let Some(file) = read(content, &mut faults) else {
        return Ok(Err(faults.into_vec()));
    };
    let (number, before) = stored_calendar(conn)?;
    let mut planned = plan(file, (number, before.as_ref()), today, &mut faults);
    match planned.new.take() {
        Some(new) if faults.is_empty() => return Ok(Ok((new, planned))),
        None if faults.is_empty() => faults.say(&Place::whole(CALENDAR), "", nothing_changes(number)),
        _ => {}
    }
    Ok(Err(faults.into_vec()))
}

fn nothing_changes(number: i32) -> Said {
    Said::new(
        "nothing_changes",
        format!("Lịch này giống hệt lịch số {number} đang có hiệu lực"),
        format!("it says what calendar {number}, which is in force, says already"),
    )
}
