//! Amounts and terms: what a procedure may take.

use crate::domain::decimal::{deserialize_scaled, parse_scaled};
use crate::domain::procedure::{TermError, TermUnit};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

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

    pub(super) const fn plus(self, other: Self) -> Self {
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

    /// Returns the same term with an amount that was checked against its unit.
    pub(super) const fn with(self, amount: Amount) -> Self {
        Self { amount, unit: self.unit }
    }

    /// Returns its unit.
    #[must_use]
    pub const fn unit(self) -> TermUnit {
        self.unit
    }

    /// Returns the working minutes that it has at least, days of 8 hours: what steps may use must fit into them. Calendar
    /// days and months count five working days in seven and twenty in a month; a term of the same day is a day.
    #[must_use]
    pub fn least_minutes(self) -> i64 {
        let hundredths = i64::from(self.amount.0);
        let days = |days: i64| days.max(1) * 480;
        match self.unit {
            TermUnit::WorkingHour => hundredths * 60 / 100,
            TermUnit::WorkingDay if self.is_same_day() => days(1),
            TermUnit::WorkingDay => hundredths * 480 / 100,
            TermUnit::CalendarDay => days(hundredths / 100 * 5 / 7),
            TermUnit::Month => days(hundredths / 100 * 20),
        }
    }

    /// Says whether it is a term of the same day: 0 working days.
    #[must_use]
    pub const fn is_same_day(self) -> bool {
        self.amount.is_zero()
    }
}
