//! What disagrees, and how it is said.

use std::fmt;

use chrono::NaiveDate;
use uuid::Uuid;

use crate::domain::ids::{FieldId, UnitId};
use crate::domain::period::Period;
use crate::state::Act;

/// Whose figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The code of the unit, or its key where the catalogue lacks it.
    pub unit: String,
    /// The code of the field, or its key; `all` for all fields of the unit together.
    pub field: String,
    /// Whether legs are counted.
    pub is_leg: bool,
}

/// Something that disagrees: what the tallies hold, and what the history says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields say what they are")]
pub enum Fault {
    /// The marks of some dossiers, on a day.
    Mark { day: NaiveDate, place: Place, measure: &'static str, kept: i64, counted: i64 },
    /// The sum of all marks on a day, or of all fields of a unit.
    Day { day: NaiveDate, place: Place, measure: &'static str, kept: i64, counted: i64 },
    /// What was carried forward to a day since the one before.
    Total { until: NaiveDate, place: Place, measure: &'static str, kept: i64, counted: i64 },
    /// A cell of a period.
    Cell { period: Period, place: Place, cell: &'static str, kept: i64, counted: i64 },
}

impl Place {
    /// Names a unit and a field.
    pub fn new(act: &Act<'_>, unit: Uuid, field: Uuid, is_leg: bool) -> Self {
        let catalogue = act.catalogue();
        let unit = catalogue.unit(UnitId(unit)).map_or_else(|| unit.to_string(), |unit| unit.code.clone());
        let field = match catalogue.field(FieldId(field)) {
            Some(field) => field.code.clone(),
            None if field.is_nil() => "all".to_owned(),
            None => field.to_string(),
        };
        Self { unit, field, is_leg }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unit {}, field {}", self.unit, self.field)?;
        if self.is_leg { f.write_str(", legs") } else { Ok(()) }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mark { day, place, measure, kept, counted } => {
                write!(f, "{place}, marks of {day}: {measure} is {kept}, by the history {counted}")
            }
            Self::Day { day, place, measure, kept, counted } => {
                write!(f, "{place}, day {day}: {measure} is {kept}, by its parts {counted}")
            }
            Self::Total { until, place, measure, kept, counted } => {
                write!(f, "{place}, carried forward to {until}: {measure} is {kept}, by the days {counted}")
            }
            Self::Cell { period, place, cell, kept, counted } => {
                let (from, to) = (period.from(), period.to());
                write!(f, "{place}, period {from} to {to}: {cell} is {kept}, by the history {counted}")
            }
        }
    }
}
