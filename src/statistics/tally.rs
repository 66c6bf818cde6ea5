//! The table of a period: a row for each group, and their total.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{PgConnection, QueryResult};

use super::periods::check_period;
use super::queries::{self, Counting, Map, Question};
use super::tallies::{self, Detail, KeyCells};
use crate::domain::catalogue::{Catalogue, UnitKind};
use crate::domain::ids::{FieldId, ProcedureVersionId, UnitId};
use crate::domain::period::Period;
use crate::domain::procedure::TermUnit;
use crate::domain::tally::{BrokenIdentity, Cells, Rate};
use crate::domain::words::words;
use crate::error::{AppError, Said};
use crate::state::Act;

words! {
    /// What makes a row.
    pub enum Grouping {
        /// A unit.
        Unit = "unit",
        /// A kind of units.
        Kind = "kind",
        /// A field.
        Field = "field",
        /// The unit above.
        Parent = "parent",
    }
}

/// What a row stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The code of the unit or field, or the word of the kind.
    pub code: String,
    /// Its name, in Vietnamese.
    pub name: String,
}

/// The cells of one group with their rates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What it stands for.
    pub key: Key,
    /// The counts.
    pub cells: Cells,
    /// (early + on time) ÷ resolved.
    pub on_time_rate: Rate,
    /// early ÷ resolved.
    pub early_rate: Rate,
    /// (resolved − late by the statutory term) ÷ resolved.
    pub statutory_rate: Rate,
}

impl Row {
    fn new(key: Key, cells: Cells) -> Self {
        Self {
            key,
            cells,
            on_time_rate: cells.on_time_rate(),
            early_rate: cells.early_rate(),
            statutory_rate: cells.statutory_rate(),
        }
    }
}

/// The rows of a period and their total.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The groups that have anything to show, in the order of their keys.
    pub rows: Vec<Row>,
    /// The sum of the rows.
    pub total: Row,
}

/// What a table counts.
#[derive(Debug, Clone)]
pub struct TableForm {
    /// Dossiers or legs.
    pub counting: Counting,
    /// By which map of units.
    pub map: Map,
    /// The period.
    pub period: Period,
    /// The unit with all below it; `None` for all.
    pub within: Option<UnitId>,
    /// What makes a row.
    pub grouping: Grouping,
}

/// Counts dossiers in a period by `grouping`, for the unit `within` and all below it, or for all, by the map of then.
///
/// # Errors
/// As [`tabulate`].
pub fn tally(
    conn: &mut PgConnection,
    act: &Act<'_>,
    period: &Period,
    within: Option<UnitId>,
    grouping: Grouping,
) -> Result<Table, AppError> {
    let (counting, map, period) = (Counting::Dossiers, Map::Then, *period);
    tabulate(conn, act, &TableForm { counting, map, period, within, grouping })
}

/// Counts a period. Dossiers and legs are never counted together: each leg stands in its own unit, and is part of no
/// other figure.
///
/// # Errors
/// [`AppError::Invalid`] where there are no figures for the period or the unit in it; a conflict that names the group when an
/// identity of the form is broken: then there is no figure at all.
pub fn tabulate(conn: &mut PgConnection, act: &Act<'_>, form: &TableForm) -> Result<Table, AppError> {
    count_table(conn, act, form, None)
}

/// As [`tabulate`], by the history as it was known at a moment.
pub(super) fn count_table(
    conn: &mut PgConnection,
    act: &Act<'_>,
    form: &TableForm,
    known_at: Option<DateTime<Utc>>,
) -> Result<Table, AppError> {
    check_period(act, &form.period, (form.within, form.map))?;
    let asked = question(conn, act, (&form.period, form.map))?;
    let units = asked.units_within(act, form.within);
    let question = Question { counting: form.counting, units, known_at, ..asked };
    let detail = if form.grouping == Grouping::Field { Detail::Fields } else { Detail::Units };
    let counted = tallies::count(conn, &question, detail)?;
    put_together(&Names { catalogue: act.catalogue(), day: question.mapped_on }, &counted, form.grouping)
}

/// Makes a table of counts.
pub(super) fn put_together<'a>(
    names: &Names<'_>,
    counted: impl IntoIterator<Item = &'a KeyCells> + Clone,
    grouping: Grouping,
) -> Result<Table, AppError> {
    let mut groups: BTreeMap<(usize, String), (Key, Cells)> = BTreeMap::new();
    for count in counted.clone() {
        check(&names.key(UnitId(count.unit_id))?, &count.cells)?;
        let (place, key) = group_of(names, grouping, count)?;
        let group = groups.entry((place, key.code.clone())).or_insert_with(|| (key, Cells::default()));
        group.1 = group.1 + count.cells;
    }
    let rows: Vec<Row> = groups.into_values().map(|(key, cells)| Row::new(key, cells)).collect();
    // Summed from the counts themselves, not from the rows, so that the check below checks.
    let total = Row::new(total_key(), counted.into_iter().map(|count| count.cells).sum());
    check_all(&rows, &total)?;
    Ok(Table { rows, total })
}

/// The question for all units, with what the catalogue and the settings add to it.
pub(super) fn question(
    conn: &mut PgConnection,
    act: &Act<'_>,
    (period, map): (&Period, Map),
) -> Result<Question, AppError> {
    let of_then = Question::new(period, act.now);
    let mapped_on = map.day(act.now, period);
    let fields: Vec<FieldId> = act.catalogue().fields().iter().map(|field| field.id).collect();
    let heirs = match map {
        Map::Then => Vec::new(),
        Map::Now => act.catalogue().successions().map(&fields, mapped_on),
    };
    Ok(Question {
        heirs,
        mapped_on,
        hourly: hourly_versions(conn, act)?,
        apologised_counts_late: act.office.config.dossiers.apologised_counts_late,
        ..of_then
    })
}

/// The same for a unit and all below it, or for all, by the map of then.
pub(super) fn question_within(
    conn: &mut PgConnection,
    act: &Act<'_>,
    (period, within): (&Period, Option<UnitId>),
) -> Result<Question, AppError> {
    let asked = question(conn, act, (period, Map::Then))?;
    Ok(Question { units: asked.units_within(act, within), ..asked })
}

/// Returns the procedure versions whose terms are in hours.
pub(super) fn hourly_versions(conn: &mut PgConnection, act: &Act<'_>) -> QueryResult<Vec<ProcedureVersionId>> {
    let versions = queries::procedure_versions(conn)?;
    Ok(versions.into_iter().filter(|id| is_hourly(act.catalogue(), *id)).collect())
}

fn is_hourly(catalogue: &Catalogue, id: ProcedureVersionId) -> bool {
    let procedure = catalogue.procedure(id);
    let terms = procedure.and_then(|procedure| procedure.terms.as_ref());
    terms.is_some_and(|terms| terms.base.unit() == TermUnit::WorkingHour)
}

/// What units were called on a day, and where they lay.
pub(super) struct Names<'a> {
    pub(super) catalogue: &'a Catalogue,
    pub(super) day: NaiveDate,
}

impl Names<'_> {
    pub(super) fn key(&self, id: UnitId) -> Result<Key, AppError> {
        let unit = self.catalogue.unit(id).ok_or_else(|| unknown("unit", id))?;
        let (code, name) = self.catalogue.named_on(unit, self.day);
        Ok(Key { code, name })
    }
}

pub(super) fn group_of(names: &Names<'_>, grouping: Grouping, count: &KeyCells) -> Result<(usize, Key), AppError> {
    let catalogue = names.catalogue;
    let id = UnitId(count.unit_id);
    let unit = catalogue.unit(id).ok_or_else(|| unknown("unit", id))?;
    match grouping {
        Grouping::Unit => Ok((0, names.key(id)?)),
        Grouping::Parent => Ok((0, names.key(catalogue.tree().parent_on(id, names.day).unwrap_or(id))?)),
        Grouping::Kind => Ok(kind_key(unit.kind)),
        Grouping::Field => {
            let id = count.field_id.map(FieldId).ok_or_else(|| AppError::internal("fields were not counted apart"))?;
            Ok((0, field_key(catalogue, id)?))
        }
    }
}

pub(super) fn field_key(catalogue: &Catalogue, id: FieldId) -> Result<Key, AppError> {
    let field = catalogue.field(id).ok_or_else(|| unknown("field", id))?;
    Ok(Key { code: field.code.clone(), name: field.name.clone() })
}

pub(crate) fn unit_key(catalogue: &Catalogue, id: UnitId) -> Result<Key, AppError> {
    let unit = catalogue.unit(id).ok_or_else(|| unknown("unit", id))?;
    Ok(Key { code: unit.code.clone(), name: unit.name.clone() })
}

pub(crate) fn kind_key(kind: UnitKind) -> (usize, Key) {
    let name = match kind {
        UnitKind::Province => "Ủy ban nhân dân tỉnh",
        UnitKind::Department => "Sở, ban, ngành",
        UnitKind::LandOffice => "Văn phòng đăng ký đất đai",
        UnitKind::OneStopCentre => "Trung tâm Phục vụ hành chính công",
        UnitKind::Vertical => "Cơ quan ngành dọc",
        UnitKind::Commune => "Xã, phường, đặc khu",
    };
    let place = UnitKind::ALL.iter().position(|other| *other == kind);
    let key = Key { code: kind.as_str().to_owned(), name: name.to_owned() };
    (place.unwrap_or_default(), key)
}

pub(crate) fn total_key() -> Key {
    Key { code: "total".to_owned(), name: "Tổng cộng".to_owned() }
}

fn unknown(what: &str, id: impl std::fmt::Display) -> AppError {
    AppError::internal(format!("dossiers name the {what} {id}, which the catalogue lacks"))
}

fn check_all(rows: &[Row], total: &Row) -> Result<(), AppError> {
    for row in rows {
        check(&row.key, &row.cells)?;
    }
    check(&total.key, &total.cells)?;
    let sums = total.cells.check_total(rows.iter().map(|row| &row.cells));
    sums.map_err(|broken| refused(&total.key, broken))
}

fn check(key: &Key, cells: &Cells) -> Result<(), AppError> {
    cells.check().map_err(|broken| refused(key, broken))
}

/// No report is better than a wrong one (Biểu 06: 3 = 4+5+6 = 7+11).
fn refused(key: &Key, broken: BrokenIdentity) -> AppError {
    tracing::error!(
        group = key.code,
        broken = %broken,
        "the figures of {} do not add up: no report is issued",
        key.code
    );
    AppError::Conflict(Said::new(
        "figures_do_not_add_up",
        format!("Số liệu của {} ({}) không khớp ({broken}); không lập báo cáo, hãy báo quản trị", key.name, key.code),
        format!(
            "The figures of {} ({}) do not add up ({broken}); no report is issued, tell the administrator",
            key.name, key.code
        ),
    ))
}
