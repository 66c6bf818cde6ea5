//! The catalogue out of its tables, whole.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::stored::{StoredCalendar, StoredTerms};
use crate::domain::calendar::Calendar;
use crate::domain::calendars::{Calendars, PublishedCalendar};
use crate::domain::catalogue::{
    Catalogue, CodeIs, Fee, Field, FormerName, PaperNeeded, Parts, Procedure, ProcedureState, Process, Resolver, Unit,
    UnitKind,
};
use crate::domain::ids::{FieldId, ProcedureId, ProcedureVersionId, ProcessId, ProcessVersionId, UnitId};
use crate::domain::legs::{LegFault, LegForm, Legs};
use crate::domain::procedure::{Cutoff, PauseEffect, TermRules};
use crate::domain::process::{self, Step, StepForm};
use crate::domain::successions::{Succession, Successions};
use crate::domain::unit_tree::FormerParent;
use crate::error::AppError;
use crate::platform::prepared::Prepare;
use crate::schema::{
    calendars, catalogue_version, data_keys_version, fields, procedure_resolvers, procedure_versions, procedures,
    process_versions, processes, unit_aliases, unit_names, unit_parents, unit_successions, units,
};
use crate::state::Versions;

/// Reads the number of the catalogue in force, and that of the data keys with it: each transaction asks for both.
///
/// # Errors
/// Whatever the database says.
pub fn versions(conn: &mut PgConnection) -> Result<Versions, AppError> {
    let catalogue = catalogue_version::table.select(catalogue_version::version).single_value();
    let (catalogue, data_keys): (Option<i64>, i64) =
        data_keys_version::table.select((catalogue, data_keys_version::version)).first(conn)?;
    Ok(Versions { catalogue: catalogue.unwrap_or(0), data_keys })
}

/// As [`versions`], for a transaction that may count due dates: to its end it holds the number of the calendar that it
/// counts by, so that whoever publishes the next one can tell when nobody counts by this one any more.
///
/// # Errors
/// Whatever the database says.
pub fn hold(conn: &mut PgConnection) -> Result<Versions, AppError> {
    let held: Held =
        diesel::sql_query("SELECT catalogue, data_keys FROM hold_calendar()").prepared().get_result(conn)?;
    Ok(Versions { catalogue: held.catalogue, data_keys: held.data_keys })
}

#[derive(QueryableByName)]
struct Held {
    #[diesel(sql_type = BigInt)]
    catalogue: i64,
    #[diesel(sql_type = BigInt)]
    data_keys: i64,
}

/// Reads the catalogue in force; a database without one has an empty one.
///
/// # Errors
/// Whatever the database says; [`AppError::Internal`] when a stored row can't be read.
pub fn load(conn: &mut PgConnection) -> Result<Catalogue, AppError> {
    // The number first: what is newer than its number is only loaded once more.
    let version = versions(conn)?.catalogue;
    Ok(Catalogue::new(Parts {
        version,
        calendars: load_calendars(conn)?,
        units: load_units(conn)?,
        aliases: unit_aliases::table.select((unit_aliases::code, unit_aliases::unit_id)).load(conn)?,
        former_names: load_former_names(conn)?,
        former_parents: load_former_parents(conn)?,
        successions: load_successions(conn)?,
        fields: load_fields(conn)?,
        procedures: load_procedures(conn)?,
        processes: load_processes(conn)?,
    }))
}

/// Reads the newest calendar as it is stored, with its number; 0 where there is none.
pub(super) fn stored_calendar(conn: &mut PgConnection) -> Result<(i32, Option<StoredCalendar>), AppError> {
    let newest: Option<(i32, Value)> = calendars::table
        .select((calendars::version, calendars::body))
        .order(calendars::version.desc())
        .first(conn)
        .optional()?;
    match newest {
        None => Ok((0, None)),
        Some((version, body)) => Ok((version, Some(stored("calendars.body", body)?))),
    }
}

fn load_calendars(conn: &mut PgConnection) -> Result<Calendars, AppError> {
    let rows: Vec<(i32, Value, DateTime<Utc>)> = calendars::table
        .select((calendars::version, calendars::body, calendars::published_at))
        .order(calendars::version)
        .load(conn)?;
    let read = |(number, body, published_at)| {
        let calendar = read_calendar(&stored::<StoredCalendar>("calendars.body", body)?)?;
        Ok(PublishedCalendar { number, published_at, calendar })
    };
    let mut published: Vec<_> = rows.into_iter().map(read).collect::<Result<_, AppError>>()?;
    let in_force = match published.pop() {
        Some(newest) => newest,
        None => none_yet()?,
    };
    Ok(Calendars::new(in_force, published))
}

fn none_yet() -> Result<PublishedCalendar, AppError> {
    let calendar = read_calendar(&StoredCalendar::empty())?;
    Ok(PublishedCalendar { number: 0, published_at: DateTime::UNIX_EPOCH, calendar })
}

fn read_calendar(stored: &StoredCalendar) -> Result<Calendar, AppError> {
    stored.read().map_err(|err| AppError::Internal(anyhow::Error::new(err).context("calendars.body")))
}

fn load_former_names(conn: &mut PgConnection) -> QueryResult<Vec<FormerName>> {
    let rows: Vec<(UnitId, String, String, NaiveDate)> = unit_names::table
        .select((unit_names::unit_id, unit_names::code, unit_names::name, unit_names::valid_to))
        .load(conn)?;
    let named = |(unit, code, name, valid_to)| FormerName { unit, code, name, valid_to };
    Ok(rows.into_iter().map(named).collect())
}

pub(super) fn load_former_parents(conn: &mut PgConnection) -> QueryResult<Vec<FormerParent>> {
    let rows: Vec<(UnitId, Option<UnitId>, NaiveDate)> = unit_parents::table
        .select((unit_parents::unit_id, unit_parents::parent_id, unit_parents::valid_to))
        .load(conn)?;
    Ok(rows.into_iter().map(|(unit, parent, valid_to)| FormerParent { unit, parent, valid_to }).collect())
}

fn load_successions(conn: &mut PgConnection) -> QueryResult<Successions> {
    let rows: Vec<(UnitId, UnitId, Option<FieldId>, NaiveDate)> = unit_successions::table
        .select((
            unit_successions::from_unit_id,
            unit_successions::to_unit_id,
            unit_successions::field_id,
            unit_successions::effective_on,
        ))
        .load(conn)?;
    let line = |(from, to, field, on)| Succession { from, to, field, on };
    Ok(Successions::new(rows.into_iter().map(line).collect()))
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = units, check_for_backend(diesel::pg::Pg))]
struct UnitRow {
    id: UnitId,
    code: String,
    name: String,
    kind: UnitKind,
    parent_id: Option<UnitId>,
    receives_at_id: UnitId,
    hard_area: bool,
    code_is: CodeIs,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
}

pub(super) fn load_units(conn: &mut PgConnection) -> Result<Vec<Unit>, AppError> {
    let rows = units::table.select(UnitRow::as_select()).load(conn)?;
    Ok(rows
        .into_iter()
        .map(|row| Unit {
            id: row.id,
            code: row.code,
            name: row.name,
            kind: row.kind,
            parent: row.parent_id,
            receives_at: row.receives_at_id,
            hard_area: row.hard_area,
            code_is: row.code_is,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
        })
        .collect())
}

pub(super) fn load_fields(conn: &mut PgConnection) -> Result<Vec<Field>, AppError> {
    let rows: Vec<(FieldId, String, String, CodeIs)> =
        fields::table.select((fields::id, fields::code, fields::name, fields::code_is)).load(conn)?;
    Ok(rows.into_iter().map(|(id, code, name, code_is)| Field { id, code, name, code_is }).collect())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = process_versions, check_for_backend(diesel::pg::Pg))]
struct ProcessRow {
    id: ProcessVersionId,
    process_id: ProcessId,
    version: i32,
    name: String,
    steps: Value,
    legs: Value,
    valid_from: NaiveDate,
    procedure_id: Option<ProcedureId>,
    unit_id: Option<UnitId>,
}

fn load_processes(conn: &mut PgConnection) -> Result<Vec<Process>, AppError> {
    let codes: HashMap<ProcessId, String> =
        processes::table.select((processes::id, processes::code)).load(conn)?.into_iter().collect();
    let rows = process_versions::table.select(ProcessRow::as_select()).load(conn)?;
    rows.into_iter()
        .map(|row| {
            Ok(Process {
                id: row.id,
                code: codes.get(&row.process_id).cloned().unwrap_or_default(),
                version: row.version,
                name: row.name,
                steps: read_steps(row.steps)?,
                legs: read_legs(row.legs)?,
                whose: row.procedure_id.zip(row.unit_id),
                valid_from: row.valid_from,
            })
        })
        .collect()
}

/// Reads steps that were checked when they were saved, by the rules of then.
fn read_steps(steps: Value) -> Result<Vec<Step>, AppError> {
    let forms: Vec<StepForm> = stored("process_versions.steps", steps)?;
    process::read(forms).map_err(|faults| AppError::internal(format!("process_versions.steps: {faults:?}")))
}

fn read_legs(legs: Value) -> Result<Legs, AppError> {
    let forms: Vec<LegForm> = stored("process_versions.legs", legs)?;
    let faulty = |faults: Vec<LegFault>| AppError::internal(format!("process_versions.legs: {faults:?}"));
    Legs::read(forms).map_err(faulty)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = procedure_versions, check_for_backend(diesel::pg::Pg))]
struct ProcedureRow {
    id: ProcedureVersionId,
    procedure_id: ProcedureId,
    version: i32,
    state: ProcedureState,
    name: String,
    field_id: FieldId,
    terms: Option<Value>,
    cutoff: Cutoff,
    supplement_effect: PauseEffect,
    supplement_within_days: i32,
    excludes_external_time: bool,
    process_version_id: Option<ProcessVersionId>,
    papers: Value,
    fees: Value,
    limit_source: String,
    note: Option<String>,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
}

pub(super) fn load_procedures(conn: &mut PgConnection) -> Result<Vec<Procedure>, AppError> {
    let codes: HashMap<ProcedureId, String> =
        procedures::table.select((procedures::id, procedures::code)).load(conn)?.into_iter().collect();
    let mut resolvers = load_resolvers(conn)?;
    let rows = procedure_versions::table.select(ProcedureRow::as_select()).load(conn)?;
    rows.into_iter()
        .map(|row| {
            let code = codes.get(&row.procedure_id).cloned().unwrap_or_default();
            let resolvers = resolvers.remove(&row.id).unwrap_or_default();
            row.read(code, resolvers)
        })
        .collect()
}

fn load_resolvers(conn: &mut PgConnection) -> Result<HashMap<ProcedureVersionId, Vec<Resolver>>, AppError> {
    let rows: Vec<(ProcedureVersionId, Option<UnitId>, Option<UnitKind>)> = procedure_resolvers::table
        .select((
            procedure_resolvers::procedure_version_id,
            procedure_resolvers::unit_id,
            procedure_resolvers::unit_kind,
        ))
        .order(procedure_resolvers::id)
        .load(conn)?;
    let mut by_version: HashMap<_, Vec<_>> = HashMap::new();
    for (version, unit, kind) in rows {
        let resolver = unit.map(Resolver::Unit).or(kind.map(Resolver::Kind));
        by_version.entry(version).or_default().extend(resolver);
    }
    Ok(by_version)
}

impl ProcedureRow {
    fn read(self, code: String, resolvers: Vec<Resolver>) -> Result<Procedure, AppError> {
        Ok(Procedure {
            id: self.id,
            procedure_id: self.procedure_id,
            version: self.version,
            code,
            name: self.name,
            field_id: self.field_id,
            state: self.state,
            terms: self.terms.map(read_terms).transpose()?,
            cutoff: self.cutoff,
            supplement_effect: self.supplement_effect,
            supplement_within_days: self.supplement_within_days,
            excludes_external_time: self.excludes_external_time,
            process_id: self.process_version_id,
            papers: stored::<Vec<PaperNeeded>>("procedure_versions.papers", self.papers)?,
            fees: stored::<Vec<Fee>>("procedure_versions.fees", self.fees)?,
            resolvers,
            limit_source: self.limit_source,
            note: self.note,
            valid_from: self.valid_from,
            valid_to: self.valid_to,
        })
    }
}

fn read_terms(terms: Value) -> Result<TermRules, AppError> {
    stored::<StoredTerms>("procedure_versions.terms", terms)?
        .read()
        .ok_or_else(|| AppError::internal("procedure_versions.terms: a case without its amount"))
}

fn stored<T: DeserializeOwned>(column: &'static str, value: Value) -> Result<T, AppError> {
    serde_json::from_value(value).map_err(|err| AppError::Internal(anyhow::Error::new(err).context(column)))
}
