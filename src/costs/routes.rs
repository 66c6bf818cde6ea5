//! Costs over the API: tariffs and budgets are kept by who manages notices, figures are for who answers for money.

use actix_web::{HttpResponse, web};
use diesel::PgConnection;
use serde::Deserialize;

use super::alarms::{self, Alarm};
use super::budgets::{self, BudgetForm, read_month};
use super::figures::{CostGrouping, costs};
use super::tariffs::{self, TariffsForm};
use super::view::{BudgetList, BudgetOut, CostAlarmOut, CostTable, TariffList};
use crate::domain::ids::UnitId;
use crate::domain::period::Period;
use crate::domain::role::Deed;
use crate::error::AppError;
use crate::http::body::{Body, Faults, Query};
use crate::http::page::{Cursor, Page, PageQuery};
use crate::staff::Signed;
use crate::state::{Act, AppState};
use crate::statistics::{own_in, own_unit, period_query, units_then};

/// Lists what a part of a message costs, through which gateway, to which network, from when on.
///
/// # Errors
/// 401, 403.
#[utoipa::path(get, path = "/api/v1/notices/tariffs", tag = "notices", security(("bearer" = [])),
    responses((status = 200, body = TariffList), (status = 401), (status = 403)))]
pub async fn list_tariffs(state: web::Data<AppState>, by: Signed) -> Result<HttpResponse, AppError> {
    by.may(Deed::ReadCosts)?;
    let items = state.look(&by.0, |conn, _| Ok(tariffs::all(conn)?)).await?;
    Ok(HttpResponse::Ok().json(TariffList { items }))
}

/// Puts lines in or right, and takes those out whose price is `null`. What was estimated before stays.
///
/// # Errors
/// 401, 403, 422.
#[utoipa::path(put, path = "/api/v1/notices/tariffs", tag = "notices", security(("bearer" = [])),
    request_body = TariffsForm,
    responses((status = 200, body = TariffList), (status = 401), (status = 403), (status = 422)))]
pub async fn change_tariffs(
    state: web::Data<AppState>,
    by: Signed,
    Body(form): Body<TariffsForm>,
) -> Result<HttpResponse, AppError> {
    by.may(Deed::ManageNotices)?;
    let lines = form.read()?;
    let items = state.act(&by.0, move |conn, act| {
        tariffs::change(conn, act, &lines)?;
        Ok(tariffs::all(conn)?)
    });
    Ok(HttpResponse::Ok().json(TariffList { items: items.await? }))
}

/// Returns the units whose costs who asks may see: `None` for all.
fn within(act: &Act<'_>) -> Result<Option<Vec<UnitId>>, AppError> {
    Ok(own_unit(act, None)?.map(|unit| act.catalogue().within(unit)))
}

/// Which month.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BudgetQuery {
    /// `2026-12`; the current one when nothing is said.
    month: Option<String>,
}

/// Lists the budgets of a month, and what was spent of them.
///
/// # Errors
/// 401, 403, 422.
#[utoipa::path(get, path = "/api/v1/notices/budgets", tag = "notices", security(("bearer" = [])),
    params(BudgetQuery),
    responses((status = 200, body = BudgetList), (status = 401), (status = 403), (status = 422)))]
pub async fn list_budgets(
    state: web::Data<AppState>,
    by: Signed,
    Query(query): Query<BudgetQuery>,
) -> Result<HttpResponse, AppError> {
    by.may(Deed::ReadCosts)?;
    let mut faults = Faults::new();
    let month = read_month(&mut faults, "?month", query.month.as_deref(), state.clock.now());
    let month = faults.finish(month)?;
    let list = state.figures(&by.0, move |conn, act| budgets_of(conn, act, month)).await?;
    Ok(HttpResponse::Ok().json(list))
}

fn budgets_of(conn: &mut PgConnection, act: &Act<'_>, month: Period) -> Result<BudgetList, AppError> {
    let standings = budgets::standings(conn, month, within(act)?)?;
    let mut items: Vec<_> = standings.iter().map(|standing| BudgetOut::new(act, standing)).collect();
    items.sort_by(|one, other| one.code().cmp(other.code()));
    Ok(BudgetList { month: month.from(), items })
}

/// Says what a unit, with all below it, may spend in a month, from a month on. Nothing is ever held back: it is told
/// when the budget is spent.
///
/// # Errors
/// 401, 403, [`AppError::NotFound`], 422.
#[utoipa::path(put, path = "/api/v1/notices/budgets/{code}", tag = "notices", security(("bearer" = [])),
    params(("code" = String, Path, description = "The unit")), request_body = BudgetForm,
    responses((status = 200, body = BudgetList), (status = 401), (status = 403), (status = 404), (status = 422)))]
pub async fn set_budget(
    state: web::Data<AppState>,
    by: Signed,
    code: web::Path<String>,
    Body(form): Body<BudgetForm>,
) -> Result<HttpResponse, AppError> {
    by.may(Deed::ManageNotices)?;
    let now = state.clock.now();
    let (from, vnd) = form.read(now)?;
    let set = state.act_over_all(&by.0, move |conn, act| {
        budgets::set(conn, act, &code, (from, vnd))?;
        let month = Period::new(from, from + chrono::Months::new(1));
        budgets_of(conn, act, month.map_err(|err| AppError::Internal(err.into()))?)
    });
    Ok(HttpResponse::Ok().json(set.await?))
}

period_query! {
    /// Which costs.
    CostQuery {
        /// The code of a unit: it and all below it. Without it, all that one may read.
        unit: Option<String>,
        /// What makes a row: `unit` (the default), `month`, `unit_month`, `gateway`, `channel` or `purpose`.
        group: Option<String>,
    }
}

/// Sums what notices cost that a gateway took in a period: estimated by the tariffs, and charged by the vendors.
///
/// # Errors
/// 401, 403, [`AppError::NotFound`], 422.
#[utoipa::path(get, path = "/api/v1/notices/costs", tag = "notices", security(("bearer" = [])), params(CostQuery),
    responses((status = 200, body = CostTable), (status = 401), (status = 403), (status = 404), (status = 422)))]
pub async fn read_costs(
    state: web::Data<AppState>,
    by: Signed,
    Query(query): Query<CostQuery>,
) -> Result<HttpResponse, AppError> {
    by.may(Deed::ReadCosts)?;
    let mut faults = Faults::new();
    let grouping = query.group.as_deref().map_or(Some(CostGrouping::Unit), |word| faults.word("?group", word));
    let asked = query.period().gather(&mut faults).zip(grouping);
    let (asked, grouping) = faults.finish(asked)?;
    let table = state.figures(&by.0, move |conn, act| {
        let unit = own_in(act, query.unit.as_deref(), &asked.period)?;
        let units = units_then(act, unit, &asked.period);
        let rows = costs(conn, &asked.period, (grouping, units))?;
        Ok(CostTable::new(act, &asked, grouping, rows))
    });
    Ok(HttpResponse::Ok().json(table.await?))
}

/// Lists what was told of costs, the newest first: budgets that are spent, bills that are not what was estimated.
///
/// # Errors
/// 401, 403, 422.
#[utoipa::path(get, path = "/api/v1/notices/costs/alarms", tag = "notices", security(("bearer" = [])),
    params(PageQuery),
    responses((status = 200, body = Page<CostAlarmOut>), (status = 401), (status = 403), (status = 422)))]
pub async fn list_cost_alarms(
    state: web::Data<AppState>,
    by: Signed,
    Query(query): Query<PageQuery>,
) -> Result<HttpResponse, AppError> {
    by.may(Deed::ReadCosts)?;
    let (after, limit) = query.read()?;
    let rows = state.look(&by.0, move |conn, act| Ok(alarms::list(conn, (after, limit), within(act)?)?)).await?;
    let page = Page::cut(rows, limit, |alarm: &Alarm| Cursor { at: alarm.told_at, id: alarm.id });
    let items: Vec<CostAlarmOut> = page.items.into_iter().map(CostAlarmOut::from).collect();
    Ok(HttpResponse::Ok().json(Page { items, next_cursor: page.next_cursor }))
}
