//! Which way a dossier goes on: typed conditions over its own data, read and checked when a process is saved.

use serde::{Deserialize, Serialize};

use crate::domain::dossier::ResultDelivery;
use crate::domain::person::PersonKind;
use crate::domain::procedure::Channel;

/// What holds or not of one dossier. Lists hold when one of their members does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Condition {
    /// What the holder of the step chose as it was handed on.
    Choice(String),
    /// How it came in.
    Channel(Vec<Channel>),
    /// Who asks.
    ApplicantKind(Vec<PersonKind>),
    /// How the result goes.
    ResultDelivery(Vec<ResultDelivery>),
    /// Whether the matter lies in a hard area.
    HardArea(bool),
    /// The code of a case in force.
    Case(Vec<String>),
    /// The code of a paper that was handed in or supplied.
    Paper(Vec<String>),
    /// Every one of these.
    All(Vec<Condition>),
    /// One of these at least.
    Any(Vec<Condition>),
    /// Not this one.
    Not(Box<Condition>),
}

/// What conditions look at.
#[derive(Debug, Clone)]
pub struct Facts {
    /// What the holder chose.
    pub choice: Option<String>,
    /// How it came in.
    pub channel: Channel,
    /// Who asks.
    pub applicant_kind: PersonKind,
    /// How the result goes.
    pub result_delivery: ResultDelivery,
    /// Whether the matter lies in a hard area.
    pub hard_area: bool,
    /// The codes of the cases in force.
    pub cases: Vec<String>,
    /// The codes of the papers that are here.
    pub papers: Vec<String>,
}

impl Condition {
    /// Whether it holds.
    #[must_use]
    pub fn holds(&self, facts: &Facts) -> bool {
        match self {
            Self::Choice(word) => facts.choice.as_deref() == Some(word),
            Self::Channel(any) => any.contains(&facts.channel),
            Self::ApplicantKind(any) => any.contains(&facts.applicant_kind),
            Self::ResultDelivery(any) => any.contains(&facts.result_delivery),
            Self::HardArea(hard) => *hard == facts.hard_area,
            Self::Case(any) => any.iter().any(|code| facts.cases.contains(code)),
            Self::Paper(any) => any.iter().any(|code| facts.papers.contains(code)),
            Self::All(every) => every.iter().all(|condition| condition.holds(facts)),
            Self::Any(any) => any.iter().any(|condition| condition.holds(facts)),
            Self::Not(other) => !other.holds(facts),
        }
    }

    /// Returns the choices that it asks about.
    pub(super) fn choices(&self) -> Vec<&str> {
        match self {
            Self::Choice(word) => vec![word],
            Self::All(inner) | Self::Any(inner) => inner.iter().flat_map(Self::choices).collect(),
            Self::Not(inner) => inner.choices(),
            _ => Vec::new(),
        }
    }

    /// Whether it asks about nothing at all, as an empty list does.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Choice(word) => word.trim().is_empty(),
            Self::Channel(any) => any.is_empty(),
            Self::ApplicantKind(any) => any.is_empty(),
            Self::ResultDelivery(any) => any.is_empty(),
            Self::HardArea(_) => false,
            Self::Case(any) | Self::Paper(any) => any.is_empty(),
            Self::All(inner) | Self::Any(inner) => inner.is_empty() || inner.iter().any(Self::is_empty),
            Self::Not(inner) => inner.is_empty(),
        }
    }
}
