//! What each step may use of a term: budgets that add up to it, on the longest way through the process.

use std::collections::BTreeMap;

use super::{Allowance, Budget, Step, ways_on};

/// The working minutes of every group of steps, out of those of one term.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weights<'a> {
    steps: &'a [Step],
    minutes: BTreeMap<u32, i64>,
}

impl<'a> Weights<'a> {
    /// Divides the working minutes of a term.
    ///
    /// The steps with the rest together take what the heaviest way through the others leaves; so the budgets on that
    /// way are exactly `total_minutes`, nothing less and nothing more, and less on a shorter one.
    #[must_use]
    pub fn new(steps: &'a [Step], total_minutes: i64) -> Self {
        let total = total_minutes.max(0);
        let mut weights = Self { steps, minutes: BTreeMap::new() };
        for (group, allowance) in allowances(steps) {
            weights.minutes.insert(group, minutes_of(allowance, total));
        }
        let taken = weights.heaviest(0, None);
        for (group, _) in allowances(steps).filter(|(_, allowance)| *allowance == Allowance::Rest) {
            weights.minutes.insert(group, (total - taken).max(0));
        }
        weights
    }

    /// Returns what all steps may use together on the heaviest way, in working minutes.
    #[must_use]
    pub fn whole(&self) -> i64 {
        self.heaviest(0, None)
    }

    /// Returns what the step's group may use; `None` without a clock.
    #[must_use]
    pub fn of(&self, index: usize) -> Option<i64> {
        let group = self.steps.get(index)?.budget.group()?;
        self.minutes.get(&group).copied()
    }

    /// Returns what the steps after `index` may use on the heaviest way on, its own group left out.
    #[must_use]
    pub fn ahead(&self, index: usize) -> i64 {
        let own = self.steps.get(index).and_then(|step| step.budget.group());
        ways_on(self.steps, index).into_iter().map(|next| self.heaviest(next, own)).max().unwrap_or(0)
    }

    /// Returns the heaviest way from a step to the end, itself included. Groups lie side by side, but for the rest,
    /// which counts once, wherever its steps are.
    fn heaviest(&self, from: usize, without: Option<u32>) -> i64 {
        let counted = |index: usize| self.steps.get(index).and_then(|step| step.budget.group());
        let weight = |group: Option<u32>| match group {
            Some(group) if Some(group) != without => self.minutes.get(&group).copied().unwrap_or(0),
            _ => 0,
        };
        // Ways lead on to higher numbers, so that from the last to the first each is known when it is asked for.
        let mut heavy = vec![0_i64; self.steps.len()];
        for index in (from..self.steps.len()).rev() {
            let own = counted(index);
            let on = ways_on(self.steps, index).into_iter().filter(|next| *next > index).map(|next| {
                let twice = if own.is_some() && counted(next) == own { weight(own) } else { 0 };
                heavy.get(next).copied().unwrap_or(0) - twice
            });
            let whole = weight(own) + on.max().unwrap_or(0);
            if let Some(slot) = heavy.get_mut(index) {
                *slot = whole;
            }
        }
        heavy.get(from).copied().unwrap_or(0)
    }
}

/// Returns the working minutes of each step out of the working minutes of the term; `None` without a clock.
///
/// Steps of one group all carry its minutes, which count once.
#[must_use]
pub fn budgets(steps: &[Step], total_minutes: i64) -> Vec<Option<i64>> {
    let weights = Weights::new(steps, total_minutes);
    (0..steps.len()).map(|index| weights.of(index)).collect()
}

fn minutes_of(allowance: Allowance, total: i64) -> i64 {
    match allowance {
        Allowance::Share(share) => share.minutes_of(total),
        Allowance::Minutes(minutes) => minutes.into(),
        Allowance::Rest => 0,
    }
}

/// Yields every group with its allowance, as often as it has steps.
pub(super) fn allowances(steps: &[Step]) -> impl Iterator<Item = (u32, Allowance)> {
    steps.iter().filter_map(|step| match step.budget {
        Budget::Counted { group, allowance } => Some((group, allowance)),
        Budget::NoClock => None,
    })
}
