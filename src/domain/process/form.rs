//! Steps as files and forms write them.

use serde::{Deserialize, Deserializer};

use super::{Allowance, Branch, Budget, ProcessError, Role, Share, Step, StepFault, check};
use crate::domain::decimal::deserialize_scaled;

/// Working minutes of the day by which days are counted: 8 hours.
const DAY_MINUTES: u64 = 480;
const HOUR_MINUTES: u64 = 60;

/// A step with its inner steps.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepForm {
    role: Option<Role>,
    does: String,
    unit: Option<String>,
    #[serde(default, deserialize_with = "some_basis_points")]
    share_of_term: Option<u32>,
    #[serde(default, deserialize_with = "day_minutes")]
    at_most_days: Option<u32>,
    #[serde(default, deserialize_with = "day_minutes")]
    days: Option<u32>,
    #[serde(default, deserialize_with = "hour_minutes")]
    hours: Option<u32>,
    #[serde(default)]
    rest_of_term: bool,
    #[serde(default)]
    no_clock: bool,
    shared_budget: Option<SharedForm>,
    #[serde(default, deserialize_with = "one_or_more")]
    sends_back_to: Vec<String>,
    #[serde(default)]
    goes_to: Vec<Branch>,
    opens_pause: Option<String>,
    form: Option<String>,
    #[serde(default)]
    steps: Vec<InnerStepForm>,
}

/// A budget that several steps use together.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct SharedForm {
    #[serde(default, deserialize_with = "some_basis_points")]
    share_of_term: Option<u32>,
    #[serde(default, deserialize_with = "day_minutes")]
    at_most_days: Option<u32>,
    #[serde(default, deserialize_with = "day_minutes")]
    days: Option<u32>,
    #[serde(default, deserialize_with = "hour_minutes")]
    hours: Option<u32>,
    #[serde(default)]
    rest_of_term: bool,
}

/// A step inside a shared budget.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InnerStepForm {
    role: Role,
    does: String,
    unit: Option<String>,
    #[serde(default, deserialize_with = "one_or_more")]
    sends_back_to: Vec<String>,
    #[serde(default)]
    goes_to: Vec<Branch>,
    opens_pause: Option<String>,
    form: Option<String>,
}

/// So many steps may a process have, inner ones counted: the longest that is known has 17.
pub const MOST_STEPS: usize = 100;

/// Reads written steps and checks the process that they make.
///
/// # Errors
/// Every fault with its place: those of [`read`], and when there are none those of [`check`].
pub fn flatten(forms: Vec<StepForm>) -> Result<Vec<Step>, Vec<StepFault>> {
    let places = places(&forms);
    if places.len() > MOST_STEPS {
        let why = ProcessError::TooMany { count: places.len(), most: MOST_STEPS };
        return Err(vec![StepFault::new("", why)]);
    }
    let shapes: Vec<_> = forms.iter().enumerate().filter_map(wrong_shape).collect();
    if !shapes.is_empty() {
        return Err(shapes);
    }
    let steps = read(forms)?;
    let place = |at: Option<usize>| at.and_then(|at| places.get(at)).map_or("", String::as_str);
    let faults: Vec<_> = check(&steps).into_iter().map(|(at, why)| StepFault::new(place(at), why)).collect();
    if faults.is_empty() { Ok(steps) } else { Err(faults) }
}

fn wrong_shape((number, form): (usize, &StepForm)) -> Option<StepFault> {
    let is_wrong = form.shared_budget.is_some() == form.steps.is_empty();
    let why = ProcessError::Shared { does: form.does.clone() };
    is_wrong.then(|| StepFault::new(&format!("/{number}"), why))
}

/// Returns the JSON pointer of each step within the written list, in the order in which they are done.
#[must_use]
pub fn places(forms: &[StepForm]) -> Vec<String> {
    let of = |(number, form): (usize, &StepForm)| match form.shared() {
        Some(_) => (0..form.steps.len()).map(|inner| format!("/{number}/steps/{inner}")).collect(),
        None => vec![format!("/{number}")],
    };
    forms.iter().enumerate().flat_map(of).collect()
}

/// Flattens written steps into one sequence; steps of a shared budget take its unit. Steps with the rest of the term
/// share it.
///
/// # Errors
/// Every [`ProcessError::Budget`] and [`ProcessError::Role`].
pub fn read(forms: Vec<StepForm>) -> Result<Vec<Step>, Vec<StepFault>> {
    let mut groups = Groups::default();
    let (mut steps, mut faults) = (Vec::new(), Vec::new());
    for (number, form) in forms.into_iter().enumerate() {
        let does = form.does.clone();
        let read = match form.shared().map(SharedForm::allowance) {
            Some(Some(allowance)) => Ok(inner(form, groups.budget(allowance))),
            Some(None) => Err(ProcessError::Budget { does }),
            None => single(form, &mut groups).map(|step| vec![step]),
        };
        match read {
            Ok(read) => steps.extend(read),
            Err(why) => faults.push(StepFault::new(&format!("/{number}"), why)),
        }
    }
    if faults.is_empty() { Ok(steps) } else { Err(faults) }
}

fn inner(form: StepForm, budget: Budget) -> Vec<Step> {
    let unit = form.unit;
    let step = |inner: InnerStepForm| Step {
        role: inner.role,
        does: inner.does,
        unit: inner.unit.or_else(|| unit.clone()),
        budget,
        sends_back_to: inner.sends_back_to,
        branches: inner.goes_to,
        opens_pause: inner.opens_pause,
        form: inner.form,
    };
    form.steps.into_iter().map(step).collect()
}

impl StepForm {
    /// Returns the budget that its inner steps share; `None` for a step by itself.
    fn shared(&self) -> Option<&SharedForm> {
        self.shared_budget.as_ref().filter(|_| !self.steps.is_empty())
    }
}

/// Numbers the groups.
#[derive(Default)]
struct Groups {
    next: u32,
    rest: Option<u32>,
}

impl Groups {
    fn budget(&mut self, allowance: Allowance) -> Budget {
        let group = match (allowance, self.rest) {
            (Allowance::Rest, Some(group)) => group,
            _ => {
                self.next += 1;
                self.next - 1
            }
        };
        if allowance == Allowance::Rest {
            self.rest = Some(group);
        }
        Budget::Counted { group, allowance }
    }
}

fn single(form: StepForm, groups: &mut Groups) -> Result<Step, ProcessError> {
    let written = SharedForm {
        share_of_term: form.share_of_term,
        at_most_days: form.at_most_days,
        days: form.days,
        hours: form.hours,
        rest_of_term: form.rest_of_term,
    };
    let budget = match (written.allowance(), form.no_clock, written.is_empty()) {
        (Some(allowance), false, _) => groups.budget(allowance),
        (None, true, true) => Budget::NoClock,
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
        branches: form.goes_to,
        opens_pause: form.opens_pause,
        form: form.form,
    })
}

impl SharedForm {
    /// Returns the one allowance that is written; `None` for none and for several.
    fn allowance(&self) -> Option<Allowance> {
        let share = |basis_points| Allowance::Share(Share { basis_points, at_most_minutes: self.at_most_days });
        match (self.share_of_term, self.days, self.hours, self.rest_of_term) {
            (Some(basis_points), None, None, false) => Some(share(basis_points)),
            (None, Some(minutes), None, false) | (None, None, Some(minutes), false) if self.at_most_days.is_none() => {
                Some(Allowance::Minutes(minutes))
            }
            (None, None, None, true) if self.at_most_days.is_none() => Some(Allowance::Rest),
            _ => None,
        }
    }

    fn is_empty(&self) -> bool {
        let written = [self.share_of_term, self.at_most_days, self.days, self.hours];
        written.iter().all(Option::is_none) && !self.rest_of_term
    }
}

fn some_basis_points<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    deserialize_scaled(deserializer, 4).map(Some)
}

/// Reads days with three decimals as whole working minutes, rounded down.
fn day_minutes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    minutes(deserializer, DAY_MINUTES)
}

/// Reads hours with three decimals as whole working minutes, rounded down.
fn hour_minutes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    minutes(deserializer, HOUR_MINUTES)
}

fn minutes<'de, D: Deserializer<'de>>(deserializer: D, unit: u64) -> Result<Option<u32>, D::Error> {
    let thousandths = deserialize_scaled(deserializer, 3)?;
    Ok(u32::try_from(u64::from(thousandths) * unit / 1000).ok())
}

/// Reads one name, or several in a list.
fn one_or_more<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Names {
        None(()),
        One(String),
        Several(Vec<String>),
    }
    Ok(match Names::deserialize(deserializer)? {
        Names::None(()) => Vec::new(),
        Names::One(name) => vec![name],
        Names::Several(names) => names,
    })
}
