//! Where the count begins: the moment of acceptance, moved.

use crate::domain::calendar::{Calendar, CalendarError};
use crate::domain::deadline::Question;
use crate::domain::procedure::{Channel, Cutoff, Term, TermUnit};
use chrono::{NaiveDateTime, NaiveTime, TimeDelta};

/// What the count goes by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule<'a> {
    pub(super) calendar: &'a Calendar,
    pub(super) term: Term,
    channel: Channel,
    cutoff: Cutoff,
}

impl<'a> Rule<'a> {
    pub(super) const fn new(calendar: &'a Calendar, question: &Question<'_>) -> Self {
        let Question { channel, term, cutoff, .. } = *question;
        Self { calendar, term, channel, cutoff }
    }

    /// Returns the moment from which the term counts.
    ///
    /// Online, terms in hours and the cutoff of the last hour count from the next opening when the office is
    /// closed. The last hour counts as the next working day's opening, so that a later receipt is never due earlier.
    pub(super) fn start(&self, at: NaiveDateTime) -> Result<NaiveDateTime, CalendarError> {
        let calendar = self.calendar;
        let waits = self.channel == Channel::Online
            || self.cutoff == Cutoff::LastHour
            || self.term.unit() == TermUnit::WorkingHour;
        calendar.kind(at.date())?;
        let start = if waits { calendar.next_opening(at)? } else { at };
        if self.cutoff == Cutoff::LastHour && start.time() >= self.last_hour() {
            return Ok(calendar.opening_at(calendar.next_working_day(start.date())?));
        }
        Ok(start)
    }

    /// Returns the closing that ends a term of 0 days, and whether it is not that of the day itself.
    pub(super) fn same_day(&self, start: NaiveDateTime) -> Result<NaiveDateTime, CalendarError> {
        let calendar = self.calendar;
        let after_cutoff = self.cutoff == Cutoff::At1500 && start.time() > at_15_00();
        let too_late = after_cutoff || start.time() >= calendar.closing();
        let day = if too_late || !calendar.is_working_day(start.date())? {
            calendar.next_working_day(start.date())?
        } else {
            start.date()
        };
        Ok(calendar.closing_at(day))
    }

    fn last_hour(&self) -> NaiveTime {
        let calendar = self.calendar;
        match calendar.day_length() - TimeDelta::hours(1) {
            before if before > TimeDelta::zero() => calendar.time_after(before),
            _ => calendar.opening(),
        }
    }
}

fn at_15_00() -> NaiveTime {
    NaiveTime::MIN + TimeDelta::hours(15)
}
