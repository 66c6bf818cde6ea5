//! A row of `processes.json`: steps inside units, or legs of several agencies.

use chrono::{Datelike, NaiveDate};
use serde_json::Value;

use super::row::RowReader;
use crate::domain::legs::{LegForm, Legs};
use crate::domain::process::{MOST_STEPS, Step, StepForm, flatten, places, read};
use crate::error::Said;

/// Years in which a process may begin to hold.
const YEARS: std::ops::Range<i32> = 1900..2200;

/// What a row says.
#[derive(Debug)]
pub struct ProcessRow {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) valid_from: NaiveDate,
    /// The procedure and the unit whose own way it is.
    pub(super) whose: Option<(String, String)>,
    /// As written: so it is stored.
    pub(super) steps: Value,
    /// As written: so it is stored.
    pub(super) legs: Value,
    /// The steps, for checks.
    pub(super) flat: Vec<Step>,
    /// Where each of them stands in `steps`.
    pub(super) places: Vec<String>,
    /// The legs, for checks.
    pub(super) parts: Legs,
}

/// Reads a row.
pub fn read_process(row: &mut RowReader<'_>) -> Option<ProcessRow> {
    let code = row.text("code", 35);
    if code.as_deref().is_some_and(|code| !is_code(code)) {
        row.fault("/code", "may have letters, digits, dots, dashes, underscores and slashes only");
    }
    let name = row.text("name", 500);
    let valid_from = row.required("valid_from");
    if valid_from.is_some_and(|day: NaiveDate| !YEARS.contains(&day.year())) {
        row.fault("/valid_from", "must lie in the years 1900 to 2199");
    }
    let whose = read_whose(row);
    let steps: Option<Value> = row.required("steps");
    let legs: Option<Value> = row.required("legs");
    let flat = steps.clone().and_then(|steps| read_steps(row, steps));
    let parts = legs.clone().and_then(|legs| read_legs(row, legs));
    if let (Some((flat, _)), Some(parts)) = (&flat, &parts)
        && flat.is_empty()
        && parts.is_empty()
    {
        row.say("/steps", nothing_to_do());
    }
    let (flat, places) = flat.unzip();
    Some(ProcessRow {
        code: code?,
        name: name?,
        valid_from: valid_from?,
        whose,
        steps: steps?,
        legs: legs?,
        flat: flat?,
        places: places?,
        parts: parts?,
    })
}

/// A unit may go about a procedure in its own way; then both are named.
fn read_whose(row: &mut RowReader<'_>) -> Option<(String, String)> {
    let procedure: Option<String> = row.optional("procedure");
    let unit: Option<String> = row.optional("unit");
    if procedure.is_some() != unit.is_some() {
        row.fault("/unit", "a unit's own process names `procedure` and `unit`");
    }
    procedure.zip(unit)
}

fn is_code(code: &str) -> bool {
    code.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_/".contains(&byte))
}

fn nothing_to_do() -> Said {
    Said::new("no_step", "Không có bước nào, cũng không có nhánh nào", "has no step, and /legs no leg")
}

/// Returns the steps, and where each of them stands.
fn read_steps(row: &mut RowReader<'_>, steps: Value) -> Option<(Vec<Step>, Vec<String>)> {
    let forms: Vec<StepForm> = row.inner("steps", steps)?;
    // A process of legs alone has no steps of its own.
    if forms.is_empty() {
        return Some((Vec::new(), Vec::new()));
    }
    let places = places(&forms);
    for fault in flatten(forms.clone()).err().into_iter().flatten() {
        let said = Said::new(fault.why.code(), fault.why.vi(), fault.why.to_string());
        row.say(&format!("/steps{}", fault.pointer), said);
    }
    // What is wrong among the steps hides nothing that is wrong between them and the rest of the catalogue.
    let steps = if places.len() > MOST_STEPS { None } else { read(forms).ok() };
    steps.map(|steps| (steps, places))
}

fn read_legs(row: &mut RowReader<'_>, legs: Value) -> Option<Legs> {
    let forms: Vec<LegForm> = row.inner("legs", legs)?;
    let read = Legs::read(forms);
    for (place, fault) in read.as_ref().err().into_iter().flatten() {
        let parts = place.map(|place| place.to_string()).into_iter().chain(fault.field().map(str::to_owned));
        let pointer: String = parts.map(|part| format!("/{part}")).collect();
        row.say(&format!("/legs{pointer}"), Said::new(fault.code(), fault.vi(), fault.to_string()));
    }
    read.ok()
}
