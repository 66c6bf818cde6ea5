//! Every calendar that ever came into force, by its number. A due date is explained by the one that it was counted by.

use super::calendar::Calendar;
use chrono::{DateTime, Utc};

/// A calendar and from when it is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedCalendar {
    /// Its number; each newer one has the next. 0 stands for none.
    pub number: i32,
    /// When it came into force, in UTC.
    pub published_at: DateTime<Utc>,
    /// The calendar.
    pub calendar: Calendar,
}

/// The calendar in force, and those before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendars {
    in_force: PublishedCalendar,
    before: Vec<PublishedCalendar>,
}

impl Calendars {
    /// Puts the calendars of before, in the order of their numbers, behind the one in force.
    #[must_use]
    pub const fn new(in_force: PublishedCalendar, before: Vec<PublishedCalendar>) -> Self {
        Self { in_force, before }
    }

    /// Returns the one in force.
    #[must_use]
    pub const fn in_force(&self) -> &PublishedCalendar {
        &self.in_force
    }

    /// Returns the one that was in force at a moment, in UTC; the first where none was yet.
    #[must_use]
    pub fn in_force_at(&self, at: DateTime<Utc>) -> &PublishedCalendar {
        let mut all = self.before.iter().chain([&self.in_force]);
        all.rfind(|calendar| calendar.published_at <= at).or(self.before.first()).unwrap_or(&self.in_force)
    }

    /// Returns the one of a number; for a number that nobody has, the one in force.
    #[must_use]
    pub fn numbered(&self, number: i32) -> &PublishedCalendar {
        self.before.iter().find(|calendar| calendar.number == number).unwrap_or(&self.in_force)
    }

    /// Returns the numbers of those that were in force at some moment of `[from, to)`, in UTC.
    #[must_use]
    pub fn in_force_between(&self, (from, to): (DateTime<Utc>, DateTime<Utc>)) -> Vec<i32> {
        let all = self.before.iter().chain([&self.in_force]).filter(|calendar| calendar.published_at < to);
        let replaced = |number| self.replaced_at(number).is_some_and(|replaced_at| replaced_at <= from);
        all.map(|calendar| calendar.number).filter(|number| !replaced(*number)).collect()
    }

    /// Returns when the one of a number gave way to the next, in UTC; `None` for the one in force.
    #[must_use]
    pub fn replaced_at(&self, number: i32) -> Option<DateTime<Utc>> {
        let all = self.before.iter().chain([&self.in_force]);
        all.map(|calendar| (calendar.number, calendar.published_at)).find(|next| next.0 > number).map(|next| next.1)
    }
}
