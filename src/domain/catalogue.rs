//! The catalogue in force, whole in memory: units, procedures, processes and the calendar. Loaded by
//! `catalogue::load`; pure look-ups here.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::calendar::Calendar;
use super::calendars::Calendars;
use super::ids::{FieldId, ProcedureId, ProcedureVersionId, ProcessVersionId, UnitId};
use super::legs::Legs;
use super::procedure::{Cutoff, PauseEffect, TermRules};
use super::process::Step;
use super::successions::Successions;
use super::unit_tree::{FormerParent, UnitTree};
use super::words::words;

pub use super::unit::{CodeIs, FormerName, Unit, UnitKind};

words! {
    /// Whether a procedure may be received.
    pub enum ProcedureState {
        /// Not yet: its term is unknown, say.
        Draft = "draft",
        /// Yes.
        Published = "published",
    }
}

/// A field (lĩnh vực).
#[derive(Debug, Clone)]
pub struct Field {
    /// Its key.
    pub id: FieldId,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Where the code comes from.
    pub code_is: CodeIs,
}

/// A paper that a procedure asks for (thành phần hồ sơ).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaperNeeded {
    /// Its code, where it has one.
    pub code: Option<String>,
    /// What it is.
    pub name: String,
    /// In which form.
    pub kind: super::dossier::PaperKind,
    /// How many.
    pub quantity: i16,
    /// Whether nothing goes without it.
    pub required: bool,
}

words! {
    /// When a fee is due.
    pub enum FeeDue {
        /// When the dossier is handed in.
        AtIntake = "at_intake",
        /// When papers are supplied.
        WithSupplement = "with_supplement",
        /// When the result is collected.
        WithResult = "with_result",
    }
}

/// A fee (phí, lệ phí).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fee {
    /// What it is for.
    pub name: String,
    /// In whole VND.
    pub amount_vnd: i64,
    /// When it is due.
    pub due: FeeDue,
    /// The first day on which it holds.
    pub valid_from: Option<NaiveDate>,
    /// The first day on which it no longer holds.
    pub valid_to: Option<NaiveDate>,
}

/// Who may resolve a procedure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolver {
    /// One unit.
    Unit(UnitId),
    /// Every unit of a kind.
    Kind(UnitKind),
}

/// One version of a procedure (thủ tục hành chính).
#[derive(Debug, Clone)]
pub struct Procedure {
    /// The version's key.
    pub id: ProcedureVersionId,
    /// The key that all versions share.
    pub procedure_id: ProcedureId,
    /// Counts from 1.
    pub version: i32,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its field.
    pub field_id: FieldId,
    /// Whether it may be received.
    pub state: ProcedureState,
    /// The term and all that changes it; only a draft has none.
    pub terms: Option<TermRules>,
    /// What a late hour of receipt does.
    pub cutoff: Cutoff,
    /// What a supplement does to the term.
    pub supplement_effect: PauseEffect,
    /// Within how many working days after receipt a supplement may restart the term.
    pub supplement_within_days: i32,
    /// Whether the time of consulted agencies is not counted.
    pub excludes_external_time: bool,
    /// By which steps it is resolved; only a draft may have none.
    pub process_id: Option<ProcessVersionId>,
    /// What must be handed in; empty where unknown.
    pub papers: Vec<PaperNeeded>,
    /// What it costs; empty where unknown.
    pub fees: Vec<Fee>,
    /// Who resolves it.
    pub resolvers: Vec<Resolver>,
    /// Where the term was found.
    pub limit_source: String,
    /// What else is known.
    pub note: Option<String>,
    /// The first day on which the version holds.
    pub valid_from: NaiveDate,
    /// The first day on which it no longer holds.
    pub valid_to: Option<NaiveDate>,
}

impl Procedure {
    /// Whether the unit may resolve it.
    pub fn is_resolved_by(&self, unit: &Unit) -> bool {
        self.resolvers.iter().any(|resolver| match resolver {
            Resolver::Unit(id) => *id == unit.id,
            Resolver::Kind(kind) => *kind == unit.kind,
        })
    }

    /// Whether the version holds on a day.
    pub fn holds_on(&self, day: NaiveDate) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|end| day < end)
    }
}

/// One version of a process (quy trình).
#[derive(Debug, Clone)]
pub struct Process {
    /// The version's key.
    pub id: ProcessVersionId,
    /// Its code.
    pub code: String,
    /// Counts from 1.
    pub version: i32,
    /// Its name.
    pub name: String,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// The legs of an inter-agency process; most have none.
    pub legs: Legs,
    /// Whose own way it is, where a unit goes about a procedure otherwise than others do.
    pub whose: Option<(ProcedureId, UnitId)>,
    /// The first day on which the version holds.
    pub valid_from: NaiveDate,
}

/// Everything in force.
#[derive(Debug, Clone)]
pub struct Catalogue {
    version: i64,
    calendars: Arc<Calendars>,
    units: HashMap<UnitId, Unit>,
    units_by_code: HashMap<String, UnitId>,
    former_names: HashMap<UnitId, Vec<FormerName>>,
    tree: UnitTree,
    successions: Successions,
    fields: HashMap<FieldId, Field>,
    procedures: HashMap<ProcedureVersionId, Procedure>,
    versions_by_code: HashMap<String, Vec<ProcedureVersionId>>,
    processes: HashMap<ProcessVersionId, Process>,
}

/// What a catalogue is made of.
#[derive(Debug, Clone)]
pub struct Parts {
    /// The number of this state of the catalogue.
    pub version: i64,
    /// The calendar in force, and those before it.
    pub calendars: Calendars,
    /// All units, of today and before.
    pub units: Vec<Unit>,
    /// Former codes of units.
    pub aliases: Vec<(String, UnitId)>,
    /// What units were called before.
    pub former_names: Vec<FormerName>,
    /// Below which units they lay before.
    pub former_parents: Vec<FormerParent>,
    /// Who follows units that end.
    pub successions: Successions,
    /// All fields.
    pub fields: Vec<Field>,
    /// All versions of all procedures.
    pub procedures: Vec<Procedure>,
    /// All versions of all processes.
    pub processes: Vec<Process>,
}

impl Catalogue {
    /// Puts the parts in order.
    pub fn new(parts: Parts) -> Self {
        // A code in use wins over the same code as an alias.
        let mut units_by_code: HashMap<_, _> = parts.aliases.into_iter().collect();
        units_by_code.extend(parts.units.iter().map(|unit| (unit.code.clone(), unit.id)));
        let mut former_names: HashMap<UnitId, Vec<FormerName>> = HashMap::new();
        for former in parts.former_names {
            former_names.entry(former.unit).or_default().push(former);
        }
        let mut versions_by_code: HashMap<String, Vec<ProcedureVersionId>> = HashMap::new();
        let mut procedures = parts.procedures;
        procedures.sort_by_key(|procedure| procedure.version);
        for procedure in &procedures {
            versions_by_code.entry(procedure.code.clone()).or_default().push(procedure.id);
        }
        Self {
            version: parts.version,
            calendars: Arc::new(parts.calendars),
            tree: UnitTree::new(&parts.units, parts.former_parents),
            units: parts.units.into_iter().map(|unit| (unit.id, unit)).collect(),
            units_by_code,
            former_names,
            successions: parts.successions,
            fields: parts.fields.into_iter().map(|field| (field.id, field)).collect(),
            procedures: procedures.into_iter().map(|procedure| (procedure.id, procedure)).collect(),
            versions_by_code,
            processes: parts.processes.into_iter().map(|process| (process.id, process)).collect(),
        }
    }

    /// Returns the number of this state.
    pub fn version(&self) -> i64 {
        self.version
    }

    /// Returns the number of the calendar in force.
    pub fn calendar_version(&self) -> i32 {
        self.calendars.in_force().number
    }

    /// Returns the calendar in force.
    pub fn calendar(&self) -> &Calendar {
        &self.calendars.in_force().calendar
    }

    /// Returns the calendar in force and those before it.
    pub fn calendars(&self) -> &Calendars {
        &self.calendars
    }

    /// Returns a unit by its key.
    pub fn unit(&self, id: UnitId) -> Option<&Unit> {
        self.units.get(&id)
    }

    /// Returns a unit by its code of today or a former one.
    pub fn unit_by_code(&self, code: &str) -> Option<&Unit> {
        self.units_by_code.get(code).and_then(|id| self.units.get(id))
    }

    /// Returns code and name of a unit as they were on a day.
    pub fn named_on(&self, unit: &Unit, day: NaiveDate) -> (String, String) {
        let formers = self.former_names.get(&unit.id).into_iter().flatten();
        match formers.filter(|former| day < former.valid_to).min_by_key(|former| former.valid_to) {
            Some(former) => (former.code.clone(), former.name.clone()),
            None => (unit.code.clone(), unit.name.clone()),
        }
    }

    /// Returns who follows units that end.
    pub fn successions(&self) -> &Successions {
        &self.successions
    }

    /// Returns the unit that a code named when it was written down and that answers for it on a day, in a field.
    pub fn in_charge_by_code(&self, code: &str, field: FieldId, day: NaiveDate) -> Option<&Unit> {
        let named = self.unit_by_code(code)?;
        self.units.get(&self.successions.in_charge(named.id, field, day))
    }

    /// Returns all units, in the order of their codes.
    pub fn units(&self) -> Vec<&Unit> {
        let mut units: Vec<_> = self.units.values().collect();
        units.sort_by(|a, b| a.code.cmp(&b.code));
        units
    }

    /// Returns which unit lies below which, today and before.
    pub fn tree(&self) -> &UnitTree {
        &self.tree
    }

    /// Whether `unit` is `above` or lies below it today.
    pub fn is_within(&self, unit: UnitId, above: UnitId) -> bool {
        self.tree.above(unit).any(|at| at == above)
    }

    /// Returns the keys of `above` and all units that lie below it today: what those who work there may see and do.
    pub fn within(&self, above: UnitId) -> Vec<UnitId> {
        self.tree.within(above)
    }

    /// Returns by which process a unit resolves a procedure that comes in on a day: its own, that of the nearest unit
    /// above, else the one that the procedure version names.
    pub fn process_of(&self, procedure: &Procedure, unit: UnitId, day: NaiveDate) -> Option<ProcessVersionId> {
        // The newest version says whose way it is: a unit may give up its own.
        let holds = |process: &&Process| {
            let follows = |other: &Process| other.code == process.code && other.version > process.version;
            process.valid_from <= day && !self.processes.values().any(|other| other.valid_from <= day && follows(other))
        };
        let own = |at: UnitId| {
            let is_theirs = |process: &&Process| process.whose == Some((procedure.procedure_id, at));
            let theirs = self.processes.values().filter(is_theirs).filter(holds);
            theirs.max_by_key(|process| (process.valid_from, process.version)).map(|process| process.id)
        };
        self.tree.above(unit).find_map(own).or(procedure.process_id)
    }

    /// Returns a field by its key.
    pub fn field(&self, id: FieldId) -> Option<&Field> {
        self.fields.get(&id)
    }

    /// Returns all fields, in the order of their codes.
    pub fn fields(&self) -> Vec<&Field> {
        let mut fields: Vec<_> = self.fields.values().collect();
        fields.sort_by(|a, b| a.code.cmp(&b.code));
        fields
    }

    /// Returns one version of a procedure.
    pub fn procedure(&self, id: ProcedureVersionId) -> Option<&Procedure> {
        self.procedures.get(&id)
    }

    /// Returns the version of a procedure that holds on a day, the newest where several do.
    pub fn procedure_on(&self, code: &str, day: NaiveDate) -> Option<&Procedure> {
        let versions = self.versions_by_code.get(code)?;
        versions.iter().rev().filter_map(|id| self.procedures.get(id)).find(|procedure| procedure.holds_on(day))
    }

    /// Returns all versions of the procedure of a code; none where nobody knows it.
    pub fn versions_of(&self, code: &str) -> &[ProcedureVersionId] {
        self.versions_by_code.get(code).map_or(&[], Vec::as_slice)
    }

    /// Returns the procedures that hold on a day, in the order of their codes.
    pub fn procedures_on(&self, day: NaiveDate) -> Vec<&Procedure> {
        let mut codes: Vec<_> = self.versions_by_code.keys().collect();
        codes.sort_unstable();
        codes.into_iter().filter_map(|code| self.procedure_on(code, day)).collect()
    }

    /// Whether any version of any process has a step that does this.
    pub fn has_step(&self, does: &str) -> bool {
        self.processes.values().any(|process| process.steps.iter().any(|step| step.does == does))
    }

    /// Returns one version of a process.
    pub fn process(&self, id: ProcessVersionId) -> Option<&Process> {
        self.processes.get(&id)
    }
}
