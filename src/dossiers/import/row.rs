//! A row of text into a dossier to be: every fault is told.

use std::str::FromStr;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};

use super::read::TableRow;
use super::verdict::CellFault;
use crate::domain::calendar::Calendar;
use crate::domain::dossier::{Outcome, Status};
use crate::domain::period::{from_office_time, office_date, with_office_offset};
use crate::dossiers::intake::Intake;
use crate::dossiers::people::PersonForm;
use crate::state::Act;

/// The statuses in which a dossier of an old system may come.
const STATUSES: [Status; 6] =
    [Status::Received, Status::Processing, Status::Finished, Status::Returned, Status::Withdrawn, Status::Stopped];

/// A dossier to be.
#[derive(Debug)]
pub struct Row {
    /// The old system.
    pub source: String,
    /// The dossier's code there.
    pub source_code: String,
    /// What was handed in.
    pub intake: Intake,
    /// What became of it there; a new dossier has none.
    pub past: Option<Past>,
}

/// What became of a dossier in the old system.
#[derive(Debug)]
pub struct Past {
    /// Where it stands.
    pub status: Status,
    /// The due date on its slip.
    pub due_first: Option<DateTime<Utc>>,
    /// When the result was ready.
    pub finished_at: Option<DateTime<Utc>>,
    /// When it was handed over.
    pub returned_at: Option<DateTime<Utc>>,
    /// When it ended without a result.
    pub ended_at: Option<DateTime<Utc>>,
    /// The result.
    pub outcome: Outcome,
}

impl Row {
    /// Reads a row, with all that can be said against it without the catalogue.
    pub fn read(act: &Act<'_>, row: &TableRow) -> (Self, Vec<CellFault>) {
        let mut cells = Cells { act, row, faults: Vec::new() };
        cells.check_all();
        let received_at = cells.moment("received_at", Calendar::opening);
        let past = cells.past(received_at);
        let intake = Intake {
            procedure_code: cells.owned("procedure_code"),
            unit_code: cells.owned("unit_code"),
            place_code: cells.owned("place_code"),
            channel: cells.owned("channel"),
            received_at: received_at.map(with_office_offset),
            applicant: Some(PersonForm {
                kind: cells.owned("kind"),
                name: cells.owned("applicant_name"),
                id_number: cells.owned("applicant_id_number"),
                phone: cells.owned("applicant_phone"),
                email: cells.owned("applicant_email"),
                address: cells.owned("applicant_address"),
                mandate: None,
            }),
            ..Intake::default()
        };
        let source = cells.text("source", 64);
        let source_code = cells.text("source_code", 128);
        (Self { source, source_code, intake, past }, cells.faults)
    }
}

struct Cells<'a> {
    act: &'a Act<'a>,
    row: &'a TableRow,
    faults: Vec<CellFault>,
}

impl<'a> Cells<'a> {
    fn get(&self, column: &str) -> Option<&'a str> {
        self.row.cells.get(column).map(String::as_str)
    }

    fn owned(&self, column: &str) -> Option<String> {
        self.get(column).map(str::to_owned)
    }

    fn fault(&mut self, column: &str, text: impl Into<String>) {
        self.faults.push(CellFault::new(column, text));
    }

    fn check_all(&mut self) {
        if self.row.is_too_long {
            self.fault("", "there are more cells than columns; quote cells that hold the separator");
        }
        let row = self.row;
        for (column, cell) in &row.cells {
            if cell.contains('\0') {
                self.fault(column, "holds a NUL character");
            }
        }
        if self.get("received_at").is_none() {
            self.fault("received_at", "This field is required");
        }
    }

    fn text(&mut self, column: &str, longest: usize) -> String {
        let text = self.get(column).unwrap_or_default();
        if !(1..=longest).contains(&text.chars().count()) {
            self.fault(column, format!("Must have 1 to {longest} characters"));
        }
        text.to_owned()
    }

    /// Reads a moment; a date alone stands for a time of that day.
    fn moment(&mut self, column: &str, time: fn(&Calendar) -> NaiveTime) -> Option<DateTime<Utc>> {
        let text = self.get(column)?;
        let Some((date, at)) = read_moment(text) else {
            self.fault(column, "must be a date and time such as 2024-05-20 08:15, or a date");
            return None;
        };
        let time = at.unwrap_or_else(|| time(self.act.catalogue().calendar()));
        let at = from_office_time(date.and_time(time));
        // A day that is not over yet may be told by its date alone.
        if at > self.act.now && column != "due_first" {
            if office_date(at) == office_date(self.act.now) {
                return Some(self.act.now);
            }
            self.fault(column, "lies in the future");
        }
        Some(at)
    }

    fn word<T: FromStr>(&mut self, column: &str, allowed: &[&str]) -> Option<T> {
        let word = self.get(column)?;
        let known = allowed.contains(&word).then(|| word.parse().ok()).flatten();
        if known.is_none() {
            self.fault(column, format!("Must be one of: {}", allowed.join(", ")));
        }
        known
    }

    fn past(&mut self, received_at: Option<DateTime<Utc>>) -> Option<Past> {
        let words = STATUSES.map(Status::as_str);
        let status: Option<Status> = self.word("status", &words);
        let due_first = self.moment("due_first", Calendar::closing);
        let outcome = self.word("result", Outcome::WORDS);
        let past = Past {
            status: status.unwrap_or(Status::Received),
            due_first,
            finished_at: self.moment("finished_at", Calendar::closing),
            returned_at: self.moment("returned_at", Calendar::closing),
            ended_at: self.moment("ended_at", Calendar::closing),
            outcome: outcome.unwrap_or(Outcome::Granted),
        };
        self.check_fitting(status);
        self.check_order(received_at, &past);
        status.map(|_| past)
    }

    /// Whether the cells are those that the status has.
    fn check_fitting(&mut self, status: Option<Status>) {
        let has_result = matches!(status, Some(Status::Finished | Status::Returned));
        let has_end = matches!(status, Some(Status::Withdrawn | Status::Stopped));
        let rules = [
            ("due_first", status.is_some(), false, "received or any other status"),
            ("finished_at", has_result, true, "finished and returned"),
            ("returned_at", status == Some(Status::Returned), true, "returned"),
            ("ended_at", has_end, true, "withdrawn and stopped"),
            ("result", has_result, false, "finished and returned"),
        ];
        if self.get("status").is_some() && status.is_none() {
            return;
        }
        for (column, fits, is_needed, statuses) in rules {
            match self.get(column) {
                Some(_) if !fits => self.fault(column, format!("goes with the status {statuses} only")),
                None if fits && is_needed => self.fault(column, "This field is required with this status"),
                _ => {}
            }
        }
    }

    fn check_order(&mut self, received_at: Option<DateTime<Utc>>, past: &Past) {
        let order = [
            ("finished_at", "received_at", received_at, past.finished_at),
            ("returned_at", "finished_at", past.finished_at, past.returned_at),
            ("ended_at", "received_at", received_at, past.ended_at),
            ("due_first", "received_at", received_at, past.due_first),
        ];
        for (column, before, earlier, later) in order {
            if earlier.zip(later).is_some_and(|(earlier, later)| later < earlier) {
                self.fault(column, format!("lies before {before}"));
            }
        }
    }
}

/// Reads a date, and a time where there is one; midnight is none, since spreadsheets write it for a bare date.
fn read_moment(text: &str) -> Option<(NaiveDate, Option<NaiveTime>)> {
    const MOMENTS: [&str; 6] = [
        "%Y-%m-%d %H:%M",
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%dT%H:%M",
        "%Y-%m-%dT%H:%M:%S",
        "%d/%m/%Y %H:%M",
        "%d/%m/%Y %H:%M:%S",
    ];
    const DATES: [&str; 2] = ["%Y-%m-%d", "%d/%m/%Y"];
    let moment = |at: NaiveDateTime| (at.date(), Some(at.time()).filter(|time| *time != NaiveTime::MIN));
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(moment(crate::domain::period::office_time(at.to_utc())));
    }
    let at = MOMENTS.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    let date = || DATES.iter().find_map(|form| NaiveDate::parse_from_str(text, form).ok());
    at.map(moment).or_else(|| date().map(|date| (date, None)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_as_offices_write_them() {
        let day = NaiveDate::from_ymd_opt(2024, 5, 20).unwrap();
        let at = NaiveTime::from_hms_opt(8, 15, 0);
        for text in ["2024-05-20 08:15", "20/05/2024 08:15:00", "2024-05-20T08:15:00+07:00", "2024-05-20T01:15:00Z"] {
            assert_eq!(read_moment(text), Some((day, at)), "{text}");
        }
        for text in ["2024-05-20", "20/05/2024", "2024-05-20 00:00:00"] {
            assert_eq!(read_moment(text), Some((day, None)), "{text}");
        }
        for text in ["05/20/2024", "2024-02-30", "hôm qua", ""] {
            assert_eq!(read_moment(text), None, "{text}");
        }
    }
}
