//! One chain from its first link to its last.

use diesel::prelude::*;
use uuid::Uuid;

use super::fault::Fault;
use super::signed::OfChain;
use crate::audit::canonical::{START, link_hash};
use crate::audit::entry::Entry;
use crate::domain::ids::UnitId;
use crate::platform::progress::Progress;
use crate::schema::{audit_entries, audit_links};

/// How many links are read at once.
const AT_ONCE: i64 = 2_000;
/// How many faults of one chain are named: what follows the first is mostly its consequence.
const NAMED: usize = 20;

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_links)]
#[diesel(check_for_backend(diesel::pg::Pg))]
struct Link {
    seq: i64,
    entry_id: Uuid,
    prev: Vec<u8>,
    hash: Vec<u8>,
}

struct Walk<'a> {
    unit: UnitId,
    name: &'a str,
    seen: &'a OfChain,
    faults: Vec<Fault>,
    last: i64,
    prev: Vec<u8>,
    is_rewritten: bool,
}

/// Walks along a chain; returns how many links it has.
pub(super) fn walk(
    conn: &mut PgConnection,
    (unit, name): (Uuid, &str),
    seen: &OfChain,
    faults: &mut Vec<Fault>,
    progress: &Progress,
) -> QueryResult<u64> {
    let (last, prev) = (0, START.to_vec());
    let mut walk = Walk { unit: UnitId(unit), name, seen, faults: Vec::new(), last, prev, is_rewritten: false };
    let mut count = 0;
    loop {
        let page = page(conn, walk.unit, walk.last)?;
        if page.is_empty() {
            break;
        }
        let links = u64::try_from(page.len()).unwrap_or_default();
        for (link, entry) in page {
            walk.step(link, entry.as_ref());
        }
        count += links;
        progress.advance(links);
    }
    walk.end();
    let more = walk.faults.len().saturating_sub(NAMED);
    faults.extend(walk.faults.into_iter().take(NAMED));
    if more > 0 {
        faults.push(Fault::More { chain: name.to_owned(), count: more });
    }
    Ok(count)
}

fn page(conn: &mut PgConnection, unit: UnitId, after: i64) -> QueryResult<Vec<(Link, Option<Entry>)>> {
    audit_links::table
        .left_join(audit_entries::table)
        .filter(audit_links::unit_id.eq(unit))
        .filter(audit_links::seq.gt(after))
        .order(audit_links::seq)
        .limit(AT_ONCE)
        .select((Link::as_select(), Option::<Entry>::as_select()))
        .load(conn)
}

impl Walk<'_> {
    /// Judges one link; goes on from what it says, so that one fault does not hide the next.
    fn step(&mut self, link: Link, entry: Option<&Entry>) {
        let (chain, seq, id) = (self.name.to_owned(), link.seq, link.entry_id);
        let is_next = seq == self.last + 1;
        if !is_next {
            self.faults.push(Fault::LinksMissing { chain: chain.clone(), from: self.last + 1, to: seq - 1 });
        }
        match entry {
            None => self.faults.push(Fault::Deleted { chain, seq, entry: id }),
            Some(_) if is_next && link.prev != self.prev => {
                self.faults.push(Fault::Disordered { chain, seq, entry: id });
            }
            Some(entry) if link_hash(&link.prev, (self.unit, seq), entry) != link.hash => {
                self.faults.push(Fault::Edited { chain, seq, entry: id });
            }
            Some(_) => self.ask_checkpoints(&link),
        }
        (self.last, self.prev) = (seq, link.hash);
    }

    fn ask_checkpoints(&mut self, link: &Link) {
        let sightings = self.seen.get(&link.seq).map(Vec::as_slice).unwrap_or_default();
        let other = sightings.iter().find(|sighting| sighting.hash != link.hash);
        // Everything after it is another one too.
        if let Some(other) = other.filter(|_| !self.is_rewritten) {
            self.is_rewritten = true;
            let (chain, witness) = (self.name.to_owned(), other.witness.clone());
            self.faults.push(Fault::Rewritten { chain, seq: link.seq, entry: link.entry_id, witness });
        }
    }

    fn end(&mut self) {
        let longest = self.seen.range(self.last + 1..).next_back();
        let Some((seen, sighting)) = longest.and_then(|(seq, all)| Some((*seq, all.first()?))) else {
            return;
        };
        let (chain, witness) = (self.name.to_owned(), sighting.witness.clone());
        self.faults.push(Fault::TailCut { chain, last: self.last, seen, witness });
    }
}
