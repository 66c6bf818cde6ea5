//! How processes are shown, and what saving one did.

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::queries::{Newest, Written};
use crate::catalogue::import::one_process::PlannedProcess;
use crate::catalogue::import::{Change, What};
use crate::error::Said;

/// A process in a list, by its newest version.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ProcessItem {
    /// Its code.
    code: String,
    /// Its name.
    name: String,
    /// The number of its newest version.
    version: i32,
    /// The first day on which that version holds.
    valid_from: NaiveDate,
    /// The procedure of which it is a unit's own way; null for most.
    procedure: Option<String>,
    /// That unit.
    unit: Option<String>,
}

impl From<&Newest> for ProcessItem {
    fn from(newest: &Newest) -> Self {
        Self {
            code: newest.code.clone(),
            name: newest.name.clone(),
            version: newest.version,
            valid_from: newest.valid_from,
            procedure: newest.procedure.clone(),
            unit: newest.unit.clone(),
        }
    }
}

/// A process with its versions.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = CatalogueProcess)]
pub struct ProcessView {
    /// Its code.
    code: String,
    /// The number of its newest version; `ETag` holds it too.
    pub(super) version: i32,
    /// The versions, the newest first, 200 at most.
    versions: Vec<VersionView>,
}

/// One version.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ProcessVersion)]
pub struct VersionView {
    /// Counts from 1.
    version: i32,
    /// The first day on which it holds.
    valid_from: NaiveDate,
    /// The codes of the procedures that name it today or will.
    procedures: Vec<String>,
    /// As a row of `processes.json`: it can be changed and saved.
    #[schema(value_type = Object)]
    entry: Value,
}

impl ProcessView {
    /// Shows the versions of a process, the newest first; `None` where there are none.
    pub(super) fn of(code: String, versions: Vec<(Written, Vec<String>)>) -> Option<Self> {
        let version = versions.first()?.0.version;
        let shown = |(written, procedures): (Written, Vec<String>)| VersionView {
            version: written.version,
            valid_from: written.valid_from,
            procedures,
            entry: entry(&code, written),
        };
        let versions = versions.into_iter().map(shown).collect();
        Some(Self { version, versions, code })
    }
}

fn entry(code: &str, written: Written) -> Value {
    let mut entry = Map::new();
    entry.insert("code".to_owned(), json!(code));
    entry.insert("name".to_owned(), json!(written.name));
    entry.insert("valid_from".to_owned(), json!(written.valid_from));
    if let Some((procedure, unit)) = written.procedure.zip(written.unit) {
        entry.insert("procedure".to_owned(), json!(procedure));
        entry.insert("unit".to_owned(), json!(unit));
    }
    entry.insert("steps".to_owned(), written.steps);
    entry.insert("legs".to_owned(), written.legs);
    Value::Object(entry)
}

/// What saving a process did, or would do.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SavedProcess {
    /// Its code.
    code: String,
    /// `new`, `new_version` or `unchanged`.
    outcome: &'static str,
    /// The number of its newest version.
    pub(super) version: i32,
    /// The first day on which that version holds.
    valid_from: NaiveDate,
    /// What of it differs from the version before.
    changes: Vec<String>,
    /// The procedures that go over to it.
    procedures: Vec<CarriedProcedure>,
    /// What should be looked at, as a role that nobody has.
    warnings: Vec<ProcessWarning>,
}

/// A procedure that goes over to a new version of its process.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CarriedProcedure {
    /// Its code.
    code: String,
    /// The number of its new version.
    version: i32,
    /// The first day on which that version holds.
    valid_from: NaiveDate,
    /// What of it differs.
    changes: Vec<String>,
}

/// Something that should be looked at.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ProcessWarning {
    /// Stable, for programs.
    code: &'static str,
    /// In Vietnamese.
    vi: String,
    /// In English.
    en: String,
}

impl SavedProcess {
    /// Tells it.
    pub(super) fn of(code: String, planned: PlannedProcess) -> Self {
        let (outcome, changes) = match planned.process() {
            None => ("unchanged", Vec::new()),
            Some(What::NewVersion { fields, .. }) => ("new_version", fields.clone()),
            Some(_) => ("new", Vec::new()),
        };
        let procedures = planned.procedures().filter_map(carried).collect();
        let (version, valid_from) = (planned.version, planned.valid_from);
        let warnings = planned.warnings.into_iter().map(ProcessWarning::from).collect();
        Self { code, outcome, version, valid_from, changes, procedures, warnings }
    }

    /// Whether there was no process of this code before.
    pub(super) fn is_new(&self) -> bool {
        self.outcome == "new"
    }
}

fn carried(change: &Change) -> Option<CarriedProcedure> {
    let What::NewVersion { fields, version, from } = &change.what else { return None };
    Some(CarriedProcedure { code: change.code.clone(), version: *version, valid_from: *from, changes: fields.clone() })
}

impl From<Said> for ProcessWarning {
    fn from(said: Said) -> Self {
        Self { code: said.code, vi: said.vi, en: said.en }
    }
}
