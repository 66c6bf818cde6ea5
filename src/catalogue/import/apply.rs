//! Writes a plan, in the transaction that read what it was made against.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::plan::{NewProcess, Plan, Write};
use crate::audit::Doer;
use crate::catalogue::load::load_units;
use crate::catalogue::publication::{self, Tell};
use crate::catalogue::stored::StoredTerms;
use crate::domain::catalogue::{Field, Procedure, Resolver, Unit};
use crate::domain::ids::UnitId;
use crate::domain::unit_tree::UnitTree;
use crate::error::AppError;
use crate::platform::progress::Progress;
use crate::schema::{
    fields, procedure_resolvers, procedure_versions, procedures, process_versions, processes, unit_aliases, unit_tree,
    units,
};

/// Writes it all and counts the catalogue up.
///
/// # Errors
/// Whatever the database says.
pub fn apply(conn: &mut PgConnection, plan: &Plan, now: DateTime<Utc>, progress: &Progress) -> Result<(), AppError> {
    write_units(conn, plan)?;
    progress.advance(count(plan.units.len()));
    for (write, field) in &plan.fields {
        write_field(conn, *write, field)?;
        progress.advance(1);
    }
    for process in &plan.processes {
        write_process(conn, process)?;
        progress.advance(1);
    }
    for (version, valid_to) in &plan.ends {
        diesel::update(procedure_versions::table.find(version))
            .set(procedure_versions::valid_to.eq(valid_to))
            .execute(conn)?;
    }
    for (write, procedure) in &plan.procedures {
        write_procedure(conn, *write, procedure)?;
        progress.advance(1);
    }
    for (process, procedure, unit) in &plan.whose {
        diesel::update(process_versions::table.find(process))
            .set((process_versions::procedure_id.eq(procedure), process_versions::unit_id.eq(unit)))
            .execute(conn)?;
    }
    if let Some(calendar) = &plan.calendar {
        publication::open(conn, (&Doer::house(), now), calendar, Tell::Nobody)?;
    }
    publication::count_up(conn)?;
    Ok(())
}

/// Returns of how many parts [`apply`] is.
pub fn parts(plan: &Plan) -> u64 {
    count(plan.units.len() + plan.fields.len() + plan.processes.len() + plan.procedures.len())
}

fn count(items: usize) -> u64 {
    u64::try_from(items).unwrap_or(u64::MAX)
}

fn write_units(conn: &mut PgConnection, plan: &Plan) -> Result<(), AppError> {
    let new = plan.units.iter().filter(|(write, _)| *write == Write::Insert);
    let rows: Vec<_> = new.map(|(_, unit)| (units::id.eq(unit.id), columns_of(unit))).collect();
    // In one statement, so that units may name each other in any order.
    diesel::insert_into(units::table).values(rows).execute(conn)?;
    let old = plan.units.iter().filter(|(write, _)| *write == Write::Update);
    for (_, unit) in old {
        diesel::update(units::table.find(unit.id)).set(columns_of(unit)).execute(conn)?;
    }
    for (code, unit, valid_to) in &plan.aliases {
        let row = (unit_aliases::unit_id.eq(unit), unit_aliases::valid_to.eq(valid_to));
        diesel::insert_into(unit_aliases::table)
            .values((unit_aliases::code.eq(code), row))
            .on_conflict(unit_aliases::code)
            .do_update()
            .set(row)
            .execute(conn)?;
    }
    if plan.units.is_empty() {
        return Ok(());
    }
    write_tree(conn)
}

/// The columns of a unit but its key.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = units, treat_none_as_null = true)]
struct UnitColumns<'a> {
    code: &'a str,
    name: &'a str,
    kind: &'static str,
    parent_id: Option<UnitId>,
    receives_at_id: UnitId,
    hard_area: bool,
    code_is: &'static str,
    valid_from: chrono::NaiveDate,
    valid_to: Option<chrono::NaiveDate>,
}

fn columns_of(unit: &Unit) -> UnitColumns<'_> {
    UnitColumns {
        code: &unit.code,
        name: &unit.name,
        kind: unit.kind.as_str(),
        parent_id: unit.parent,
        receives_at_id: unit.receives_at,
        hard_area: unit.hard_area,
        code_is: unit.code_is.as_str(),
        valid_from: unit.valid_from,
        valid_to: unit.valid_to,
    }
}

/// Writes every unit with itself and all above it anew.
///
/// # Errors
/// Whatever the database says.
pub fn write_tree(conn: &mut PgConnection) -> Result<(), AppError> {
    let all = load_units(conn)?;
    let tree = UnitTree::new(&all, Vec::new());
    let row = |unit: UnitId, above: UnitId| (unit_tree::above_id.eq(above), unit_tree::unit_id.eq(unit));
    let rows: Vec<_> = all.iter().flat_map(|unit| tree.above(unit.id).map(move |above| row(unit.id, above))).collect();
    diesel::delete(unit_tree::table).execute(conn)?;
    // PostgreSQL takes 65,535 parameters a statement.
    for part in rows.chunks(10_000) {
        diesel::insert_into(unit_tree::table).values(part).execute(conn)?;
    }
    Ok(())
}

fn write_field(conn: &mut PgConnection, write: Write, field: &Field) -> Result<(), AppError> {
    let columns = (fields::name.eq(&field.name), fields::code_is.eq(field.code_is));
    match write {
        Write::Insert => diesel::insert_into(fields::table)
            .values((fields::id.eq(field.id), fields::code.eq(&field.code), columns))
            .execute(conn)?,
        Write::Update => diesel::update(fields::table.find(field.id)).set(columns).execute(conn)?,
    };
    Ok(())
}

fn write_process(conn: &mut PgConnection, process: &NewProcess) -> Result<(), AppError> {
    if process.write == Write::Insert {
        diesel::insert_into(processes::table)
            .values((processes::id.eq(process.process_id), processes::code.eq(&process.code)))
            .execute(conn)?;
    }
    diesel::insert_into(process_versions::table)
        .values((
            process_versions::id.eq(process.id),
            process_versions::process_id.eq(process.process_id),
            process_versions::version.eq(process.version),
            process_versions::name.eq(&process.name),
            process_versions::steps.eq(&process.steps),
            process_versions::legs.eq(&process.legs),
            process_versions::valid_from.eq(process.valid_from),
        ))
        .execute(conn)?;
    Ok(())
}

fn write_procedure(conn: &mut PgConnection, write: Write, procedure: &Procedure) -> Result<(), AppError> {
    if write == Write::Insert {
        diesel::insert_into(procedures::table)
            .values((procedures::id.eq(procedure.procedure_id), procedures::code.eq(&procedure.code)))
            .execute(conn)?;
    }
    let terms = procedure.terms.as_ref().map(StoredTerms::from);
    diesel::insert_into(procedure_versions::table)
        .values((
            procedure_versions::id.eq(procedure.id),
            procedure_versions::procedure_id.eq(procedure.procedure_id),
            procedure_versions::version.eq(procedure.version),
            procedure_versions::state.eq(procedure.state),
            procedure_versions::name.eq(&procedure.name),
            procedure_versions::field_id.eq(procedure.field_id),
            procedure_versions::terms.eq(terms.map(json).transpose()?),
            procedure_versions::cutoff.eq(procedure.cutoff),
            procedure_versions::supplement_effect.eq(procedure.supplement_effect),
            procedure_versions::supplement_within_days.eq(procedure.supplement_within_days),
            procedure_versions::excludes_external_time.eq(procedure.excludes_external_time),
            procedure_versions::process_version_id.eq(procedure.process_id),
            procedure_versions::papers.eq(json(&procedure.papers)?),
            procedure_versions::fees.eq(json(&procedure.fees)?),
            procedure_versions::limit_source.eq(&procedure.limit_source),
            procedure_versions::note.eq(&procedure.note),
            procedure_versions::valid_from.eq(procedure.valid_from),
            procedure_versions::valid_to.eq(procedure.valid_to),
        ))
        .execute(conn)?;
    write_resolvers(conn, procedure)
}

fn write_resolvers(conn: &mut PgConnection, procedure: &Procedure) -> Result<(), AppError> {
    let rows: Vec<_> = procedure
        .resolvers
        .iter()
        .map(|resolver| {
            let (unit, kind) = match resolver {
                Resolver::Unit(id) => (Some(*id), None),
                Resolver::Kind(kind) => (None, Some(kind.as_str())),
            };
            (
                // Keys made later sort later, which keeps the order of the file.
                procedure_resolvers::id.eq(Uuid::now_v7()),
                procedure_resolvers::procedure_version_id.eq(procedure.id),
                procedure_resolvers::unit_id.eq(unit),
                procedure_resolvers::unit_kind.eq(kind),
            )
        })
        .collect();
    diesel::insert_into(procedure_resolvers::table).values(rows).execute(conn)?;
    Ok(())
}

fn json(value: impl Serialize) -> Result<Value, AppError> {
    serde_json::to_value(value).map_err(|err| AppError::Internal(err.into()))
}
