//! When people may be written to: by day, but for what they are just waiting for.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::Purpose;
use crate::domain::period::{from_office_time, office_time};

/// The hours of a day of Asia/Ho_Chi_Minh in which messages go out; what waited for the morning goes out spread over
/// some time, so that gateways and counters are not met by all of it at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Daytime {
    /// From when on.
    pub from: NaiveTime,
    /// Until when; the same as `from` where messages go out at any hour.
    pub to: NaiveTime,
    /// Over how long the morning's are spread.
    pub spread: TimeDelta,
}

impl Daytime {
    /// Whether a message of this purpose may go out at this moment.
    pub fn allows(&self, purpose: Purpose, at: DateTime<Utc>) -> bool {
        let time = office_time(at).time();
        purpose.is_waited_for() || self.from == self.to || (self.from <= time && time < self.to)
    }

    /// Returns the moment itself where the message may go out then, and otherwise one of the next morning: the same one
    /// for the same `luck`.
    pub fn next(&self, purpose: Purpose, at: DateTime<Utc>, luck: u64) -> DateTime<Utc> {
        if self.allows(purpose, at) {
            return at;
        }
        let local = office_time(at);
        self.morning(if local.time() < self.from { local.date() } else { local.date() + TimeDelta::days(1) }, luck)
    }

    /// Returns a moment of the morning after the day of `at`, the same one for the same `luck`.
    pub fn morning_after(&self, at: DateTime<Utc>, luck: u64) -> DateTime<Utc> {
        self.morning(office_time(at).date() + TimeDelta::days(1), luck)
    }

    fn morning(&self, day: NaiveDate, luck: u64) -> DateTime<Utc> {
        let room = u64::try_from(self.spread.num_seconds()).unwrap_or(0).max(1);
        let later = TimeDelta::seconds(i64::try_from(luck % room).unwrap_or(0));
        from_office_time(day.and_time(self.from)) + later
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn daytime() -> Daytime {
        let time = |h, m| NaiveTime::from_hms_opt(h, m, 0).unwrap();
        Daytime { from: time(7, 0), to: time(21, 30), spread: TimeDelta::minutes(30) }
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
        let always = Daytime { to: daytime().from, ..daytime() };
        assert_eq!(always.next(Purpose::ResultEarly, at("2026-09-25 03:00"), 7), at("2026-09-25 03:00"));
    }

    proptest! {
        #[test]
        fn nothing_goes_out_by_night_nor_later_than_the_spread_of_the_next_morning(
            minutes in 0..100_000_i64, luck: u64, from in 0..1440_u32, to in 0..1440_u32, spread in 0..90_i64,
        ) {
            let time = |minutes: u32| NaiveTime::from_hms_opt(minutes / 60, minutes % 60, 0).unwrap();
            prop_assume!(from <= to && (from == to || i64::from(to - from) > spread));
            let daytime = Daytime { from: time(from), to: time(to), spread: TimeDelta::minutes(spread) };
            let asked = at("2026-09-25 00:00") + TimeDelta::minutes(minutes);
            let next = daytime.next(Purpose::ResultReady, asked, luck);
            prop_assert!(daytime.allows(Purpose::ResultReady, next));
            prop_assert!(next >= asked && next < asked + TimeDelta::days(1) + TimeDelta::minutes(spread.max(1)));
            prop_assert_eq!(daytime.next(Purpose::ResultReady, next, luck), next);
        }
    }
}
