//! Processes as they were written.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use serde_json::Value;

use crate::domain::ids::ProcessVersionId;
use crate::schema::{procedure_versions, procedures, process_versions, processes, units};

/// So many versions of one process are shown.
const SHOWN: i64 = 200;

/// The newest version of a process, without its steps.
#[derive(Debug, Queryable)]
pub(super) struct Newest {
    pub code: String,
    pub name: String,
    pub version: i32,
    pub valid_from: NaiveDate,
    pub procedure: Option<String>,
    pub unit: Option<String>,
}

/// Returns every process in the order of the codes: a catalogue has some hundreds.
pub(super) fn newest(conn: &mut PgConnection) -> QueryResult<Vec<Newest>> {
    let mut found: Vec<Newest> = process_versions::table
        .inner_join(processes::table)
        .left_join(procedures::table)
        .left_join(units::table)
        .distinct_on(processes::code)
        .order((processes::code, process_versions::version.desc()))
        .select((
            processes::code,
            process_versions::name,
            process_versions::version,
            process_versions::valid_from,
            procedures::code.nullable(),
            units::code.nullable(),
        ))
        .load(conn)?;
    // By bytes, as the pages are cut, and not by the language of the database.
    found.sort_by(|a, b| a.code.cmp(&b.code));
    Ok(found)
}

/// A version as it was written.
#[derive(Debug, Queryable)]
pub(super) struct Written {
    pub id: ProcessVersionId,
    pub version: i32,
    pub name: String,
    pub valid_from: NaiveDate,
    pub procedure: Option<String>,
    pub unit: Option<String>,
    pub steps: Value,
    pub legs: Value,
}

/// Returns the versions of a process, the newest first, each with the procedures that name it on a day or later.
pub(super) fn versions(
    conn: &mut PgConnection,
    code: &str,
    day: NaiveDate,
) -> QueryResult<Vec<(Written, Vec<String>)>> {
    let written: Vec<Written> = process_versions::table
        .inner_join(processes::table)
        .left_join(procedures::table)
        .left_join(units::table)
        .filter(processes::code.eq(code))
        .order((process_versions::version.desc(), process_versions::id))
        .limit(SHOWN)
        .select((
            process_versions::id,
            process_versions::version,
            process_versions::name,
            process_versions::valid_from,
            procedures::code.nullable(),
            units::code.nullable(),
            process_versions::steps,
            process_versions::legs,
        ))
        .load(conn)?;
    let mut named = named(conn, &written, day)?;
    Ok(written
        .into_iter()
        .map(|one| (named.remove(&one.id).unwrap_or_default(), one))
        .map(|(by, one)| (one, by))
        .collect())
}

fn named(
    conn: &mut PgConnection,
    written: &[Written],
    day: NaiveDate,
) -> QueryResult<HashMap<ProcessVersionId, Vec<String>>> {
    let ids: Vec<ProcessVersionId> = written.iter().map(|one| one.id).collect();
    let holds = procedure_versions::valid_to.is_null().or(procedure_versions::valid_to.gt(day));
    let rows: Vec<(Option<ProcessVersionId>, String)> = procedure_versions::table
        .inner_join(procedures::table)
        .filter(procedure_versions::process_version_id.eq_any(ids))
        .filter(holds)
        .order((procedures::code, procedure_versions::id))
        .select((procedure_versions::process_version_id, procedures::code))
        .load(conn)?;
    let mut named: HashMap<_, Vec<String>> = HashMap::new();
    for (id, code) in rows {
        let codes = id.map(|id| named.entry(id).or_default());
        if let Some(codes) = codes.filter(|codes| !codes.contains(&code)) {
            codes.push(code);
        }
    }
    Ok(named)
}
