//! The open routes: what can be asked for, who resolves it, when it would be due.

use std::sync::Arc;

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::explanation::{ExplanationLine, explanation};
use super::listing::{PageQuery, ProcedureQuery, page, procedures};
use super::preview::{PreviewBody, Previewed, preview};
use super::views::{CalendarView, FieldView, ProcedureItem, ProcedureView, TermView, UnitView};
use crate::domain::catalogue::{Catalogue, ProcedureState};
use crate::domain::deadline::Left;
use crate::domain::period::office_date;
use crate::error::{AppError, Said};
use crate::http::body::{Body, Query};
use crate::http::etag::is_known;
use crate::http::limit::{Counted, address_of};
use crate::http::locale::Language;
use crate::http::office_time::OfficeTime;
use crate::http::page::Page;
use crate::platform::db::Scope;
use crate::state::AppState;

/// Browsers and proxies may keep an answer so long before they ask whether it still holds.
const FRESH: &str = "public, max-age=60";

/// Lists the units.
///
/// # Errors
/// [`AppError::Invalid`] for a wrong limit or cursor.
#[utoipa::path(get, path = "/api/v1/units", tag = "catalogue", params(PageQuery),
    responses((status = 200, body = Page<UnitView>), (status = 304), (status = 422), (status = 429)))]
pub async fn list_units(
    req: HttpRequest,
    state: web::Data<AppState>,
    Query(query): Query<PageQuery>,
) -> Result<HttpResponse, AppError> {
    let catalogue = in_force(&req, &state).await?;
    let units = page(catalogue.units(), |unit| unit.code.clone(), query.cursor.as_deref(), query.limit)?;
    let items = units.items.iter();
    let shown =
        Page { items: items.map(|unit| UnitView::of(unit, &catalogue)).collect(), next_cursor: units.next_cursor };
    Ok(fresh(&req, &catalogue, None, &shown))
}

/// Shows a unit, by its code of today or a former one.
///
/// # Errors
/// [`AppError::NotFound`].
#[utoipa::path(get, path = "/api/v1/units/{code}", tag = "catalogue",
    params(("code" = String, Path, description = "Its code, or a former one")),
    responses((status = 200, body = UnitView), (status = 304), (status = 404), (status = 429)))]
pub async fn show_unit(
    req: HttpRequest,
    state: web::Data<AppState>,
    code: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let catalogue = in_force(&req, &state).await?;
    let unit = catalogue.unit_by_code(&code);
    let unit = unit.ok_or_else(|| no_such("cơ quan", "unit"))?;
    let shown = UnitView::of(unit, &catalogue);
    Ok(fresh(&req, &catalogue, None, &shown))
}

/// Lists the fields.
///
/// # Errors
/// [`AppError::Invalid`] for a wrong limit or cursor.
#[utoipa::path(get, path = "/api/v1/fields", tag = "catalogue", params(PageQuery),
    responses((status = 200, body = Page<FieldView>), (status = 304), (status = 422), (status = 429)))]
pub async fn list_fields(
    req: HttpRequest,
    state: web::Data<AppState>,
    Query(query): Query<PageQuery>,
) -> Result<HttpResponse, AppError> {
    let catalogue = in_force(&req, &state).await?;
    let fields = page(catalogue.fields(), |field| field.code.clone(), query.cursor.as_deref(), query.limit)?;
    let items = fields.items.into_iter();
    let shown = Page { items: items.map(FieldView::from).collect(), next_cursor: fields.next_cursor };
    Ok(fresh(&req, &catalogue, None, &shown))
}

/// Lists the procedures that hold on a day; no drafts.
///
/// # Errors
/// [`AppError::Invalid`] for a unit or field that does not exist, a wrong limit or cursor.
#[utoipa::path(get, path = "/api/v1/procedures", tag = "catalogue", params(ProcedureQuery),
    responses((status = 200, body = Page<ProcedureItem>), (status = 304), (status = 422), (status = 429)))]
pub async fn list_procedures(
    req: HttpRequest,
    state: web::Data<AppState>,
    Query(query): Query<ProcedureQuery>,
) -> Result<HttpResponse, AppError> {
    let catalogue = in_force(&req, &state).await?;
    let day = query.as_of.unwrap_or_else(|| today(&state));
    let found = page(
        procedures(&catalogue, &query, day)?,
        |procedure| procedure.code.clone(),
        query.cursor.as_deref(),
        query.limit,
    )?;
    let items = found.items.iter();
    let shown =
        Page { items: items.map(|item| ProcedureItem::of(item, &catalogue)).collect(), next_cursor: found.next_cursor };
    Ok(fresh(&req, &catalogue, Some(day), &shown))
}

/// As of which day.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DayQuery {
    /// The day; today when nothing is said.
    #[param(value_type = Option<String>, format = Date)]
    as_of: Option<NaiveDate>,
}

/// Shows a procedure as it holds on a day, with terms, papers, fees and steps.
///
/// # Errors
/// [`AppError::NotFound`], also for a draft.
#[utoipa::path(get, path = "/api/v1/procedures/{code}", tag = "catalogue",
    params(("code" = String, Path, description = "Its code"), DayQuery),
    responses((status = 200, body = ProcedureView), (status = 304), (status = 404), (status = 429)))]
pub async fn show_procedure(
    req: HttpRequest,
    state: web::Data<AppState>,
    code: web::Path<String>,
    Query(query): Query<DayQuery>,
) -> Result<HttpResponse, AppError> {
    let catalogue = in_force(&req, &state).await?;
    let day = query.as_of.unwrap_or_else(|| today(&state));
    let found = catalogue.procedure_on(&code, day);
    let published = found.filter(|found| found.state == ProcedureState::Published);
    let procedure = published.ok_or_else(|| no_such("thủ tục", "procedure"))?;
    let shown = ProcedureView::of(procedure, &catalogue, day);
    Ok(fresh(&req, &catalogue, Some(day), &shown))
}

/// Shows a year of the calendar.
///
/// # Errors
/// [`AppError::NotFound`] where there is none.
#[utoipa::path(get, path = "/api/v1/calendars/{year}", tag = "catalogue",
    params(("year" = i32, Path, description = "The year")),
    responses((status = 200, body = CalendarView), (status = 304), (status = 404), (status = 429)))]
pub async fn show_calendar(
    req: HttpRequest,
    state: web::Data<AppState>,
    year: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let catalogue = in_force(&req, &state).await?;
    let year = year.parse().ok();
    let shown = year.and_then(|year| CalendarView::of(catalogue.calendar(), year));
    let shown = shown.ok_or_else(|| no_such("lịch của năm", "calendar of the year"))?;
    Ok(fresh(&req, &catalogue, None, &shown))
}

/// When it would be due, and why.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PreviewView {
    /// The due date; `null` while a pause is open.
    due_at: Option<OfficeTime>,
    /// Whether a year up to it is not announced yet.
    provisional: bool,
    /// The moment from which the term counts.
    counts_from: OfficeTime,
    /// The term in force.
    term: TermView,
    /// The cutoff in force.
    cutoff: &'static str,
    /// The time left while a pause is open.
    #[schema(value_type = Option<Object>)]
    left: Option<Left>,
    /// What each day was; the last line is the due date, or the open pause.
    explanation: Vec<ExplanationLine>,
}

impl PreviewView {
    fn of(previewed: Previewed, language: Language) -> Self {
        let answer = previewed.answer;
        Self {
            due_at: answer.due_at.map(OfficeTime),
            provisional: answer.provisional,
            counts_from: OfficeTime(answer.counts_from),
            term: previewed.term.into(),
            cutoff: previewed.cutoff.as_str(),
            left: answer.left,
            explanation: explanation(answer.explanation, language),
        }
    }
}

/// Counts a due date that nobody is bound by.
///
/// # Errors
/// [`AppError::Invalid`] with every fault.
#[utoipa::path(post, path = "/api/v1/deadlines/preview", tag = "catalogue", request_body = PreviewBody,
    responses((status = 200, body = PreviewView), (status = 400), (status = 422), (status = 429)))]
pub async fn preview_deadline(
    req: HttpRequest,
    state: web::Data<AppState>,
    Body(body): Body<PreviewBody>,
) -> Result<web::Json<PreviewView>, AppError> {
    let catalogue = in_force(&req, &state).await?;
    let previewed = preview(&catalogue, body)?;
    let language = Language::preferred(req.headers());
    Ok(web::Json(PreviewView::of(previewed, language)))
}

/// Counts the request and returns the catalogue in force.
async fn in_force(req: &HttpRequest, state: &AppState) -> Result<Arc<Catalogue>, AppError> {
    let address = address_of(req, &state.config.server.trusted_proxies);
    state.limits.check(Counted::Catalogue, address)?;
    let office = state.office.clone();
    let read = move |conn: &mut diesel::PgConnection| office.in_force(conn);
    let office = state.db.read(&Scope::public(), read).await?;
    Ok(Arc::clone(&office.catalogue))
}

/// The answer, or 304 where the caller has it already. What depends on a day has the day in its tag.
fn fresh(req: &HttpRequest, catalogue: &Catalogue, day: Option<NaiveDate>, shown: &impl Serialize) -> HttpResponse {
    let version = catalogue.version();
    let tag = match day {
        None => format!("\"{version}\""),
        Some(day) => format!("\"{version}-{day}\""),
    };
    let mut response = if is_known(req.headers(), &tag) { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header(("ETag", tag.as_str()));
    response.insert_header((CACHE_CONTROL, FRESH));
    if is_known(req.headers(), &tag) {
        return response.finish();
    }
    response.json(shown)
}

fn today(state: &AppState) -> NaiveDate {
    office_date(state.clock.now())
}

fn no_such(vi: &str, en: &str) -> AppError {
    AppError::NotFound(Said::new("not_found", format!("Không có {vi} này"), format!("There is no such {en}")))
}
