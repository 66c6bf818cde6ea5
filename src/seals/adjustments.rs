//! What changed after a report was sealed (điều chỉnh), dossier by dossier; and the dossiers as they were frozen.

use chrono::NaiveDate;
use diesel::{PgConnection, QueryResult};
use serde::Serialize;
use uuid::Uuid;

use super::content::Kept;
use super::queries::{self, SealRow};
use super::view::no_such_seal;
use crate::domain::ids::{SealId, UnitId};
use crate::error::AppError;
use crate::http::by_code::ByCode;
use crate::http::page::Page;
use crate::state::Act;
use crate::statistics::frozen::{FrozenForm, Place, moved_since};
use crate::statistics::{
    Cell, Chosen, GroupKey, Grouping, RowKey, chosen_row, no_such_group, own_unit, sees_figures_of,
};

/// A dossier that counts elsewhere now than when the report was sealed: recalled, undone, voided or recorded since.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Adjustment {
    code: String,
    /// Where it counted; `null` where it did not.
    before: Option<Counts>,
    /// Where it counts; `null` where it does not.
    after: Option<Counts>,
}

/// Where a dossier counts.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Counts {
    /// The code of the unit in whose row.
    unit: String,
    /// The cells that count it.
    #[schema(value_type = Vec<String>)]
    cells: Vec<Cell>,
}

/// A dossier as it was frozen.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SealedDossier {
    code: String,
    #[serde(flatten)]
    counts: Counts,
}

/// Finds a seal that who asks may read.
pub(super) fn find(conn: &mut PgConnection, act: &Act<'_>, id: &str) -> Result<SealRow, AppError> {
    let id = Uuid::try_parse(id).or(Err(no_such_seal()))?;
    let found = queries::find(conn, SealId(id))?.filter(|seal| sees_figures_of(act, seal.unit_id));
    found.ok_or_else(no_such_seal)
}

/// Lists what changed since a seal, by code.
///
/// # Errors
/// [`AppError::NotFound`].
pub(super) fn adjustments(
    conn: &mut PgConnection,
    act: &Act<'_>,
    id: &str,
    page: &ByCode,
) -> Result<Page<Adjustment>, AppError> {
    let seal = find_with_dossiers(conn, act, id)?;
    let form = form_of(conn, &seal)?;
    let moved = moved_since(conn, act, &form, (seal.id, page.after.as_deref(), page.limit + 1))?;
    let items = moved.into_iter().map(|moved| Adjustment {
        code: moved.code,
        before: moved.before.map(|place| counts(act, &form, place)),
        after: moved.after.map(|place| counts(act, &form, place)),
    });
    Ok(page.cut(items.collect(), |item| item.code.as_str()))
}

/// Lists the dossiers behind a cell as they were frozen, by code.
///
/// # Errors
/// [`AppError::NotFound`] for a seal that is not there; [`AppError::Invalid`] for a row that it does not have.
pub(super) fn sealed_dossiers(
    conn: &mut PgConnection,
    act: &Act<'_>,
    id: &str,
    (cell, row, page): (Cell, SealedRowKey<'_>, &ByCode),
) -> Result<Page<SealedDossier>, AppError> {
    let seal = find_with_dossiers(conn, act, id)?;
    let kept = Kept::read(&queries::content(conn, seal.id)?)?;
    let form = kept.form((seal.period_from, seal.period_to), seal.unit_id)?;
    let (units, field) = of_row(act, (&seal, form.period.last_day()), (kept.inner(), row))?;
    let asked = queries::Behind {
        seal: seal.id,
        cell: form.bit(cell),
        units,
        field,
        after: page.after.clone(),
        limit: page.limit,
    };
    let found = queries::behind(conn, &asked)?;
    if found.is_empty() && !has_row(conn, &form, asked)? {
        let key = if row.row.is_some() { "?row_key" } else { "?group_key" };
        return Err(no_such_group().told_of(key));
    }
    let items = found
        .into_iter()
        .map(|(code, unit, cells)| SealedDossier { code, counts: counts(act, &form, Place { unit, cells }) });
    Ok(page.cut(items.collect(), |item| item.code.as_str()))
}

/// Whether anything is frozen in the row at all, or it is the total: whatever is in a row was received in the period or carried
/// over into it.
fn has_row(conn: &mut PgConnection, form: &FrozenForm, row: queries::Behind) -> QueryResult<bool> {
    if row.units.is_none() && row.field.is_none() {
        return Ok(true);
    }
    let any = queries::Behind { cell: form.bit(Cell::Received), after: None, limit: 0, ..row };
    Ok(!queries::behind(conn, &any)?.is_empty())
}

/// Which row: a group, and a row of it where the layout has two levels.
#[derive(Debug, Clone, Copy)]
pub(super) struct SealedRowKey<'a> {
    pub group: Option<&'a str>,
    pub row: Option<&'a str>,
}

/// Returns the units and the field of a row. What was frozen lies within the unit, however units were put together since.
fn of_row(
    act: &Act<'_>,
    (seal, last_day): (&SealRow, NaiveDate),
    (inner, key): (Option<Grouping>, SealedRowKey<'_>),
) -> Result<Chosen, AppError> {
    let outer: Grouping = seal.grouped_by.parse().map_err(|err| AppError::Internal(anyhow::Error::new(err)))?;
    let named = |grouping: Grouping, code: &str| GroupKey { grouping, code: code.to_owned() };
    let row = match (inner, key.row) {
        (_, None) => None,
        (Some(inner), Some(code)) => Some(named(inner, code)),
        (None, Some(_)) => return Err(no_such_group().told_of("?row_key")),
    };
    chosen_row(act, (None, last_day), &RowKey { group: key.group.map(|code| named(outer, code)), row })
}

/// Finds a seal whose dossiers who asks may know: of the own unit and below, unless they see every dossier.
fn find_with_dossiers(conn: &mut PgConnection, act: &Act<'_>, id: &str) -> Result<SealRow, AppError> {
    let seal = find(conn, act, id)?;
    let code = seal.unit_id.and_then(|id| act.catalogue().unit(id)).map(|unit| unit.code.clone());
    let seen = own_unit(act, code.as_deref()).or(Err(no_such_seal()))?;
    if seen == seal.unit_id { Ok(seal) } else { Err(no_such_seal()) }
}

fn form_of(conn: &mut PgConnection, seal: &SealRow) -> Result<FrozenForm, AppError> {
    let kept = Kept::read(&queries::content(conn, seal.id)?)?;
    kept.form((seal.period_from, seal.period_to), seal.unit_id)
}

fn counts(act: &Act<'_>, form: &FrozenForm, place: Place) -> Counts {
    Counts { unit: code_of(act, place.unit), cells: form.named(place.cells) }
}

fn code_of(act: &Act<'_>, unit: UnitId) -> String {
    act.catalogue().unit(unit).map_or_else(|| unit.to_string(), |unit| unit.code.clone())
}
