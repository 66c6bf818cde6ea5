//! Which of several gateways of a channel gets how much: in small steps, so that trouble with one does not overload
//! the other, and nothing swings.

use chrono::{DateTime, TimeDelta, Utc};

/// What the weights of a channel add up to.
pub const TOTAL: u16 = 100;
const STEP: u16 = 10;
/// So many errors within a minute are trouble.
const MANY_ERRORS: i64 = 50;
/// Fewer messages say nothing about delivery.
const ENOUGH: i64 = 20;
const BETWEEN_STEPS_FOR_ERRORS: TimeDelta = TimeDelta::minutes(1);
const BETWEEN_STEPS: TimeDelta = TimeDelta::minutes(5);
const QUIET: TimeDelta = TimeDelta::minutes(15);

/// How a gateway is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Health {
    /// Its share as things are, of [`TOTAL`].
    pub weight: u16,
    /// Its share when all is well.
    pub resting: u16,
    /// When its share was last changed.
    pub changed_at: DateTime<Utc>,
    /// When it last lost some.
    pub troubled_at: Option<DateTime<Utc>>,
    /// Errors within the last minute.
    pub errors: i64,
    /// Messages of the last quarter of an hour that receipts are expected for.
    pub sent: i64,
    /// Those of them that had not arrived within five minutes.
    pub slow: i64,
}

impl Health {
    fn is_failing(&self, now: DateTime<Utc>) -> bool {
        self.errors >= MANY_ERRORS && self.changed_at + BETWEEN_STEPS_FOR_ERRORS <= now
    }

    /// Whether 15 % or more are slow.
    fn is_slow(&self) -> bool {
        self.sent >= ENOUGH && self.slow * 100 >= self.sent * 15
    }

    fn is_well(&self) -> bool {
        self.errors < MANY_ERRORS && !self.is_slow()
    }

    fn may_come_back(&self, now: DateTime<Utc>) -> bool {
        let is_quiet = self.troubled_at.is_none_or(|at| at + QUIET <= now);
        is_quiet && self.changed_at + BETWEEN_STEPS <= now
    }
}

/// Shares out [`TOTAL`] by the weights of the settings, exactly; equally where all are 0.
pub fn resting(weights: &[u16]) -> Vec<u16> {
    let all: u32 = weights.iter().map(|weight| u32::from(*weight)).sum();
    let count = u32::try_from(weights.len()).unwrap_or(u32::MAX).max(1);
    let share = |weight: u16| match all {
        0 => u32::from(TOTAL) / count,
        all => u32::from(TOTAL) * u32::from(weight) / all,
    };
    let mut shares: Vec<u16> = weights.iter().map(|weight| u16::try_from(share(*weight)).unwrap_or(TOTAL)).collect();
    let left = TOTAL.saturating_sub(shares.iter().sum());
    if let Some(first) = shares.iter_mut().max() {
        *first += left;
    }
    shares
}

/// Returns the shares that follow: one in trouble gives ten to those that are well, and what was moved comes back by
/// tens once it has been quiet for a quarter of an hour. Where all are in trouble nothing moves.
pub fn steer(now: DateTime<Utc>, all: &[Health]) -> Vec<u16> {
    let mut weights: Vec<u16> = all.iter().map(|health| health.weight).collect();
    let is_slow = |health: &Health| health.is_slow() && health.changed_at + BETWEEN_STEPS <= now;
    let troubled = all.iter().position(|health| health.weight > 0 && (health.is_failing(now) || is_slow(health)));
    let moved = match troubled {
        Some(from) => all
            .iter()
            .enumerate()
            .filter(|(index, health)| *index != from && health.is_well())
            .max_by_key(|(_, health)| health.resting)
            .map(|(to, _)| (from, to, STEP)),
        None => back(now, all),
    };
    if let Some((from, to, most)) = moved {
        shift(&mut weights, from, to, most);
    }
    weights
}

/// From whom to whom a share comes back, and how much at most.
fn back(now: DateTime<Utc>, all: &[Health]) -> Option<(usize, usize, u16)> {
    let above = all.iter().position(|health| health.weight > health.resting)?;
    let below = all.iter().position(|health| health.weight < health.resting)?;
    let (rich, poor) = (all.get(above)?, all.get(below)?);
    let gap = (rich.weight - rich.resting).min(poor.resting - poor.weight);
    (poor.may_come_back(now) && poor.is_well()).then_some((above, below, gap.min(STEP)))
}

fn shift(weights: &mut [u16], from: usize, to: usize, most: u16) {
    let taken = weights.get(from).copied().unwrap_or(0).min(most);
    if let Some(weight) = weights.get_mut(from) {
        *weight -= taken;
    }
    if let Some(weight) = weights.get_mut(to) {
        *weight += taken;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn now() -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(1)
    }

    fn well(weight: u16, resting: u16) -> Health {
        Health { weight, resting, changed_at: DateTime::UNIX_EPOCH, troubled_at: None, errors: 0, sent: 100, slow: 0 }
    }

    #[test]
    fn trouble_moves_ten_to_who_is_well_and_nothing_where_nobody_is() {
        let failing = Health { errors: 50, ..well(51, 51) };
        assert_eq!(steer(now(), &[failing, well(49, 49)]), [41, 59]);
        let slow = Health { slow: 15, ..well(51, 51) };
        assert_eq!(steer(now(), &[slow, well(49, 49)]), [41, 59]);
        let both = Health { slow: 15, ..well(49, 49) };
        assert_eq!(steer(now(), &[slow, both]), [51, 49]);
        assert_eq!(steer(now(), &[Health { errors: 999, ..well(100, 100) }]), [100]);
    }

    #[test]
    fn what_was_moved_comes_back_after_a_quiet_quarter_of_an_hour() {
        let moved = Health { troubled_at: Some(now() - TimeDelta::minutes(14)), ..well(41, 51) };
        assert_eq!(steer(now(), &[moved, well(59, 49)]), [41, 59]);
        let quiet = Health { troubled_at: Some(now() - TimeDelta::minutes(15)), ..moved };
        assert_eq!(steer(now(), &[quiet, well(59, 49)]), [51, 49]);
    }

    #[test]
    fn steps_are_minutes_apart() {
        let just = Health { errors: 80, changed_at: now() - TimeDelta::seconds(59), ..well(41, 51) };
        assert_eq!(steer(now(), &[just, well(59, 49)]), [41, 59]);
    }

    fn gateways() -> impl Strategy<Value = Vec<Health>> {
        let one = (1..100_u16, 0..120_i64, 0..100_i64, 0..100_i64, 0..60_i64);
        prop::collection::vec(one, 1..5).prop_map(|rows| {
            let shares = resting(&rows.iter().map(|row| row.0).collect::<Vec<_>>());
            let rows = rows.into_iter().zip(shares);
            rows.map(|((_, errors, sent, slow, ago), share)| Health {
                errors,
                sent,
                slow: slow.min(sent),
                changed_at: now() - TimeDelta::minutes(ago),
                ..well(share, share)
            })
            .collect()
        })
    }

    proptest! {
        #[test]
        fn shares_always_add_up_and_no_step_is_larger_than_ten(mut all in gateways(), steps in 1..30_i64) {
            prop_assert_eq!(all.iter().map(|health| health.weight).sum::<u16>(), TOTAL);
            for step in 0..steps {
                let at = now() + TimeDelta::minutes(step);
                let after = steer(at, &all);
                prop_assert_eq!(after.iter().sum::<u16>(), TOTAL);
                for (health, weight) in all.iter_mut().zip(after) {
                    prop_assert!(health.weight.abs_diff(weight) <= STEP);
                    health.weight = weight;
                }
            }
        }

        #[test]
        fn in_quiet_times_every_share_comes_back(weights in prop::collection::vec(1..100_u16, 2..4), lost in 0..5_usize) {
            let shares = resting(&weights);
            let mut all: Vec<Health> = shares.iter().map(|share| well(*share, *share)).collect();
            for _ in 0..lost {
                let mut moved: Vec<u16> = all.iter().map(|health| health.weight).collect();
                shift(&mut moved, 0, 1, STEP);
                all.iter_mut().zip(moved).for_each(|(health, weight)| health.weight = weight);
            }
            for _ in 0..20 {
                let after = steer(now(), &all);
                all.iter_mut().zip(after).for_each(|(health, weight)| health.weight = weight);
            }
            prop_assert_eq!(all.iter().map(|health| health.weight).collect::<Vec<_>>(), shares);
        }
    }
}
