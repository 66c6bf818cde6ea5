//! A second, naive count: minute by minute and day by day, written from the rules and not from the code.

use chrono::{Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};
use motcua::domain::calendar::CalendarYear;
use motcua::domain::deadline::Question;
use motcua::domain::period::office_time;
use motcua::domain::procedure::{Channel, Cutoff, PauseEffect, TermUnit};
use std::collections::BTreeMap;

pub struct SlowCount {
    pub years: BTreeMap<i32, CalendarYear>,
}

impl SlowCount {
    pub fn is_worked(&self, day: NaiveDate) -> bool {
        let row = &self.years[&day.year()];
        row.work.contains(&day) || (day.weekday().number_from_monday() <= 5 && !row.off.contains(&day))
    }

    fn is_open(&self, minute: NaiveDateTime) -> bool {
        let of_day = minute.hour() * 60 + minute.minute();
        let morning = (7 * 60..11 * 60 + 30).contains(&of_day);
        let afternoon = (13 * 60 + 30..17 * 60).contains(&of_day);
        self.is_worked(minute.date()) && (morning || afternoon)
    }

    fn first_open(&self, from: NaiveDateTime) -> NaiveDateTime {
        let mut minute = from;
        while !self.is_open(minute) {
            minute += TimeDelta::minutes(1);
        }
        minute
    }

    fn next_worked(&self, after: NaiveDate) -> NaiveDate {
        let mut day = after + Days::new(1);
        while !self.is_worked(day) {
            day = day + Days::new(1);
        }
        day
    }

    fn worked_on_or_after(&self, day: NaiveDate) -> NaiveDate {
        if self.is_worked(day) { day } else { self.next_worked(day) }
    }

    fn later_worked(&self, after: NaiveDate, count: u32) -> NaiveDate {
        (0..count).fold(after, |day, _| self.next_worked(day))
    }

    fn worked_days(&self, after: NaiveDate, to: NaiveDate) -> u32 {
        let days = after.iter_days().skip(1).take_while(|day| *day <= to);
        u32::try_from(days.filter(|day| self.is_worked(*day)).count()).unwrap()
    }

    fn open_minutes(&self, from: NaiveDateTime, to: NaiveDateTime) -> u32 {
        let mut minute = from;
        let mut count = 0;
        while minute < to {
            count += u32::from(self.is_open(minute));
            minute += TimeDelta::minutes(1);
        }
        count
    }

    fn after_open_minutes(&self, from: NaiveDateTime, minutes: u32) -> NaiveDateTime {
        let mut minute = from;
        let mut left = minutes;
        while left > 0 {
            left -= u32::from(self.is_open(minute));
            minute += TimeDelta::minutes(1);
        }
        minute
    }

    fn start(&self, question: &Question<'_>, at: NaiveDateTime) -> NaiveDateTime {
        let hours = question.term.unit() == TermUnit::WorkingHour;
        let last_hour = question.cutoff == Cutoff::LastHour;
        let mut start = at;
        if question.channel == Channel::Online || hours || last_hour {
            start = self.first_open(at);
        }
        if last_hour && start.hour() >= 16 {
            start = self.next_worked(start.date()).and_time(clock(7, 0));
        }
        start
    }

    /// Returns the date before rolling, or the moment itself for working time.
    fn base(&self, question: &Question<'_>, start: NaiveDateTime) -> NaiveDateTime {
        let hundredths = question.term.amount().hundredths();
        let (whole, quarters) = (hundredths / 100, hundredths % 100 / 25);
        let day = start.date();
        match question.term.unit() {
            TermUnit::WorkingHour => self.after_open_minutes(start, hundredths * 60 / 100),
            TermUnit::CalendarDay => (day + Days::new(whole.into())).and_time(clock(17, 0)),
            TermUnit::Month => (day + Months::new(whole)).and_time(clock(17, 0)),
            TermUnit::WorkingDay if hundredths == 0 => {
                let cut = question.cutoff == Cutoff::At1500 && start.time() > clock(15, 0);
                let late = cut || start.time() >= clock(17, 0) || !self.is_worked(day);
                let due = if late { self.next_worked(day) } else { day };
                due.and_time(clock(17, 0))
            }
            TermUnit::WorkingDay if quarters == 0 => self.later_worked(day, whole).and_time(clock(17, 0)),
            TermUnit::WorkingDay => {
                let last = self.later_worked(day, whole + 1);
                self.after_open_minutes(last.and_time(clock(7, 0)), quarters * 120)
            }
        }
    }

    fn moved(&self, unit: TermUnit, due: NaiveDateTime, from: NaiveDateTime, to: NaiveDateTime) -> NaiveDateTime {
        match unit {
            TermUnit::WorkingHour => self.after_open_minutes(due, self.open_minutes(from, to)),
            TermUnit::WorkingDay => {
                let days = self.worked_days(from.date(), to.date());
                self.later_worked(due.date(), days).and_time(due.time())
            }
            _ => due + (to.date() - from.date()),
        }
    }

    fn floor(&self, question: &Question<'_>, closed: NaiveDateTime) -> NaiveDateTime {
        let term = question.term;
        if term.unit() == TermUnit::WorkingHour || term.amount().is_zero() {
            return NaiveDateTime::MIN;
        }
        let time = match self.is_worked(closed.date()) {
            true => closed.time().max(clock(7, 0)).min(clock(17, 0)),
            false => clock(17, 0),
        };
        self.next_worked(closed.date()).and_time(time)
    }

    /// Returns the due date of a question whose pauses are closed and in order.
    pub fn due(&self, question: &Question<'_>) -> NaiveDateTime {
        let unit = question.term.unit();
        let by_date = unit != TermUnit::WorkingHour;
        let rolls = matches!(unit, TermUnit::CalendarDay | TermUnit::Month);
        let rolled = |due: NaiveDateTime| match rolls {
            true => self.worked_on_or_after(due.date()).and_time(due.time()),
            false => due,
        };
        let mut start = self.start(question, office_time(question.received_at));
        let mut base = self.base(question, start);
        let mut floor = NaiveDateTime::MIN;
        for pause in question.pauses {
            let closed = office_time(pause.closed_at.unwrap());
            let opened = office_time(pause.opened_at).max(start);
            if closed <= start {
                continue;
            }
            let due = rolled(base).max(floor);
            let late = if by_date { opened.date() > due.date() } else { opened > due };
            let resumes = pause.effect == PauseEffect::Resume;
            if resumes && late {
                continue;
            }
            if resumes && !question.term.amount().is_zero() {
                let before = if rolls { base } else { base.max(floor) };
                base = self.moved(unit, before, opened, closed);
            } else {
                start = self.start(question, closed);
                base = self.base(question, start);
            }
            floor = self.floor(question, closed);
        }
        rolled(base).max(floor)
    }
}

fn clock(hour: u32, minute: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, minute, 0).unwrap()
}
