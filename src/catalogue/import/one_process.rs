//! One process saved by itself: as a file of this one row would be, beside the procedures that it concerns as they
//! stand. Those that name it go over to the new version with it.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use diesel::PgConnection;
use serde_json::Value;

use super::existing::{Existing, load_existing};
use super::fault::{Place, RowFault, RowFaults};
use super::plan::{self, Plan};
use super::procedure::ProcedureRow;
use super::process::{ProcessRow, read_process};
use super::read::{FIELDS, Files, Item, PROCEDURES, PROCESSES, UNITS, read_row};
use super::report::{Change, What};
use super::{apply, check, terms_of_legs, unheld};
use crate::domain::catalogue::{Procedure, Resolver};
use crate::domain::ids::UnitId;
use crate::error::{AppError, Said};
use crate::platform::progress::Progress;

/// What saving it does.
#[derive(Debug)]
pub struct PlannedProcess {
    /// The newest version of before.
    pub before: Option<i32>,
    /// The newest version of after.
    pub version: i32,
    /// The first day on which that version holds.
    pub valid_from: NaiveDate,
    /// Roles that nobody has where they are needed.
    pub warnings: Vec<Said>,
    plan: Plan,
}

/// Reads a row, checks it as an import does and compares it with what is there, as of a day. A version that follows
/// another holds from that day at the earliest: nobody is served by rules that held before they were known.
///
/// # Errors
/// Whatever the database says. The faults are the inner error.
pub fn plan_one(
    conn: &mut PgConnection,
    code: &str,
    content: Value,
    today: NaiveDate,
) -> Result<Result<PlannedProcess, Vec<RowFault>>, AppError> {
    let (mut faults, place) = (RowFaults::default(), Place::whole(PROCESSES));
    let Some(mut row) = read_row(&place, content, &mut faults, read_process) else {
        return Ok(Err(faults.into_vec()));
    };
    if row.code != code {
        faults.say(&place, "/code", other_code(code));
    }
    let existing = load_existing(conn)?;
    if existing.processes.contains_key(code) {
        row.valid_from = row.valid_from.max(today);
    }
    let mut files = files(Item { place, row }, &existing);
    terms_of_legs::fill(&mut files, &existing, &mut faults);
    check::check(&files, &existing, &mut faults);
    // Whose own way it is stays as it stands: only the budgets had to fit.
    files.procedures.retain(|item| item.row.process.as_deref() == Some(code));
    let warnings = unheld::Holders::load(conn, (&files, &existing), today)?.warnings(&files);
    let plan = plan::plan(files, &existing, today, &mut faults);
    if !faults.is_empty() {
        return Ok(Err(faults.into_vec().into_iter().map(of_the_process).collect()));
    }
    let warnings = warnings.into_iter().map(|(_, said)| said).collect();
    let planned = PlannedProcess::new(code, &existing, (plan, warnings));
    planned.map(Ok).ok_or_else(|| AppError::internal("a process was planned without a version"))
}

impl PlannedProcess {
    fn new(code: &str, existing: &Existing, (plan, warnings): (Plan, Vec<Said>)) -> Option<Self> {
        let before = existing.processes.get(code);
        let new = plan.processes.first().map(|new| (new.version, new.valid_from));
        let (version, valid_from) = new.or_else(|| before.map(|before| (before.version, before.valid_from)))?;
        Some(Self { before: before.map(|before| before.version), version, valid_from, warnings, plan })
    }

    /// Whether everything is as it was.
    pub fn changes_nothing(&self) -> bool {
        self.plan.changes_nothing()
    }

    /// Yields what changes of the process, if anything does.
    pub fn process(&self) -> Option<&What> {
        self.changed(PROCESSES).map(|change| &change.what).next()
    }

    /// Yields the procedures that go over to the new version.
    pub fn procedures(&self) -> impl Iterator<Item = &Change> {
        self.changed(PROCEDURES)
    }

    fn changed(&self, file: &'static str) -> impl Iterator<Item = &Change> {
        self.plan.changes.iter().filter(move |change| change.file == file && change.what != What::Kept)
    }

    /// Writes it all and counts the catalogue up.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn write(&self, conn: &mut PgConnection, now: DateTime<Utc>) -> Result<(), AppError> {
        apply::apply(conn, &self.plan, now, &Progress::silent())
    }
}

fn other_code(code: &str) -> Said {
    Said::new("other_code", format!("Phải là {code} như trong đường dẫn"), format!("must be {code}, as in the path"))
}

/// What is wrong with a procedure because of the process is told of the process: nobody sent the procedure.
fn of_the_process(fault: RowFault) -> RowFault {
    if fault.place.file == PROCESSES {
        return fault;
    }
    let RowFault { place, pointer, said } = fault;
    let vi = format!("Thủ tục {}{pointer}: {}", place.row, said.vi);
    let en = format!("procedure {}{pointer}: {}", place.row, said.en);
    RowFault { place: Place::whole(PROCESSES), pointer: String::new(), said: Said::new(said.code, vi, en) }
}

fn files(process: Item<ProcessRow>, existing: &Existing) -> Files {
    let none = || HashSet::new();
    let codes = HashMap::from([
        (UNITS, none()),
        (FIELDS, none()),
        (PROCEDURES, none()),
        (PROCESSES, HashSet::from([process.row.code.clone()])),
    ]);
    let procedures = concerned(&process.row, existing);
    Files { units: Vec::new(), fields: Vec::new(), processes: vec![process], procedures, calendar: None, codes }
}

/// The procedures that name the process, and the one whose own way it is; those that end before it holds are not.
fn concerned(process: &ProcessRow, existing: &Existing) -> Vec<Item<ProcedureRow>> {
    let own = process.whose.as_ref().map(|(code, _)| code);
    let mut found: Vec<Item<ProcedureRow>> = existing
        .procedures
        .values()
        .filter(|procedure| procedure.valid_to.is_none_or(|to| process.valid_from < to))
        .filter_map(|procedure| as_written(procedure, existing))
        .filter(|row| row.process.as_ref() == Some(&process.code) || own == Some(&row.code))
        .map(|row| Item { place: Place { file: PROCEDURES, row: row.code.clone(), at: String::new() }, row })
        .collect();
    found.sort_by(|a, b| a.row.code.cmp(&b.row.code));
    for item in &mut found {
        item.row.valid_from = process.valid_from;
    }
    found
}

/// A procedure as a file would say it.
fn as_written(procedure: &Procedure, existing: &Existing) -> Option<ProcedureRow> {
    let unit = |id: &UnitId| existing.units.values().find(|unit| unit.id == *id).map(|unit| unit.code.clone());
    let word = |resolver: &Resolver| match resolver {
        Resolver::Unit(id) => unit(id),
        Resolver::Kind(kind) => Some(kind.as_str().to_owned()),
    };
    let field = existing.fields.values().find(|field| field.id == procedure.field_id)?;
    let process = procedure.process_id.and_then(|id| existing.process_codes.get(&id).cloned());
    let needs_term = process.as_deref().is_some_and(|code| terms_of_legs::gave(existing, code, procedure));
    Some(ProcedureRow {
        code: procedure.code.clone(),
        name: procedure.name.clone(),
        field: field.code.clone(),
        state: procedure.state,
        resolved_by: procedure.resolvers.iter().filter_map(word).collect(),
        terms: procedure.terms.clone(),
        needs_term,
        cutoff: procedure.cutoff,
        supplement_effect: procedure.supplement_effect,
        supplement_within_days: procedure.supplement_within_days,
        excludes_external_time: procedure.excludes_external_time,
        process,
        papers: procedure.papers.clone(),
        fees: procedure.fees.clone(),
        limit_source: procedure.limit_source.clone(),
        note: procedure.note.clone(),
        valid_from: procedure.valid_from,
        valid_to: procedure.valid_to,
    })
}
