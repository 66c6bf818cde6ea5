//! What differs between the files and the database. Versions that dossiers may use are never edited: what differs
//! becomes a new version.

mod places;
mod versions;

use chrono::NaiveDate;
use serde_json::Value;

use super::calendar::{self, NewCalendar};
use super::existing::Existing;
use super::fault::RowFaults;
use super::read::Files;
use super::report::{Change, What};
use crate::domain::catalogue::{Field, Procedure, Unit};
use crate::domain::ids::{ProcedureId, ProcedureVersionId, ProcessId, ProcessVersionId, UnitId};

/// What is to be written.
#[derive(Debug, Default)]
pub struct Plan {
    pub(super) units: Vec<(Write, Unit)>,
    pub(super) aliases: Vec<(String, UnitId, Option<NaiveDate>)>,
    pub(super) fields: Vec<(Write, Field)>,
    pub(super) processes: Vec<NewProcess>,
    pub(super) procedures: Vec<(Write, Procedure)>,
    /// When versions end: those before a new one, and those that the file ends.
    pub(super) ends: Vec<(ProcedureVersionId, Option<NaiveDate>)>,
    pub(super) calendar: Option<NewCalendar>,
    /// Own ways of units: the process version, and whose way it is.
    pub(super) whose: Vec<(ProcessVersionId, ProcedureId, UnitId)>,
    pub(super) changes: Vec<Change>,
    pub(super) unchanged: usize,
    pub(super) warnings: Vec<String>,
}

/// Whether a thing is there already. Of a procedure or process the thing itself, whose versions are always new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Write {
    /// It is not.
    Insert,
    /// It is.
    Update,
}

/// A new version of a process.
#[derive(Debug)]
pub struct NewProcess {
    pub(super) write: Write,
    pub(super) process_id: ProcessId,
    pub(super) id: ProcessVersionId,
    pub(super) code: String,
    pub(super) version: i32,
    pub(super) name: String,
    pub(super) steps: Value,
    pub(super) legs: Value,
    pub(super) valid_from: NaiveDate,
}

/// Compares files that were checked with what is there, as of a day.
pub fn plan(files: Files, existing: &Existing, today: NaiveDate, faults: &mut RowFaults) -> Plan {
    let mut plan = Plan::default();
    let units = plan.units(&files.units, existing);
    let fields = plan.fields(&files.fields, existing);
    let processes = plan.processes(&files.processes, existing, today);
    let ids = versions::Ids { units, fields, processes };
    plan.procedures(&files.procedures, (existing, today), &ids, faults);
    plan.own_ways(&files.processes, existing, &ids.units);
    if let Some(file) = files.calendar {
        let before = (existing.calendar_version, existing.calendar.as_ref());
        let planned = calendar::plan(file, before, today, faults);
        plan.calendar = planned.new;
        plan.changes.extend(planned.changes);
        plan.unchanged += planned.unchanged;
        plan.warnings.extend(planned.warnings);
    }
    plan
}

impl Plan {
    /// Whether everything is as it was.
    pub fn changes_nothing(&self) -> bool {
        self.changes.iter().all(|change| change.what == What::Kept)
    }

    /// Notes a change in the report; nothing in `fields` is no change. Says whether there is one.
    fn note_changed(&mut self, file: &'static str, code: &str, fields: Vec<String>) -> bool {
        if fields.is_empty() {
            self.unchanged += 1;
            return false;
        }
        self.note(file, code, What::Changed { fields });
        true
    }

    fn note(&mut self, file: &'static str, code: &str, what: What) {
        self.changes.push(Change { file, code: code.to_owned(), what });
    }

    /// Notes what is in the database and not in the file.
    fn note_kept<'a>(
        &mut self,
        file: &'static str,
        codes: impl Iterator<Item = &'a String>,
        is_in_file: impl Fn(&str) -> bool,
    ) {
        let mut kept: Vec<_> = codes.filter(|code| !is_in_file(code)).collect();
        kept.sort_unstable();
        for code in kept {
            self.note(file, code, What::Kept);
        }
    }
}

/// Names of what differs.
#[derive(Default)]
struct Differences(Vec<String>);

impl Differences {
    fn add<T: PartialEq + ?Sized>(&mut self, name: &str, old: &T, new: &T) {
        if old != new {
            self.0.push(name.to_owned());
        }
    }
}

/// Returns from when a changed version holds: as the file says when it says a later day than the version before,
/// else from today, for nobody is served by rules that held before they were known.
fn next_valid_from(written: NaiveDate, before: NaiveDate, today: NaiveDate) -> NaiveDate {
    if written > before { written } else { today.max(before) }
}
