//! `motcua verify statistics`: the tallies held against a full recount of the history, and made anew from it.

mod fault;
mod plain;
mod recount;
mod repair;
mod sums;

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;

use diesel::prelude::*;
use uuid::Uuid;

pub use fault::{Fault, Place};
pub use repair::repair;

use super::count::{Detail, by_tallies};
use crate::domain::period::Period;
use crate::domain::tally::Cells;
use crate::error::AppError;
use crate::platform::db::{Db, Picture, Scope};
use crate::platform::progress::Progress;
use crate::state::Act;
use crate::statistics::queries::{self, Counting, Map, Question};
use crate::statistics::tally::question;
use recount::{Recount, Walked};

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

/// Further connections that recount beside the one of the transaction, on its picture.
#[derive(Clone, Copy)]
pub struct Others<'a> {
    /// Where they come from.
    pub db: &'a Db,
    /// How many; as many must be free.
    pub many: usize,
}

/// Recounts every dossier, all sums, and the cells of some periods by the full classification, on the picture of the
/// transaction of `conn`, which has written nothing where others look at it too.
///
/// # Errors
/// Whatever the database says; what disagrees is a finding.
pub fn verify(
    conn: &mut PgConnection,
    act: &Act<'_>,
    others: Option<Others<'_>>,
    periods: &[Period],
    progress: &Progress,
) -> Result<Findings, AppError> {
    let recount = Recount::begin(conn, act, progress)?;
    let (walked, of_sums) = match others {
        Some(others) => side_by_side(conn, act, &recount, others)?,
        None => (recount.walk(conn)?, of_sums(conn, act)?),
    };
    recount.ended(&walked)?;
    let mut found = Findings { dossiers: walked.dossiers, wrong: walked.wrong, ..Findings::default() };
    found.faults = sums::of_marks(conn, act, &walked.examples, &recount.hourly)?;
    found.faults.extend(of_sums);
    for period in periods {
        cells(conn, act, period, &mut found)?;
    }
    found.waiting = crate::schema::tally_waiting::table.count().get_result(conn)?;
    progress.finish();
    Ok(found)
}

/// What disagrees between sums and what they are sums of.
fn of_sums(conn: &mut PgConnection, act: &Act<'_>) -> QueryResult<Vec<Fault>> {
    let mut faults = sums::of_days(conn, act)?;
    faults.extend(sums::of_totals(conn, act)?);
    Ok(faults)
}

/// Walks with others, who have begun while this connection looks at the sums.
fn side_by_side(
    conn: &mut PgConnection,
    act: &Act<'_>,
    recount: &Recount<'_>,
    others: Others<'_>,
) -> Result<(Walked, Vec<Fault>), AppError> {
    let picture = Picture::of(conn)?;
    let walk = || others.db.read_picture_here(&Scope::system(), &picture, |conn| recount.walk(conn));
    std::thread::scope(|scope| {
        let others: Vec<_> = (0..others.many).map(|_| scope.spawn(walk)).collect();
        let of_sums = of_sums(conn, act)?;
        let mut walked = recount.walk(conn)?;
        for other in others {
            let ended = other.join().unwrap_or_else(|_| Err(AppError::internal("a thread of the recount panicked")));
            walked.add(ended?);
        }
        Ok((walked, of_sums))
    })
}

/// How many connections recount best on this machine: while some wait for the disk, others count.
pub fn connections() -> usize {
    std::thread::available_parallelism().map_or(1, NonZeroUsize::get).saturating_mul(2).min(8)
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
