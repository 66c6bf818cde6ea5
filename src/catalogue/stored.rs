//! How terms and the calendar lie in their JSON columns. The files of an import are written the same way.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, NaiveTime, Weekday};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::domain::calendar::{Calendar, CalendarError, CalendarYear, YearState};
use crate::domain::procedure::{Amount, CaseEffect, Channel, Term, TermCase, TermRules};

/// `procedure_versions.terms`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredTerms {
    base: Term,
    statutory: Option<Term>,
    by_channel: BTreeMap<Channel, Amount>,
    hard_area: Option<Amount>,
    cases: Vec<StoredCase>,
}

/// What a case does to the term.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum CaseEffectWord {
    /// Replaces it.
    Limit,
    /// Adds to it.
    Adds,
}

/// One case of the terms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredCase {
    pub(super) code: String,
    #[serde(default)]
    pub(super) name: Option<String>,
    pub(super) effect: CaseEffectWord,
    #[serde(default)]
    pub(super) amount: Option<Amount>,
    pub(super) basis: String,
}

impl StoredCase {
    /// Reads the case; `None` where it replaces the term by nothing.
    pub(super) fn read(self) -> Option<TermCase> {
        let effect = match (self.effect, self.amount) {
            (CaseEffectWord::Limit, Some(amount)) => CaseEffect::Limit(amount),
            (CaseEffectWord::Limit, None) => return None,
            (CaseEffectWord::Adds, amount) => CaseEffect::Adds(amount),
        };
        Some(TermCase { code: self.code, name: self.name, effect, basis: self.basis })
    }
}

impl From<&TermCase> for StoredCase {
    fn from(case: &TermCase) -> Self {
        let (effect, amount) = match case.effect {
            CaseEffect::Limit(amount) => (CaseEffectWord::Limit, Some(amount)),
            CaseEffect::Adds(amount) => (CaseEffectWord::Adds, amount),
        };
        Self { code: case.code.clone(), name: case.name.clone(), effect, amount, basis: case.basis.clone() }
    }
}

impl StoredTerms {
    /// Reads the rules; `None` where a case replaces the term by nothing.
    pub(super) fn read(self) -> Option<TermRules> {
        let cases: Option<Vec<_>> = self.cases.into_iter().map(StoredCase::read).collect();
        Some(TermRules {
            base: self.base,
            statutory: self.statutory,
            by_channel: self.by_channel.into_iter().collect(),
            hard_area: self.hard_area,
            cases: cases?,
        })
    }
}

impl From<&TermRules> for StoredTerms {
    fn from(rules: &TermRules) -> Self {
        Self {
            base: rules.base,
            statutory: rules.statutory,
            by_channel: rules.by_channel.iter().copied().collect(),
            hard_area: rules.hard_area,
            cases: rules.cases.iter().map(StoredCase::from).collect(),
        }
    }
}

/// `calendars.body`: the calendar whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredCalendar {
    pub(super) weekdays: Vec<WeekdayNumber>,
    pub(super) working_time: Vec<Interval>,
    pub(super) years: Vec<StoredYear>,
}

/// One stretch of a working day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Interval {
    #[serde(with = "hour")]
    pub(super) from: NaiveTime,
    #[serde(with = "hour")]
    pub(super) to: NaiveTime,
}

/// The row of one year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredYear {
    pub(super) year: i32,
    pub(super) state: YearState,
    pub(super) off: BTreeSet<NaiveDate>,
    pub(super) work: BTreeSet<NaiveDate>,
    pub(super) source: String,
}

/// A day of the week as a number, 1 = Monday.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct WeekdayNumber(pub(super) Weekday);

impl Serialize for WeekdayNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(self.0.number_from_monday())
    }
}

impl<'de> Deserialize<'de> for WeekdayNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = u8::deserialize(deserializer)?;
        let day = number.checked_sub(1).map(Weekday::try_from);
        match day {
            Some(Ok(day)) => Ok(Self(day)),
            _ => Err(serde::de::Error::custom("a weekday is a number from 1 (Monday) to 7")),
        }
    }
}

impl StoredCalendar {
    /// The calendar of a database that has none yet: the usual week, no year.
    pub(super) fn empty() -> Self {
        let weekdays = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
        let time = |hour, minute| NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default();
        Self {
            weekdays: weekdays.map(WeekdayNumber).to_vec(),
            working_time: vec![
                Interval { from: time(7, 0), to: time(11, 30) },
                Interval { from: time(13, 30), to: time(17, 0) },
            ],
            years: Vec::new(),
        }
    }

    /// Makes the calendar that due dates are counted by.
    pub(super) fn read(&self) -> Result<Calendar, CalendarError> {
        let weekdays: Vec<_> = self.weekdays.iter().map(|day| day.0).collect();
        let working_time = self.working_time.iter().map(|interval| (interval.from, interval.to)).collect();
        let years = self.years.iter().map(|row| {
            let year = CalendarYear {
                state: row.state,
                off: row.off.clone(),
                work: row.work.clone(),
                source: row.source.clone(),
            };
            (row.year, year)
        });
        Calendar::new(&weekdays, working_time, years.collect())
    }
}

/// `07:00`, as offices write an hour.
mod hour {
    use chrono::NaiveTime;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(time: &NaiveTime, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&time.format("%H:%M"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveTime, D::Error> {
        let text = String::deserialize(deserializer)?;
        NaiveTime::parse_from_str(&text, "%H:%M")
            .map_err(|err| serde::de::Error::custom(format!("`{text}` is no time HH:MM: {err}")))
    }
}
