//! The steps of a process inside units (quy trình nội bộ): who does them, what they may use of the term, and which
//! comes next.
//!
//! Steps stand in one sequence. A step goes on to the one after it, or to the first of its branches whose condition
//! holds, which lies further on; back it goes only by a person's word, with a reason. So every process ends.

mod budget;
mod check;
mod condition;
mod fault;
mod form;

pub use budget::{Weights, budgets};
pub use check::{PlacedError, check, check_term};
pub use condition::{Condition, Facts};
pub use fault::{ProcessError, StepFault};
pub use form::{InnerStepForm, MOST_STEPS, StepForm, flatten, places, read};

use std::fmt;

use serde::{Deserialize, Serialize};

/// The role that does a step, as the process names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Role(pub String);

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A part of the term with a cap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// The part in basis points.
    pub basis_points: u32,
    /// The cap in working minutes.
    pub at_most_minutes: Option<u32>,
}

impl Share {
    /// Returns its working minutes of so many, rounded down, the cap at most.
    #[must_use]
    pub fn minutes_of(self, total: i64) -> i64 {
        let share = total.max(0).saturating_mul(self.basis_points.into()) / 10_000;
        self.at_most_minutes.map_or(share, |cap| share.min(cap.into()))
    }
}

/// How much of the term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowance {
    /// A part of it.
    Share(Share),
    /// So many working minutes, whatever the term.
    Minutes(u32),
    /// What all others leave.
    Rest,
}

/// What a step may use of the term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Budget {
    /// Its part, used together with every step of the same group.
    Counted {
        /// The number of the group in its process, from 0; most steps are alone in theirs.
        group: u32,
        /// Their part.
        allowance: Allowance,
    },
    /// Nothing: the step is not counted (“giờ hành chính”).
    NoClock,
}

impl Budget {
    /// Returns the group whose budget the step uses; `None` without a clock.
    #[must_use]
    pub const fn group(self) -> Option<u32> {
        match self {
            Self::Counted { group, .. } => Some(group),
            Self::NoClock => None,
        }
    }
}

/// A way on to a step that is not the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Branch {
    /// When it is taken; always, when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    /// What the step does to which it goes.
    pub to: String,
}

/// How a process names the commune where the matter lies.
pub const PLACE: &str = "place";

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Who does it.
    pub role: Role,
    /// What is done; its name among the steps.
    pub does: String,
    /// Who does it, where that is not the resolving unit: the code of a unit, or `place` for the commune where the
    /// matter lies.
    pub unit: Option<String>,
    /// What it may use of the term.
    pub budget: Budget,
    /// What the steps do to which it may send back.
    pub sends_back_to: Vec<String>,
    /// Ways on, in the order in which they are tried.
    pub branches: Vec<Branch>,
    /// The kind of pause it opens.
    pub opens_pause: Option<String>,
    /// The form that comes of it (“Mẫu 01”).
    pub form: Option<String>,
}

impl Step {
    /// Returns what its holder chooses from when it is handed on; nothing for most.
    #[must_use]
    pub fn choices(&self) -> Vec<&str> {
        let mut choices = Vec::new();
        for word in self.branches.iter().filter_map(|branch| branch.when.as_ref()).flat_map(Condition::choices) {
            if !choices.contains(&word) {
                choices.push(word);
            }
        }
        choices
    }
}

/// Returns the number of the first step in the resolving unit: after the counter's own.
#[must_use]
pub fn first_inside(steps: &[Step]) -> usize {
    usize::from(steps.first().is_some_and(|step| step.role.0 == "clerk"))
}

/// Returns from which number on steps lie after the result: the counter's handing over, which no clock counts.
#[must_use]
pub fn after_result(steps: &[Step]) -> usize {
    steps.iter().rposition(|step| step.budget != Budget::NoClock).map_or(0, |last| last + 1)
}

/// Returns the number of the step that comes after `index` for this dossier; `None` after the last one.
#[must_use]
pub fn next(steps: &[Step], index: usize, facts: &Facts) -> Option<usize> {
    let step = steps.get(index)?;
    let holds = |branch: &&Branch| branch.when.as_ref().is_none_or(|condition| condition.holds(facts));
    let to = match step.branches.iter().find(holds) {
        Some(branch) => position(steps, &branch.to)?,
        None => index + 1,
    };
    (to < steps.len()).then_some(to)
}

/// Returns the numbers of the steps that use one budget with `index`, itself included; none without a clock.
pub fn sharing(steps: &[Step], index: usize) -> impl Iterator<Item = usize> {
    let group = steps.get(index).and_then(|step| step.budget.group());
    let shares = move |step: &Step| group.is_some() && step.budget.group() == group;
    steps.iter().enumerate().filter(move |(_, step)| shares(step)).map(|(number, _)| number)
}

/// Returns the number of the step that does this.
#[must_use]
pub fn position(steps: &[Step], does: &str) -> Option<usize> {
    steps.iter().position(|step| step.does == does)
}

/// Returns the numbers of all steps that may come right after `index`.
fn ways_on(steps: &[Step], index: usize) -> Vec<usize> {
    let Some(step) = steps.get(index) else { return Vec::new() };
    let always = step.branches.iter().position(|branch| branch.when.is_none());
    let tried = step.branches.iter().take(always.map_or(usize::MAX, |first| first + 1));
    let mut ways: Vec<usize> = tried.filter_map(|branch| position(steps, &branch.to)).collect();
    if always.is_none() && index + 1 < steps.len() {
        ways.push(index + 1);
    }
    ways
}
