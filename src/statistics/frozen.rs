//! The dossiers behind every cell of a table, frozen with it: each with its unit, its field and a bit for each cell.
//!
//! What is frozen is classified once, and the rows are counted from what was frozen, so that both say the same. Read
//! again later, the classification of the same period tells what has changed since.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Integer, Nullable, Text, Uuid as SqlUuid};
use uuid::Uuid;

use super::cell::Cell;
use super::nested::{Group, group_up};
use super::queries::{self, CHOSEN, COUNTED, Counted, Counting, Map, Question};
use super::tallies::KeyCells;
use super::tally::{self, Grouping, Key, Names, Table, field_key, put_together};
use crate::domain::ids::{FieldId, SealId, UnitId};
use crate::domain::period::Period;
use crate::domain::tally::Cells;
use crate::error::AppError;
use crate::state::Act;

/// What is frozen: dossiers by the map of then.
#[derive(Debug, Clone)]
pub struct FrozenForm {
    /// The period.
    pub period: Period,
    /// The unit with all below it; `None` for all.
    pub within: Option<UnitId>,
    /// The cells, in the order of their bits: 31 at most.
    pub cells: Vec<Cell>,
    /// Whether an end within an extension counted late.
    pub apologised_counts_late: bool,
}

/// Where a dossier counts: in which row, and in which cells of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The unit.
    pub unit: UnitId,
    /// The bits of the cells.
    pub cells: i32,
}

/// A dossier that counts elsewhere than when it was frozen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Its key.
    pub id: Uuid,
    /// Its code.
    pub code: String,
    /// Where it counted; `None` where it did not.
    pub before: Option<Place>,
    /// Where it counts.
    pub after: Option<Place>,
}

impl FrozenForm {
    /// Returns the bit of a cell; 0 where it is not frozen.
    pub fn bit(&self, cell: Cell) -> i32 {
        let place = self.cells.iter().position(|other| *other == cell);
        place.and_then(|place| 1_i32.checked_shl(u32::try_from(place).ok()?)).unwrap_or(0)
    }

    /// Returns the cells of a mask.
    pub fn named(&self, mask: i32) -> Vec<Cell> {
        self.cells.iter().copied().filter(|cell| mask & self.bit(*cell) != 0).collect()
    }

    fn mask(&self) -> String {
        let bit = |cell: &Cell| format!("CASE WHEN {} THEN {} ELSE 0 END", cell.condition(), self.bit(*cell));
        self.cells.iter().map(bit).collect::<Vec<_>>().join(" | ")
    }

    fn question(&self, conn: &mut PgConnection, act: &Act<'_>) -> Result<Question, AppError> {
        let asked = tally::question(conn, act, (&self.period, Map::Then))?;
        let units = asked.units_within(act, self.within);
        let apologised_counts_late = self.apologised_counts_late;
        Ok(Question { counting: Counting::Dossiers, units, apologised_counts_late, ..asked })
    }
}

/// Freezes the dossiers behind a table, as they count now; returns how many.
///
/// # Errors
/// Whatever the database says.
pub fn freeze(conn: &mut PgConnection, act: &Act<'_>, form: &FrozenForm, seal: SealId) -> Result<usize, AppError> {
    let question = form.question(conn, act)?;
    let sql = format!(
        "/* statistics::frozen::freeze */ INSERT INTO sealed_dossiers (seal_id, dossier_id, unit_id, field_id, cells) \
         SELECT $13, id, unit_id, field_id, {} FROM {} WHERE {CHOSEN}",
        form.mask(),
        queries::classified(&question)
    );
    Ok(queries::ask(sql, &question).bind::<SqlUuid, _>(seal).execute(conn)?)
}

/// The table of what was frozen, with its finest grain: unit by field.
#[derive(Debug, Clone)]
pub struct FrozenTable {
    /// The table.
    pub table: Table,
    /// Its rows with those that each is the sum of, where two levels were asked for.
    pub groups: Vec<Group>,
    /// The cells of each unit and field, by code.
    pub grain: Vec<(Key, Key, Cells)>,
}

/// Counts what was frozen, by a grouping, and within its rows by another where there is one.
///
/// # Errors
/// As `tabulate`: a conflict that names the group when an identity is broken.
pub fn table_of_frozen(
    conn: &mut PgConnection,
    act: &Act<'_>,
    form: &FrozenForm,
    (seal, grouping, inner): (SealId, Grouping, Option<Grouping>),
) -> Result<FrozenTable, AppError> {
    let count = |cell: &Cell| format!("count(*) FILTER (WHERE cells & {} <> 0) AS {cell}", form.bit(*cell));
    let sql = format!(
        "/* statistics::frozen::table_of_frozen */ SELECT unit_id, field_id, {} FROM sealed_dossiers \
         WHERE seal_id = $1 GROUP BY unit_id, field_id",
        COUNTED.iter().map(count).collect::<Vec<_>>().join(", ")
    );
    let counted: Vec<Counted> = diesel::sql_query(sql).bind::<SqlUuid, _>(seal).load(conn)?;
    let names = Names { catalogue: act.catalogue(), day: form.period.last_day() };
    let mut grain = Vec::with_capacity(counted.len());
    for count in &counted {
        let field = field_key(names.catalogue, FieldId(count.field_id))?;
        grain.push((names.key(UnitId(count.unit_id))?, field, count.cells()));
    }
    grain.sort_by(|(a, b, _), (c, d, _)| (&a.code, &b.code).cmp(&(&c.code, &d.code)));
    let counted: Vec<KeyCells> = counted.iter().map(KeyCells::from).collect();
    let groups = match inner {
        Some(inner) => group_up(&names, &counted, (grouping, inner))?.0,
        None => Vec::new(),
    };
    Ok(FrozenTable { table: put_together(&names, &counted, grouping)?, groups, grain })
}

#[derive(QueryableByName)]
struct MovedRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    unit_before: Option<Uuid>,
    #[diesel(sql_type = Nullable<Integer>)]
    before: Option<i32>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    unit_after: Option<Uuid>,
    #[diesel(sql_type = Nullable<Integer>)]
    after: Option<i32>,
}

impl From<MovedRow> for Moved {
    fn from(row: MovedRow) -> Self {
        let place = |unit: Option<Uuid>, cells: Option<i32>| {
            unit.zip(cells).map(|(unit, cells)| Place { unit: UnitId(unit), cells })
        };
        Self {
            id: row.id,
            code: row.code,
            before: place(row.unit_before, row.before),
            after: place(row.unit_after, row.after),
        }
    }
}

/// Lists the dossiers that count elsewhere now than when they were frozen, by code, after the one given.
///
/// # Errors
/// Whatever the database says.
pub fn moved_since(
    conn: &mut PgConnection,
    act: &Act<'_>,
    form: &FrozenForm,
    (seal, after, limit): (SealId, Option<&str>, i64),
) -> Result<Vec<Moved>, AppError> {
    let question = form.question(conn, act)?;
    let sql = format!(
        "/* statistics::frozen::moved_since */ SELECT d.id, d.code, f.unit_id AS unit_before, f.cells AS before, \
         c.unit_id AS unit_after, c.cells AS after \
         FROM (SELECT id, unit_id, field_id, {} AS cells FROM {} WHERE {CHOSEN}) c \
         FULL JOIN (SELECT * FROM sealed_dossiers WHERE seal_id = $13) f ON f.dossier_id = c.id \
         JOIN dossiers d ON d.id = coalesce(c.id, f.dossier_id) \
         WHERE (c.cells, c.unit_id, c.field_id) IS DISTINCT FROM (f.cells, f.unit_id, f.field_id) \
           AND ($14 IS NULL OR d.code > $14) ORDER BY d.code LIMIT $15",
        form.mask(),
        queries::classified(&question)
    );
    let rows: Vec<MovedRow> = queries::ask(sql, &question)
        .bind::<SqlUuid, _>(seal)
        .bind::<Nullable<Text>, _>(after.map(str::to_owned))
        .bind::<BigInt, _>(limit)
        .load(conn)?;
    Ok(rows.into_iter().map(Moved::from).collect())
}

#[derive(QueryableByName)]
struct PlacedRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    unit_id: Uuid,
    #[diesel(sql_type = Integer)]
    cells: i32,
}

/// Says where each of some dossiers counts now, or as it was known at a moment, in whatever unit; those that count nowhere
/// are left out.
///
/// # Errors
/// Whatever the database says.
pub fn places(
    conn: &mut PgConnection,
    act: &Act<'_>,
    form: &FrozenForm,
    (dossiers, known_at): (&[Uuid], Option<DateTime<Utc>>),
) -> Result<BTreeMap<Uuid, Place>, AppError> {
    let everywhere = FrozenForm { within: None, ..form.clone() };
    let question = everywhere.question(conn, &Act { now: known_at.unwrap_or(act.now), ..*act })?;
    let question = Question { known_at, ..question };
    let sql = format!(
        "/* statistics::frozen::places */ SELECT id, unit_id, {} AS cells FROM {} \
         WHERE {CHOSEN} AND id = ANY ($13)",
        form.mask(),
        queries::classified(&question)
    );
    let rows: Vec<PlacedRow> = queries::ask(sql, &question).bind::<Array<SqlUuid>, _>(dossiers).load(conn)?;
    Ok(rows.into_iter().map(|row| (row.id, Place { unit: UnitId(row.unit_id), cells: row.cells })).collect())
}
