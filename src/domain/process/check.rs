//! Whether a process can be lived through: checked when it is saved, each fault by its name.

use std::str::FromStr;

use super::budget::allowances;
use super::{Allowance, Budget, ProcessError, Step, Weights, position, ways_on};
use crate::domain::dossier::{PauseKind, Verb};
use crate::domain::role;

/// A fault with the place, from 0, of its step; without one it is a fault of all together.
pub type PlacedError = (Option<usize>, ProcessError);

/// Checks that every step can be come to and left, and that budgets can add up to a term. Returns every fault; what
/// would only follow from a way that is wrong is not told beside it.
#[must_use]
pub fn check(steps: &[Step]) -> Vec<PlacedError> {
    let mut faults: Vec<PlacedError> = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        let found = words_of(step).into_iter().chain(ways_of(steps, index, step));
        faults.extend(found.map(|fault| (Some(index), fault)));
    }
    if faults.is_empty() {
        faults.extend(unreachable(steps));
        faults.extend(without_way_out(steps));
    }
    faults.extend(check_budgets(steps).err().map(|fault| (None, fault)));
    faults
}

/// Checks that what the steps may use is no more than a term.
///
/// # Errors
/// [`ProcessError::AboveTerm`].
pub fn check_term(steps: &[Step], term_minutes: i64) -> Result<(), ProcessError> {
    let needed = Weights::new(steps, term_minutes).whole();
    if needed > term_minutes { Err(ProcessError::AboveTerm { needed, term: term_minutes }) } else { Ok(()) }
}

fn words_of(step: &Step) -> Vec<ProcessError> {
    let does = || step.does.clone();
    let role = role::Role::from_str(&step.role.0).err();
    let pause = step.opens_pause.as_ref().filter(|kind| PauseKind::from_str(kind).is_err());
    let role = role.map(|_| ProcessError::UnknownRole { does: does(), role: step.role.0.clone() });
    let pause = pause.map(|kind| ProcessError::UnknownPause { does: does(), kind: kind.clone() });
    role.into_iter().chain(pause).collect()
}

fn ways_of(steps: &[Step], index: usize, step: &Step) -> Vec<ProcessError> {
    let does = || step.does.clone();
    let mut faults = Vec::new();
    if position(steps, &step.does) != Some(index) {
        faults.push(ProcessError::Twice { does: does() });
    }
    for to in &step.sends_back_to {
        if position(steps, to).is_none_or(|to| to >= index) {
            faults.push(ProcessError::SendsBackNowhere { does: does(), to: to.clone() });
        }
    }
    for branch in &step.branches {
        let to = || branch.to.clone();
        match position(steps, &branch.to) {
            None => faults.push(ProcessError::GoesNowhere { does: does(), to: to() }),
            Some(at) if at <= index => faults.push(ProcessError::EndlessLoop { does: does(), to: to() }),
            Some(_) => {}
        }
        if branch.when.as_ref().is_some_and(super::Condition::is_empty) {
            faults.push(ProcessError::EmptyCondition { does: does() });
        }
    }
    faults
}

/// Ways lead on to higher numbers, so that one look from the first to the last finds all that can be come to.
fn unreachable(steps: &[Step]) -> Vec<PlacedError> {
    let mut reached = vec![false; steps.len()];
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    let mut faults = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        if reached.get(index) != Some(&true) {
            faults.push((Some(index), ProcessError::Unreachable { does: step.does.clone() }));
            continue;
        }
        for next in ways_on(steps, index) {
            if let Some(slot) = reached.get_mut(next) {
                *slot = true;
            }
        }
    }
    faults
}

/// Whether somebody who does the step may book the result.
fn signs(step: &Step) -> bool {
    role::Role::from_str(&step.role.0).is_ok_and(|role| role.may_use(Verb::Finish))
}

/// Names the last step of each way on which nobody may book the result, and not all those before it.
fn without_way_out(steps: &[Step]) -> Vec<PlacedError> {
    let mut out = vec![false; steps.len()];
    let mut faults: Vec<PlacedError> = Vec::new();
    for (index, step) in steps.iter().enumerate().rev() {
        let ways = ways_on(steps, index);
        let is_out = signs(step) || (!ways.is_empty() && ways.iter().all(|next| out.get(*next) == Some(&true)));
        if let Some(slot) = out.get_mut(index) {
            *slot = is_out;
        }
        // Handing over after the result needs nobody who books it.
        let is_told = ways.iter().any(|next| faults.iter().any(|(at, _)| *at == Some(*next)));
        if !is_out && !is_told && step.budget != Budget::NoClock && !signed_before(steps, index) {
            faults.push((Some(index), ProcessError::NoWayOut { does: step.does.clone() }));
        }
    }
    faults.reverse();
    faults
}

/// Whether a step before this one may have booked the result: what comes after it is not in the way.
fn signed_before(steps: &[Step], index: usize) -> bool {
    steps.iter().take(index).any(signs)
}

fn check_budgets(steps: &[Step]) -> Result<(), ProcessError> {
    let has = |is: fn(Allowance) -> bool| allowances(steps).any(|(_, allowance)| is(allowance));
    let has_shares = has(|allowance| matches!(allowance, Allowance::Share(_)));
    if has_shares && !has(|allowance| allowance == Allowance::Rest) {
        return Err(ProcessError::NoRest);
    }
    // Without caps ten thousand minutes show basis points as they are.
    let uncapped: Vec<Step> = steps.iter().cloned().map(without_cap).collect();
    if Weights::new(&uncapped, 10_000).whole() > 10_000 { Err(ProcessError::SharesAboveWhole) } else { Ok(()) }
}

fn without_cap(mut step: Step) -> Step {
    if let Budget::Counted { allowance, .. } = &mut step.budget {
        match allowance {
            Allowance::Share(share) => share.at_most_minutes = None,
            Allowance::Minutes(minutes) => *minutes = 0,
            Allowance::Rest => {}
        }
    }
    step
}
