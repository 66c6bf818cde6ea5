//! What a procedure version says of its term: amounts, units, cutoffs, cases.

mod term;

pub use term::{Amount, Term};

use crate::domain::words::words;
use serde::{Deserialize, Serialize};

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

impl TermUnit {
    /// Says it in Vietnamese.
    #[must_use]
    pub const fn vi(self) -> &'static str {
        match self {
            Self::WorkingHour => "Giờ làm việc",
            Self::WorkingDay => "Ngày làm việc",
            Self::CalendarDay => "Ngày",
            Self::Month => "Tháng",
        }
    }

    /// Says it in English.
    #[must_use]
    pub const fn en(self) -> &'static str {
        match self {
            Self::WorkingHour => "Working hours",
            Self::WorkingDay => "Working days",
            Self::CalendarDay => "Calendar days",
            Self::Month => "Months",
        }
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
            Term::new(amount, self.base.unit())?;
        }
        no_repeats(self.cases.iter().map(|case| case.code.as_str()))
    }

    /// Returns the shortest term that any dossier may get.
    #[must_use]
    pub fn shortest(&self) -> Term {
        let limits = self.cases.iter().filter_map(|case| match case.effect {
            CaseEffect::Limit(amount) => Some(amount),
            CaseEffect::Adds(_) => None,
        });
        let amounts = self.by_channel.iter().map(|&(_, amount)| amount).chain(self.hard_area).chain(limits);
        self.base.with(amounts.fold(self.base.amount(), Amount::min))
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
        Term::new(amount.plus(added), self.base.unit())
    }

    fn amount_for(&self, channel: Channel, area: Area) -> Amount {
        let hard = self.hard_area.filter(|_| area == Area::Hard);
        let by_channel = self.by_channel.iter().find(|&&(of, _)| of == channel);
        hard.or(by_channel.map(|&(_, amount)| amount)).unwrap_or(self.base.amount())
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
