//! `/exports`: asking for a report or register that takes long, and fetching it.

use actix_web::body::SizedStream;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpResponse, web};
use futures_util::stream;
use serde::Serialize;
use uuid::Uuid;

use super::model::{Advice, Export};
use super::{ExportAsked, no_such_export};
use crate::domain::ids::ExportId;
use crate::domain::role::Actor;
use crate::error::AppError;
use crate::exports::ReportFormat;
use crate::exports::filled::named_then;
use crate::http::body::{Body, Faults, Query};
use crate::http::office_time::OfficeTime;
use crate::http::page::{Cursor, Page, PageQuery};
use crate::staff::Signed;
use crate::state::{Act, AppState};
use crate::statistics::period_body;

period_body! {
    /// What is wanted. The period is named in one way, as for `GET /reports/{layout}`.
    NewExport {
        /// The code of a layout: `06`, `register` …
        layout: Option<String>,
        /// `xlsx` (the default), `csv`, `json` or `pdf`; a register is `xlsx` or `csv`.
        format: Option<String>,
        /// Whether a CSV file begins with the byte-order mark that spreadsheets want.
        #[serde(default)]
        bom: bool,
        /// The code of a unit: it and all below it. Without it, all that one may read.
        unit: Option<String>,
    }
}

impl NewExport {
    fn read(self) -> Result<ExportAsked, AppError> {
        let (mut faults, period) = (Faults::new(), self.period());
        let layout = faults.required("/layout", self.layout);
        let format: Option<ReportFormat> = faults.word("/format", self.format.as_deref().unwrap_or("xlsx"));
        let period = period.gather_in_body(&mut faults);
        let ((layout, format), period) = faults.finish(layout.zip(format).zip(period))?;
        Ok(ExportAsked { layout, period, unit: self.unit, format, bom: self.bom })
    }
}

/// An export, and how far it is.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ExportOut {
    id: Uuid,
    layout: String,
    format: String,
    /// The code of the unit of which it is, with all below it; `null` of all.
    unit: Option<String>,
    /// What it was called in the period, as the file says it.
    unit_name: Option<String>,
    /// The first date of its period.
    from: chrono::NaiveDate,
    /// The first date after it.
    to: chrono::NaiveDate,
    asked_by: String,
    #[schema(value_type = String, format = DateTime)]
    asked_at: OfficeTime,
    /// `waiting`, `running`, `done`, `failed`, `cancelled` or `erased`.
    status: String,
    /// Dossiers that are in it so far; a report has none.
    rows_done: i64,
    /// Dossiers that there were when it was begun.
    rows_expected: Option<i64>,
    /// 0 to 100.
    progress: i64,
    file_name: Option<String>,
    size_bytes: Option<i64>,
    /// The code of what went wrong: `took_too_long`, say.
    failed_why: Option<String>,
    /// What may be done about it.
    advice: Option<Advice>,
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<OfficeTime>,
}

impl ExportOut {
    fn of(act: &Act<'_>, export: Export) -> Result<Self, AppError> {
        let (unit, unit_name) = named_then(act, export.unit_id, &export.period()?).unzip();
        let progress = match (export.state.as_str(), export.rows_expected) {
            ("done" | "erased", _) => 100,
            // The file is made of the rows when all are there.
            (_, Some(expected)) if expected > 0 => (export.rows_done * 95 / expected).min(95),
            _ => 0,
        };
        Ok(Self {
            id: export.id.0,
            layout: export.layout,
            format: export.format,
            unit,
            unit_name,
            from: export.period_from,
            to: export.period_to,
            asked_by: export.asked_by_name,
            asked_at: export.asked_at.into(),
            status: export.state,
            rows_done: export.rows_done,
            rows_expected: export.rows_expected,
            progress,
            file_name: export.file_name,
            size_bytes: export.size_bytes,
            advice: export.failed_why.as_deref().map(Advice::on),
            failed_why: export.failed_why,
            ended_at: export.ended_at.map(OfficeTime),
        })
    }
}

/// Asks for a report or register; the worker makes it, and it can be fetched for some days.
///
/// # Errors
/// Problems of the form and of who asks; 409 when too many are under way.
#[utoipa::path(post, path = "/api/v1/exports", tag = "reports", security(("bearer" = [])), request_body = NewExport,
    responses((status = 202, body = ExportOut), (status = 403), (status = 404), (status = 409), (status = 422)))]
pub async fn ask_for_export(
    signed: Signed,
    Body(form): Body<NewExport>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    signed.may_read_figures()?;
    let asked = form.read()?;
    let wanted = asked.clone();
    state.figures(&signed.0, move |conn, act| super::check(conn, act, &wanted)).await?;
    let export = state.act(&signed.0, move |conn, act| ExportOut::of(act, super::ask(conn, act, asked)?)).await?;
    Ok(HttpResponse::Accepted().json(export))
}

/// Lists one's own exports, the newest first; an auditor sees those of all.
///
/// # Errors
/// Problems of the query and of who asks.
#[utoipa::path(get, path = "/api/v1/exports", tag = "reports", security(("bearer" = [])), params(PageQuery),
    responses((status = 200, body = Page<ExportOut>), (status = 403), (status = 422)))]
pub async fn list_exports(
    signed: Signed,
    Query(query): Query<PageQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    signed.may_read_figures()?;
    let (before, limit) = query.read()?;
    let page = state.look(&signed.0, move |conn, act| {
        let rows = super::list(conn, act, (before, limit))?;
        let page = Page::cut(rows, limit, |row: &Export| Cursor { at: row.asked_at, id: row.id.0 });
        let items = page.items.into_iter().map(|export| ExportOut::of(act, export)).collect::<Result<_, _>>()?;
        Ok(Page { items, next_cursor: page.next_cursor })
    });
    let page: Page<ExportOut> = page.await?;
    Ok(HttpResponse::Ok().json(page))
}

/// Shows how far an export is.
///
/// # Errors
/// 404 for what somebody else asked for.
#[utoipa::path(get, path = "/api/v1/exports/{id}", tag = "reports", security(("bearer" = [])),
    params(("id" = String, Path, description = "The export")),
    responses((status = 200, body = ExportOut), (status = 403), (status = 404)))]
pub async fn show_export(
    signed: Signed,
    id: web::Path<String>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    signed.may_read_figures()?;
    let id = read_id(&id)?;
    let export = state.look(&signed.0, move |conn, act| ExportOut::of(act, super::show(conn, act, id)?)).await?;
    Ok(HttpResponse::Ok().json(export))
}

/// Calls back an export that is not made yet.
///
/// # Errors
/// 404 for what somebody else asked for, 409 when it has ended.
#[utoipa::path(delete, path = "/api/v1/exports/{id}", tag = "reports", security(("bearer" = [])),
    params(("id" = String, Path, description = "The export")),
    responses((status = 200, body = ExportOut), (status = 403), (status = 404), (status = 409)))]
pub async fn cancel_export(
    signed: Signed,
    id: web::Path<String>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    signed.may_read_figures()?;
    let id = read_id(&id)?;
    let export = state.act(&signed.0, move |conn, act| ExportOut::of(act, super::cancel(conn, act, id)?)).await?;
    Ok(HttpResponse::Ok().json(export))
}

/// Hands the file out, piece by piece.
///
/// # Errors
/// 404 for what somebody else asked for, 409 when there is no file: not yet, or not any more.
#[utoipa::path(get, path = "/api/v1/exports/{id}/file", tag = "reports", security(("bearer" = [])),
    params(("id" = String, Path, description = "The export")),
    responses((status = 200, content_type = "application/octet-stream"), (status = 403), (status = 404), (status = 409)))]
pub async fn fetch_export(
    signed: Signed,
    id: web::Path<String>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    signed.may_read_figures()?;
    let id = read_id(&id)?;
    let export = state.act(&signed.0, move |conn, act| super::hand_out(conn, act, id)).await?;
    let name = export.file_name.clone().unwrap_or_default();
    let (state, by) = (state.get_ref().clone(), signed.0.clone());
    let size = export.size_bytes.and_then(|size| u64::try_from(size).ok()).unwrap_or_default();
    // With its length said, a file that is cut off on the way is not taken for a whole one.
    let pieces = stream::try_unfold(0, move |number| next(state.clone(), by.clone(), (id, number)));
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, export.format()?.media_type()))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(SizedStream::new(size, pieces)))
}

/// Reads the next piece: one at a time is in memory.
async fn next(
    state: AppState,
    by: Actor,
    (id, number): (ExportId, i32),
) -> Result<Option<(web::Bytes, i32)>, AppError> {
    let piece = state.look(&by, move |conn, _| super::piece(conn, id, number)).await?;
    Ok(piece.map(|bytes| (web::Bytes::from(bytes), number + 1)))
}

fn read_id(id: &str) -> Result<ExportId, AppError> {
    id.parse().map(ExportId).or(Err(no_such_export()))
}
