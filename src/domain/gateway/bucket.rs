//! How fast a gateway may be spoken to: a bucket of tokens that fills evenly, one a message.

use chrono::{DateTime, TimeDelta, Utc};

/// One token is a million parts, so that a microsecond at one a second is one part: no rounding ever.
const PARTS: i64 = 1_000_000;

/// How fast a bucket fills, and how much it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Messages a second.
    pub per_second: u32,
    /// Messages at once after a rest.
    pub burst: u32,
}

/// What is in the bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    /// Millionths of messages.
    pub parts: i64,
    /// When it was last filled.
    pub filled_at: DateTime<Utc>,
}

impl Bucket {
    /// Returns it with what has come in until `now`; a clock that went back adds nothing.
    #[must_use]
    pub fn filled(self, now: DateTime<Utc>, limit: Limit) -> Self {
        let passed = (now - self.filled_at).num_microseconds().unwrap_or(i64::MAX).max(0);
        let came = passed.saturating_mul(i64::from(limit.per_second));
        let most = i64::from(limit.burst.max(1)) * PARTS;
        Self { parts: self.parts.saturating_add(came).min(most), filled_at: self.filled_at.max(now) }
    }

    /// Returns how many messages may go now.
    pub fn whole(self) -> i64 {
        (self.parts / PARTS).max(0)
    }

    /// Returns it without this many messages.
    #[must_use]
    pub fn without(self, messages: i64) -> Self {
        Self { parts: self.parts.saturating_sub(messages.saturating_mul(PARTS)), ..self }
    }

    /// Returns how long it takes until this many may go.
    pub fn wait_for(self, messages: i64, limit: Limit) -> TimeDelta {
        let missing = (messages.saturating_mul(PARTS) - self.parts).max(0);
        let rate = i64::from(limit.per_second.max(1));
        TimeDelta::microseconds(missing.div_euclid(rate) + i64::from(missing.rem_euclid(rate) > 0))
    }
}

/// Returns the rate after a gateway asked to come more slowly.
pub fn halved(per_second: u32) -> u32 {
    (per_second / 2).max(1)
}

/// Returns the rate so long after it was halved: a twentieth of the configured one comes back each minute.
pub fn recovered(slowed_to: u32, configured: u32, since: TimeDelta) -> u32 {
    let minutes = u32::try_from(since.num_minutes().max(0)).unwrap_or(u32::MAX);
    let back = (configured / 20).max(1).saturating_mul(minutes);
    slowed_to.saturating_add(back).min(configured)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn never_more_goes_than_the_burst_and_what_the_time_brings(
            per_second in 1..2000_u32, burst in 1..500_u32,
            asked in prop::collection::vec((0..3_000_000_i64, 0..600_i64), 1..60),
        ) {
            let limit = Limit { per_second, burst };
            let mut bucket = Bucket { parts: 0, filled_at: DateTime::UNIX_EPOCH };
            let (mut now, mut gone) = (DateTime::UNIX_EPOCH, 0);
            for (pause, wanted) in asked {
                now += TimeDelta::microseconds(pause);
                bucket = bucket.filled(now, limit);
                let taken = wanted.min(bucket.whole());
                bucket = bucket.without(taken);
                gone += taken;
                let passed = (now - DateTime::UNIX_EPOCH).num_microseconds().unwrap();
                prop_assert!(gone * PARTS <= i64::from(burst) * PARTS + passed * i64::from(per_second));
            }
        }

        #[test]
        fn who_waits_as_told_may_go_and_a_microsecond_sooner_may_not(
            per_second in 1..2000_u32, parts in 0..1_000_000_i64, wanted in 1..50_i64,
        ) {
            let limit = Limit { per_second, burst: 50 };
            let bucket = Bucket { parts, filled_at: DateTime::UNIX_EPOCH };
            let wait = bucket.wait_for(wanted, limit);
            prop_assert!(bucket.filled(DateTime::UNIX_EPOCH + wait, limit).whole() >= wanted);
            if wait > TimeDelta::zero() {
                let sooner = DateTime::UNIX_EPOCH + wait - TimeDelta::microseconds(1);
                prop_assert!(bucket.filled(sooner, limit).whole() < wanted);
            }
        }

        #[test]
        fn a_halved_rate_comes_back_and_no_further(configured in 1..5000_u32, minutes in 0..100_i64) {
            let slowed = halved(configured);
            let now = recovered(slowed, configured, TimeDelta::minutes(minutes));
            prop_assert!(now >= slowed && now <= configured);
            prop_assert_eq!(recovered(slowed, configured, TimeDelta::minutes(40)), configured);
        }
    }

    #[test]
    fn a_clock_that_goes_back_brings_nothing() {
        let limit = Limit { per_second: 10, burst: 10 };
        let bucket = Bucket { parts: 0, filled_at: DateTime::UNIX_EPOCH };
        let back = bucket.filled(DateTime::UNIX_EPOCH - TimeDelta::hours(1), limit);
        assert_eq!(back, bucket);
    }
}
