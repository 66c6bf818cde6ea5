//! How an end stands against its due date.

use crate::domain::period::office_time;
use crate::domain::procedure::TermUnit;
use crate::domain::words::words;
use chrono::{DateTime, NaiveDateTime, SubsecRound, Timelike, Utc};
use serde::Serialize;
use std::cmp::Ordering;

words! {
    /// The standing of an ended dossier.
    pub enum Standing {
        /// Before the due date (trước hạn).
        Early = "early",
        /// On the due date, or within an extension (đúng hạn).
        OnTime = "on_time",
        /// After it (quá hạn).
        Late = "late",
    }
}

/// The standing with its flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Ended {
    /// The standing.
    pub standing: Standing,
    /// Whether it is on time only by an extension; a setting may count it late.
    pub apologised: bool,
}

/// Returns the standing of a result that was ready at `finished_at`.
///
/// Compares dates of Asia/Ho_Chi_Minh; for terms in hours, minutes.
#[must_use]
pub fn standing(
    unit: TermUnit,
    due_unextended: DateTime<Utc>,
    due_at: DateTime<Utc>,
    finished_at: DateTime<Utc>,
) -> Ended {
    let finished = office_time(finished_at);
    let against = |due| compare(unit, finished, office_time(due));
    let (standing, apologised) = match against(due_unextended) {
        Ordering::Less => (Standing::Early, false),
        Ordering::Equal => (Standing::OnTime, false),
        Ordering::Greater if against(due_at) == Ordering::Greater => (Standing::Late, false),
        Ordering::Greater => (Standing::OnTime, true),
    };
    Ended { standing, apologised }
}

/// Returns the standing of a dossier withdrawn or stopped at the moment: on time unless it was already late.
///
/// Without a due date, in a pause, it is on time; a pause opened after the due date is for the caller to know.
#[must_use]
pub fn standing_without_result(unit: TermUnit, due_at: Option<DateTime<Utc>>, ended_at: DateTime<Utc>) -> Standing {
    match due_at {
        Some(due_at) if is_past(unit, ended_at, due_at) => Standing::Late,
        _ => Standing::OnTime,
    }
}

/// Says whether the moment is after the due date: by date, for terms in hours by minute.
#[must_use]
pub fn is_past(unit: TermUnit, at: DateTime<Utc>, due_at: DateTime<Utc>) -> bool {
    is_past_locally(unit, office_time(at), office_time(due_at))
}

pub(super) fn is_past_locally(unit: TermUnit, at: NaiveDateTime, due: NaiveDateTime) -> bool {
    compare(unit, at, due) == Ordering::Greater
}

fn compare(unit: TermUnit, at: NaiveDateTime, due: NaiveDateTime) -> Ordering {
    match unit {
        TermUnit::WorkingHour => minute(at).cmp(&minute(due)),
        TermUnit::WorkingDay | TermUnit::CalendarDay | TermUnit::Month => at.date().cmp(&due.date()),
    }
}

fn minute(at: NaiveDateTime) -> NaiveDateTime {
    at.with_second(0).unwrap_or(at).trunc_subsecs(0)
}
