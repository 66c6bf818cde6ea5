//! Roles of steps that nobody has in the units that do them: no fault of a process, and yet its dossiers would stand.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::str::FromStr;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::existing::Existing;
use super::process::ProcessRow;
use super::read::Files;
use crate::domain::catalogue::UnitKind;
use crate::domain::ids::UnitId;
use crate::domain::process::PLACE;
use crate::domain::role::Role;
use crate::error::Said;
use crate::schema::{staff, unit_tree};

/// So many units are named in a warning; the others are counted.
const NAMED: usize = 3;

/// A unit as it will be.
struct UnitThen<'a> {
    code: &'a str,
    kind: UnitKind,
    receives_at: &'a str,
}

/// The units that will be, and who works in them.
pub struct Holders<'a> {
    units: Vec<UnitThen<'a>>,
    /// Roles with each unit in which, or below which, somebody has them.
    held: HashSet<(String, UnitId)>,
    ids: HashMap<&'a str, UnitId>,
}

impl<'a> Holders<'a> {
    /// Looks at the units of the files and at those that are kept, as of a day.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn load(
        conn: &mut PgConnection,
        (files, existing): (&'a Files, &'a Existing),
        today: NaiveDate,
    ) -> QueryResult<Self> {
        let held: Vec<(String, UnitId)> = staff::table
            .inner_join(unit_tree::table.on(unit_tree::unit_id.eq(staff::unit_id)))
            .filter(staff::disabled_at.is_null())
            .select((staff::role, unit_tree::above_id))
            .distinct()
            .load(conn)?;
        let ids = existing.units.values().map(|unit| (unit.code.as_str(), unit.id)).collect();
        Ok(Self { units: units(files, existing, today), held: held.into_iter().collect(), ids })
    }

    /// Returns a warning for each role that nobody has in a unit that needs it, process by process. A house without any
    /// account has nobody to miss.
    pub fn warnings(&self, files: &Files) -> Vec<(String, Said)> {
        if self.held.is_empty() {
            return Vec::new();
        }
        let of = |row: &ProcessRow| -> Vec<(String, Said)> {
            let missing = self.missing(row, &self.resolvers(row, files));
            missing.into_iter().map(|(role, lack)| (row.code.clone(), lack.said(role))).collect()
        };
        files.processes.iter().flat_map(|item| of(&item.row)).collect()
    }

    /// The unit whose own way it is, else all that resolve a procedure which names it.
    fn resolvers(&self, process: &ProcessRow, files: &Files) -> Vec<&UnitThen<'a>> {
        let named = files.procedures.iter().map(|item| &item.row);
        let named = named.filter(|procedure| procedure.process.as_ref() == Some(&process.code));
        let resolved_by: HashSet<&str> = match &process.whose {
            Some((_, unit)) => HashSet::from([unit.as_str()]),
            None => named.flat_map(|procedure| &procedure.resolved_by).map(String::as_str).collect(),
        };
        let kinds: HashSet<UnitKind> = resolved_by.iter().filter_map(|word| UnitKind::from_str(word).ok()).collect();
        let resolves = |unit: &&UnitThen<'_>| resolved_by.contains(unit.code) || kinds.contains(&unit.kind);
        self.units.iter().filter(resolves).collect()
    }

    fn missing<'p>(&self, process: &'p ProcessRow, resolvers: &[&UnitThen<'p>]) -> BTreeMap<&'p str, Lack<'p>>
    where
        'a: 'p,
    {
        let mut missing: BTreeMap<&str, Lack<'_>> = BTreeMap::new();
        for step in &process.flat {
            let role = step.role.0.as_str();
            let units: Vec<&str> = match step.unit.as_deref() {
                // Which commune it is, each dossier says for itself.
                Some(PLACE) => Vec::new(),
                Some(code) => vec![code],
                None if role == Role::Clerk.as_str() => resolvers.iter().map(|unit| unit.receives_at).collect(),
                None => resolvers.iter().map(|unit| unit.code).collect(),
            };
            let lacking: Vec<&str> = units.into_iter().filter(|unit| !self.has(role, unit)).collect();
            if !lacking.is_empty() {
                missing.entry(role).or_default().add(&step.does, lacking);
            }
        }
        missing
    }

    fn has(&self, role: &str, unit: &str) -> bool {
        self.ids.get(unit).is_some_and(|id| self.held.contains(&(role.to_owned(), *id)))
    }
}

fn units<'a>(files: &'a Files, existing: &'a Existing, today: NaiveDate) -> Vec<UnitThen<'a>> {
    let lives = |valid_to: Option<NaiveDate>| valid_to.is_none_or(|to| today < to);
    let written = files.units.iter().map(|item| &item.row).filter(|row| lives(row.valid_to));
    let written = written.map(|row| UnitThen { code: &row.code, kind: row.kind, receives_at: &row.receives_at });
    let in_file: HashSet<&str> = files.units.iter().map(|item| item.row.code.as_str()).collect();
    let codes: HashMap<UnitId, &str> = existing.units.values().map(|unit| (unit.id, unit.code.as_str())).collect();
    let kept = existing.units.values().filter(|unit| lives(unit.valid_to) && !in_file.contains(unit.code.as_str()));
    let kept = kept.map(|unit| UnitThen {
        code: &unit.code,
        kind: unit.kind,
        receives_at: codes.get(&unit.receives_at).copied().unwrap_or(&unit.code),
    });
    let mut all: Vec<_> = written.chain(kept).collect();
    all.sort_by_key(|unit| unit.code);
    all
}

/// Where a role is missing, and for which steps.
#[derive(Default)]
struct Lack<'a> {
    steps: Vec<&'a str>,
    units: Vec<&'a str>,
}

impl<'a> Lack<'a> {
    fn add(&mut self, does: &'a str, units: Vec<&'a str>) {
        self.steps.push(does);
        for unit in units {
            if !self.units.contains(&unit) {
                self.units.push(unit);
            }
        }
    }

    fn said(&self, role: &str) -> Said {
        let steps = self.steps.iter().map(|does| format!("“{does}”")).collect::<Vec<_>>().join(", ");
        let units = self.units.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
        let others = self.units.len().saturating_sub(NAMED);
        let (vi, en) = match others {
            0 => (String::new(), String::new()),
            _ => (format!(" và {others} cơ quan khác"), format!(" and {others} more")),
        };
        Said::new(
            "nobody_holds",
            format!("Bước {steps}: chưa có ai giữ vai trò {role} tại {units}{vi}"),
            format!("{steps}: nobody at {units}{en} has the role {role}"),
        )
    }
}
