//! What a calendar would move, before it is published.

use std::collections::BTreeMap;

use diesel::PgConnection;
use serde_json::Value;
use uuid::Uuid;

use crate::catalogue::import::calendar::read_and_plan;
use crate::catalogue::import::{Change, RowFault};
use crate::domain::calendars::PublishedCalendar;
use crate::domain::ids::UnitId;
use crate::domain::period::office_date;
use crate::dossiers::recalculate::{self, Move};
use crate::error::AppError;
use crate::http::page::Cursor;
use crate::state::Act;

/// Dossiers that are held in memory at once.
const AT_ONCE: i64 = 2000;

/// How many open dossiers there are, and how many of them move.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Open ones whose due date lies ahead.
    pub total: i64,
    /// Of them those that move.
    pub moved: i64,
}

/// What publishing would do.
#[derive(Debug, Default)]
pub struct Foresight {
    /// The number that the calendar would get.
    pub number: i32,
    /// What differs from the calendar in force, year by year.
    pub changes: Vec<Change>,
    /// What should be looked at.
    pub warnings: Vec<String>,
    /// All units together.
    pub all: Counts,
    /// Each unit that resolves any.
    pub units: BTreeMap<UnitId, Counts>,
    /// Open ones whose clock stands: counted by the calendar in force when it goes on.
    pub paused: i64,
    /// Open ones past their due date, which stays.
    pub passed: i64,
}

/// Counts all open dossiers by the calendar of a file, writing nothing; tells each due date that would move, in the order
/// of the due dates of now.
///
/// # Errors
/// Whatever the database says. The faults of the file are the inner error.
pub fn foresee(
    conn: &mut PgConnection,
    act: &Act<'_>,
    content: Value,
    mut tell: impl FnMut(Move),
) -> Result<Result<Foresight, Vec<RowFault>>, AppError> {
    let (new, planned) = match read_and_plan(conn, content, office_date(act.now))? {
        Ok(read) => read,
        Err(faults) => return Ok(Err(faults)),
    };
    let (paused, passed) = recalculate::count_untouched(conn, act.now)?;
    let (changes, warnings) = (planned.changes, planned.warnings);
    let mut foresight = Foresight { number: new.number, changes, warnings, paused, passed, ..Foresight::default() };
    let calendar = PublishedCalendar { number: new.number, published_at: act.now, calendar: new.calendar()? };
    let mut next = Some(Cursor { at: act.now, id: Uuid::nil() });
    while let Some(after) = next {
        let foreseen = recalculate::foresee(conn, act, &calendar, (after, AT_ONCE))?;
        foresight.count(&foreseen.units, &foreseen.moves);
        foreseen.moves.into_iter().for_each(&mut tell);
        next = foreseen.next;
    }
    Ok(Ok(foresight))
}

impl Foresight {
    fn count(&mut self, units: &[UnitId], moves: &[Move]) {
        for unit in units {
            self.all.total += 1;
            self.units.entry(*unit).or_default().total += 1;
        }
        for moving in moves {
            self.all.moved += 1;
            self.units.entry(moving.unit_id).or_default().moved += 1;
        }
    }
}
