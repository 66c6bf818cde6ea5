//! `GET /statistics/…`: tables, the dossiers behind a cell, and what each figure means.

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::asked::{AskedPeriod, period_query};
use super::cell::Cell;
use super::definitions::Topic;
use super::drill::{Behind, DrillForm, GroupKey, RowKey};
use super::head::FiguresHead;
use super::known::{dossiers_behind_as_of, read_as_of, tabulate_as_of};
use super::queries::{Counting, Map};
use super::sight::{own_unit, seen_unit};
use super::tally::{Grouping, Key, Row, Table, TableForm, unit_key};
use crate::domain::role::Deed;
use crate::domain::tally::Rate;
use crate::error::{AppError, Said};
use crate::http::body::{Faults, Query};
use crate::http::office_time::OfficeTime;
use crate::http::page::{self, Cursor, Page};
use crate::staff::Signed;
use crate::state::{Act, AppState};

period_query! {
    /// Which table.
    UnitsQuery {
        /// The code of a unit: it and all below it. Without it, all that one may read.
        unit: Option<String>,
        /// What makes a row: `unit` (the default), `kind`, `field` or `parent`.
        group: Option<String>,
        /// `dossiers` (the default), each once; or `legs` of inter-agency dossiers, in their own units.
        count: Option<String>,
        /// By which map of units: `then` (the default), the unit that had it in the period; or `now`, the one that follows it.
        map: Option<String>,
        /// As it was known at a moment, or at the end of a day; without it, as it is known now.
        as_of: Option<String>,
    }
}

period_query! {
    /// Which cell.
    DossiersQuery {
        /// The name of the cell, as in the table.
        cell: Option<String>,
        /// What the table counted: `dossiers` (the default) or `legs`.
        count: Option<String>,
        /// By which map of units the table counted: `then` (the default) or `now`.
        map: Option<String>,
        /// The code of a unit: it and all below it. Without it, all that one may read.
        unit: Option<String>,
        /// How the table was grouped, with `group_key`.
        group: Option<String>,
        /// The code of one row of the table, or of one group where it has two levels; without it, the total.
        group_key: Option<String>,
        /// In a table of two levels: what makes a row of a group, with `row_key`.
        row_group: Option<String>,
        /// In a table of two levels: the code of one row of the group; without it, the whole group.
        row_key: Option<String>,
        /// As of when the table was counted.
        as_of: Option<String>,
        /// Where the page begins.
        cursor: Option<String>,
        /// How long the page is, 1 to 200.
        limit: Option<i64>,
    }
}

/// What a row stands for.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct KeyOut {
    /// The code of the unit or field, or the word of the kind.
    pub(crate) code: String,
    /// Its name.
    pub(crate) name: String,
}

impl From<Key> for KeyOut {
    fn from(key: Key) -> Self {
        Self { code: key.code, name: key.name }
    }
}

/// An exact share.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RateOut {
    /// The part.
    numerator: i64,
    /// The whole.
    denominator: i64,
    /// Hundredths of a percent; `null` when nothing was resolved.
    basis_points: Option<u32>,
    /// The percentage with two decimals; `null` when nothing was resolved.
    text: Option<String>,
    /// The name of its definition.
    definition: &'static str,
}

impl RateOut {
    pub(crate) fn new(rate: Rate, definition: &'static str) -> Self {
        Self {
            numerator: rate.numerator,
            denominator: rate.denominator,
            basis_points: rate.basis_points,
            text: rate.text,
            definition,
        }
    }
}

/// One row: each figure is explained under its name by `GET /statistics/definitions`.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RowOut {
    key: KeyOut,
    received: i64,
    received_online: i64,
    received_direct_postal: i64,
    carried_over: i64,
    resolved: i64,
    early: i64,
    on_time: i64,
    late: i64,
    pending: i64,
    pending_in_time: i64,
    pending_overdue: i64,
    withdrawn: i64,
    stopped: i64,
    refused: i64,
    apologised: i64,
    late_statutory: i64,
    received_direct: i64,
    received_postal: i64,
    with_result: i64,
    late_with_result: i64,
    late_apologised: i64,
    late_unapologised: i64,
    paused: i64,
    paused_supplement: i64,
    paused_payment: i64,
    on_time_rate: RateOut,
    on_time_rate_with_result: RateOut,
    early_rate: RateOut,
    statutory_rate: RateOut,
}

impl From<Row> for RowOut {
    fn from(row: Row) -> Self {
        let cells = row.cells;
        Self {
            key: row.key.into(),
            received: cells.received(),
            received_online: cells.received_online,
            received_direct_postal: cells.received_direct_postal,
            carried_over: cells.carried_over,
            resolved: cells.resolved(),
            early: cells.early,
            on_time: cells.on_time,
            late: cells.late,
            pending: cells.pending(),
            pending_in_time: cells.pending_in_time,
            pending_overdue: cells.pending_overdue,
            withdrawn: cells.withdrawn,
            stopped: cells.stopped,
            refused: cells.refused,
            apologised: cells.apologised,
            late_statutory: cells.late_statutory,
            received_direct: cells.received_direct(),
            received_postal: cells.received_postal,
            with_result: cells.with_result(),
            late_with_result: cells.late_with_result,
            late_apologised: cells.late_apologised,
            late_unapologised: cells.late_unapologised(),
            paused: cells.paused,
            paused_supplement: cells.paused_supplement,
            paused_payment: cells.paused_payment,
            on_time_rate: RateOut::new(row.on_time_rate, "on_time_rate"),
            on_time_rate_with_result: RateOut::new(cells.on_time_rate_with_result(), "on_time_rate_with_result"),
            early_rate: RateOut::new(row.early_rate, "early_rate"),
            statutory_rate: RateOut::new(row.statutory_rate, "statutory_rate"),
        }
    }
}

/// The table of a period.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TableOut {
    #[serde(flatten)]
    head: FiguresHead,
    /// The unit counted with all below it; `null` for the whole province.
    unit: Option<KeyOut>,
    /// What makes a row.
    group: &'static str,
    /// What is counted: `dossiers` or `legs`.
    counts: &'static str,
    /// By which map of units: `then` or `now`.
    map: &'static str,
    /// Where the dossiers behind each cell are listed.
    dossiers: &'static str,
    rows: Vec<RowOut>,
    total: RowOut,
}

/// Returns the cells of biểu 06 and the rates of a period, a row a group, with their total.
///
/// # Errors
/// Problems of the query, of who asks, and figures that do not add up.
#[utoipa::path(get, path = "/api/v1/statistics/units", tag = "statistics",
    security(("bearer" = [])), params(UnitsQuery),
    responses((status = 200, body = TableOut), (status = 403), (status = 404), (status = 409), (status = 422)))]
pub async fn read_units(
    signed: Signed,
    Query(query): Query<UnitsQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    signed.may_read_figures()?;
    let mut faults = Faults::new();
    let grouping = match &query.group {
        Some(word) => faults.word("?group", word),
        None => Some(Grouping::Unit),
    };
    let counting = read_counting(&mut faults, query.count.as_deref());
    let map = read_map(&mut faults, query.map.as_deref());
    let as_of = read_as_of(&mut faults, query.as_of.as_deref());
    let read = query.period().gather(&mut faults).zip(grouping.zip(as_of)).zip(counting.zip(map));
    let ((asked, (grouping, as_of)), (counting, map)) = faults.finish(read)?;
    let answer = state.figures(&signed.0, move |conn, act| {
        let within = seen_unit(act, query.unit.as_deref())?;
        let form = TableForm { counting, map, period: asked.period, within, grouping };
        let table = tabulate_as_of(conn, act, &form, as_of)?;
        let unit = within.map(|id| unit_key(act.catalogue(), id)).transpose()?;
        Ok(answer(&Act { now: as_of.unwrap_or(act.now), ..*act }, &asked, (unit, &form), table))
    });
    Ok(HttpResponse::Ok().json(answer.await?))
}

fn read_counting(faults: &mut Faults, word: Option<&str>) -> Option<Counting> {
    word.map_or(Some(Counting::Dossiers), |word| faults.word("?count", word))
}

fn read_map(faults: &mut Faults, word: Option<&str>) -> Option<Map> {
    word.map_or(Some(Map::Then), |word| faults.word("?map", word))
}

fn answer(act: &Act<'_>, asked: &AskedPeriod, (unit, form): (Option<Key>, &TableForm), table: Table) -> TableOut {
    TableOut {
        head: FiguresHead::new(act, asked, Topic::Dossiers),
        unit: unit.map(KeyOut::from),
        group: form.grouping.as_str(),
        counts: form.counting.as_str(),
        map: form.map.as_str(),
        dossiers: "/api/v1/statistics/dossiers",
        rows: table.rows.into_iter().map(RowOut::from).collect(),
        total: table.total.into(),
    }
}

/// A dossier behind a cell.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct BehindOut {
    id: Uuid,
    code: String,
    /// The unit that resolves it at the end of the period.
    unit: KeyOut,
    procedure_code: Option<String>,
    channel: String,
    /// The status of now.
    status: String,
    #[schema(value_type = String, format = DateTime)]
    accepted_at: OfficeTime,
    /// The due date in force at the end of the period; `null` while the clock stands.
    #[schema(value_type = Option<String>, format = DateTime)]
    due_at: Option<OfficeTime>,
    #[schema(value_type = Option<String>, format = DateTime)]
    finished_at: Option<OfficeTime>,
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<OfficeTime>,
    /// How an end in the period is counted: `early`, `on_time` or `late`.
    standing: Option<String>,
}

impl From<Behind> for BehindOut {
    fn from(behind: Behind) -> Self {
        Self {
            id: behind.id,
            code: behind.code,
            unit: behind.unit.into(),
            procedure_code: behind.procedure_code,
            channel: behind.channel,
            status: behind.status,
            accepted_at: behind.accepted_at.into(),
            due_at: behind.due_at.map(OfficeTime),
            finished_at: behind.finished_at.map(OfficeTime),
            ended_at: behind.ended_at.map(OfficeTime),
            standing: behind.standing,
        }
    }
}

impl BehindOut {
    /// Shows a page of them.
    pub(super) fn page(page: Page<Behind>) -> Page<Self> {
        Page { items: page.items.into_iter().map(Self::from).collect(), next_cursor: page.next_cursor }
    }
}

/// Lists exactly the dossiers that a cell counts, by acceptance. `group` and `group_key` name a row of a table; `row_group`
/// and `row_key` with them a row in it, as in 06c: `group=kind&group_key=department&row_group=field&row_key=G15-TP07`. With
/// none of them it is the total.
///
/// # Errors
/// Problems of the query and of who asks.
#[utoipa::path(get, path = "/api/v1/statistics/dossiers", tag = "statistics",
    security(("bearer" = [])), params(DossiersQuery),
    responses((status = 200, body = Page<BehindOut>), (status = 403), (status = 404), (status = 422)))]
pub async fn list_dossiers_behind(
    signed: Signed,
    Query(query): Query<DossiersQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    signed.may(Deed::ReadStatistics)?;
    let (asked, as_of) = read_drill(&query)?;
    let page = state.figures(&signed.0, move |conn, act| {
        let within = own_unit(act, query.unit.as_deref())?;
        dossiers_behind_as_of(conn, act, &DrillForm { within, ..asked }, as_of)
    });
    Ok(HttpResponse::Ok().json(BehindOut::page(page.await?)))
}

fn read_drill(query: &DossiersQuery) -> Result<(DrillForm, Option<DateTime<Utc>>), AppError> {
    let after = query.cursor.as_deref().map(Cursor::read).transpose()?;
    let limit = page::limit(query.limit)?;
    let mut faults = Faults::new();
    let cell = faults.required("?cell", query.cell.as_deref());
    let cell: Option<Cell> = cell.and_then(|word| faults.word("?cell", word));
    let row = read_row(&mut faults, query);
    let counting = read_counting(&mut faults, query.count.as_deref());
    let map = read_map(&mut faults, query.map.as_deref());
    let as_of = read_as_of(&mut faults, query.as_of.as_deref());
    let asked = query.period().gather(&mut faults).zip(as_of);
    let ((cell, (asked, as_of)), (counting, map)) = faults.finish(cell.zip(asked).zip(counting.zip(map)))?;
    Ok((DrillForm { counting, map, cell, period: asked.period, within: None, row, after, limit }, as_of))
}

/// Reads which row is asked for; what is wrong is noted.
fn read_row(faults: &mut Faults, query: &DossiersQuery) -> RowKey {
    let group_word = query.group.as_deref().or(query.group_key.as_deref().map(|_| Grouping::Unit.as_str()));
    let group = read_level(faults, ["?group", "?group_key"], (group_word, query.group_key.as_deref()));
    let row = read_level(faults, ["?row_group", "?row_key"], (query.row_group.as_deref(), query.row_key.as_deref()));
    if (query.row_group.is_some() || query.row_key.is_some()) && query.group_key.is_none() && query.group.is_none() {
        faults.add("?group_key", key_needed("row_key", "group_key"));
    }
    RowKey { group, row }
}

fn read_level(
    faults: &mut Faults,
    [grouping_at, code_at]: [&str; 2],
    (word, code): (Option<&str>, Option<&str>),
) -> Option<GroupKey> {
    let grouping = word.and_then(|word| faults.word(grouping_at, word));
    match (word, code) {
        (Some(_), None) => faults.add(code_at, key_needed(grouping_at, code_at)),
        (None, Some(_)) => faults.add(grouping_at, key_needed(code_at, grouping_at)),
        _ => {}
    }
    Some(GroupKey { grouping: grouping?, code: code?.to_owned() })
}

fn key_needed(given: &str, needed: &str) -> Said {
    let (given, needed) = (given.trim_start_matches('?'), needed.trim_start_matches('?'));
    Said::new(
        "required",
        format!("{given} cần {needed}: một dòng được xác định bằng cách chia dòng và mã của dòng"),
        format!("{given} needs {needed}: a row is named by what makes it and by its code"),
    )
}
