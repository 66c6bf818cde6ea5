//! The life of one term: its start, what pauses and an extension made of it.

use crate::domain::calendar::CalendarError;
use crate::domain::deadline::count::{days_between, moved_days, moved_time, plus_days};
use crate::domain::deadline::explain::{Line, Notes};
use crate::domain::deadline::standing::is_past_locally;
use crate::domain::deadline::start::Rule;
use crate::domain::deadline::{DeadlineError, Extension, Left, Pause, Question};
use crate::domain::period::office_time;
use crate::domain::procedure::{PauseEffect, TermUnit};
use chrono::{NaiveDate, NaiveDateTime};

/// A closed pause, cut to what lies after the start.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) opened: NaiveDateTime,
    pub(super) closed: NaiveDateTime,
}

/// A due date set by an extension, and what has moved it since.
#[derive(Debug)]
struct Extended {
    to: NaiveDate,
    spans: Vec<Span>,
    floor: Option<NaiveDateTime>,
}

/// A term being counted.
#[derive(Debug)]
pub(super) struct Course<'a> {
    pub(super) rule: Rule<'a>,
    pub(super) start: NaiveDateTime,
    pub(super) spans: Vec<Span>,
    pub(super) floor: Option<NaiveDateTime>,
    extended: Option<Extended>,
}

/// What came of it, in wall time.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) counts_from: NaiveDateTime,
    pub(super) unextended: Option<NaiveDateTime>,
    pub(super) due: Option<NaiveDateTime>,
    pub(super) provisional: bool,
    pub(super) left: Option<Left>,
}

/// Runs the term through its pauses and its extension in the order of time.
pub(super) fn run(
    rule: Rule<'_>,
    question: &Question<'_>,
    extension: Option<Extension>,
    notes: &mut Notes,
) -> Result<Outcome, DeadlineError> {
    let received = office_time(question.received_at);
    let start = rule.start(received)?;
    notes.add(|| Line::received(received, rule.term));
    if start != received {
        notes.add(|| Line::moved(start));
    }
    let mut course = Course { rule, start, spans: Vec::new(), floor: None, extended: None };
    let mut waiting = extension;
    for pause in in_order(question.pauses)? {
        if let Some(extension) = waiting.take_if(|extension| extension.granted_at <= pause.opened_at) {
            course.extend(extension.to);
        }
        let opened = office_time(pause.opened_at);
        match pause.closed_at {
            Some(closed) => course.close(opened, office_time(closed), pause.effect, notes)?,
            None => return Ok(course.stand(start, opened, pause.effect, notes)?),
        }
    }
    if let Some(extension) = waiting {
        course.extend(extension.to);
    }
    Ok(course.end(start, notes)?)
}

impl Course<'_> {
    fn extend(&mut self, to: NaiveDate) {
        self.extended = Some(Extended { to, spans: Vec::new(), floor: None });
    }

    /// Takes a closed pause into account, from the start on.
    fn close(
        &mut self,
        opened: NaiveDateTime,
        closed: NaiveDateTime,
        effect: PauseEffect,
        notes: &mut Notes,
    ) -> Result<(), CalendarError> {
        if closed <= self.start {
            return Ok(());
        }
        let span = Span { opened: opened.max(self.start), closed };
        match self.effect_of(span.opened, effect)? {
            Some(PauseEffect::Restart) => self.restart(span, notes),
            Some(PauseEffect::Resume) => self.resume(span),
            None => {
                notes.add(|| Line::paused_too_late(span.opened));
                Ok(())
            }
        }
    }

    /// Returns what closing a pause does; `None` for one opened after the due date, which removes no lateness.
    ///
    /// A restart is taken as given: the verbs have checked that it was asked for in time. A term of the same day
    /// has nothing to resume, so it counts anew.
    fn effect_of(&self, opened: NaiveDateTime, effect: PauseEffect) -> Result<Option<PauseEffect>, CalendarError> {
        if effect == PauseEffect::Restart {
            return Ok(Some(effect));
        }
        let term = self.rule.term;
        if is_past_locally(term.unit(), opened, self.due()?) {
            return Ok(None);
        }
        Ok(Some(if term.is_same_day() { PauseEffect::Restart } else { effect }))
    }

    fn restart(&mut self, span: Span, notes: &mut Notes) -> Result<(), CalendarError> {
        self.spans.push(span);
        self.note_until(span.closed.date(), notes)?;
        self.spans.clear();
        self.floor = self.floor_after(span.closed)?;
        self.start = self.rule.start(span.closed)?;
        notes.add(|| Line::restarted(span.closed.date(), self.start));
        Ok(())
    }

    fn resume(&mut self, span: Span) -> Result<(), CalendarError> {
        let floor = self.floor_after(span.closed)?;
        let unextended = self.unextended(&mut Notes::Silent)?;
        let past = is_past_locally(self.rule.term.unit(), span.opened, unextended);
        let own_floor = floor.filter(|_| !past);
        self.floor = self.moved_floor(self.floor, span)?.max(own_floor);
        self.spans.push(span);
        if let Some(mut extended) = self.extended.take() {
            extended.floor = self.moved_floor(extended.floor, span)?.max(floor);
            extended.spans.push(span);
            self.extended = Some(extended);
        }
        Ok(())
    }

    /// Returns the earliest due date that a closing leaves: its time of day on the next working day.
    fn floor_after(&self, closed: NaiveDateTime) -> Result<Option<NaiveDateTime>, CalendarError> {
        let (calendar, term) = (self.rule.calendar, self.rule.term);
        if term.is_same_day() || term.unit() == TermUnit::WorkingHour {
            return Ok(None);
        }
        let time = if calendar.is_working_day(closed.date())? {
            closed.time().clamp(calendar.opening(), calendar.closing())
        } else {
            calendar.closing()
        };
        Ok(Some(calendar.next_working_day(closed.date())?.and_time(time)))
    }

    /// Moves a floor that was the due date as any due date in working days is moved.
    fn moved_floor(&self, floor: Option<NaiveDateTime>, span: Span) -> Result<Option<NaiveDateTime>, CalendarError> {
        let Some(floor) = floor.filter(|_| self.rule.term.unit() == TermUnit::WorkingDay) else {
            return Ok(floor);
        };
        let days = moved_days(self.rule.calendar, TermUnit::WorkingDay, &[span])?;
        let date = self.rule.calendar.nth_working_day(floor.date(), days)?;
        Ok(Some(date.and_time(floor.time())))
    }

    /// Returns the due date in force so far, extension included.
    fn due(&self) -> Result<NaiveDateTime, CalendarError> {
        let unextended = self.unextended(&mut Notes::Silent)?;
        Ok(self.extended_due()?.map_or(unextended, |extended| extended.max(unextended)))
    }

    fn extended_due(&self) -> Result<Option<NaiveDateTime>, CalendarError> {
        let Some(extended) = &self.extended else {
            return Ok(None);
        };
        let (calendar, unit) = (self.rule.calendar, self.rule.term.unit());
        let days = moved_days(calendar, unit, &extended.spans)?;
        let due = match unit {
            TermUnit::WorkingHour => {
                let closing = calendar.closing_at(calendar.rolled(extended.to)?);
                calendar.add_working_time(closing, moved_time(calendar, &extended.spans)?)?
            }
            TermUnit::WorkingDay => {
                let last = calendar.rolled(extended.to)?;
                calendar.closing_at(calendar.nth_working_day(last, days)?)
            }
            TermUnit::CalendarDay | TermUnit::Month => {
                calendar.closing_at(calendar.rolled(plus_days(extended.to, days)?)?)
            }
        };
        Ok(Some(extended.floor.map_or(due, |floor| floor.max(due))))
    }

    fn end(&self, counts_from: NaiveDateTime, notes: &mut Notes) -> Result<Outcome, CalendarError> {
        let unextended = self.unextended(notes)?;
        let extended = self.extended_due()?.filter(|&extended| extended > unextended);
        if let Some(extended) = extended {
            notes.add(|| Line::extended(extended));
        }
        let due = extended.unwrap_or(unextended);
        notes.add(|| Line::due(due));
        Ok(Outcome {
            counts_from,
            unextended: Some(unextended),
            due: Some(due),
            provisional: self.rule.calendar.is_provisional(counts_from.date(), due.date()),
            left: None,
        })
    }

    /// Ends at an open pause: no due date, but the time left.
    fn stand(
        &self,
        counts_from: NaiveDateTime,
        opened: NaiveDateTime,
        effect: PauseEffect,
        notes: &mut Notes,
    ) -> Result<Outcome, CalendarError> {
        let opened = opened.max(self.start);
        let due = self.due()?;
        let left = self.left(opened, effect, due)?;
        self.note_until(opened.date(), notes)?;
        notes.add(|| Line::standing(opened));
        Ok(Outcome {
            counts_from,
            unextended: None,
            due: None,
            provisional: self.rule.calendar.is_provisional(counts_from.date(), due.date()),
            left: Some(left),
        })
    }

    fn left(&self, opened: NaiveDateTime, effect: PauseEffect, due: NaiveDateTime) -> Result<Left, CalendarError> {
        let (calendar, term) = (self.rule.calendar, self.rule.term);
        match self.effect_of(opened, effect)? {
            None => return Ok(Left::Overdue),
            Some(PauseEffect::Restart) => return Ok(Left::WholeTerm { term }),
            Some(PauseEffect::Resume) => {}
        }
        Ok(match term.unit() {
            TermUnit::WorkingHour => Left::WorkingMinutes { minutes: calendar.working_minutes_between(opened, due)? },
            TermUnit::WorkingDay => {
                Left::WorkingDays { days: calendar.working_days_between(opened.date(), due.date())? }
            }
            TermUnit::CalendarDay | TermUnit::Month => {
                Left::CalendarDays { days: days_between(opened.date(), due.date()) }
            }
        })
    }
}

/// Returns the pauses in the order of their opening.
fn in_order(pauses: &[Pause]) -> Result<Vec<Pause>, DeadlineError> {
    let mut sorted = pauses.to_vec();
    sorted.sort_by_key(|pause| (pause.opened_at, pause.closed_at.is_none(), pause.closed_at));
    let mut free_from = None;
    let mut open = false;
    for &Pause { opened_at, closed_at, .. } in &sorted {
        if closed_at.is_some_and(|closed_at| closed_at < opened_at) {
            return Err(DeadlineError::ClosedBeforeOpened { opened_at });
        }
        if open || free_from.is_some_and(|free_from| opened_at < free_from) {
            return Err(DeadlineError::OverlappingPauses { opened_at });
        }
        open = closed_at.is_none();
        free_from = closed_at;
    }
    Ok(sorted)
}
