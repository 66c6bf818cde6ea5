//! Chains: a worker gives each entry its place after the commit, so that no deed waits for a chain.
//!
//! The order in a chain is that of linking. An entry whose transaction ended late comes after later ones.

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};

use super::canonical::{START, link_hash};
use super::entry::Entry;
use crate::domain::ids::UnitId;
use crate::error::AppError;
use crate::platform::db::Scope;
use crate::schema::{audit_entries, audit_links, audit_pending};
use crate::state::AppState;

/// How many entries of a chain one transaction links.
const AT_ONCE: i64 = 1_000;

/// Links every entry that waits; returns how many did.
///
/// # Errors
/// Whatever the database says.
pub async fn tick(state: AppState) -> Result<usize, AppError> {
    let mut all = 0;
    loop {
        let linked: usize = state.db.tx(&Scope::system(), |conn| link(conn).map_err(AppError::from)).await?;
        all += linked;
        if linked == 0 {
            return Ok(all);
        }
    }
}

/// Links some entries of every chain, in the order in which they happened, as far as it is known.
fn link(conn: &mut PgConnection) -> QueryResult<usize> {
    let waiting: Vec<UnitId> =
        audit_pending::table.select(audit_pending::unit_id).distinct().order(audit_pending::unit_id).load(conn)?;
    let mut linked = 0;
    for unit in waiting {
        // Another worker is at this chain: it links these too.
        if lock(conn, unit)? {
            linked += link_unit(conn, unit)?;
        }
    }
    Ok(linked)
}

/// One worker at a time for each chain, until the transaction ends.
fn lock(conn: &mut PgConnection, unit: UnitId) -> QueryResult<bool> {
    let (high, low) = unit.0.as_u64_pair();
    let key = i64::from_be_bytes((high ^ low).to_be_bytes());
    let locked = diesel::dsl::sql::<Bool>("pg_try_advisory_xact_lock(").bind::<BigInt, _>(key).sql(")");
    diesel::select(locked).get_result(conn)
}

fn link_unit(conn: &mut PgConnection, unit: UnitId) -> QueryResult<usize> {
    let (mut seq, mut prev) = head(conn, unit)?;
    let entries = waiting(conn, unit)?;
    let mut ids = Vec::with_capacity(entries.len());
    let mut links = Vec::with_capacity(entries.len());
    for entry in &entries {
        seq += 1;
        let hash = link_hash(&prev, (unit, seq), entry);
        links.push((
            audit_links::unit_id.eq(unit),
            audit_links::seq.eq(seq),
            audit_links::entry_id.eq(entry.id),
            audit_links::prev.eq(std::mem::replace(&mut prev, hash.clone())),
            audit_links::hash.eq(hash),
        ));
        ids.push(entry.id);
    }
    diesel::insert_into(audit_links::table).values(links).execute(conn)?;
    diesel::delete(audit_pending::table.filter(audit_pending::entry_id.eq_any(&ids))).execute(conn)
}

/// The last place that is taken, and its hash.
fn head(conn: &mut PgConnection, unit: UnitId) -> QueryResult<(i64, Vec<u8>)> {
    let head = audit_links::table
        .filter(audit_links::unit_id.eq(unit))
        .order(audit_links::seq.desc())
        .select((audit_links::seq, audit_links::hash))
        .first(conn)
        .optional()?;
    Ok(head.unwrap_or((0, START.to_vec())))
}

fn waiting(conn: &mut PgConnection, unit: UnitId) -> QueryResult<Vec<Entry>> {
    let linked = audit_links::table.filter(audit_links::entry_id.eq(audit_pending::entry_id));
    audit_pending::table
        .inner_join(audit_entries::table)
        .filter(audit_pending::unit_id.eq(unit))
        // A row that somebody put back by hand must not stop the chain.
        .filter(not(exists(linked)))
        .order((audit_entries::happened_at, audit_entries::id))
        .limit(AT_ONCE)
        .select(Entry::as_select())
        .load(conn)
}
