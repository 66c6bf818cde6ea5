//! How much a gateway may be given now, as the settings, its own pace and its health have it.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::bucket::{Bucket, Limit, halved, recovered};

/// So many messages find out whether a gateway that was left alone is well again.
const PROBES: i64 = 5;
/// A batch is worth a fifth of a second at least, so that a busy gateway is not asked for one message at a time.
const BATCHES_A_SECOND: u32 = 5;

/// What the settings allow; 0 is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Messages a second.
    pub per_second: u32,
    /// Messages at once after a rest; what a second brings where nothing is said.
    pub burst: u32,
    /// Messages a day of the office.
    pub per_day: u32,
}

/// Where a gateway stands, the same for all processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// How often in a row it was left alone.
    pub opened: i16,
    /// Until when it is.
    pub open_until: Option<DateTime<Utc>>,
    /// What may go at once.
    pub bucket: Bucket,
    /// To how many a second it was slowed down, and when.
    pub slowed: Option<(u32, DateTime<Utc>)>,
    /// How many it was given on which day.
    pub given: Option<(NaiveDate, u32)>,
}

/// What may be given now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowance {
    /// At most so many.
    AtMost(i64),
    /// None, for so long.
    Wait(TimeDelta),
}

impl Pace {
    /// Whether nothing has to be counted.
    pub fn is_unlimited(self) -> bool {
        self.per_second == 0 && self.per_day == 0
    }
}

impl Standing {
    /// Whether it is being tried after a rest.
    pub fn is_probed(&self) -> bool {
        self.opened > 0
    }

    /// Returns how fast it may be spoken to now; none without a limit.
    pub fn limit(&self, pace: Pace, now: DateTime<Utc>) -> Option<Limit> {
        let per_second = match (pace.per_second, self.slowed) {
            (0, _) => return None,
            (configured, None) => configured,
            (configured, Some((to, at))) => recovered(to, configured, now - at),
        };
        let burst = if pace.burst == 0 { per_second } else { pace.burst };
        Some(Limit { per_second, burst })
    }

    /// Returns how many of `wanted` it may be given on the day `today`.
    pub fn allowance(&self, pace: Pace, wanted: i64, now: DateTime<Utc>, today: NaiveDate) -> Allowance {
        if let Some(until) = self.open_until.filter(|until| *until > now) {
            return Allowance::Wait(until - now);
        }
        let wanted = if self.is_probed() { wanted.min(PROBES) } else { wanted };
        let wanted = match self.left_today(pace, today) {
            Some(0) => return Allowance::Wait(TimeDelta::minutes(1)),
            left => wanted.min(left.unwrap_or(wanted)),
        };
        let Some(limit) = self.limit(pace, now) else {
            return Allowance::AtMost(wanted);
        };
        let bucket = self.bucket.filled(now, limit);
        let worth_while = wanted.min(i64::from(limit.per_second / BATCHES_A_SECOND)).min(i64::from(limit.burst)).max(1);
        match bucket.whole() {
            whole if whole < worth_while => Allowance::Wait(bucket.wait_for(worth_while, limit)),
            whole => Allowance::AtMost(wanted.min(whole)),
        }
    }

    fn left_today(&self, pace: Pace, today: NaiveDate) -> Option<i64> {
        let given = self.given.filter(|(day, _)| *day == today).map_or(0, |(_, given)| given);
        (pace.per_day > 0).then(|| i64::from(pace.per_day.saturating_sub(given)))
    }

    /// Returns where it stands once it was given so many.
    #[must_use]
    pub fn after(self, pace: Pace, given: i64, now: DateTime<Utc>, today: NaiveDate) -> Self {
        let bucket = match self.limit(pace, now) {
            Some(limit) => self.bucket.filled(now, limit).without(given),
            None => self.bucket,
        };
        let before = self.given.filter(|(day, _)| *day == today).map_or(0, |(_, given)| given);
        let all = before.saturating_add(u32::try_from(given).unwrap_or(u32::MAX));
        Self { bucket, given: Some((today, all)), ..self }
    }

    /// Returns the pace for a gateway that asked to come more slowly; none without a limit.
    pub fn slower(&self, pace: Pace, now: DateTime<Utc>) -> Option<u32> {
        self.limit(pace, now).map(|limit| halved(limit.per_second))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;
    const TODAY: NaiveDate = NaiveDate::MIN;

    fn standing() -> Standing {
        let bucket = Bucket { parts: 0, filled_at: NOW };
        Standing { opened: 0, open_until: None, bucket, slowed: None, given: None }
    }

    fn pace(per_second: u32, per_day: u32) -> Pace {
        Pace { per_second, burst: 0, per_day }
    }

    #[test]
    fn one_that_is_left_alone_gets_nothing_and_then_a_few() {
        let open = Standing { opened: 2, open_until: Some(NOW + TimeDelta::seconds(10)), ..standing() };
        let ask = |now| open.allowance(pace(0, 0), 100, now, TODAY);
        assert_eq!(ask(NOW), Allowance::Wait(TimeDelta::seconds(10)));
        assert_eq!(ask(NOW + TimeDelta::seconds(10)), Allowance::AtMost(5));
    }

    #[test]
    fn a_day_has_its_quota_and_the_next_day_another() {
        let asked = |given| Standing { given: Some(given), ..standing() }.allowance(pace(0, 50), 100, NOW, TODAY);
        assert_eq!(asked((TODAY, 20)), Allowance::AtMost(30));
        assert!(matches!(asked((TODAY, 50)), Allowance::Wait(_)));
        assert_eq!(asked((NaiveDate::MAX, 50)), Allowance::AtMost(50));
    }

    proptest! {
        #[test]
        fn in_a_minute_goes_what_the_pace_allows_and_hardly_less(per_second in 1..400_u32, batch in 1..200_i64) {
            let pace = pace(per_second, 0);
            let (mut at, mut gone, mut now) = (standing(), 0, NOW);
            let end = NOW + TimeDelta::seconds(60);
            while now < end {
                match at.allowance(pace, batch, now, TODAY) {
                    Allowance::Wait(wait) => now += wait,
                    Allowance::AtMost(most) => {
                        prop_assert!(most > 0 && most <= batch);
                        at = at.after(pace, most, now, TODAY);
                        gone += most;
                    }
                }
            }
            let allowed = i64::from(per_second) * 60;
            prop_assert!(gone <= allowed + i64::from(per_second), "{gone} of {allowed}");
            prop_assert!(gone * 100 >= allowed * 97 - 100, "{gone} of {allowed}");
        }
    }
}
