//! Processes and procedures: a dossier keeps the version it began with, so what differs is a new version.

use std::collections::HashMap;
use std::str::FromStr;

use chrono::{Days, NaiveDate};

use super::super::existing::{Existing, ProcessVersion};
use super::super::fault::RowFaults;
use super::super::procedure::ProcedureRow;
use super::super::process::ProcessRow;
use super::super::read::{Item, PROCEDURES, PROCESSES};
use super::super::report::What;
use super::{Differences, NewProcess, Plan, Write, next_valid_from};
use crate::domain::catalogue::{Procedure, Resolver, UnitKind};
use crate::domain::ids::{FieldId, ProcedureId, ProcedureVersionId, ProcessId, ProcessVersionId, UnitId};
use crate::domain::procedure::TermRules;

/// Keys by code, of what is there and of what will be.
pub(super) struct Ids {
    pub(super) units: HashMap<String, UnitId>,
    pub(super) fields: HashMap<String, FieldId>,
    pub(super) processes: HashMap<String, ProcessVersionId>,
}

impl Plan {
    /// Plans processes; returns the newest version's key by the code.
    pub(super) fn processes(
        &mut self,
        items: &[Item<ProcessRow>],
        existing: &Existing,
        today: NaiveDate,
    ) -> HashMap<String, ProcessVersionId> {
        let kept = existing.processes.iter();
        let mut ids: HashMap<_, _> = kept.map(|(code, process)| (code.clone(), process.id)).collect();
        for Item { row, .. } in items {
            let before = existing.processes.get(&row.code);
            let differing = before.map(|before| process_differences(before, row, existing));
            if differing.as_ref().is_some_and(Vec::is_empty) {
                self.unchanged += 1;
                continue;
            }
            let new = new_process(row, before, today);
            ids.insert(row.code.clone(), new.id);
            self.note(PROCESSES, &row.code, begun(differing, new.version, new.valid_from));
            self.processes.push(new);
        }
        self.note_kept(PROCESSES, existing.processes.keys(), |code| items.iter().any(|item| item.row.code == code));
        ids
    }

    /// Ties new process versions to the procedure and unit whose own way they are.
    pub(super) fn own_ways(
        &mut self,
        items: &[Item<ProcessRow>],
        existing: &Existing,
        units: &HashMap<String, UnitId>,
    ) {
        let planned = self.procedures.iter().map(|(_, procedure)| (procedure.code.as_str(), procedure.procedure_id));
        let kept = existing.procedures.iter().map(|(code, procedure)| (code.as_str(), procedure.procedure_id));
        let procedures: HashMap<&str, ProcedureId> = kept.chain(planned).collect();
        for new in &self.processes {
            let row = items.iter().find(|item| item.row.code == new.code);
            let Some((procedure, unit)) = row.and_then(|item| item.row.whose.as_ref()) else { continue };
            let found = procedures.get(procedure.as_str()).zip(units.get(unit));
            self.whose.extend(found.map(|(procedure, unit)| (new.id, *procedure, *unit)));
        }
    }

    /// Plans procedures, and when the versions before them end.
    pub(super) fn procedures(
        &mut self,
        items: &[Item<ProcedureRow>],
        (existing, today): (&Existing, NaiveDate),
        ids: &Ids,
        faults: &mut RowFaults,
    ) {
        for item in items {
            let code = &item.row.code;
            let before = existing.procedures.get(code);
            let Some(mut after) = target(&item.row, before, ids) else {
                continue;
            };
            let differing = before.map(|before| procedure_differences(before, &after));
            if let (Some(before), Some(differing)) = (before, &differing) {
                if differing.is_empty() {
                    self.end_of(item, before, faults);
                    continue;
                }
                after.version = before.version + 1;
                after.valid_from = next_valid_from(after.valid_from, before.valid_from, today);
                self.ends.push((before.id, Some(last_of(before, after.valid_from))));
            }
            if after.valid_to.is_some_and(|to| to <= after.valid_from) {
                let why = format!("ends before the change could hold, on {}", after.valid_from);
                faults.add(&item.place, "/valid_to", why);
            }
            let write = before.map_or(Write::Insert, |_| Write::Update);
            self.note(PROCEDURES, code, begun(differing, after.version, after.valid_from));
            self.procedures.push((write, after));
        }
        self.note_kept(PROCEDURES, existing.procedures.keys(), |code| items.iter().any(|item| item.row.code == code));
    }

    /// The end of a version may be moved: it is no part of what dossiers go by.
    fn end_of(&mut self, item: &Item<ProcedureRow>, before: &Procedure, faults: &mut RowFaults) {
        let row = &item.row;
        let mut differing = Differences::default();
        differing.add("valid_to", &before.valid_to, &row.valid_to);
        if row.valid_to.is_some_and(|to| to <= before.valid_from) {
            let why = format!("the version in force began on {}", before.valid_from);
            faults.add(&item.place, "/valid_to", why);
        }
        if self.note_changed(PROCEDURES, &row.code, differing.0) {
            self.ends.push((before.id, row.valid_to));
        }
    }
}

/// A version changed on the day it began ends on the next: the newer of two that hold goes first.
fn last_of(before: &Procedure, next: NaiveDate) -> NaiveDate {
    let first_end = before.valid_from.checked_add_days(Days::new(1));
    let end = next.max(first_end.unwrap_or(next));
    before.valid_to.map_or(end, |ended| ended.min(end))
}

fn begun(differing: Option<Vec<String>>, version: i32, from: NaiveDate) -> What {
    match differing {
        None => What::New,
        Some(fields) => What::NewVersion { fields, version, from },
    }
}

fn process_differences(before: &ProcessVersion, after: &ProcessRow, existing: &Existing) -> Vec<String> {
    let mut differing = Differences::default();
    differing.add("name", &before.name, &after.name);
    differing.add("steps", &before.steps, &after.steps);
    differing.add("legs", &before.legs, &after.legs);
    let named = after.whose.as_ref();
    let procedure = named.and_then(|(code, _)| existing.procedures.get(code)).map(|found| found.procedure_id);
    let unit = named.and_then(|(_, code)| existing.units.get(code)).map(|found| found.id);
    differing.add("procedure", &before.procedure_id, &procedure);
    differing.add("unit", &before.unit_id, &unit);
    differing.0
}

fn new_process(row: &ProcessRow, before: Option<&ProcessVersion>, today: NaiveDate) -> NewProcess {
    let valid_from = before.map_or(row.valid_from, |before| next_valid_from(row.valid_from, before.valid_from, today));
    NewProcess {
        write: before.map_or(Write::Insert, |_| Write::Update),
        process_id: before.map_or_else(ProcessId::new, |before| before.process_id),
        id: ProcessVersionId::new(),
        code: row.code.clone(),
        version: before.map_or(1, |before| before.version + 1),
        name: row.name.clone(),
        steps: row.steps.clone(),
        legs: row.legs.clone(),
        valid_from,
    }
}

fn target(row: &ProcedureRow, before: Option<&Procedure>, ids: &Ids) -> Option<Procedure> {
    let process_id = match &row.process {
        Some(code) => Some(*ids.processes.get(code)?),
        None => None,
    };
    let resolvers: Option<Vec<_>> = row.resolved_by.iter().map(|code| resolver(code, ids)).collect();
    Some(Procedure {
        id: ProcedureVersionId::new(),
        procedure_id: before.map_or_else(ProcedureId::new, |before| before.procedure_id),
        version: 1,
        code: row.code.clone(),
        name: row.name.clone(),
        field_id: *ids.fields.get(&row.field)?,
        state: row.state,
        terms: row.terms.clone(),
        cutoff: row.cutoff,
        supplement_effect: row.supplement_effect,
        supplement_within_days: row.supplement_within_days,
        excludes_external_time: row.excludes_external_time,
        process_id,
        papers: row.papers.clone(),
        fees: row.fees.clone(),
        resolvers: resolvers?,
        limit_source: row.limit_source.clone(),
        note: row.note.clone(),
        valid_from: row.valid_from,
        valid_to: row.valid_to,
    })
}

fn resolver(code: &str, ids: &Ids) -> Option<Resolver> {
    let kind = UnitKind::from_str(code).map(Resolver::Kind);
    kind.ok().or_else(|| ids.units.get(code).copied().map(Resolver::Unit))
}

fn procedure_differences(before: &Procedure, after: &Procedure) -> Vec<String> {
    let mut differing = Differences::default();
    differing.add("state", &before.state, &after.state);
    differing.add("name", &before.name, &after.name);
    differing.add("field", &before.field_id, &after.field_id);
    if before.terms != after.terms {
        differing.0.push(terms_difference(before.terms.as_ref(), after.terms.as_ref()));
    }
    differing.add("cutoff", &before.cutoff, &after.cutoff);
    let effects = (&before.supplement_effect, &after.supplement_effect);
    differing.add("supplement_effect", effects.0, effects.1);
    let days = (&before.supplement_within_days, &after.supplement_within_days);
    differing.add("supplement_within_days", days.0, days.1);
    let external = (&before.excludes_external_time, &after.excludes_external_time);
    differing.add("excludes_external_time", external.0, external.1);
    differing.add("process", &before.process_id, &after.process_id);
    differing.add("papers", &before.papers, &after.papers);
    differing.add("fees", &before.fees, &after.fees);
    differing.add("resolved_by", &before.resolvers, &after.resolvers);
    differing.add("limit_source", &before.limit_source, &after.limit_source);
    differing.add("note", &before.note, &after.note);
    differing.0
}

/// The term is what a reader of a dry run looks for, so it is told with both its values.
fn terms_difference(before: Option<&TermRules>, after: Option<&TermRules>) -> String {
    let base = |rules: Option<&TermRules>| {
        rules.map_or_else(|| "none".to_owned(), |rules| format!("{} {}", rules.base.amount(), rules.base.unit()))
    };
    match (base(before), base(after)) {
        (before, after) if before == after => "terms of cases, channels or places".to_owned(),
        (before, after) => format!("term {before} → {after}"),
    }
}
