//! The legs of an inter-agency process (nhánh liên thông): parts of one matter, each done by its own unit by its own
//! procedure, term and clock, one after the other or side by side (NĐ 61/2018/NĐ-CP Đ19.6–19.7).

use serde::{Deserialize, Serialize};

use super::catalogue::UnitKind;
use super::procedure::{Amount, Term};

/// So many legs may a process have: the longest that is known has 3.
pub const MOST_LEGS: usize = 20;

/// A leg as files and the database write it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LegForm {
    does: String,
    #[serde(default)]
    unit: Option<String>,
    #[serde(default)]
    unit_kind: Option<UnitKind>,
    #[serde(default)]
    lead: bool,
    #[serde(default)]
    after: Vec<String>,
    procedure_code: String,
    term: Term,
    #[serde(default)]
    note: Option<String>,
}

/// Who does a leg.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LegUnit {
    /// The unit of this code.
    Named(String),
    /// A unit of this kind, which follows from the dossier: the one that takes it, or that of its place.
    OfKind(UnitKind),
}

/// A leg.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leg {
    /// What is done; names the leg within its process.
    pub does: String,
    /// Who does it.
    pub unit: LegUnit,
    /// Whether its unit answers for the parent.
    pub is_lead: bool,
    /// The places, from 0, of the legs that must have granted before it begins.
    pub after: Vec<usize>,
    /// The procedure by which it is resolved.
    pub procedure_code: String,
    /// Its term, which replaces that of its procedure.
    pub term: Term,
    /// What else is known.
    pub note: Option<String>,
}

/// Why a leg can't be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LegError {
    /// More than anybody could follow.
    #[error("has {count} legs, {most} at most")]
    TooMany {
        /// How many there are.
        count: usize,
        /// How many there may be.
        most: usize,
    },
    /// No unit, or two.
    #[error("needs either unit or unit_kind")]
    Unit,
    /// Two legs that do the same.
    #[error("there are two legs `{does}`")]
    Repeated {
        /// What both do.
        does: String,
    },
    /// It waits for a leg that is none.
    #[error("there is no leg `{name}` to wait for")]
    Unknown {
        /// What it waits for.
        name: String,
    },
    /// It waits for itself.
    #[error("`{does}` waits for itself")]
    Itself {
        /// What it does.
        does: String,
    },
    /// It waits for one that waits for it.
    #[error("waits in a circle: {path}")]
    Circle {
        /// The legs of the circle.
        path: String,
    },
    /// None that leads, or several.
    #[error("needs exactly one lead, has {count}")]
    Lead {
        /// How many lead.
        count: usize,
    },
}

impl LegError {
    /// Returns the name of the fault, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooMany { .. } => "too_many_legs",
            Self::Unit => "one_unit_needed",
            Self::Repeated { .. } => "leg_twice",
            Self::Unknown { .. } => "waits_for_nobody",
            Self::Itself { .. } => "waits_for_itself",
            Self::Circle { .. } => "waits_in_a_circle",
            Self::Lead { .. } => "one_lead_needed",
        }
    }

    /// Says it in Vietnamese.
    pub fn vi(&self) -> String {
        match self {
            Self::TooMany { count, most } => format!("Có {count} nhánh, nhiều nhất là {most}"),
            Self::Unit => "Cần đúng một trong hai: unit hoặc unit_kind".to_owned(),
            Self::Repeated { does } => format!("Có hai nhánh “{does}”"),
            Self::Unknown { name } => format!("Không có nhánh “{name}” để chờ"),
            Self::Itself { does } => format!("Nhánh “{does}” tự chờ chính nó"),
            Self::Circle { path } => format!("Các nhánh chờ nhau thành vòng: {path}"),
            Self::Lead { count } => format!("Cần đúng một nhánh chủ trì, hiện có {count}"),
        }
    }

    /// Returns the field of the leg that is wrong; `None` where it is the leg, or the legs, as a whole.
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::TooMany { .. } | Self::Unit | Self::Lead { .. } => None,
            Self::Repeated { .. } => Some("does"),
            Self::Unknown { .. } | Self::Itself { .. } | Self::Circle { .. } => Some("after"),
        }
    }
}

/// A fault with the place, from 0, of its leg; without one it is a fault of all together.
pub type LegFault = (Option<usize>, LegError);

/// The legs of a process, in order; most processes have none. None waits for itself, not by way of others either.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Legs(Vec<Leg>);

impl Legs {
    /// Reads what was written.
    ///
    /// # Errors
    /// Every fault at once.
    pub fn read(forms: Vec<LegForm>) -> Result<Self, Vec<LegFault>> {
        let faults = faults(&forms);
        if !faults.is_empty() {
            return Err(faults);
        }
        let place = |name: &String| forms.iter().position(|form| form.does == *name);
        let after: Vec<Vec<usize>> = forms.iter().map(|form| form.after.iter().filter_map(place).collect()).collect();
        let legs = forms.into_iter().zip(after).filter_map(|(form, after)| leg(form, after));
        Ok(Self(legs.collect()))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Yields them in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Leg> {
        self.0.iter()
    }

    /// Returns the leg at a place, from 0.
    pub fn get(&self, place: usize) -> Option<&Leg> {
        self.0.get(place)
    }

    /// Returns the leg whose unit answers for the parent.
    pub fn lead(&self) -> Option<&Leg> {
        self.0.iter().find(|leg| leg.is_lead)
    }

    /// Returns the terms of the longest path of legs that wait for each other, added up: how long the parent takes at
    /// most. `None` without legs, or where their terms have different units and can't be added.
    pub fn longest_path(&self) -> Option<Term> {
        let unit = self.0.first()?.term.unit();
        if self.0.iter().any(|leg| leg.term.unit() != unit) {
            return None;
        }
        let longest = (0..self.0.len()).map(|place| self.path_to(place)).max()?;
        Term::new(Amount::from_hundredths(longest)?, unit).ok()
    }

    /// Returns the hundredths of the longest path that ends with a leg. There is no circle, so it ends.
    fn path_to(&self, place: usize) -> u32 {
        let Some(leg) = self.0.get(place) else { return 0 };
        let before = leg.after.iter().map(|before| self.path_to(*before)).max().unwrap_or(0);
        before.saturating_add(leg.term.amount().hundredths())
    }

    /// Says of each leg that has not begun what becomes of it, and `None` of all others.
    pub fn turns(&self, stands: &[Stand]) -> Vec<Option<Turn>> {
        let stand = |place: usize| stands.get(place).copied().unwrap_or(Stand::NotBegun);
        (0..self.0.len()).map(|place| (stand(place) == Stand::NotBegun).then(|| self.turn(place, &stand))).collect()
    }

    fn turn(&self, place: usize, stand: &impl Fn(usize) -> Stand) -> Turn {
        let Some(leg) = self.0.get(place) else { return Turn::Waits };
        let fails = |before: &usize| match stand(*before) {
            Stand::Failed => true,
            Stand::NotBegun => self.turn(*before, stand) == Turn::IsMoot,
            Stand::Runs | Stand::Stands | Stand::Granted => false,
        };
        if leg.after.iter().any(fails) {
            Turn::IsMoot
        } else if leg.after.iter().all(|before| stand(*before) == Stand::Granted) {
            Turn::Begins
        } else {
            Turn::Waits
        }
    }
}

fn leg(form: LegForm, after: Vec<usize>) -> Option<Leg> {
    let unit = form.unit.map(LegUnit::Named).or(form.unit_kind.map(LegUnit::OfKind))?;
    Some(Leg {
        does: form.does,
        unit,
        is_lead: form.lead,
        after,
        procedure_code: form.procedure_code,
        term: form.term,
        note: form.note,
    })
}

fn faults(forms: &[LegForm]) -> Vec<LegFault> {
    if forms.len() > MOST_LEGS {
        return vec![(None, LegError::TooMany { count: forms.len(), most: MOST_LEGS })];
    }
    let mut faults: Vec<LegFault> = Vec::new();
    for (place, form) in forms.iter().enumerate() {
        if form.unit.is_some() == form.unit_kind.is_some() {
            faults.push((Some(place), LegError::Unit));
        }
        if forms.iter().take(place).any(|other| other.does == form.does) {
            faults.push((Some(place), LegError::Repeated { does: form.does.clone() }));
        }
        for name in &form.after {
            if *name == form.does {
                faults.push((Some(place), LegError::Itself { does: form.does.clone() }));
            } else if !forms.iter().any(|other| other.does == *name) {
                faults.push((Some(place), LegError::Unknown { name: name.clone() }));
            }
        }
        if let Some(path) = circle(forms, form) {
            faults.push((Some(place), LegError::Circle { path }));
        }
    }
    let count = forms.iter().filter(|form| form.lead).count();
    if !forms.is_empty() && count != 1 {
        faults.push((None, LegError::Lead { count }));
    }
    faults
}

/// Follows what a leg waits for until it comes back to the leg, by way of others; each is visited once.
fn circle(forms: &[LegForm], first: &LegForm) -> Option<String> {
    let named = |name: &str| forms.iter().find(|form| form.does == name);
    let mut visited: Vec<&str> = vec![&first.does];
    let mut paths: Vec<Vec<&str>> = vec![vec![&first.does]];
    while let Some(path) = paths.pop() {
        let at = named(path.last()?)?;
        for name in at.after.iter().filter(|name| **name != at.does) {
            let longer: Vec<&str> = path.iter().copied().chain([name.as_str()]).collect();
            if *name == first.does {
                return Some(longer.join(" → "));
            }
            if named(name).is_some() && !visited.contains(&name.as_str()) {
                visited.push(name);
                paths.push(longer);
            }
        }
    }
    None
}

/// How a leg stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stand {
    /// It has no dossier yet.
    NotBegun,
    /// Its clock runs.
    Runs,
    /// Its clock stands.
    Stands,
    /// It ended with a grant.
    Granted,
    /// It ended without: refused, stopped, withdrawn or voided.
    Failed,
}

/// What becomes of a leg that has not begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// What it waits for is still to come.
    Waits,
    /// All that it waited for is granted.
    Begins,
    /// What it waited for will not come.
    IsMoot,
}

/// How the parent stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Course {
    /// Something goes on.
    GoesOn,
    /// Nothing can go on: every leg under way stands.
    Stands,
    /// Nothing is left to do.
    Ended,
}

impl Course {
    /// Says how the parent stands, once every leg whose turn it is has begun.
    pub fn of(stands: &[Stand]) -> Self {
        if stands.contains(&Stand::Runs) {
            Self::GoesOn
        } else if stands.contains(&Stand::Stands) {
            Self::Stands
        } else {
            Self::Ended
        }
    }
}
