//! A row of `processes.json`: steps inside units, or legs of several agencies.

use std::str::FromStr;

use chrono::NaiveDate;
use serde_json::Value;

use super::row::RowReader;
use crate::domain::dossier::PauseKind;
use crate::domain::legs::{LegForm, Legs};
use crate::domain::process::{Step, StepForm, flatten};
use crate::domain::role::Role;

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
    /// The legs, for checks.
    pub(super) parts: Legs,
}

/// Reads a row.
pub fn read_process(row: &mut RowReader<'_>) -> Option<ProcessRow> {
    let code = row.text("code", 35);
    let name = row.text("name", 500);
    let valid_from = row.required("valid_from");
    let whose = read_whose(row);
    let steps: Option<Value> = row.required("steps");
    let legs: Option<Value> = row.required("legs");
    let flat = steps.clone().and_then(|steps| read_steps(row, steps));
    let parts = legs.clone().and_then(|legs| read_legs(row, legs));
    if let (Some(flat), Some(parts)) = (&flat, &parts)
        && flat.is_empty()
        && parts.is_empty()
    {
        row.fault("/steps", "has no step, and /legs no leg");
    }
    Some(ProcessRow {
        code: code?,
        name: name?,
        valid_from: valid_from?,
        whose,
        steps: steps?,
        legs: legs?,
        flat: flat?,
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

fn read_steps(row: &mut RowReader<'_>, steps: Value) -> Option<Vec<Step>> {
    let forms: Vec<StepForm> = row.inner("steps", steps)?;
    // A process of legs alone has no steps of its own.
    if forms.is_empty() {
        return Some(Vec::new());
    }
    let flat = flatten(forms).map_err(|err| row.fault("/steps", err)).ok()?;
    for step in &flat {
        check_step(row, step);
    }
    Some(flat)
}

fn check_step(row: &mut RowReader<'_>, step: &Step) {
    let does = &step.does;
    if Role::from_str(&step.role.0).is_err() {
        row.fault("/steps", format!("`{does}`: there is no role `{}`", step.role));
    }
    if let Some(kind) = &step.opens_pause
        && PauseKind::from_str(kind).is_err()
    {
        row.fault("/steps", format!("`{does}`: there is no pause `{kind}`"));
    }
}

fn read_legs(row: &mut RowReader<'_>, legs: Value) -> Option<Legs> {
    let forms: Vec<LegForm> = row.inner("legs", legs)?;
    let read = Legs::read(forms);
    for (place, fault) in read.as_ref().err().into_iter().flatten() {
        let parts = place.map(|place| place.to_string()).into_iter().chain(fault.field().map(str::to_owned));
        let pointer: String = parts.map(|part| format!("/{part}")).collect();
        row.fault(&format!("/legs{pointer}"), fault);
    }
    read.ok()
}
