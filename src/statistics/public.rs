//! `GET /public/statistics`: what anybody may know of a period, without log-in: how much each unit received and resolved,
//! and how much of it in time. No row is so small that it would point at a person.

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::asked::{AskedPeriod, PeriodRule};
use super::definitions::Topic;
use super::head::FiguresHead;
use super::routes::{KeyOut, RateOut};
use super::tally::{Grouping, Row, Table, tally};
use crate::domain::disclosure::{shares_shown, shown, total_is_shown, total_shares_are_shown};
use crate::domain::period::office_date;
use crate::domain::role::Actor;
use crate::domain::tally::Cells;
use crate::error::{AppError, Said};
use crate::http::body::{Faults, Query};
use crate::http::limit::{Counted, address_of};
use crate::state::AppState;

/// Which month. Months alone, and units alone: of other cuts of the same dossiers what is hidden in one could be found by
/// another.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PublicStatisticsQuery {
    /// Report month by NĐ 09/2019/NĐ-CP, from the 15th to the 14th: `2024-06`. It is over.
    month: Option<String>,
}

/// The public totals of a period.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PublicTable {
    #[serde(flatten)]
    head: FiguresHead,
    /// Counts below this are not shown, nor what would give them away.
    smallest: i64,
    rows: Vec<PublicRow>,
    total: PublicRow,
}

/// A row; all counts are `null` where it is too small to be shown, or would give away one that is. So are its rates, where they
/// would tell of a few in what is no crowd.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PublicRow {
    key: KeyOut,
    received: Option<i64>,
    resolved: Option<i64>,
    pending: Option<i64>,
    on_time_rate: Option<RateOut>,
    early_rate: Option<RateOut>,
}

impl PublicRow {
    fn new(row: Row, (is_shown, are_rates_shown): (bool, bool)) -> Self {
        let count = |count: i64| is_shown.then_some(count);
        Self {
            key: row.key.into(),
            received: count(row.cells.received()),
            resolved: count(row.cells.resolved()),
            pending: count(row.cells.pending()),
            on_time_rate: are_rates_shown.then(|| RateOut::new(row.on_time_rate, "on_time_rate")),
            early_rate: are_rates_shown.then(|| RateOut::new(row.early_rate, "early_rate")),
        }
    }
}

/// The counts that a row tells: whose dossiers they are must not be found by them. What came anew is told by what the month
/// before left pending.
fn told(cells: &Cells) -> [i64; 4] {
    [cells.received(), cells.received() - cells.carried_over, cells.resolved(), cells.pending()]
}

/// What the rates of a row tell of what it resolved: early, on time and late.
fn parts(row: &Row) -> [i64; 3] {
    let (early, in_time) = (row.early_rate.numerator, row.on_time_rate.numerator);
    [early, in_time - early, row.on_time_rate.denominator - in_time]
}

/// Returns what units received and resolved in a period, and in time, without log-in.
///
/// # Errors
/// 409, 422, 429.
#[utoipa::path(get, path = "/api/v1/public/statistics", tag = "public", security(()), params(PublicStatisticsQuery),
    responses((status = 200, body = PublicTable), (status = 409), (status = 422), (status = 429)))]
pub async fn read_public_statistics(
    req: HttpRequest,
    Query(query): Query<PublicStatisticsQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    state.limits.check(Counted::Public, address_of(&req, &state.config.server.trusted_proxies))?;
    let mut faults = Faults::new();
    let month = faults.required("?month", query.month);
    let month = faults.finish(month)?;
    let asked = AskedPeriod::month(&month, PeriodRule::Decree092019)?;
    // Only months that are over: two readings of a running one would tell what happened between them.
    let house = Actor::house();
    let table = state.figures(&house, move |conn, act| {
        if asked.period.to() > office_date(act.now) {
            return Err(AppError::invalid("?month", not_over()));
        }
        let table = tally(conn, act, &asked.period, None, Grouping::Unit).map_err(|err| err.told_of("?month"))?;
        let head = FiguresHead::new(act, &asked, Topic::Public);
        Ok(public(head, table, i64::from(act.office.config.statistics.public_smallest)))
    });
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "public, max-age=300")).json(table.await?))
}

fn public(head: FiguresHead, table: Table, smallest: i64) -> PublicTable {
    let counts: Vec<_> = table.rows.iter().map(|row| told(&row.cells)).collect();
    let rows_shown = shown(&counts, smallest);
    let is_shown = total_is_shown(&counts, &rows_shown, smallest);
    let parts: Vec<_> = table.rows.iter().map(parts).collect();
    let rates_shown = shares_shown(&parts, &rows_shown, smallest);
    let total_shown = (is_shown, is_shown && total_shares_are_shown(&parts, &rates_shown, smallest));
    let rows = table.rows.into_iter().zip(rows_shown.into_iter().zip(rates_shown));
    let rows = rows.map(|(row, shown)| PublicRow::new(row, shown));
    PublicTable { head, smallest, rows: rows.collect(), total: PublicRow::new(table.total, total_shown) }
}

fn not_over() -> Said {
    Said::new(
        "period_not_over",
        "Chỉ công khai số liệu của kỳ đã qua",
        "Only figures of a period that has passed are public",
    )
}
