//! `/statistics/seals`.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, ETAG};
use actix_web::{HttpRequest, HttpResponse, web};
use data_encoding::{BASE64, HEXLOWER};
use serde::Deserialize;

use super::adjustments::{self, Adjustment, SealedDossier, SealedRowKey};
use super::content::SealContent;
use super::file::{self, FileForm};
use super::form::NewSeal;
use super::queries::{self, Narrow, SealRow};
use super::seal::seal;
use super::view::SealOut;
use crate::domain::role::Deed;
use crate::error::AppError;
use crate::exports::{ByteOrderMark, ReportFormat, routes as reports};
use crate::http::body::{Faults, Query, RawBody, from_json};
use crate::http::by_code::ByCode;
use crate::http::idempotency::{Answer, Key, once};
use crate::http::page::{self, Cursor, Page};
use crate::staff::Signed;
use crate::state::{Act, AppState};
use crate::statistics::{Cell, check_has_come, read_as_of, seen_unit, sees_figures_of};

/// Seals a report: its rows, the dossiers behind every cell and what the figures meant are frozen as they are now.
///
/// # Errors
/// 401, 403, 404, 409, 422.
#[utoipa::path(post, path = "/api/v1/statistics/seals", tag = "statistics", security(("bearer" = [])),
    request_body = NewSeal,
    responses((status = 201, body = SealOut), (status = 401), (status = 403), (status = 404),
        (status = 409, description = "It is sealed, crosses a seal, does not add up, or does not go on from the one before"),
        (status = 422)))]
pub async fn seal_report(
    state: web::Data<AppState>,
    by: Signed,
    req: HttpRequest,
    RawBody(body): RawBody,
) -> Result<HttpResponse, AppError> {
    by.may(Deed::SealReports)?;
    let form = from_json::<NewSeal>(&body)?.read()?;
    let key = Key::read(&req, &body)?;
    // Figures reach over dossiers that who signs need not see.
    let answer = state.act_over_all(&by.0, move |conn, act| {
        once(conn, act, key.as_ref(), |conn| Answer::new(StatusCode::CREATED, None, &seal(conn, act, &form)?))
    });
    Ok(answer.await?.response())
}

/// Which seals.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SealsQuery {
    /// The code of a unit: seals of it and of those below. Without it, of all that one may read.
    unit: Option<String>,
    /// What was said at a moment, or at the end of a day: seals made until then, and not put right until then.
    as_of: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// 1 to 200; 50 when nothing is said.
    limit: Option<i64>,
}

/// Lists seals, the newest first.
///
/// # Errors
/// 401, 403, 404, 422.
#[utoipa::path(get, path = "/api/v1/statistics/seals", tag = "statistics", security(("bearer" = [])), params(SealsQuery),
    responses((status = 200, body = Page<SealOut>), (status = 403), (status = 404), (status = 422)))]
pub async fn list_seals(
    state: web::Data<AppState>,
    by: Signed,
    Query(query): Query<SealsQuery>,
) -> Result<HttpResponse, AppError> {
    by.may_read_figures()?;
    let after = query.cursor.as_deref().map(Cursor::read).transpose()?;
    let limit = page::limit(query.limit)?;
    let mut faults = Faults::new();
    let as_of = read_as_of(&mut faults, query.as_of.as_deref());
    let as_of = faults.finish(as_of)?;
    let listed = state.look(&by.0, move |conn, act| {
        check_has_come(act, as_of)?;
        let narrow = Narrow { units: None, as_of, after, limit };
        list(conn, act, query.unit.as_deref(), narrow)
    });
    Ok(HttpResponse::Ok().json(listed.await?))
}

fn list(
    conn: &mut diesel::PgConnection,
    act: &Act<'_>,
    unit: Option<&str>,
    narrow: Narrow,
) -> Result<Page<SealOut>, AppError> {
    let all = unit.is_none() && sees_figures_of(act, None);
    let within = if all { None } else { seen_unit(act, unit)? };
    let narrow = Narrow { units: within.map(|unit| act.catalogue().within(unit)), ..narrow };
    let found = queries::list(conn, &narrow)?;
    let page = Page::cut(found, narrow.limit, |seal: &SealRow| Cursor { at: seal.sealed_at, id: seal.id.0 });
    let items = page.items.into_iter().map(|row| SealOut::new(conn, act, row)).collect::<Result<_, _>>()?;
    Ok(Page { items, next_cursor: page.next_cursor })
}

/// Returns a sealed report: the same bytes whenever it is asked for. Their SHA-256 is the tag, and `Repr-Digest`.
///
/// # Errors
/// 401, 403, 404.
#[utoipa::path(get, path = "/api/v1/statistics/seals/{id}", tag = "statistics", security(("bearer" = [])),
    params(("id" = String, Path, description = "The seal")),
    responses((status = 200, body = SealContent), (status = 403), (status = 404)))]
pub async fn show_seal(
    state: web::Data<AppState>,
    by: Signed,
    id: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    // It names the dossiers that moved from one period to the next.
    by.may(Deed::ReadStatistics)?;
    let found = state.look(&by.0, move |conn, act| {
        let seal = adjustments::find(conn, act, &id)?;
        let content = queries::content(conn, seal.id)?;
        Ok((seal, content))
    });
    let (seal, content) = found.await?;
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((ETAG, format!("\"{}\"", HEXLOWER.encode(&seal.hash))))
        .insert_header(("Repr-Digest", format!("sha-256=:{}:", BASE64.encode(&seal.hash))))
        .insert_header((CACHE_CONTROL, "private"))
        .body(content))
}

/// How a file is written.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SealFileQuery {
    /// `xlsx` (the default), `pdf`, `csv` or `json`.
    format: Option<String>,
    /// Whether a CSV file begins with the byte-order mark that spreadsheets want.
    bom: Option<bool>,
}

/// Writes a sealed report as a file in the layout in which it was sealed, with its hash, who sealed it and when below the
/// table: the same bytes whenever it is asked for.
///
/// # Errors
/// 401, 403, 404, 409, 422.
#[utoipa::path(get, path = "/api/v1/statistics/seals/{id}/file", tag = "statistics", security(("bearer" = [])),
    params(("id" = String, Path, description = "The seal"), SealFileQuery),
    responses((status = 200, content_type = "application/octet-stream"), (status = 403), (status = 404),
        (status = 409, description = "It is sealed without a layout, or was changed since"), (status = 422)))]
pub async fn write_seal_file(
    state: web::Data<AppState>,
    by: Signed,
    id: web::Path<String>,
    Query(query): Query<SealFileQuery>,
) -> Result<HttpResponse, AppError> {
    by.may_read_figures()?;
    let mut faults = Faults::new();
    let format: Option<ReportFormat> = faults.word("?format", query.format.as_deref().unwrap_or("xlsx"));
    let form = FileForm { format: faults.finish(format)?, mark: ByteOrderMark::from(query.bom.unwrap_or(false)) };
    let (bytes, name) = state.act(&by.0, move |conn, act| file::write(conn, act, (id.as_str(), form))).await?;
    Ok(reports::answer(bytes, &name, form.format))
}

/// Which page of the adjustments.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AdjustmentsQuery {
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// 1 to 200; 50 when nothing is said.
    limit: Option<i64>,
}

/// Lists the adjustments: dossiers that count elsewhere now than when the report was sealed, by code.
///
/// # Errors
/// 401, 403, 404, 422.
#[utoipa::path(get, path = "/api/v1/statistics/seals/{id}/adjustments", tag = "statistics", security(("bearer" = [])),
    params(("id" = String, Path, description = "The seal"), AdjustmentsQuery),
    responses((status = 200, body = Page<Adjustment>), (status = 403), (status = 404), (status = 422)))]
pub async fn list_adjustments(
    state: web::Data<AppState>,
    by: Signed,
    id: web::Path<String>,
    Query(query): Query<AdjustmentsQuery>,
) -> Result<HttpResponse, AppError> {
    by.may(Deed::ReadStatistics)?;
    let page = ByCode::read(query.cursor.as_deref(), query.limit)?;
    let listed = state.figures(&by.0, move |conn, act| adjustments::adjustments(conn, act, &id, &page));
    Ok(HttpResponse::Ok().json(listed.await?))
}

/// Which dossiers of a seal.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SealedDossiersQuery {
    /// The name of the cell.
    cell: Option<String>,
    /// The code of one row; without it, the total.
    group_key: Option<String>,
    /// In a layout of two levels: the code of a row of that group.
    row_key: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// 1 to 200; 50 when nothing is said.
    limit: Option<i64>,
}

/// Lists the dossiers behind a cell as they were frozen with the report, by code.
///
/// # Errors
/// 401, 403, 404, 422.
#[utoipa::path(get, path = "/api/v1/statistics/seals/{id}/dossiers", tag = "statistics", security(("bearer" = [])),
    params(("id" = String, Path, description = "The seal"), SealedDossiersQuery),
    responses((status = 200, body = Page<SealedDossier>), (status = 403), (status = 404), (status = 422)))]
pub async fn list_sealed_dossiers(
    state: web::Data<AppState>,
    by: Signed,
    id: web::Path<String>,
    Query(query): Query<SealedDossiersQuery>,
) -> Result<HttpResponse, AppError> {
    by.may(Deed::ReadStatistics)?;
    let page = ByCode::read(query.cursor.as_deref(), query.limit)?;
    let mut faults = Faults::new();
    let cell = faults.required("?cell", query.cell.as_deref());
    let cell: Option<Cell> = cell.and_then(|word| faults.word("?cell", word));
    let cell = faults.finish(cell)?;
    let listed = state.figures(&by.0, move |conn, act| {
        let row = SealedRowKey { group: query.group_key.as_deref(), row: query.row_key.as_deref() };
        adjustments::sealed_dossiers(conn, act, &id, (cell, row, &page))
    });
    Ok(HttpResponse::Ok().json(listed.await?))
}
