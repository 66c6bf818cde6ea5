//! Seals as they are kept, and the dossiers behind them.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Integer, Text, Uuid as SqlUuid};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::domain::ids::{FieldId, SealId, StaffId, UnitId};
use crate::http::page::Cursor;
use crate::platform::keyset;
use crate::schema::{dossiers, sealed_dossiers, seals};

/// A seal without its bytes.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = seals)]
pub(super) struct SealRow {
    pub id: SealId,
    pub unit_id: Option<UnitId>,
    pub grouped_by: String,
    pub layout: Option<String>,
    pub period_rule: String,
    pub period_from: NaiveDate,
    pub period_to: NaiveDate,
    pub sealed_at: DateTime<Utc>,
    pub sealed_by: StaffId,
    pub sealed_by_name: String,
    pub replaces_id: Option<SealId>,
    pub reason: Option<String>,
    pub dossiers: i64,
    pub hash: Vec<u8>,
}

impl SealRow {
    /// Whether another seal has rows of the same kind, in the same layout.
    pub(super) fn has_rows_of(&self, other: &Self) -> bool {
        (&self.grouped_by, &self.layout) == (&other.grouped_by, &other.layout)
    }
}

pub(super) fn insert(conn: &mut PgConnection, row: &SealRow, content: &[u8]) -> QueryResult<usize> {
    diesel::insert_into(seals::table).values((row, seals::content.eq(content))).execute(conn)
}

pub(super) fn find(conn: &mut PgConnection, id: SealId) -> QueryResult<Option<SealRow>> {
    seals::table.find(id).select(SealRow::as_select()).first(conn).optional()
}

pub(super) fn content(conn: &mut PgConnection, id: SealId) -> QueryResult<Vec<u8>> {
    seals::table.find(id).select(seals::content).first(conn)
}

/// Returns the seal that puts this one right.
pub(super) fn replaced_by(conn: &mut PgConnection, id: SealId) -> QueryResult<Option<SealId>> {
    seals::table.filter(seals::replaces_id.eq(id)).select(seals::id).first(conn).optional()
}

/// What a list of seals is narrowed to.
#[derive(Debug, Clone, Default)]
pub(super) struct Narrow {
    /// Of these units; `None` is every one, and the whole province.
    pub units: Option<Vec<UnitId>>,
    /// As they were at a moment.
    pub as_of: Option<DateTime<Utc>>,
    pub after: Option<Cursor>,
    pub limit: i64,
}

/// Lists seals, the newest first, one more than `limit`.
pub(super) fn list(conn: &mut PgConnection, narrow: &Narrow) -> QueryResult<Vec<SealRow>> {
    let mut found = seals::table.select(SealRow::as_select()).into_boxed();
    if let Some(units) = &narrow.units {
        found = found.filter(seals::unit_id.eq_any(units.iter().map(|unit| Some(*unit)).collect::<Vec<_>>()));
    }
    if let Some(at) = narrow.as_of {
        let later = diesel::alias!(seals as later);
        let (replaces, sealed_at) = (later.field(seals::replaces_id), later.field(seals::sealed_at));
        let corrected = later.filter(replaces.eq(seals::id.nullable())).filter(sealed_at.le(at));
        found = found.filter(seals::sealed_at.le(at)).filter(diesel::dsl::not(exists(corrected)));
    }
    if let Some(after) = narrow.after {
        found = found.filter(keyset::before((seals::sealed_at, seals::id), (after.at, after.id)));
    }
    found.order((seals::sealed_at.desc(), seals::id.desc())).limit(narrow.limit + 1).load(conn)
}

/// The seal in force of the period just before, of the same unit; one of the same rows where there are several.
pub(super) fn before(conn: &mut PgConnection, next: &SealRow) -> QueryResult<Option<SealRow>> {
    let found: Vec<SealRow> = in_force(conn, next.unit_id)?;
    let ends = found.into_iter().filter(|seal| seal.period_to == next.period_from);
    Ok(ends.max_by_key(|seal| (seal.has_rows_of(next), seal.sealed_at, seal.id)))
}

/// A seal in force, of the same unit, rows and rule of periods, of which a part lies within the period and a part does not.
pub(super) fn crossing(conn: &mut PgConnection, next: &SealRow) -> QueryResult<Option<SealRow>> {
    let alike = |seal: &SealRow| seal.has_rows_of(next) && seal.period_rule == next.period_rule;
    let crosses = |seal: &SealRow| {
        let (from, to) = (seal.period_from, seal.period_to);
        let overlaps = from < next.period_to && next.period_from < to;
        let inside = next.period_from <= from && to <= next.period_to;
        let around = from <= next.period_from && next.period_to <= to;
        overlaps && !inside && !around
    };
    Ok(in_force(conn, next.unit_id)?.into_iter().find(|seal| alike(seal) && crosses(seal)))
}

/// Seals of a unit that no other puts right; some hundreds in ten years.
fn in_force(conn: &mut PgConnection, unit: Option<UnitId>) -> QueryResult<Vec<SealRow>> {
    let later = diesel::alias!(seals as later);
    let corrected = later.filter(later.field(seals::replaces_id).eq(seals::id.nullable()));
    seals::table
        .filter(seals::unit_id.is_not_distinct_from(unit))
        .filter(diesel::dsl::not(exists(corrected)))
        .select(SealRow::as_select())
        .load(conn)
}

/// A dossier that is in one of two seals alone.
#[derive(Debug, Clone, QueryableByName)]
pub(super) struct Unmatched {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub code: String,
    /// The cells of the former seal that counted it; 0 for none.
    #[diesel(sql_type = Integer)]
    pub cells: i32,
    #[diesel(sql_type = Bool)]
    pub was_pending: bool,
}

const UNMATCHED: &str = "-- seals::queries::unmatched
SELECT d.id, d.code, coalesce(f.cells, 0) AS cells, p.dossier_id IS NOT NULL AS was_pending
FROM (SELECT dossier_id FROM sealed_dossiers WHERE seal_id = $1 AND cells & $2 <> 0) p
FULL JOIN (SELECT dossier_id FROM sealed_dossiers WHERE seal_id = $3 AND cells & $4 <> 0) n USING (dossier_id)
JOIN dossiers d ON d.id = dossier_id
LEFT JOIN sealed_dossiers f ON f.seal_id = $1 AND f.dossier_id = d.id
WHERE p.dossier_id IS NULL OR n.dossier_id IS NULL
ORDER BY d.code";

/// Lists the dossiers that are behind a cell of one seal and not behind a cell of another, or the other way round.
pub(super) fn unmatched(
    conn: &mut PgConnection,
    (former, pending): (SealId, i32),
    (next, carried): (SealId, i32),
) -> QueryResult<Vec<Unmatched>> {
    diesel::sql_query(UNMATCHED)
        .bind::<SqlUuid, _>(former)
        .bind::<Integer, _>(pending)
        .bind::<SqlUuid, _>(next)
        .bind::<Integer, _>(carried)
        .load(conn)
}

/// Counts the dossiers behind some cells of a seal.
pub(super) fn count(conn: &mut PgConnection, seal: SealId, cells: i32) -> QueryResult<i64> {
    let masked = diesel::dsl::sql::<Bool>("cells & ").bind::<Integer, _>(cells).sql(" <> 0");
    sealed_dossiers::table.filter(sealed_dossiers::seal_id.eq(seal)).filter(masked).count().get_result(conn)
}

/// Which frozen dossiers are asked for.
#[derive(Debug, Clone)]
pub(super) struct Behind {
    pub seal: SealId,
    /// The bit of the cell.
    pub cell: i32,
    pub units: Option<Vec<UnitId>>,
    pub field: Option<FieldId>,
    /// The code after which the page begins.
    pub after: Option<String>,
    pub limit: i64,
}

/// Lists frozen dossiers by code, with their cells, one more than `limit`.
pub(super) fn behind(conn: &mut PgConnection, asked: &Behind) -> QueryResult<Vec<(String, UnitId, i32)>> {
    let masked = diesel::dsl::sql::<Bool>("cells & ").bind::<Integer, _>(asked.cell).sql(" <> 0");
    let mut found = sealed_dossiers::table
        .inner_join(dossiers::table)
        .filter(sealed_dossiers::seal_id.eq(asked.seal))
        .filter(masked)
        .select((dossiers::code, sealed_dossiers::unit_id, sealed_dossiers::cells))
        .into_boxed();
    if let Some(units) = &asked.units {
        found = found.filter(sealed_dossiers::unit_id.eq_any(units));
    }
    if let Some(field) = asked.field {
        found = found.filter(sealed_dossiers::field_id.eq(field));
    }
    if let Some(after) = &asked.after {
        found = found.filter(dossiers::code.gt(after));
    }
    found.order(dossiers::code).limit(asked.limit + 1).load(conn)
}

/// Dossiers that are hashed at a time.
const BATCH: i64 = 20_000;

/// Returns how many dossiers are frozen with a seal, and the SHA-256 of them all, by key: of each the 16 bytes of its key,
/// of its unit and of its field, and the 4 bytes of its cells.
pub(super) fn dossiers_hash(conn: &mut PgConnection, seal: SealId) -> QueryResult<(i64, Vec<u8>)> {
    let (mut hash, mut count, mut last) = (Sha256::new(), 0_i64, Uuid::nil());
    loop {
        let batch: Vec<(Uuid, Uuid, Uuid, i32)> = sealed_dossiers::table
            .filter(sealed_dossiers::seal_id.eq(seal))
            .filter(sealed_dossiers::dossier_id.gt(last))
            .order(sealed_dossiers::dossier_id)
            .limit(BATCH)
            .select((
                sealed_dossiers::dossier_id,
                sealed_dossiers::unit_id,
                sealed_dossiers::field_id,
                sealed_dossiers::cells,
            ))
            .load(conn)?;
        let Some((newest, ..)) = batch.last() else { return Ok((count, hash.finalize().to_vec())) };
        last = *newest;
        for (dossier, unit, field, cells) in &batch {
            [dossier, unit, field].into_iter().for_each(|key| hash.update(key.as_bytes()));
            hash.update(cells.to_be_bytes());
            count += 1;
        }
    }
}
