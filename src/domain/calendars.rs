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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use chrono::{NaiveTime, TimeDelta, Weekday};
    use proptest::prelude::*;

    use super::*;

    /// Calendars that came into force so many minutes after the first of them.
    fn calendars(minutes: &[i64]) -> Calendars {
        let at = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
        let calendar = Calendar::new(&[Weekday::Mon], vec![(at(7), at(17))], BTreeMap::new()).unwrap();
        let published = |(number, minutes): (i32, &i64)| PublishedCalendar {
            number,
            published_at: DateTime::UNIX_EPOCH + TimeDelta::minutes(*minutes),
            calendar: calendar.clone(),
        };
        let mut all: Vec<_> = (1..).zip(minutes).map(published).collect();
        let in_force = all.pop().unwrap();
        Calendars::new(in_force, all)
    }

    proptest! {
        #[test]
        fn the_one_in_force_at_a_moment_is_the_last_that_was_in_force_until_then(
            mut gaps in prop::collection::vec(1..1000_i64, 1..6), at in 0..5000_i64,
        ) {
            gaps[0] = 0;
            let minutes: Vec<i64> = gaps.iter().scan(0, |sum, gap| { *sum += gap; Some(*sum) }).collect();
            let (calendars, at) = (calendars(&minutes), DateTime::UNIX_EPOCH + TimeDelta::minutes(at));
            let until = calendars.in_force_between((DateTime::UNIX_EPOCH, at + TimeDelta::microseconds(1)));
            prop_assert_eq!(Some(&calendars.in_force_at(at).number), until.last());
            prop_assert_eq!(calendars.in_force_at(DateTime::UNIX_EPOCH - TimeDelta::minutes(1)).number, 1);
        }
    }
}
