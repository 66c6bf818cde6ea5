//! The dossiers behind a cell: exactly as many as it counts.

use chrono::{DateTime, Utc};
use diesel::PgConnection;
use uuid::Uuid;

use super::cell::Cell;
use super::periods::check_period;
use super::queries::{self, Counting, Found, Map, Question};
use super::tally::{self, Grouping, Key};
use crate::domain::catalogue::{Unit, UnitKind};
use crate::domain::ids::{FieldId, ProcedureVersionId, UnitId};
use crate::domain::period::Period;
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

/// Lists a page of the dossiers that the cell counts, by acceptance.
///
/// # Errors
/// [`AppError::NotFound`] when the row asked for is none of a table; [`AppError::Invalid`] where there are no figures for
/// the period or the unit in it.
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
    let page = Page::cut(found, form.limit, |found| Cursor { at: found.accepted_at, id: found.id });
    let items = page.items.into_iter().map(|found| behind(act, found)).collect::<Result<_, _>>()?;
    Ok(Page { items, next_cursor: page.next_cursor })
}

/// Units, and a field; `None` is all.
pub type Chosen = (Option<Vec<UnitId>>, Option<FieldId>);

/// Returns the units and the field that make up a row, or the total, of a table of a unit or of all.
///
/// # Errors
/// [`AppError::NotFound`] for a row that is none.
pub fn chosen(act: &Act<'_>, within: Option<UnitId>, group: Option<&GroupKey>) -> Result<Chosen, AppError> {
    let catalogue = act.catalogue();
    let within = within.map(|unit| catalogue.within(unit));
    let Some(group) = group else {
        return Ok((within, None));
    };
    if group.grouping == Grouping::Field {
        let fields = catalogue.fields();
        let field = fields.iter().find(|field| field.code == group.code);
        return Ok((within, Some(field.ok_or_else(no_such_group)?.id)));
    }
    let belongs = members(act, group)?;
    let all = catalogue.units();
    let seen = |unit: &Unit| within.as_ref().is_none_or(|seen| seen.contains(&unit.id));
    let units = all.iter().filter(|unit| seen(unit) && belongs(unit)).map(|unit| unit.id);
    Ok((Some(units.collect()), None))
}

/// Whether a unit belongs to a row.
type Membership = Box<dyn Fn(&Unit) -> bool>;

/// Returns which units make up the row.
fn members(act: &Act<'_>, group: &GroupKey) -> Result<Membership, AppError> {
    if group.grouping == Grouping::Kind {
        let kind: UnitKind = group.code.parse().or(Err(no_such_group()))?;
        return Ok(Box::new(move |unit| unit.kind == kind));
    }
    let named = act.catalogue().unit_by_code(&group.code);
    let id = named.ok_or_else(no_such_group)?.id;
    Ok(match group.grouping {
        Grouping::Parent => Box::new(move |unit| unit.parent.unwrap_or(unit.id) == id),
        _ => Box::new(move |unit| unit.id == id),
    })
}

pub(crate) fn no_such_group() -> AppError {
    AppError::NotFound(Said::new(
        "group_not_found",
        "Không có dòng này trong bảng; group_key là mã của một dòng",
        "There is no such row in the table; group_key is the code of a row",
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
