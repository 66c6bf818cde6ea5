//! The dossiers behind a cell: exactly as many as it counts.

use chrono::{DateTime, Utc};
use diesel::{PgConnection, QueryResult};
use uuid::Uuid;

use super::cell::Cell;
use super::periods::{check_period, not_there};
use super::queries::{self, Counting, Found, Map, Question};
use super::tally::{self, Grouping, Key};
use crate::domain::catalogue::{Unit, UnitKind};
use crate::domain::ids::{FieldId, ProcedureVersionId, UnitId};
use crate::domain::period::{Period, office_date};
use crate::error::{AppError, Said};
use crate::http::page::{Cursor, Page};
use crate::state::Act;

/// Which row of a table is looked into: its grouping and the code of its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupKey {
    /// How the table was grouped.
    pub grouping: Grouping,
    /// The code of the row's key.
    pub code: String,
}

/// A dossier behind a cell.
#[derive(Debug, Clone)]
pub struct Behind {
    /// Its key.
    pub id: Uuid,
    /// Its code.
    pub code: String,
    /// The unit that resolves it at the end of the period.
    pub unit: Key,
    /// The code of its procedure.
    pub procedure_code: Option<String>,
    /// How it came in.
    pub channel: String,
    /// Its status of now.
    pub status: String,
    /// When it was accepted.
    pub accepted_at: DateTime<Utc>,
    /// The due date in force at the end of the period.
    pub due_at: Option<DateTime<Utc>>,
    /// When its result was ready.
    pub finished_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// How its end in the period is counted.
    pub standing: Option<String>,
}

/// What is looked into.
#[derive(Debug, Clone)]
pub struct DrillForm {
    /// Dossiers or legs.
    pub counting: Counting,
    /// By which map of units.
    pub map: Map,
    /// The cell.
    pub cell: Cell,
    /// The period.
    pub period: Period,
    /// The unit with all below it; `None` for all.
    pub within: Option<UnitId>,
    /// One row of the table; `None` for the total.
    pub group: Option<GroupKey>,
    /// Where the page begins.
    pub after: Option<Cursor>,
    /// How long the page is.
    pub limit: i64,
}

impl GroupKey {
    /// The row of a unit, where one is asked for.
    pub(super) fn of_unit(code: Option<&str>) -> Option<Self> {
        code.map(|code| Self { grouping: Grouping::Unit, code: code.to_owned() })
    }
}

/// Lists a page of the dossiers that the cell counts, by acceptance.
///
/// # Errors
/// [`AppError::Invalid`] when the row asked for is none of the table, and where there are no figures for the period or the
/// unit in it.
pub fn dossiers_behind(conn: &mut PgConnection, act: &Act<'_>, form: &DrillForm) -> Result<Page<Behind>, AppError> {
    drill(conn, act, form, None)
}

/// As [`dossiers_behind`], by the history as it was known at a moment.
pub(super) fn drill(
    conn: &mut PgConnection,
    act: &Act<'_>,
    form: &DrillForm,
    known_at: Option<DateTime<Utc>>,
) -> Result<Page<Behind>, AppError> {
    check_period(act, &form.period, (form.within, form.map))?;
    let (units, field) = chosen(act, form.within, form.group.as_ref())?;
    let asked = tally::question(conn, act, (&form.period, form.map))?;
    let question = Question { counting: form.counting, units, field, known_at, ..asked };
    let found = queries::list(conn, &question, form.cell, form.after, form.limit)?;
    // A field is always there.
    if found.is_empty() && form.group.as_ref().is_some_and(|group| group.grouping != Grouping::Field) {
        // Whatever is in a row was received in the period or carried over into it.
        let has_any = || Ok(!queries::list(conn, &question, Cell::Received, None, 0)?.is_empty());
        check_row(act, (&form.period, form.map), question.units.as_deref(), has_any)?;
    }
    let page = Page::cut(found, form.limit, |found| Cursor { at: found.accepted_at, id: found.id });
    let items = page.items.into_iter().map(|found| behind(act, found)).collect::<Result<_, _>>()?;
    Ok(Page { items, next_cursor: page.next_cursor })
}

/// Units, and a field; `None` is all.
pub type Chosen = (Option<Vec<UnitId>>, Option<FieldId>);

/// Returns the units and the field that make up a row, or the total, of a table of a unit or of all.
///
/// # Errors
/// [`AppError::Invalid`] that names `?group_key` for a row that the table can't have: of no unit, kind or field, or of none
/// within the unit.
pub fn chosen(act: &Act<'_>, within: Option<UnitId>, group: Option<&GroupKey>) -> Result<Chosen, AppError> {
    let catalogue = act.catalogue();
    let within = within.map(|unit| catalogue.within(unit));
    let Some(group) = group else {
        return Ok((within, None));
    };
    if group.grouping == Grouping::Field {
        let fields = catalogue.fields();
        let field = fields.iter().find(|field| field.code == group.code.trim());
        return Ok((within, Some(field.ok_or_else(no_such_group)?.id)));
    }
    let belongs = members(act, group)?;
    let all = catalogue.units();
    let seen = |unit: &Unit| within.as_ref().is_none_or(|seen| seen.contains(&unit.id));
    let units: Vec<_> = all.iter().filter(|unit| seen(unit) && belongs(unit)).map(|unit| unit.id).collect();
    if units.is_empty() {
        return Err(no_such_group());
    }
    Ok((Some(units), None))
}

/// Checks the units of a row behind whose cell nothing was found: one of them was there in the period, or by the map of now
/// is there today; or the row has anything in it at all, as that of an ended unit whose dossiers have not followed yet. Of
/// others there is no row, and the empty list must not look like that of a cell of 0. `None` is all units.
///
/// # Errors
/// [`AppError::Invalid`] that names `?group_key`; what `has_any` returns.
pub(super) fn check_row(
    act: &Act<'_>,
    (period, map): (&Period, Map),
    units: Option<&[UnitId]>,
    has_any: impl FnOnce() -> QueryResult<bool>,
) -> Result<(), AppError> {
    let Some(units) = units else { return Ok(()) };
    let today = office_date(act.now);
    let is_there = |unit: &UnitId| match map {
        Map::Then => not_there(act, period, *unit).is_none(),
        Map::Now => act.catalogue().unit(*unit).is_some_and(|unit| unit.exists_on(today)),
    };
    if units.iter().any(is_there) || has_any()? {
        return Ok(());
    }
    match (units, map) {
        ([unit], Map::Then) => Err(not_there(act, period, *unit).map_or_else(no_such_group, of_row)),
        _ => Err(no_such_group()),
    }
}

fn of_row(said: Said) -> AppError {
    AppError::invalid("?group_key", said)
}

/// Whether a unit belongs to a row.
type Membership = Box<dyn Fn(&Unit) -> bool>;

/// Returns which units make up the row.
fn members(act: &Act<'_>, group: &GroupKey) -> Result<Membership, AppError> {
    if group.grouping == Grouping::Kind {
        let kind: UnitKind = group.code.trim().parse().or(Err(no_such_group()))?;
        return Ok(Box::new(move |unit| unit.kind == kind));
    }
    let named = act.catalogue().unit_by_code(group.code.trim());
    let id = named.ok_or_else(no_such_group)?.id;
    Ok(match group.grouping {
        Grouping::Parent => Box::new(move |unit| unit.parent.unwrap_or(unit.id) == id),
        _ => Box::new(move |unit| unit.id == id),
    })
}

/// A row that no table of what was asked can have.
pub(crate) fn no_such_group() -> AppError {
    of_row(Said::new(
        "group_not_found",
        "Bảng không thể có dòng này; hãy dùng mã của một dòng trong bảng",
        "The table can't have such a row; give the code of one of its rows",
    ))
}

fn behind(act: &Act<'_>, found: Found) -> Result<Behind, AppError> {
    let catalogue = act.catalogue();
    let procedure = catalogue.procedure(ProcedureVersionId(found.procedure_version_id));
    Ok(Behind {
        id: found.id,
        code: found.code,
        unit: tally::unit_key(catalogue, UnitId(found.unit_id))?,
        procedure_code: procedure.map(|procedure| procedure.code.clone()),
        channel: found.channel,
        status: found.status,
        accepted_at: found.accepted_at,
        due_at: found.due_at,
        finished_at: found.finished_at,
        ended_at: found.ended_at,
        standing: found.standing,
    })
}
