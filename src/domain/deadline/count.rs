//! The count itself: from the start through the days to the due date, noting what each day was.

use crate::domain::calendar::{Calendar, CalendarError, next_date};
use crate::domain::deadline::course::{Course, Span};
use crate::domain::deadline::explain::{Line, Notes};
use crate::domain::procedure::{Amount, TermUnit};
use crate::domain::working_time::midnight;
use chrono::{Days, Months, NaiveDate, NaiveDateTime, TimeDelta};

/// Hundredths of a working day in seconds: 8 hours by 100, whatever the calendar's day is.
const SECONDS_PER_HUNDREDTH: i64 = 288;

/// How many days a span of pauses moves a date.
pub(super) fn moved_days(calendar: &Calendar, unit: TermUnit, spans: &[Span]) -> Result<u32, CalendarError> {
    let days = |span: &Span| match unit {
        TermUnit::WorkingDay | TermUnit::WorkingHour => {
            calendar.working_days_between(span.opened.date(), span.closed.date())
        }
        TermUnit::CalendarDay | TermUnit::Month => Ok(days_between(span.opened.date(), span.closed.date())),
    };
    spans.iter().map(days).sum()
}

/// How much working time a span of pauses moves a moment.
pub(super) fn moved_time(calendar: &Calendar, spans: &[Span]) -> Result<TimeDelta, CalendarError> {
    let time = |span: &Span| calendar.working_time_between(span.opened, span.closed);
    spans.iter().map(time).sum()
}

/// Calendar days from one date to a later one; 0 when it is not later.
pub(super) fn days_between(from: NaiveDate, to: NaiveDate) -> u32 {
    u32::try_from((to - from).num_days()).unwrap_or(0)
}

/// Returns the date so many calendar days later.
pub(super) fn plus_days(date: NaiveDate, days: u32) -> Result<NaiveDate, CalendarError> {
    let end = date.checked_add_days(Days::new(days.into()));
    end.ok_or(CalendarError::NotPublished { year: i32::MAX })
}

impl Course<'_> {
    /// Counts the term from the start, the spans of its pauses not counted, and the floor kept.
    pub(super) fn unextended(&self, notes: &mut Notes) -> Result<NaiveDateTime, CalendarError> {
        let unit = self.rule.term.unit();
        let counted = match unit {
            TermUnit::WorkingHour => return self.count_time(None, notes),
            TermUnit::WorkingDay if self.rule.term.is_same_day() => {
                return self.count_same_day(notes);
            }
            TermUnit::WorkingDay => self.end_of_working_days(notes)?,
            TermUnit::CalendarDay | TermUnit::Month => self.end_of_calendar_days(notes)?,
        };
        match self.floor.filter(|&floor| floor > counted) {
            Some(floor) => {
                notes.add(|| Line::floor(floor));
                Ok(floor)
            }
            None => Ok(counted),
        }
    }

    /// Notes the days of a count that a restart sets aside, to the date on which its pause closed.
    pub(super) fn note_until(&self, until: NaiveDate, notes: &mut Notes) -> Result<(), CalendarError> {
        if matches!(notes, Notes::Silent) {
            return Ok(());
        }
        match self.rule.term.unit() {
            TermUnit::WorkingHour => self.count_time(Some(until), notes).map(drop),
            _ => self.count_days(Some(until), notes).map(drop),
        }
    }

    fn count_same_day(&self, notes: &mut Notes) -> Result<NaiveDateTime, CalendarError> {
        let end = self.rule.same_day(self.start)?;
        if end.date() != self.start.date() {
            self.note_off_days(self.start.date(), end.date(), notes)?;
            notes.add(|| Line::moved(end));
        }
        Ok(end)
    }

    fn end_of_working_days(&self, notes: &mut Notes) -> Result<NaiveDateTime, CalendarError> {
        let date = self.count_days(None, notes)?;
        let calendar = self.rule.calendar;
        let fraction = self.rule.term.amount().fraction();
        if fraction.is_zero() {
            return Ok(calendar.closing_at(date));
        }
        let work = TimeDelta::seconds(i64::from(fraction.hundredths()) * SECONDS_PER_HUNDREDTH);
        let end = date.and_time(calendar.time_after(work));
        notes.add(|| Line::fraction(end, fraction));
        Ok(end)
    }

    fn end_of_calendar_days(&self, notes: &mut Notes) -> Result<NaiveDateTime, CalendarError> {
        let date = self.count_days(None, notes)?;
        let calendar = self.rule.calendar;
        let rolled = calendar.rolled(date)?;
        if rolled != date {
            self.note_off_days(date, rolled, notes)?;
            notes.add(|| Line::rolled(date, rolled));
        }
        Ok(calendar.closing_at(rolled))
    }

    /// Walks the days after the start's, whose own day is never counted; without notes by the calendar's tables.
    fn count_days(&self, until: Option<NaiveDate>, notes: &mut Notes) -> Result<NaiveDate, CalendarError> {
        let (calendar, unit) = (self.rule.calendar, self.rule.term.unit());
        let days = self.days_of_term()?;
        let mut left = days + moved_days(calendar, unit, &self.spans)?;
        if matches!(notes, Notes::Silent) {
            let from = self.start.date();
            let by_work = unit == TermUnit::WorkingDay;
            return if by_work { calendar.nth_working_day(from, left) } else { calendar.plus_days(from, left) };
        }
        let mut date = self.start.date();
        let mut number = 0;
        while left > 0 && until != Some(date) {
            date = next_date(date)?;
            let kind = calendar.kind(date)?;
            if unit == TermUnit::WorkingDay && !kind.is_working() {
                notes.add(|| Line::not_worked(date, kind));
                continue;
            }
            left -= 1;
            if number == days || self.is_paused_on(date) {
                notes.add(|| Line::paused_day(date));
            } else {
                number += 1;
                notes.add(|| Line::counted(date, kind, unit, number));
            }
        }
        Ok(date)
    }

    /// Walks the working time from the start; a term full at a closing time ends there.
    fn count_time(&self, until: Option<NaiveDate>, notes: &mut Notes) -> Result<NaiveDateTime, CalendarError> {
        let calendar = self.rule.calendar;
        let mut left = hours(self.rule.term.amount()) + moved_time(calendar, &self.spans)?;
        let mut at = self.start;
        loop {
            let kind = calendar.kind(at.date())?;
            let day = calendar.work_on_day(at, left)?;
            if kind.is_working() {
                self.note_minutes(at, day.end, notes)?;
            } else {
                notes.add(|| Line::not_worked(at.date(), kind));
            }
            left -= day.taken;
            if left <= TimeDelta::zero() || until == Some(at.date()) {
                return Ok(day.end);
            }
            at = midnight(next_date(at.date())?);
        }
    }

    fn note_minutes(&self, from: NaiveDateTime, to: NaiveDateTime, notes: &mut Notes) -> Result<(), CalendarError> {
        if matches!(notes, Notes::Silent) || to <= from {
            return Ok(());
        }
        let calendar = self.rule.calendar;
        let clipped = |span: &Span| Span { opened: span.opened.max(from), closed: span.closed.min(to) };
        let spans: Vec<Span> = self.spans.iter().map(clipped).filter(|span| span.opened < span.closed).collect();
        let paused = moved_time(calendar, &spans)?;
        let counted = calendar.working_time_between(from, to)? - paused;
        if counted > TimeDelta::zero() {
            notes.add(|| Line::counted_minutes(from.date(), counted.num_minutes()));
        }
        if paused > TimeDelta::zero() {
            notes.add(|| Line::paused_minutes(from.date(), paused.num_minutes()));
        }
        Ok(())
    }

    fn note_off_days(&self, from: NaiveDate, to: NaiveDate, notes: &mut Notes) -> Result<(), CalendarError> {
        let mut date = from;
        while date < to {
            let kind = self.rule.calendar.kind(date)?;
            if !kind.is_working() {
                notes.add(|| Line::not_worked(date, kind));
            }
            date = next_date(date)?;
        }
        Ok(())
    }

    fn days_of_term(&self) -> Result<u32, CalendarError> {
        let amount = self.rule.term.amount();
        let from = self.start.date();
        match self.rule.term.unit() {
            TermUnit::Month => {
                let end = from.checked_add_months(Months::new(amount.units()));
                let end = end.ok_or(CalendarError::NotPublished { year: i32::MAX })?;
                Ok(days_between(from, end))
            }
            _ => Ok(amount.units() + u32::from(!amount.fraction().is_zero())),
        }
    }

    fn is_paused_on(&self, date: NaiveDate) -> bool {
        self.spans.iter().any(|span| span.opened.date() < date && date <= span.closed.date())
    }
}

fn hours(amount: Amount) -> TimeDelta {
    TimeDelta::seconds(i64::from(amount.hundredths()) * 36)
}
