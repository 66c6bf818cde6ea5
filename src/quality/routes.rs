//! `GET /statistics/quality`.

use actix_web::{HttpResponse, web};

use super::view::{QualityIndex, groups, own_rates, total};
use crate::domain::role::Deed;
use crate::error::AppError;
use crate::http::body::Query;
use crate::http::by_code::ByCode;
use crate::http::page::Page;
use crate::staff::Signed;
use crate::state::AppState;
use crate::statistics::routes::KeyOut;
use crate::statistics::{
    FiguresHead, Grouping, QualityDossier, Topic, average_times, behind_quality, own_in, period_query, quality_counts,
    seen_in, tally, unit_key,
};

period_query! {
    /// Which index.
    QualityQuery {
        /// The code of a unit: it and all below it. Without it, all that one may read.
        unit: Option<String>,
    }
}

period_query! {
    /// Which count of the index.
    QualityDossiersQuery {
        /// The code of a unit: it and all below it. Without it, all that one may read.
        unit: Option<String>,
        /// The count: `to_resolve`, `punctual`, `asked_again`, `received`, `received_online`, or `timed_working_hour`,
        /// `timed_working_day`, `timed_calendar_day`, `timed_month`.
        cell: Option<String>,
        /// `next_cursor` of the page before.
        cursor: Option<String>,
        /// 1 to 200; 50 when nothing is said.
        limit: Option<i64>,
    }
}

/// Returns the index of service quality of a period, as far as there are data for it, beside the reports' own rates.
///
/// # Errors
/// 401, 403, 404, 409, 422.
#[utoipa::path(get, path = "/api/v1/statistics/quality", tag = "statistics", security(("bearer" = [])),
    params(QualityQuery),
    responses((status = 200, body = QualityIndex), (status = 403), (status = 404), (status = 409), (status = 422)))]
pub async fn read_quality(
    signed: Signed,
    Query(query): Query<QualityQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    signed.may_read_figures()?;
    let asked = query.period().read()?;
    let index = state.figures(&signed.0, move |conn, act| {
        let unit = seen_in(act, query.unit.as_deref(), &asked.period)?;
        let counts = quality_counts(conn, act, (&asked.period, unit))?;
        let averages = average_times(conn, act, (&asked.period, unit))?;
        let table = tally(conn, act, &asked.period, unit, Grouping::Unit)?;
        Ok(QualityIndex {
            head: FiguresHead::new(act, &asked, Topic::Quality),
            unit: unit.map(|id| unit_key(act.catalogue(), id)).transpose()?.map(KeyOut::from),
            scored: total(&counts),
            groups: groups(&counts, &averages),
            own_rates: own_rates(&table.total),
            dossiers: "/api/v1/statistics/quality/dossiers",
        })
    });
    Ok(HttpResponse::Ok().json(index.await?))
}

/// Lists exactly the dossiers that a count of the index counts, by code.
///
/// # Errors
/// 401, 403, 404, 422.
#[utoipa::path(get, path = "/api/v1/statistics/quality/dossiers", tag = "statistics", security(("bearer" = [])),
    params(QualityDossiersQuery),
    responses((status = 200, body = Page<QualityDossier>), (status = 403), (status = 404), (status = 422)))]
pub async fn list_quality_dossiers(
    signed: Signed,
    Query(query): Query<QualityDossiersQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    signed.may(Deed::ReadStatistics)?;
    let page = ByCode::read(query.cursor.as_deref(), query.limit)?;
    let (cell, asked) = query.period().read_with("?cell", query.cell.as_deref())?;
    let listed = state.figures(&signed.0, move |conn, act| {
        let unit = own_in(act, query.unit.as_deref(), &asked.period)?;
        let found = behind_quality(conn, act, (&asked.period, unit), (cell, page.after.as_deref(), page.limit))?;
        Ok(page.cut(found, QualityDossier::code))
    });
    Ok(HttpResponse::Ok().json(listed.await?))
}
