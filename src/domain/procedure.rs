//! What a procedure version says of its term: amounts, units, cutoffs, cases.

use crate::domain::decimal::{deserialize_scaled, parse_scaled};
use crate::domain::words::words;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

words! {
    /// The unit of a term.
    pub enum TermUnit {
        /// Working time in hours (giờ làm việc).
        WorkingHour = "working_hour",
        /// Working days (ngày làm việc), by quarters.
        WorkingDay = "working_day",
        /// Calendar days (ngày).
        CalendarDay = "calendar_day",
        /// Months (tháng).
        Month = "month",
    }
}

words! {
    /// The hour after which a receipt counts as the next working day's.
    pub enum Cutoff {
        /// None but the closing itself.
        None = "none",
        /// 15:00, for terms of the same day only (as in Luật Hộ tịch Đ5.3).
        At1500 = "at_15_00",
        /// The last working hour, for every channel.
        LastHour = "last_hour",
    }
}

words! {
    /// How a dossier came in.
    pub enum Channel {
        /// At the counter (trực tiếp).
        Direct = "direct",
        /// Through the portal (trực tuyến).
        Online = "online",
        /// By post (bưu chính).
        Postal = "postal",
    }
}

words! {
    /// What the closing of a pause does to the term.
    pub enum PauseEffect {
        /// The whole term counts anew.
        Restart = "restart",
        /// The term runs on.
        Resume = "resume",
    }
}

/// Why a term, or what it is made of, is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TermError {
    /// No decimal with at most two places.
    #[error("`{text}` is no amount; write a decimal such as 4.75")]
    NotAnAmount {
        /// What was read.
        text: String,
    },
    /// An amount that its unit does not have.
    #[error("a term of {amount} {unit} cannot be; {rule}")]
    WrongAmount {
        /// The amount.
        amount: Amount,
        /// The unit.
        unit: TermUnit,
        /// What the unit asks for.
        rule: &'static str,
    },
    /// The cutoff at 15:00 with a base term that is not of the same day.
    #[error("the cutoff at 15:00 belongs to terms of 0 working days")]
    CutoffNeedsSameDay,
    /// A case that the procedure version does not know.
    #[error("the procedure has no case `{code}`")]
    UnknownCase {
        /// The code asked for.
        code: String,
    },
    /// The same case twice.
    #[error("the case `{code}` is given twice")]
    RepeatedCase {
        /// The code.
        code: String,
    },
    /// A case that takes its amount with the verb, without one.
    #[error("the case `{code}` needs an amount above 0")]
    AmountMissing {
        /// The code.
        code: String,
    },
    /// An amount for a case whose amount the version fixes.
    #[error("the amount of the case `{code}` is fixed by the procedure")]
    AmountFixed {
        /// The code.
        code: String,
    },
}

/// An exact amount in hundredths of its unit: `4.75`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Amount(u32);

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// The largest amount of any unit.
    const MAX: u32 = 800_000;

    /// Returns the amount of so many whole units; more than 8,000 are 8,000.
    #[must_use]
    pub fn whole(units: u32) -> Self {
        Self(units.saturating_mul(100).min(Self::MAX))
    }

    /// Returns the amount of so many hundredths of a unit, or `None` above 8,000 units.
    #[must_use]
    pub fn from_hundredths(hundredths: u32) -> Option<Self> {
        (hundredths <= Self::MAX).then_some(Self(hundredths))
    }

    /// Returns the amount in hundredths of its unit.
    #[must_use]
    pub const fn hundredths(self) -> u32 {
        self.0
    }

    /// Returns the whole units in it.
    #[must_use]
    pub const fn units(self) -> u32 {
        self.0 / 100
    }

    /// Returns what is left beside the whole units.
    #[must_use]
    pub const fn fraction(self) -> Self {
        Self(self.0 % 100)
    }

    /// Says whether it is nothing.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl FromStr for Amount {
    type Err = TermError;

    fn from_str(text: &str) -> Result<Self, TermError> {
        parse_scaled(text, 2)
            .and_then(Self::from_hundredths)
            .ok_or_else(|| TermError::NotAnAmount { text: text.to_owned() })
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0 / 100, self.0 % 100) {
            (whole, 0) => write!(f, "{whole}"),
            (whole, part) if part % 10 == 0 => write!(f, "{whole}.{}", part / 10),
            (whole, part) => write!(f, "{whole}.{part:02}"),
        }
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.fraction() {
            Self::ZERO => serializer.serialize_u32(self.units()),
            _ => serializer.serialize_f64(f64::from(self.0) / 100.0),
        }
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let hundredths = deserialize_scaled(deserializer, 2)?;
        Self::from_hundredths(hundredths).ok_or_else(|| serde::de::Error::custom("an amount is at most 8000"))
    }
}

/// A term: an amount that its unit can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "TermForm")]
pub struct Term {
    amount: Amount,
    unit: TermUnit,
}

#[derive(Deserialize)]
struct TermForm {
    amount: Amount,
    unit: TermUnit,
}

impl TryFrom<TermForm> for Term {
    type Error = TermError;

    fn try_from(form: TermForm) -> Result<Self, TermError> {
        Self::new(form.amount, form.unit)
    }
}

impl Term {
    /// Returns the term.
    ///
    /// Working days go by quarters, 0 to 1,000; working hours by quarters above 0, to 8,000; calendar days are
    /// whole, 1 to 1,000; months whole, 1 to 120.
    ///
    /// # Errors
    /// `WrongAmount` for any other amount.
    pub fn new(amount: Amount, unit: TermUnit) -> Result<Self, TermError> {
        let (step, least, most, rule) = match unit {
            TermUnit::WorkingHour => (25, 25, 800_000, "hours go by quarters, 0.25 to 8000"),
            TermUnit::WorkingDay => (25, 0, 100_000, "working days go by quarters, 0 to 1000"),
            TermUnit::CalendarDay => (100, 100, 100_000, "days are whole, 1 to 1000"),
            TermUnit::Month => (100, 100, 12_000, "months are whole, 1 to 120"),
        };
        if amount.0.is_multiple_of(step) && (least..=most).contains(&amount.0) {
            Ok(Self { amount, unit })
        } else {
            Err(TermError::WrongAmount { amount, unit, rule })
        }
    }

    /// Returns its amount.
    #[must_use]
    pub const fn amount(self) -> Amount {
        self.amount
    }

    /// Returns its unit.
    #[must_use]
    pub const fn unit(self) -> TermUnit {
        self.unit
    }

    /// Says whether it is a term of the same day: 0 working days.
    #[must_use]
    pub const fn is_same_day(self) -> bool {
        self.amount.is_zero()
    }
}

/// What a case does to the term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseEffect {
    /// Replaces the amount that holds.
    Limit(Amount),
    /// Adds to the amount that holds; without one, what the verb says.
    Adds(Option<Amount>),
}

/// A case of a procedure version in which another term is lawful.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TermCase {
    /// Its code within the version.
    pub code: String,
    /// Its name for people.
    pub name: Option<String>,
    /// What it does.
    pub effect: CaseEffect,
    /// The law that allows it.
    pub basis: String,
}

/// A case chosen for a dossier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChosenCase {
    /// The code of the case.
    pub code: String,
    /// The amount, only where the version leaves it open.
    #[serde(default)]
    pub amount: Option<Amount>,
}

/// The terms of one procedure version; every amount is in the unit of `base`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TermRules {
    /// The published term.
    pub base: Term,
    /// The term of the law where the published one is shorter; never decides the standing.
    pub statutory: Option<Term>,
    /// Amounts for channels.
    pub by_channel: Vec<(Channel, Amount)>,
    /// The amount in a hard area.
    pub hard_area: Option<Amount>,
    /// Its cases.
    pub cases: Vec<TermCase>,
}

/// Where the matter lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Area {
    /// An ordinary place.
    Ordinary,
    /// A place on the list of hard areas.
    Hard,
}

impl TermRules {
    /// Checks what an import or a form brings: every amount fits the unit, cases are named once, the cutoff fits.
    ///
    /// # Errors
    /// The first fault.
    pub fn check(&self, cutoff: Cutoff) -> Result<(), TermError> {
        if cutoff == Cutoff::At1500 && !self.base.is_same_day() {
            return Err(TermError::CutoffNeedsSameDay);
        }
        let fixed = self.cases.iter().filter_map(|case| match case.effect {
            CaseEffect::Limit(amount) => Some(amount),
            CaseEffect::Adds(amount) => amount,
        });
        let amounts = self.by_channel.iter().map(|&(_, amount)| amount);
        for amount in amounts.chain(self.hard_area).chain(fixed) {
            Term::new(amount, self.base.unit)?;
        }
        no_repeats(self.cases.iter().map(|case| case.code.as_str()))
    }

    /// Returns the term in force.
    ///
    /// The amount of the channel, then of the hard area, replaces the base; the largest `limit` of the chosen
    /// cases replaces that; every `adds` is added. So the order in which cases are chosen does not matter.
    ///
    /// # Errors
    /// Fails for an unknown or repeated case, an amount missing or given against the version, and a sum that the
    /// unit does not have.
    pub fn resolve(&self, channel: Channel, area: Area, chosen: &[ChosenCase]) -> Result<Term, TermError> {
        no_repeats(chosen.iter().map(|case| case.code.as_str()))?;
        let mut limit = None;
        let mut added = Amount::ZERO;
        for choice in chosen {
            match self.effect_of(choice)? {
                CaseEffect::Limit(amount) => limit = limit.max(Some(amount)),
                CaseEffect::Adds(amount) => added = added.plus(amount.unwrap_or_default()),
            }
        }
        let amount = limit.unwrap_or_else(|| self.amount_for(channel, area));
        Term::new(amount.plus(added), self.base.unit)
    }

    fn amount_for(&self, channel: Channel, area: Area) -> Amount {
        let hard = self.hard_area.filter(|_| area == Area::Hard);
        let by_channel = self.by_channel.iter().find(|&&(of, _)| of == channel);
        hard.or(by_channel.map(|&(_, amount)| amount)).unwrap_or(self.base.amount)
    }

    fn effect_of(&self, choice: &ChosenCase) -> Result<CaseEffect, TermError> {
        let code = || choice.code.clone();
        let case = self.cases.iter().find(|case| case.code == choice.code);
        let case = case.ok_or_else(|| TermError::UnknownCase { code: code() })?;
        match (case.effect, choice.amount) {
            (CaseEffect::Adds(None), Some(amount)) if !amount.is_zero() => Ok(CaseEffect::Adds(Some(amount))),
            (CaseEffect::Adds(None), _) => Err(TermError::AmountMissing { code: code() }),
            (_, Some(_)) => Err(TermError::AmountFixed { code: code() }),
            (fixed, None) => Ok(fixed),
        }
    }
}

fn no_repeats<'a>(codes: impl Iterator<Item = &'a str>) -> Result<(), TermError> {
    let mut seen = std::collections::BTreeSet::new();
    for code in codes {
        if !seen.insert(code) {
            return Err(TermError::RepeatedCase { code: code.to_owned() });
        }
    }
    Ok(())
}
