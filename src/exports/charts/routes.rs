//! `GET /statistics/charts/{chart}`.

use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpResponse, web};

use super::{Chart, ChartFormat, chart, png};
use crate::error::{AppError, Said};
use crate::http::body::{Faults, Query};
use crate::staff::Signed;
use crate::state::AppState;
use crate::statistics::{period_query, seen_unit};

period_query! {
    /// Of what a chart is, and how it is written.
    ChartQuery {
        /// The code of a unit: it and all below it. Without it, all that one may read.
        unit: Option<String>,
        /// `svg` (the default) or `png`.
        format: Option<String>,
    }
}

/// Draws the figures of a period: `rates` by unit, their `trend` by month, or the `ageing` of what is pending at its end. They
/// are those of `/statistics/units`, of each month, and of `/statistics/ageing`, which lead to their dossiers.
///
/// # Errors
/// Problems of the query and of who asks, and figures that do not add up.
#[utoipa::path(get, path = "/api/v1/statistics/charts/{chart}", tag = "statistics", security(("bearer" = [])),
    params(("chart" = String, Path, description = "`rates`, `trend` or `ageing`"), ChartQuery),
    responses((status = 200, content_type = "image/svg+xml"), (status = 403), (status = 404), (status = 409),
        (status = 422)))]
pub async fn read_chart(
    signed: Signed,
    name: web::Path<String>,
    Query(query): Query<ChartQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    signed.may_read_figures()?;
    let which: Chart = name.parse().or(Err(no_such_chart()))?;
    let mut faults = Faults::new();
    let format = faults.word("?format", query.format.as_deref().unwrap_or("svg"));
    let asked = query.period().gather(&mut faults);
    let (asked, format) = faults.finish(asked.zip(format))?;
    let drawn = state.figures(&signed.0, move |conn, act| {
        let unit = seen_unit(act, query.unit.as_deref())?;
        let svg = chart(conn, act, which, (&asked, unit))?;
        match format {
            ChartFormat::Svg => Ok(("image/svg+xml", svg.into_bytes())),
            ChartFormat::Png => Ok(("image/png", png(&svg)?)),
        }
    });
    let (media, bytes) = drawn.await?;
    Ok(HttpResponse::Ok().insert_header((CONTENT_TYPE, media)).body(bytes))
}

fn no_such_chart() -> AppError {
    let known = Chart::WORDS.join(", ");
    AppError::NotFound(Said::new(
        "chart_not_found",
        format!("Không có biểu đồ này; có: {known}"),
        format!("There is no such chart; there are: {known}"),
    ))
}
