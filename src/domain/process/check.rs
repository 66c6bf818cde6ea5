//! Whether a process can be lived through: checked when it is saved, each fault by its name.

use std::str::FromStr;

use super::budget::allowances;
use super::{Allowance, Budget, Step, Weights, position, ways_on};
use crate::domain::dossier::Verb;
use crate::domain::role;

/// Why there is no such process.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProcessError {
    /// Shares, but nobody who takes what they leave.
    #[error("the steps have shares of the term, and none takes the rest: give one `rest_of_term`")]
    NoRest,
    /// Shares above the whole.
    #[error("the shares of the steps are more than the term")]
    SharesAboveWhole,
    /// Budgets above the term of a procedure.
    #[error("the steps may use {needed} working minutes, the term has {term}")]
    AboveTerm {
        /// What the steps may use together, in working minutes.
        needed: i64,
        /// What there is.
        term: i64,
    },
    /// Two steps of one name, so that nobody knows to which a way leads.
    #[error("two steps do `{does}`: give each a name of its own")]
    Twice {
        /// What they do.
        does: String,
    },
    /// A step that sends back to none before it.
    #[error("`{does}` sends back to `{to}`, which is no step before it")]
    SendsBackNowhere {
        /// What the step does.
        does: String,
        /// Where it wants to send.
        to: String,
    },
    /// A branch to no step.
    #[error("`{does}` goes to `{to}`, which is no step")]
    GoesNowhere {
        /// What the step does.
        does: String,
        /// Where it wants to go.
        to: String,
    },
    /// A way on that leads back, so that it could be gone for ever.
    #[error("`{does}` goes to `{to}`, which is not after it: that may never end; name it in `sends_back_to`")]
    EndlessLoop {
        /// What the step does.
        does: String,
        /// Where it goes.
        to: String,
    },
    /// A condition that asks about nothing.
    #[error("`{does}` has a condition with an empty list")]
    EmptyCondition {
        /// What the step does.
        does: String,
    },
    /// A step to which no way leads.
    #[error("no way leads to `{does}`")]
    Unreachable {
        /// What the step does.
        does: String,
    },
    /// A step after which nobody comes who may book the result.
    #[error("from `{does}` on nobody comes who may book the result (leader, chair or records)")]
    NoWayOut {
        /// What the step does.
        does: String,
    },
    /// Neither one kind of budget nor the other, or several.
    #[error("`{does}` needs one budget: a share, days, hours, the rest, or none")]
    Budget {
        /// What the step does.
        does: String,
    },
    /// A step that nobody does.
    #[error("`{does}` names no role")]
    Role {
        /// What the step does.
        does: String,
    },
}

/// Checks that every step can be come to and left, and that budgets can add up to a term.
///
/// # Errors
/// The first fault found.
pub fn check(steps: &[Step]) -> Result<(), ProcessError> {
    check_names(steps)?;
    for (index, step) in steps.iter().enumerate() {
        check_ways(steps, index, step)?;
    }
    check_reach(steps)?;
    check_way_out(steps)?;
    check_budgets(steps)
}

/// Checks that what the steps may use is no more than a term.
///
/// # Errors
/// [`ProcessError::AboveTerm`].
pub fn check_term(steps: &[Step], term_minutes: i64) -> Result<(), ProcessError> {
    let needed = Weights::new(steps, term_minutes).whole();
    if needed > term_minutes { Err(ProcessError::AboveTerm { needed, term: term_minutes }) } else { Ok(()) }
}

fn check_names(steps: &[Step]) -> Result<(), ProcessError> {
    let twice = steps.iter().enumerate().find(|(index, step)| position(steps, &step.does) != Some(*index));
    twice.map_or(Ok(()), |(_, step)| Err(ProcessError::Twice { does: step.does.clone() }))
}

fn check_ways(steps: &[Step], index: usize, step: &Step) -> Result<(), ProcessError> {
    let does = || step.does.clone();
    for to in &step.sends_back_to {
        if position(steps, to).is_none_or(|to| to >= index) {
            return Err(ProcessError::SendsBackNowhere { does: does(), to: to.clone() });
        }
    }
    for branch in &step.branches {
        let to = || branch.to.clone();
        match position(steps, &branch.to) {
            None => return Err(ProcessError::GoesNowhere { does: does(), to: to() }),
            Some(at) if at <= index => return Err(ProcessError::EndlessLoop { does: does(), to: to() }),
            Some(_) => {}
        }
        if branch.when.as_ref().is_some_and(super::Condition::is_empty) {
            return Err(ProcessError::EmptyCondition { does: does() });
        }
    }
    Ok(())
}

/// Ways lead on to higher numbers, so that one look from the first to the last finds all that can be come to.
fn check_reach(steps: &[Step]) -> Result<(), ProcessError> {
    let mut reached = vec![false; steps.len()];
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    for index in 0..steps.len() {
        if reached.get(index) != Some(&true) {
            let does = steps.get(index).map(|step| step.does.clone()).unwrap_or_default();
            return Err(ProcessError::Unreachable { does });
        }
        for next in ways_on(steps, index) {
            if let Some(slot) = reached.get_mut(next) {
                *slot = true;
            }
        }
    }
    Ok(())
}

/// Whether somebody who does the step may book the result.
fn signs(step: &Step) -> bool {
    role::Role::from_str(&step.role.0).is_ok_and(|role| role.may_use(Verb::Finish))
}

fn check_way_out(steps: &[Step]) -> Result<(), ProcessError> {
    let mut out = vec![false; steps.len()];
    for (index, step) in steps.iter().enumerate().rev() {
        let ways = ways_on(steps, index);
        // Handing over after the result needs nobody who books it.
        let is_out = signs(step) || (!ways.is_empty() && ways.iter().all(|next| out.get(*next) == Some(&true)));
        if let Some(slot) = out.get_mut(index) {
            *slot = is_out;
        }
        if !is_out && step.budget != Budget::NoClock && !signed_before(steps, index) {
            return Err(ProcessError::NoWayOut { does: step.does.clone() });
        }
    }
    Ok(())
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
