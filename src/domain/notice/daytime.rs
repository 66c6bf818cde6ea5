//! When people may be written to: by day, but for what they are just waiting for.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::Purpose;
use crate::domain::period::{from_office_time, office_time};

/// Hours of a day of Asia/Ho_Chi_Minh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    /// From when on.
    pub from: NaiveTime,
    /// Until when; the same as `from`: at any hour.
    pub to: NaiveTime,
}

impl Hours {
    fn include(self, time: NaiveTime) -> bool {
        self.from == self.to || (self.from <= time && time < self.to)
    }
}

/// The hours in which messages go out; what waited for the morning goes out spread over some time, so that gateways and
/// counters are not met by all of it at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Daytime {
    /// Where nothing else is said.
    pub usual: Hours,
    /// Of single purposes.
    pub own: BTreeMap<Purpose, Hours>,
    /// Over how long the morning's are spread.
    pub spread: TimeDelta,
}

impl Daytime {
    fn hours(&self, purpose: Purpose) -> Hours {
        self.own.get(&purpose).copied().unwrap_or(self.usual)
    }

    /// Whether a message of this purpose may go out at this moment.
    pub fn allows(&self, purpose: Purpose, at: DateTime<Utc>) -> bool {
        purpose.is_waited_for() || self.hours(purpose).include(office_time(at).time())
    }

    /// Returns the moment itself where the message may go out then, and otherwise one of the next morning: the same one
    /// for the same `luck`.
    pub fn next(&self, purpose: Purpose, at: DateTime<Utc>, luck: u64) -> DateTime<Utc> {
        if self.allows(purpose, at) {
            return at;
        }
        let local = office_time(at);
        let is_before = local.time() < self.hours(purpose).from;
        self.morning(purpose, if is_before { local.date() } else { local.date() + TimeDelta::days(1) }, luck)
    }

    /// Returns a moment of the morning after the day of `at`, the same one for the same `luck`.
    pub fn morning_after(&self, purpose: Purpose, at: DateTime<Utc>, luck: u64) -> DateTime<Utc> {
        self.morning(purpose, office_time(at).date() + TimeDelta::days(1), luck)
    }

    /// Where every hour is day there is a morning all the same: the usual one.
    fn morning(&self, purpose: Purpose, day: NaiveDate, luck: u64) -> DateTime<Utc> {
        let own = self.hours(purpose);
        let hours = if own.from == own.to { self.usual } else { own };
        let room = u64::try_from(self.spread.num_seconds()).unwrap_or(0).max(1);
        let later = TimeDelta::seconds(i64::try_from(luck % room).unwrap_or(0));
        from_office_time(day.and_time(hours.from)) + later
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn daytime() -> Daytime {
        Daytime { usual: hours((7, 0), (21, 30)), own: BTreeMap::new(), spread: TimeDelta::minutes(30) }
    }

    fn hours(from: (u32, u32), to: (u32, u32)) -> Hours {
        let time = |(h, m)| NaiveTime::from_hms_opt(h, m, 0).unwrap();
        Hours { from: time(from), to: time(to) }
    }

    fn at(text: &str) -> DateTime<Utc> {
        from_office_time(chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap())
    }

    #[test]
    fn the_night_ends_at_seven_and_begins_at_half_past_nine() {
        let next = |text| daytime().next(Purpose::ResultEarly, at(text), 0);
        assert_eq!(next("2026-09-25 06:59"), at("2026-09-25 07:00"));
        assert_eq!(next("2026-09-25 07:00"), at("2026-09-25 07:00"));
        assert_eq!(next("2026-09-25 21:29"), at("2026-09-25 21:29"));
        assert_eq!(next("2026-09-25 21:30"), at("2026-09-26 07:00"));
        assert_eq!(daytime().next(Purpose::OneTimeCode, at("2026-09-25 23:00"), 0), at("2026-09-25 23:00"));
    }

    #[test]
    fn where_both_ends_are_the_same_every_hour_is_day() {
        let always = Daytime { usual: hours((7, 0), (7, 0)), ..daytime() };
        assert_eq!(always.next(Purpose::ResultEarly, at("2026-09-25 03:00"), 7), at("2026-09-25 03:00"));
    }

    #[test]
    fn a_purpose_may_have_hours_of_its_own() {
        let own =
            [(Purpose::CollectReminder, hours((8, 0), (11, 30))), (Purpose::ResultRecalled, hours((0, 0), (0, 0)))];
        let daytime = Daytime { own: own.into(), ..daytime() };
        let next = |purpose, text| daytime.next(purpose, at(text), 0);
        assert_eq!(next(Purpose::CollectReminder, "2026-09-25 07:10"), at("2026-09-25 08:00"));
        assert_eq!(next(Purpose::CollectReminder, "2026-09-25 11:30"), at("2026-09-26 08:00"));
        assert_eq!(next(Purpose::ResultRecalled, "2026-09-25 02:00"), at("2026-09-25 02:00"));
        assert_eq!(next(Purpose::ResultEarly, "2026-09-25 12:00"), at("2026-09-25 12:00"));
    }

    proptest! {
        #[test]
        fn nothing_goes_out_by_night_nor_later_than_the_spread_of_the_next_morning(
            minutes in 0..100_000_i64, luck: u64, from in 0..1440_u32, to in 0..1440_u32, spread in 0..90_i64,
        ) {
            let time = |minutes: u32| NaiveTime::from_hms_opt(minutes / 60, minutes % 60, 0).unwrap();
            prop_assume!(from <= to && (from == to || i64::from(to - from) > spread));
            let usual = Hours { from: time(from), to: time(to) };
            let daytime = Daytime { usual, own: BTreeMap::new(), spread: TimeDelta::minutes(spread) };
            let asked = at("2026-09-25 00:00") + TimeDelta::minutes(minutes);
            let next = daytime.next(Purpose::ResultReady, asked, luck);
            prop_assert!(daytime.allows(Purpose::ResultReady, next));
            prop_assert!(next >= asked && next < asked + TimeDelta::days(1) + TimeDelta::minutes(spread.max(1)));
            prop_assert_eq!(daytime.next(Purpose::ResultReady, next, luck), next);
        }
    }
}
