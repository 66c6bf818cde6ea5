//! `motcua verify statistics`: the tallies held against a full recount of the history, and made anew from it.

mod fault;
mod repair;
mod sums;

use std::collections::{BTreeMap, BTreeSet};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Uuid as SqlUuid};
use uuid::Uuid;

pub use fault::{Fault, Place};
pub use repair::repair;

use super::count::{Detail, by_tallies};
use super::marks::{differs, fresh};
use crate::domain::ids::ProcedureVersionId;
use crate::domain::period::Period;
use crate::domain::tally::Cells;
use crate::error::AppError;
use crate::platform::progress::Progress;
use crate::schema::dossiers;
use crate::state::Act;
use crate::statistics::queries::{self, Counting, Map, Question};
use crate::statistics::tally::{hourly_versions, question};

/// Dossiers recounted by one statement.
const CHUNK: i64 = 20_000;
/// Dossiers whose marks are wrong, that are looked into: when there are more, the first ones say enough.
const LOOKED_INTO: usize = 1_000;

/// What a recount found.
#[derive(Debug, Default)]
pub struct Findings {
    /// All that disagrees.
    pub faults: Vec<Fault>,
    /// Dossiers recounted.
    pub dossiers: u64,
    /// Of them, those whose marks are not what their history says.
    pub wrong: u64,
    /// Lines of those that wait to be taken up: they are counted from their history anyway.
    pub waiting: i64,
    /// Tables that the tallies told and the full classification counted too.
    pub tables: usize,
}

impl std::fmt::Display for Findings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { faults, dossiers, wrong, waiting, tables } = self;
        write!(f, "{dossiers} dossiers recounted, {wrong} with a wrong mark; {waiting} lines wait to be taken up; ")?;
        write!(f, "{tables} tables counted twice; {} disagreements", faults.len())
    }
}

/// Recounts every dossier, all sums, and the cells of some periods by the full classification, on one picture of the
/// database.
///
/// # Errors
/// Whatever the database says; what disagrees is a finding.
pub fn verify(
    conn: &mut PgConnection,
    act: &Act<'_>,
    periods: &[Period],
    progress: &Progress,
) -> Result<Findings, AppError> {
    prepare(conn)?;
    let hourly = hourly_versions(conn, act)?;
    let total: i64 = dossiers::table.count().get_result(conn)?;
    progress.set_total(total.unsigned_abs());
    let (mut found, mut wrong) = (Findings::default(), Vec::new());
    let mut after = Uuid::nil();
    while let Some(chunk) = next_chunk(conn, after)? {
        let theirs = wrong_marks(conn, (after, chunk.last), &hourly)?;
        found.wrong += u64::try_from(theirs.len()).unwrap_or(0);
        wrong.extend(theirs.into_iter().take(LOOKED_INTO.saturating_sub(wrong.len())));
        found.dossiers += chunk.many.unsigned_abs();
        progress.advance(chunk.many.unsigned_abs());
        after = chunk.last;
    }
    found.faults = sums::of_marks(conn, act, &wrong, &hourly)?;
    found.faults.extend(sums::of_days(conn, act)?);
    found.faults.extend(sums::of_totals(conn, act)?);
    for period in periods {
        cells(conn, act, period, &mut found)?;
    }
    found.waiting = crate::schema::tally_waiting::table.count().get_result(conn)?;
    progress.finish();
    Ok(found)
}

/// A recount takes longer than a request may, and has the room for it.
fn prepare(conn: &mut PgConnection) -> QueryResult<()> {
    conn.batch_execute("SET LOCAL statement_timeout = 0; SET LOCAL work_mem = '256MB'")
}

#[derive(QueryableByName)]
struct Chunk {
    #[diesel(sql_type = SqlUuid)]
    last: Uuid,
    #[diesel(sql_type = BigInt)]
    many: i64,
}

const NEXT_CHUNK: &str = "-- statistics::tallies::verify::next_chunk
SELECT id AS last, count(*) OVER () AS many FROM (SELECT id FROM dossiers WHERE id > $1 ORDER BY id LIMIT $2) c
ORDER BY id DESC LIMIT 1";

fn next_chunk(conn: &mut PgConnection, after: Uuid) -> QueryResult<Option<Chunk>> {
    diesel::sql_query(NEXT_CHUNK).bind::<SqlUuid, _>(after).bind::<BigInt, _>(CHUNK).get_result(conn).optional()
}

#[derive(QueryableByName)]
struct Wrong {
    #[diesel(sql_type = SqlUuid)]
    dossier_id: Uuid,
}

/// Returns the dossiers of a chunk whose marks are not what their history says. Those that wait are marked by what they
/// were, rightly.
fn wrong_marks(
    conn: &mut PgConnection,
    (after, last): (Uuid, Uuid),
    hourly: &[ProcedureVersionId],
) -> QueryResult<Vec<Uuid>> {
    let sql = format!(
        "/* statistics::tallies::verify::wrong_marks */ WITH {} SELECT f.dossier_id FROM fresh f
         LEFT JOIN tally_marks m ON m.dossier_id = f.dossier_id AND m.dossier_id > $1 AND m.dossier_id <= $2
         WHERE (f.counts OR m.dossier_id IS NOT NULL) AND {}
             AND NOT EXISTS (SELECT FROM tally_waiting w WHERE w.dossier_id = f.dossier_id)",
        fresh("KEY > $1 AND KEY <= $2", "$3"),
        differs("f", "m"),
    );
    let wrong: Vec<Wrong> = diesel::sql_query(sql)
        .bind::<SqlUuid, _>(after)
        .bind::<SqlUuid, _>(last)
        .bind::<Array<SqlUuid>, _>(hourly.to_vec())
        .load(conn)?;
    Ok(wrong.into_iter().map(|wrong| wrong.dossier_id).collect())
}

type OfKey = BTreeMap<(Uuid, Option<Uuid>), Cells>;

/// Compares every cell of a period by the tallies with the full classification.
fn cells(conn: &mut PgConnection, act: &Act<'_>, period: &Period, found: &mut Findings) -> Result<(), AppError> {
    for counting in [Counting::Dossiers, Counting::Legs] {
        let question = Question { counting, ..question(conn, act, (period, Map::Then))? };
        let Some(told) = by_tallies(conn, &question, Detail::Fields)? else { continue };
        found.tables += 1;
        let counted = queries::count(conn, &question)?;
        let counted: OfKey =
            counted.into_iter().map(|count| ((count.unit_id, Some(count.field_id)), count.cells())).collect();
        let keys: BTreeSet<_> = told.keys().chain(counted.keys()).copied().collect();
        for (unit, field) in keys {
            let of = |cells: &OfKey| cells.get(&(unit, field)).copied().unwrap_or_default();
            let place = Place::new(act, unit, field.unwrap_or_default(), counting == Counting::Legs);
            for ((cell, kept), (_, counted)) in of(&told).named().into_iter().zip(of(&counted).named()) {
                if kept != counted {
                    found.faults.push(Fault::Cell { period: *period, place: place.clone(), cell, kept, counted });
                }
            }
        }
    }
    Ok(())
}
