//! The dossiers behind a cell: exactly as many as it counts.

use chrono::{DateTime, NaiveDate, Utc};
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

/// One level of a row: its grouping and the code of its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupKey {
    /// How the table was grouped.
    pub grouping: Grouping,
    /// The code of the row's key.
    pub code: String,
}

/// Which row of a table is looked into: a group, and where the table has two levels a row of it. With neither it is the
/// total.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowKey {
    /// The row of a table of one level, or the group of one of two.
    pub group: Option<GroupKey>,
    /// The row of the group.
    pub row: Option<GroupKey>,
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
    /// Which row of the table.
    pub row: RowKey,
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

    /// Whether it chooses units; a field is everywhere.
    fn is_of_units(&self) -> bool {
        self.grouping != Grouping::Field
    }
}

impl RowKey {
    /// Returns the parameter that says of which units the row is, where one does.
    fn units_said_by(&self) -> Option<&'static str> {
        let row = self.row.as_ref().filter(|key| key.is_of_units()).map(|_| "?row_key");
        row.or_else(|| self.group.as_ref().filter(|key| key.is_of_units()).map(|_| "?group_key"))
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
    let asked = tally::question(conn, act, (&form.period, form.map))?;
    let (units, field) = chosen_row(act, (form.within, asked.mapped_on), &form.row)?;
    let question = Question { counting: form.counting, units, field, known_at, ..asked };
    let found = queries::list(conn, &question, form.cell.condition(), (form.after, form.limit))?;
    // A field is always there.
    if let Some(parameter) = form.row.units_said_by().filter(|_| found.is_empty()) {
        // Whatever is in a row was received in the period or carried over into it.
        let any = Question { field: None, ..question };
        let has_any = || Ok(!queries::list(conn, &any, Cell::Received.condition(), (None, 0))?.is_empty());
        let checked = check_row(act, (&form.period, form.map), any.units.as_deref(), has_any);
        checked.map_err(|err| err.told_of(parameter))?;
    }
    page_of(act, found, form.limit)
}

/// Cuts a page off what was found, one more than `limit`.
pub(super) fn page_of(act: &Act<'_>, found: Vec<Found>, limit: i64) -> Result<Page<Behind>, AppError> {
    let page = Page::cut(found, limit, |found| Cursor { at: found.accepted_at, id: found.id });
    let items = page.items.into_iter().map(|found| behind(act, found)).collect::<Result<_, _>>()?;
    Ok(Page { items, next_cursor: page.next_cursor })
}

/// Units, and a field; `None` is all.
pub type Chosen = (Option<Vec<UnitId>>, Option<FieldId>);

/// The unit that a table is of, with all that lay below it on the day of its map; `None` is all.
pub type Scope = (Option<UnitId>, NaiveDate);

/// Returns the units and the field that make up a row, or the total, of a table of a unit or of all.
///
/// # Errors
/// [`AppError::Invalid`] that names `?group_key` for a row that the table can't have: of no unit, kind or field, or of none
/// within the unit.
pub(super) fn chosen(act: &Act<'_>, (within, day): Scope, group: Option<&GroupKey>) -> Result<Chosen, AppError> {
    let catalogue = act.catalogue();
    let within = within.map(|unit| catalogue.tree().within_on(unit, day));
    let Some(group) = group else {
        return Ok((within, None));
    };
    if group.grouping == Grouping::Field {
        let fields = catalogue.fields();
        let field = fields.iter().find(|field| field.code == group.code.trim());
        return Ok((within, Some(field.ok_or_else(no_such_group)?.id)));
    }
    let belongs = members(act, group, day)?;
    let all = catalogue.units();
    let seen = |unit: &Unit| within.as_ref().is_none_or(|seen| seen.contains(&unit.id));
    let units: Vec<_> = all.iter().filter(|unit| seen(unit) && belongs(unit)).map(|unit| unit.id).collect();
    if units.is_empty() {
        return Err(no_such_group());
    }
    Ok((Some(units), None))
}

/// Returns the units and the field that make up a row of a table of one or two levels, of a unit or of all: shared by what
/// counts now and what was frozen with a seal.
///
/// # Errors
/// [`AppError::Invalid`] that names `?group_key` for a group that the table can't have, and `?row_key` for a row that the
/// group can't have.
pub fn chosen_row(act: &Act<'_>, scope: Scope, key: &RowKey) -> Result<Chosen, AppError> {
    let (units, field) = chosen(act, scope, key.group.as_ref())?;
    if key.row.is_none() {
        return Ok((units, field));
    }
    let row = chosen(act, scope, key.row.as_ref()).map_err(|err| err.told_of("?row_key"))?;
    let units = match (units, row.0) {
        (Some(group), Some(row)) => Some(row.into_iter().filter(|unit| group.contains(unit)).collect::<Vec<_>>()),
        (group, row) => group.or(row),
    };
    let is_of_two_fields = field.zip(row.1).is_some_and(|(group, row)| group != row);
    if is_of_two_fields || units.as_ref().is_some_and(Vec::is_empty) {
        return Err(no_such_group().told_of("?row_key"));
    }
    Ok((units, row.1.or(field)))
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
type Membership<'a> = Box<dyn Fn(&Unit) -> bool + 'a>;

/// Returns which units make up the row.
fn members<'a>(act: &'a Act<'_>, group: &GroupKey, day: NaiveDate) -> Result<Membership<'a>, AppError> {
    if group.grouping == Grouping::Kind {
        let kind: UnitKind = group.code.trim().parse().or(Err(no_such_group()))?;
        return Ok(Box::new(move |unit| unit.kind == kind));
    }
    let named = act.catalogue().unit_by_code(group.code.trim());
    let id = named.ok_or_else(no_such_group)?.id;
    let tree = act.catalogue().tree();
    Ok(match group.grouping {
        Grouping::Parent => Box::new(move |unit| tree.parent_on(unit.id, day).unwrap_or(unit.id) == id),
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
