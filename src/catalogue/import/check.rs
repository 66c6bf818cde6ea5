//! What rows say of each other: every code that is named must be there, no unit may lie below itself.

use std::collections::{HashMap, HashSet};
use std::str::FromStr;

use super::existing::Existing;
use super::fault::RowFaults;
use super::procedure::ProcedureRow;
use super::process::ProcessRow;
use super::read::{Codes, FIELDS, Files, Item, PROCEDURES, PROCESSES, UNITS, UnitRow};
use crate::domain::catalogue::UnitKind;
use crate::domain::legs::LegUnit;
use crate::domain::process::{self, PLACE};
use crate::domain::unit_tree::FormerParent;
use crate::error::Said;

/// The codes that may be named: those of the files, and those of before that are kept. `None` where a file can't be
/// read: its own fault is enough.
struct Known<'a> {
    units: Option<HashSet<&'a str>>,
    fields: Option<HashSet<&'a str>>,
    processes: Option<HashSet<&'a str>>,
    procedures: Option<HashSet<&'a str>>,
}

fn is_known(codes: Option<&HashSet<&str>>, code: &str) -> bool {
    codes.is_none_or(|codes| codes.contains(code))
}

/// Checks the files against each other and against what is kept.
pub fn check(files: &Files, existing: &Existing, faults: &mut RowFaults) {
    let known = known(files, existing);
    for item in &files.units {
        check_unit(item, &known, faults);
        check_reorganised(item, existing, faults);
    }
    check_former_codes(&files.units, faults);
    check_tree(&files.units, existing, faults);
    for item in &files.processes {
        check_process(item, &known, faults);
    }
    for item in &files.procedures {
        check_procedure(item, &known, faults);
    }
    check_budgets(files, faults);
}

fn known<'a>(files: &'a Files, existing: &'a Existing) -> Known<'a> {
    fn codes<'a, V>(codes: &'a Codes, file: &str, kept: &'a HashMap<String, V>) -> Option<HashSet<&'a str>> {
        let written = codes.get(file)?;
        Some(written.iter().chain(kept.keys()).map(String::as_str).collect())
    }
    let mut units = codes(&files.codes, UNITS, &existing.units);
    // A unit is named by its code of today: the files are today's.
    for former in files.units.iter().flat_map(|item| &item.row.former_codes) {
        if let Some(units) = &mut units {
            units.remove(former.code.as_str());
        }
    }
    Known {
        units,
        fields: codes(&files.codes, FIELDS, &existing.fields),
        processes: codes(&files.codes, PROCESSES, &existing.processes),
        procedures: codes(&files.codes, PROCEDURES, &existing.procedures),
    }
}

fn check_unit(item: &Item<UnitRow>, known: &Known<'_>, faults: &mut RowFaults) {
    let row = &item.row;
    let named = row.parent.as_ref().map(|code| ("/parent", code));
    for (pointer, code) in named.into_iter().chain([("/receives_at", &row.receives_at)]) {
        if !is_known(known.units.as_ref(), code.as_str()) {
            faults.add(&item.place, pointer, format!("there is no unit {code}"));
        }
    }
}

/// What was decided on units holds: a file of before does not bring back what has ended or is called otherwise.
fn check_reorganised(item: &Item<UnitRow>, existing: &Existing, faults: &mut RowFaults) {
    let row = &item.row;
    let Some(unit) = existing.units.get(&row.code) else {
        if let Some((unit, _)) = existing.aliases.get(&row.code) {
            let now = existing.units.values().find(|other| other.id == *unit).map_or("?", |unit| unit.code.as_str());
            let why = format!("{} is the former code of {now}: write that, with the old one in former_codes", row.code);
            faults.add(&item.place, "/code", why);
        }
        return;
    };
    if let Some(end) = existing.ending.get(&unit.id).filter(|end| row.valid_to != Some(**end)) {
        faults.add(&item.place, "/valid_to", format!("the unit ends by a reorganisation: write {end}"));
    }
    let parent = row.parent.as_ref().and_then(|code| existing.units.get(code)).map(|unit| unit.id);
    let lay_there = |former: &FormerParent| former.unit == unit.id && former.parent == parent;
    if existing.former_parents.iter().any(lay_there) && parent != unit.parent {
        let moves = existing.former_parents.iter().filter(|former| former.unit == unit.id);
        let since = moves.map(|former| former.valid_to).max().unwrap_or_default();
        let above = existing.units.values().find(|other| Some(other.id) == unit.parent);
        let above = above.map_or("none", |unit| unit.code.as_str());
        let why = format!("the unit lies below another by a reorganisation since {since}: write {above}");
        faults.add(&item.place, "/parent", why);
    }
}

fn check_former_codes(units: &[Item<UnitRow>], faults: &mut RowFaults) {
    let mut taken: HashSet<&str> = units.iter().map(|item| item.row.code.as_str()).collect();
    for item in units {
        for (index, former) in item.row.former_codes.iter().enumerate() {
            if !taken.insert(&former.code) {
                let why = format!("{} is the code of another unit, or stands twice", former.code);
                faults.add(&item.place, &format!("/former_codes/{index}/code"), why);
            }
        }
    }
}

/// Follows each unit of the file upwards; more steps than units are a loop.
fn check_tree(units: &[Item<UnitRow>], existing: &Existing, faults: &mut RowFaults) {
    let codes: HashMap<_, _> = existing.units.values().map(|unit| (unit.id, unit.code.as_str())).collect();
    let kept = existing.units.values().map(|unit| {
        let parent = unit.parent.and_then(|id| codes.get(&id).copied());
        (unit.code.as_str(), parent)
    });
    let mut above: HashMap<&str, Option<&str>> = kept.collect();
    for item in units {
        let row = &item.row;
        above.insert(&row.code, row.parent.as_deref());
        for former in &row.former_codes {
            above.insert(&former.code, row.parent.as_deref());
        }
    }
    for item in units {
        let mut at = Some(item.row.code.as_str());
        let mut steps = 0;
        while let Some(code) = at.filter(|_| steps <= above.len()) {
            at = above.get(code).copied().flatten();
            steps += 1;
        }
        if at.is_some() {
            faults.add(&item.place, "/parent", "the unit lies below itself");
        }
    }
}

/// What the steps may use must fit into each term that they are done in.
fn check_budgets(files: &Files, faults: &mut RowFaults) {
    for process in &files.processes {
        let row = &process.row;
        for procedure in files.procedures.iter().map(|item| &item.row) {
            let is_named = procedure.process.as_ref() == Some(&row.code);
            let is_own = row.whose.as_ref().is_some_and(|(code, _)| *code == procedure.code);
            let Some(term) = procedure.terms.as_ref().filter(|_| is_named || is_own) else { continue };
            if let Err(err) = process::check_term(&row.flat, term.shortest().least_minutes()) {
                let code = &procedure.code;
                let (vi, en) = (format!("Thủ tục {code}: {}", err.vi()), format!("procedure {code}: {err}"));
                faults.say(&process.place, "/steps", Said::new(err.code(), vi, en));
            }
        }
    }
}

fn check_process(item: &Item<ProcessRow>, known: &Known<'_>, faults: &mut RowFaults) {
    let row = &item.row;
    let mut check = |codes: Option<&HashSet<&str>>, code: &str, pointer: &str, said: fn(&str) -> Said| {
        if !is_known(codes, code) {
            faults.say(&item.place, pointer, said(code));
        }
    };
    if let Some((procedure, unit)) = &row.whose {
        check(known.procedures.as_ref(), procedure, "/procedure", no_procedure);
        check(known.units.as_ref(), unit, "/unit", no_unit);
    }
    for (step, place) in row.flat.iter().zip(&row.places) {
        if let Some(unit) = step.unit.as_ref().filter(|unit| *unit != PLACE) {
            check(known.units.as_ref(), unit, &format!("/steps{place}/unit"), no_unit);
        }
    }
    for (index, leg) in row.parts.iter().enumerate() {
        if let LegUnit::Named(unit) = &leg.unit {
            check(known.units.as_ref(), unit, &format!("/legs/{index}/unit"), no_unit);
        }
        let pointer = format!("/legs/{index}/procedure_code");
        check(known.procedures.as_ref(), &leg.procedure_code, &pointer, no_procedure);
    }
}

fn no_procedure(code: &str) -> Said {
    Said::new("unknown_procedure", format!("Không có thủ tục {code}"), format!("there is no procedure {code}"))
}

fn no_unit(code: &str) -> Said {
    Said::new("unknown_unit", format!("Không có cơ quan {code}"), format!("there is no unit {code}"))
}

fn check_procedure(item: &Item<ProcedureRow>, known: &Known<'_>, faults: &mut RowFaults) {
    let row = &item.row;
    if !is_known(known.fields.as_ref(), row.field.as_str()) {
        let why = format!("there is no field {}", row.field);
        faults.add(&item.place, "/field", why);
    }
    if let Some(process) = &row.process
        && !is_known(known.processes.as_ref(), process.as_str())
    {
        let why = format!("there is no process {process}");
        faults.add(&item.place, "/process", why);
    }
    for (index, code) in row.resolved_by.iter().enumerate() {
        let pointer = format!("/resolved_by/{index}");
        if UnitKind::from_str(code).is_err() && !is_known(known.units.as_ref(), code.as_str()) {
            let why = format!("`{code}` is neither a unit nor a kind of units");
            faults.add(&item.place, &pointer, why);
        }
        if row.resolved_by.iter().take(index).any(|other| other == code) {
            faults.add(&item.place, &pointer, format!("{code} stands twice"));
        }
    }
}
