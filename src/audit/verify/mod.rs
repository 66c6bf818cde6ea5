//! `motcua verify audit`: every chain computed anew and held against what checkpoints saw.

mod fault;
mod signed;
mod walk;

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::dsl::{exists, min, not};
use diesel::prelude::*;
use uuid::Uuid;

pub use fault::{Fault, Witness};
pub use signed::{Kept, read_kept};

use super::{checkpoint, entry};
use crate::error::AppError;
use crate::http::office_time::OfficeTime;
use crate::platform::progress::Progress;
use crate::platform::signing::PublicKey;
use crate::schema::{audit_entries, audit_links, audit_pending, units};
use signed::{OfChain, Signed};

/// What a verification found.
#[derive(Debug)]
pub struct Findings {
    /// All that is wrong, chain by chain in their order.
    pub faults: Vec<Fault>,
    /// Entries that are linked.
    pub linked: u64,
    /// How many chains they form.
    pub chains: usize,
    /// Checkpoints of the database.
    pub checkpoints: usize,
    /// Entries that wait for their link, and since when the oldest does.
    pub waiting: (i64, Option<DateTime<Utc>>),
}

impl std::fmt::Display for Findings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { linked, chains, checkpoints, waiting, .. } = self;
        write!(f, "{linked} entries in {chains} chains, {checkpoints} checkpoints; ")?;
        match waiting {
            (count, Some(since)) => {
                write!(f, "{count} entries are not linked yet, the oldest of {}", OfficeTime(*since))
            }
            (count, None) => write!(f, "{count} entries are not linked yet"),
        }
    }
}

/// Verifies everything on one picture of the database. Checkpoints count when one of the keys signed them; those
/// `kept` elsewhere show what was cut together with its links and checkpoints.
///
/// # Errors
/// Whatever the database says; what is wrong with the audit is a finding.
pub fn verify(
    conn: &mut PgConnection,
    keys: &[PublicKey],
    kept: &[Kept],
    progress: &Progress,
) -> Result<Findings, AppError> {
    // Ten years of entries take longer than a request may.
    conn.batch_execute("SET LOCAL statement_timeout = 0")?;
    let mut faults = Vec::new();
    let mut signed = Signed::gather(conn, keys, kept, &mut faults)?;
    let names = names(conn)?;
    let heads = checkpoint::heads(conn)?;
    progress.set_total(heads.iter().map(|head| head.seq.unsigned_abs()).sum());
    let mut units: BTreeSet<Uuid> = heads.iter().map(|head| head.unit).collect();
    units.extend(signed.chains.keys());
    let mut linked = 0;
    for unit in &units {
        let seen: OfChain = signed.chains.remove(unit).unwrap_or_default();
        let name = names.get(unit).cloned().unwrap_or_else(|| unit.to_string());
        linked += walk::walk(conn, (*unit, &name), &seen, &mut faults, progress)?;
    }
    strays(conn, &mut faults)?;
    let waiting = waiting(conn)?;
    progress.finish();
    Ok(Findings { faults, linked, chains: heads.len(), checkpoints: signed.count, waiting })
}

/// How chains are called: by the code of their unit.
fn names(conn: &mut PgConnection) -> QueryResult<HashMap<Uuid, String>> {
    let codes: Vec<(Uuid, String)> = units::table.select((units::id, units::code)).load(conn)?;
    Ok(codes.into_iter().chain([(entry::HOUSE.0, "house".to_owned())]).collect())
}

/// Entries that came in without a trigger, and those that were taken out before they were linked.
fn strays(conn: &mut PgConnection, faults: &mut Vec<Fault>) -> QueryResult<()> {
    let linked = audit_links::table.filter(audit_links::entry_id.eq(audit_entries::id));
    let waits = audit_pending::table.filter(audit_pending::entry_id.eq(audit_entries::id));
    let inserted: Vec<Uuid> = audit_entries::table
        .filter(not(exists(linked)))
        .filter(not(exists(waits)))
        .order((audit_entries::happened_at, audit_entries::id))
        .select(audit_entries::id)
        .load(conn)?;
    faults.extend(inserted.into_iter().map(|entry| Fault::Inserted { entry }));
    let there = audit_entries::table.filter(audit_entries::id.eq(audit_pending::entry_id));
    let gone: Vec<Uuid> = audit_pending::table
        .filter(not(exists(there)))
        .order(audit_pending::entry_id)
        .select(audit_pending::entry_id)
        .load(conn)?;
    faults.extend(gone.into_iter().map(|entry| Fault::WaitingDeleted { entry }));
    Ok(())
}

fn waiting(conn: &mut PgConnection) -> QueryResult<(i64, Option<DateTime<Utc>>)> {
    let linked = audit_links::table.filter(audit_links::entry_id.eq(audit_pending::entry_id));
    let waiting = audit_pending::table.inner_join(audit_entries::table).filter(not(exists(linked)));
    let count = waiting.count().get_result(conn)?;
    Ok((count, waiting.select(min(audit_entries::happened_at)).get_result(conn)?))
}
