//! Who held a dossier, and for how long: the working time of its whole life, divided at every hop and every pause.
//!
//! A moment counts as the whole working minutes from the beginning to it, rounded down, and a part as the difference of
//! its two ends: so the parts add up to the whole exactly, whatever the seconds.

use chrono::{DateTime, TimeDelta, Utc};

use super::calendar::{Calendar, CalendarError};
use super::period::office_time;

/// An interval of time; the end may still be to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first moment.
    pub from: DateTime<Utc>,
    /// The first moment after it.
    pub to: Option<DateTime<Utc>>,
}

impl Span {
    fn covers(&self, at: DateTime<Utc>) -> bool {
        self.from <= at && self.to.is_none_or(|to| at < to)
    }
}

/// A part of a dossier's life in which one and the same held it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// The first moment.
    pub from: DateTime<Utc>,
    /// The first moment after it.
    pub to: DateTime<Utc>,
    /// The number of the hop, among those given; `None` where there is none.
    pub hop: Option<usize>,
    /// The number of the pause, among those given; `None` while the clock ran.
    pub pause: Option<usize>,
    /// Its working minutes.
    pub minutes: i64,
}

/// Divides a life at the hops and pauses that lie in it. Where several hops cover a moment the last one holds it.
///
/// # Errors
/// `NotPublished` where a year between has no row.
pub fn divide(
    calendar: &Calendar,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    hops: &[Span],
    pauses: &[Span],
) -> Result<Vec<Part>, CalendarError> {
    let ends = hops.iter().chain(pauses).flat_map(|span| [Some(span.from), span.to]).flatten();
    let mut cuts: Vec<_> = ends.filter(|at| from < *at && *at < to).chain([from, to]).collect();
    cuts.sort_unstable();
    cuts.dedup();
    let mut clock = Clock { calendar, at: from, worked: TimeDelta::zero() };
    let mut parts = Vec::with_capacity(cuts.len());
    for (start, end) in cuts.iter().zip(cuts.iter().skip(1)) {
        parts.push(Part {
            from: *start,
            to: *end,
            hop: hops.iter().rposition(|span| span.covers(*start)),
            pause: pauses.iter().rposition(|span| span.covers(*start)),
            minutes: clock.go_to(*end)?,
        });
    }
    Ok(parts)
}

/// Goes through the life from its beginning, so that each day is counted once.
struct Clock<'a> {
    calendar: &'a Calendar,
    at: DateTime<Utc>,
    worked: TimeDelta,
}

impl Clock<'_> {
    /// Goes on to a moment; returns by how many whole minutes the working time has grown.
    fn go_to(&mut self, to: DateTime<Utc>) -> Result<i64, CalendarError> {
        let before = self.worked.num_minutes();
        self.worked += self.calendar.working_time_between(office_time(self.at), office_time(to))?;
        self.at = to;
        Ok(self.worked.num_minutes() - before)
    }
}
