//! What the database holds before an import: the newest version of everything.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use serde_json::Value;

use crate::catalogue::load::{load_fields, load_former_parents, load_procedures, load_units, stored_calendar};
use crate::catalogue::stored::StoredCalendar;
use crate::domain::catalogue::{Field, Procedure, Unit};
use crate::domain::ids::{ProcedureId, ProcessId, ProcessVersionId, UnitId};
use crate::domain::unit_tree::FormerParent;
use crate::error::AppError;
use crate::schema::{process_versions, processes, unit_aliases, unit_successions};

/// All of it, by code.
pub struct Existing {
    pub(super) units: HashMap<String, Unit>,
    pub(super) aliases: HashMap<String, (UnitId, Option<NaiveDate>)>,
    /// Units that end by a reorganisation, with the first day on which they are no more.
    pub(super) ending: HashMap<UnitId, NaiveDate>,
    /// Below which units they lay before a reorganisation, with the first day on which they no longer did.
    pub(super) former_parents: Vec<FormerParent>,
    pub(super) fields: HashMap<String, Field>,
    pub(super) processes: HashMap<String, ProcessVersion>,
    /// Of which process each version is, the older ones too.
    pub(super) process_codes: HashMap<ProcessVersionId, String>,
    pub(super) procedures: HashMap<String, Procedure>,
    pub(super) calendar_version: i32,
    pub(super) calendar: Option<StoredCalendar>,
}

/// The newest version of a process, as it is stored.
#[derive(Debug, Clone, PartialEq, Queryable)]
pub struct ProcessVersion {
    pub(super) process_id: ProcessId,
    pub(super) id: ProcessVersionId,
    pub(super) version: i32,
    pub(super) name: String,
    pub(super) steps: Value,
    pub(super) legs: Value,
    pub(super) valid_from: NaiveDate,
    pub(super) procedure_id: Option<ProcedureId>,
    pub(super) unit_id: Option<UnitId>,
}

/// Reads it.
///
/// # Errors
/// Whatever the database says.
pub fn load_existing(conn: &mut PgConnection) -> Result<Existing, AppError> {
    let units = load_units(conn)?;
    let aliases: Vec<(String, UnitId, Option<NaiveDate>)> =
        unit_aliases::table.select((unit_aliases::code, unit_aliases::unit_id, unit_aliases::valid_to)).load(conn)?;
    let fields = load_fields(conn)?;
    let mut procedures = load_procedures(conn)?;
    // The newest comes last, and stays.
    procedures.sort_by_key(|procedure| procedure.version);
    let (calendar_version, calendar) = stored_calendar(conn)?;
    let versions = load_processes(conn)?;
    let process_codes = versions.iter().map(|(code, version)| (version.id, code.clone())).collect();
    Ok(Existing {
        units: by_code(units, |unit| &unit.code),
        aliases: aliases.into_iter().map(|(code, unit, to)| (code, (unit, to))).collect(),
        ending: unit_successions::table
            .select((unit_successions::from_unit_id, unit_successions::effective_on))
            .load(conn)?
            .into_iter()
            .collect(),
        former_parents: load_former_parents(conn)?,
        fields: by_code(fields, |field| &field.code),
        // The newest comes last, and stays.
        processes: versions.into_iter().collect(),
        process_codes,
        procedures: by_code(procedures, |procedure| &procedure.code),
        calendar_version,
        calendar,
    })
}

fn by_code<T>(items: Vec<T>, code: fn(&T) -> &String) -> HashMap<String, T> {
    items.into_iter().map(|item| (code(&item).clone(), item)).collect()
}

fn load_processes(conn: &mut PgConnection) -> QueryResult<Vec<(String, ProcessVersion)>> {
    process_versions::table
        .inner_join(processes::table)
        .select((
            processes::code,
            (
                process_versions::process_id,
                process_versions::id,
                process_versions::version,
                process_versions::name,
                process_versions::steps,
                process_versions::legs,
                process_versions::valid_from,
                process_versions::procedure_id,
                process_versions::unit_id,
            ),
        ))
        .order((process_versions::version, process_versions::id))
        .load(conn)
}
