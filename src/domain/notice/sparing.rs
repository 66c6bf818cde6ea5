//! How people are spared messages: at most some of one dossier a day, and none that a later one has outdated.

use chrono::{DateTime, NaiveDate, Utc};

use super::{Daytime, Purpose};
use crate::domain::period::office_date;

impl Purpose {
    /// Whether it comes at once, however much the person was told that day: it asks for something, corrects what was said,
    /// or is being waited for.
    pub fn is_never_put_off(self) -> bool {
        self.priority() <= Self::Supplement.priority()
    }

    /// Whether it comes on every channel, also on those that the person does not want: it is being waited for, or puts right
    /// what was said before.
    pub fn is_critical(self) -> bool {
        matches!(self, Self::OneTimeCode | Self::ResultRecalled | Self::Corrected)
    }

    /// Whether a message of this purpose that nobody has begun to send need not go out any more once a later one of the
    /// same dossier does. An apology is owed whatever follows.
    pub fn is_outdated_by(self, later: Self) -> bool {
        let is_an_end = matches!(later, Self::Withdrawn | Self::Stopped | Self::Returned);
        let is_a_result = matches!(later, Self::ResultEarly | Self::ResultReady | Self::ResultRefused);
        match self {
            Self::OneTimeCode | Self::Apology | Self::ResultRecalled | Self::Corrected => false,
            _ if self == later => true,
            Self::DueChanged => is_an_end || is_a_result || later == Self::Apology,
            Self::Supplement | Self::SupplementReminder => is_an_end || is_a_result,
            Self::ResultEarly | Self::ResultReady | Self::ResultRefused | Self::CollectReminder => {
                is_an_end || is_a_result
            }
            _ => false,
        }
    }
}

/// How many messages of one dossier a number gets on a day of Asia/Ho_Chi_Minh.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Daily {
    /// At most so many; 0 is no limit.
    pub most: u32,
    /// The hours in which messages go out.
    pub daytime: Daytime,
}

impl Daily {
    /// Returns when a message of this purpose may go out, not before `at`, to a number that gets messages of the same
    /// dossier on these days already, one entry each. What the day has no room for waits for the next morning that has.
    pub fn next(&self, purpose: Purpose, at: DateTime<Utc>, luck: u64, told_on: &[NaiveDate]) -> DateTime<Utc> {
        let mut next = self.daytime.next(purpose, at, luck);
        while !purpose.is_never_put_off() && self.is_full(office_date(next), told_on) {
            next = self.daytime.morning_after(purpose, next, luck);
        }
        next
    }

    fn is_full(&self, day: NaiveDate, told_on: &[NaiveDate]) -> bool {
        let told = told_on.iter().filter(|on| **on == day).count();
        self.most > 0 && u32::try_from(told).is_ok_and(|told| told >= self.most)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::Hours;
    use super::*;
    use chrono::{NaiveTime, TimeDelta};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_day_has_more_than_the_most_and_nothing_comes_before_its_time_or_by_night(
            most in 1..5_u32, minutes in prop::collection::vec(0..3000_i64, 1..20), luck: u64, by_night: bool,
        ) {
            let time = |h, m| NaiveTime::from_hms_opt(h, m, 0).unwrap();
            let to = if by_night { time(7, 0) } else { time(21, 30) };
            let usual = Hours { from: time(7, 0), to };
            let daytime = Daytime { usual, own: BTreeMap::new(), spread: TimeDelta::minutes(30) };
            let daily = Daily { most, daytime: daytime.clone() };
            let mut days = Vec::new();
            for minutes in &minutes {
                let asked = DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::minutes(*minutes);
                let next = daily.next(Purpose::DueChanged, asked, luck, &days);
                prop_assert!(next >= asked && daytime.allows(Purpose::DueChanged, next));
                days.push(office_date(next));
            }
            for day in &days {
                prop_assert!(days.iter().filter(|other| *other == day).count() <= usize::try_from(most).unwrap());
            }
            // It is put off by no more mornings than the messages before it fill.
            let asked = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
            let last = daily.next(Purpose::Received, asked, luck, &days);
            let full = i64::try_from(days.len()).unwrap() / i64::from(most);
            prop_assert!(office_date(last) - office_date(asked) <= TimeDelta::days(full + 2));
            prop_assert_eq!(daily.next(Purpose::Corrected, asked, luck, &days), daytime.next(Purpose::Corrected, asked, luck));
        }

        #[test]
        fn what_outdates_each_other_is_the_same_thing_said_anew(
            one in prop::sample::select(Purpose::ALL), other in prop::sample::select(Purpose::ALL),
        ) {
            let is_news = |purpose: Purpose| {
                matches!(purpose, Purpose::ResultEarly | Purpose::ResultReady | Purpose::ResultRefused)
            };
            if one != other && one.is_outdated_by(other) && other.is_outdated_by(one) {
                prop_assert!(is_news(one) && is_news(other));
            }
        }
    }

    #[test]
    fn an_apology_and_a_correction_are_always_told() {
        for owed in [Purpose::Apology, Purpose::Corrected, Purpose::ResultRecalled, Purpose::OneTimeCode] {
            assert!(Purpose::ALL.iter().all(|later| !owed.is_outdated_by(*later)), "{owed}");
        }
        assert!(Purpose::DueChanged.is_outdated_by(Purpose::ResultEarly));
        assert!(!Purpose::Received.is_outdated_by(Purpose::ResultEarly));
    }
}
