//! What changed after a report was sealed (điều chỉnh), dossier by dossier; and the dossiers as they were frozen.

use diesel::PgConnection;
use serde::Serialize;
use uuid::Uuid;

use super::content::Kept;
use super::queries::{self, SealRow};
use super::view::no_such_seal;
use crate::domain::ids::{SealId, UnitId};
use crate::error::{AppError, Said};
use crate::http::page::Page;
use crate::state::Act;
use crate::statistics::frozen::{FrozenForm, Place, moved_since};
use crate::statistics::{Cell, GroupKey, chosen, own_unit, sees_figures_of};

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

/// Which page of a list by code.
#[derive(Debug, Clone)]
pub(super) struct ByCode {
    pub after: Option<String>,
    pub limit: i64,
}

impl ByCode {
    /// Reads the cursor: the code of the last dossier of the page before.
    pub(super) fn read(cursor: Option<&str>, limit: Option<i64>) -> Result<Self, AppError> {
        let decode = |text: &str| {
            let bytes = data_encoding::BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
            String::from_utf8(bytes).ok().filter(|code| !code.contains('\0'))
        };
        let bad = || Said::new("bad_cursor", "cursor phải lấy từ next_cursor", "cursor must come from next_cursor");
        let after = match cursor {
            None => None,
            Some(text) => Some(decode(text).ok_or_else(|| AppError::invalid("?cursor", bad()))?),
        };
        Ok(Self { after, limit: crate::http::page::limit(limit)? })
    }

    fn cut<T>(&self, mut items: Vec<T>, code: impl Fn(&T) -> &str) -> Page<T> {
        let limit = usize::try_from(self.limit).unwrap_or(0);
        let more = items.len() > limit;
        items.truncate(limit);
        let write = |item: &T| data_encoding::BASE64URL_NOPAD.encode(code(item).as_bytes());
        let next_cursor = items.last().filter(|_| more).map(write);
        Page { items, next_cursor }
    }
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
/// [`AppError::NotFound`] for a seal, or a row, that is not there.
pub(super) fn sealed_dossiers(
    conn: &mut PgConnection,
    act: &Act<'_>,
    id: &str,
    (cell, group_key, page): (Cell, Option<&str>, &ByCode),
) -> Result<Page<SealedDossier>, AppError> {
    let seal = find_with_dossiers(conn, act, id)?;
    let form = form_of(conn, &seal)?;
    let grouping = seal.grouped_by.parse().map_err(|err| AppError::Internal(anyhow::Error::new(err)))?;
    let group = group_key.map(|code| GroupKey { grouping, code: code.to_owned() });
    // What was frozen lies within the unit, however units were put together since.
    let (units, field) = chosen(act, None, group.as_ref())?;
    let asked = queries::Behind {
        seal: seal.id,
        cell: form.bit(cell),
        units,
        field,
        after: page.after.clone(),
        limit: page.limit,
    };
    let found = queries::behind(conn, &asked)?;
    let items = found
        .into_iter()
        .map(|(code, unit, cells)| SealedDossier { code, counts: counts(act, &form, Place { unit, cells }) });
    Ok(page.cut(items.collect(), |item| item.code.as_str()))
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
