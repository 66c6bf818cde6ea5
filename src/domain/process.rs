//! The steps of a process inside units, and the share of the term that each may use.

use crate::domain::decimal::deserialize_scaled;
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;

/// Working minutes of the day by which `at_most_days` is counted: 8 hours.
const DAY_MINUTES: u64 = 480;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// The part in basis points.
    #[serde(rename = "share_of_term", deserialize_with = "basis_points")]
    pub basis_points: u32,
    /// The cap in working minutes.
    #[serde(rename = "at_most_days", default, deserialize_with = "cap_minutes")]
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

/// What a step may use of the term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Budget {
    /// A part of it.
    ShareOfTerm(Share),
    /// What the other steps leave.
    RestOfTerm,
    /// Nothing: the step is not counted.
    NoClock,
    /// The part that all steps of the group use together.
    Shared {
        /// The number of the group in its process, from 0.
        group: u32,
        /// Their part.
        share: Share,
    },
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Who does it.
    pub role: Role,
    /// What is done.
    pub does: String,
    /// The code of the unit that does it, where it is not the resolving one.
    pub unit: Option<String>,
    /// What it may use of the term.
    pub budget: Budget,
    /// What the step does to which it may send back.
    pub sends_back_to: Option<String>,
    /// The kind of pause it opens.
    pub opens_pause: Option<String>,
}

/// Why there is no such process.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProcessError {
    /// No step, or several, that take the rest of the term.
    #[error("a process has exactly one step with the rest of the term, this one has {count}")]
    Rest {
        /// How many there are.
        count: usize,
    },
    /// Shares above the whole.
    #[error("the shares of the steps are more than the term")]
    SharesAboveWhole,
    /// A step that sends back to none before it.
    #[error("`{does}` sends back to `{to}`, which is no step before it")]
    SendsBackNowhere {
        /// What the step does.
        does: String,
        /// Where it wants to send.
        to: String,
    },
    /// Neither one kind of budget nor the other, or several.
    #[error("`{does}` needs one budget: a share, the rest, or none")]
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

/// A step as files and forms write it, with its inner steps.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepForm {
    role: Option<Role>,
    does: String,
    unit: Option<String>,
    #[serde(default, deserialize_with = "some_basis_points")]
    share_of_term: Option<u32>,
    #[serde(default, deserialize_with = "cap_minutes")]
    at_most_days: Option<u32>,
    #[serde(default)]
    rest_of_term: bool,
    #[serde(default)]
    no_clock: bool,
    shared_budget: Option<Share>,
    sends_back_to: Option<String>,
    opens_pause: Option<String>,
    #[serde(default)]
    steps: Vec<InnerStepForm>,
}

/// A step inside a shared budget.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InnerStepForm {
    role: Role,
    does: String,
    unit: Option<String>,
    sends_back_to: Option<String>,
    opens_pause: Option<String>,
}

/// Flattens the written steps into one sequence; steps of a shared budget take its unit.
///
/// # Errors
/// Fails when budgets could not add up to the term, or a step sends back to none before it.
pub fn flatten(forms: Vec<StepForm>) -> Result<Vec<Step>, ProcessError> {
    let mut steps = Vec::new();
    let mut group = 0;
    for form in forms {
        match form.shared_budget {
            Some(share) if !form.steps.is_empty() => {
                let budget = Budget::Shared { group, share };
                group += 1;
                steps.extend(form.steps.into_iter().map(|inner| Step {
                    role: inner.role,
                    does: inner.does,
                    unit: inner.unit.or_else(|| form.unit.clone()),
                    budget,
                    sends_back_to: inner.sends_back_to,
                    opens_pause: inner.opens_pause,
                }));
            }
            _ => steps.push(single(form)?),
        }
    }
    check(&steps)?;
    Ok(steps)
}

/// Returns the working minutes of each step out of the working minutes of the term; `None` without a clock.
///
/// Steps of a shared budget all carry the minutes of the group, which counts once in the sum; so the sum is
/// exactly `total_minutes`, nothing less and nothing more, for every process that [`flatten`] made.
#[must_use]
pub fn budgets(steps: &[Step], total_minutes: i64) -> Vec<Option<i64>> {
    let total = total_minutes.max(0);
    let taken: i64 = counted_shares(steps).map(|share| share.minutes_of(total)).sum();
    let minutes = |step: &Step| match step.budget {
        Budget::ShareOfTerm(share) | Budget::Shared { share, .. } => Some(share.minutes_of(total)),
        Budget::RestOfTerm => Some(total - taken),
        Budget::NoClock => None,
    };
    steps.iter().map(minutes).collect()
}

/// Yields every share once, that of a group with its first step.
fn counted_shares(steps: &[Step]) -> impl Iterator<Item = Share> {
    let mut last_group = None;
    steps.iter().filter_map(move |step| match step.budget {
        Budget::ShareOfTerm(share) => Some(share),
        Budget::Shared { group, share } => (last_group.replace(group) != Some(group)).then_some(share),
        Budget::RestOfTerm | Budget::NoClock => None,
    })
}

fn single(form: StepForm) -> Result<Step, ProcessError> {
    let share = form
        .share_of_term
        .map(|basis_points| Budget::ShareOfTerm(Share { basis_points, at_most_minutes: form.at_most_days }));
    let budget = match (share, form.rest_of_term, form.no_clock) {
        (Some(share), false, false) => share,
        (None, true, false) => Budget::RestOfTerm,
        (None, false, true) => Budget::NoClock,
        _ => return Err(ProcessError::Budget { does: form.does }),
    };
    let Some(role) = form.role else {
        return Err(ProcessError::Role { does: form.does });
    };
    Ok(Step {
        role,
        does: form.does,
        unit: form.unit,
        budget,
        sends_back_to: form.sends_back_to,
        opens_pause: form.opens_pause,
    })
}

fn check(steps: &[Step]) -> Result<(), ProcessError> {
    let count = steps.iter().filter(|step| step.budget == Budget::RestOfTerm).count();
    if count != 1 {
        return Err(ProcessError::Rest { count });
    }
    let shares: u64 = counted_shares(steps).map(|share| u64::from(share.basis_points)).sum();
    if shares > 10_000 {
        return Err(ProcessError::SharesAboveWhole);
    }
    let mut before: Vec<&str> = Vec::new();
    for step in steps {
        if let Some(to) = step.sends_back_to.as_deref().filter(|to| !before.contains(to)) {
            return Err(ProcessError::SendsBackNowhere { does: step.does.clone(), to: to.to_owned() });
        }
        before.push(&step.does);
    }
    Ok(())
}

fn basis_points<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    deserialize_scaled(deserializer, 4)
}

fn some_basis_points<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    basis_points(deserializer).map(Some)
}

/// Reads days with three decimals as whole working minutes, rounded down.
fn cap_minutes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    let thousandths = deserialize_scaled(deserializer, 3)?;
    Ok(u32::try_from(u64::from(thousandths) * DAY_MINUTES / 1000).ok())
}
