//! Handlers for processes. Whoever works here may read them; who manages the catalogue saves them.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use diesel::PgConnection;
use serde::Deserialize;
use serde_json::Value;

use super::queries;
use super::save::{Wanted, save, try_out};
use super::view::{ProcessItem, ProcessView, SavedProcess};
use crate::catalogue::listing::{PageQuery, page};
use crate::domain::period::office_date;
use crate::domain::role::Deed;
use crate::error::{AppError, Said};
use crate::http::body::{Query, RawBody, from_json};
use crate::http::etag::{IfMatch, etag};
use crate::http::idempotency::{Answer, Key, once};
use crate::http::page::Page;
use crate::staff::Signed;
use crate::state::{Act, AppState};

/// Lists the processes, each by its newest version.
///
/// # Errors
/// 401; 422 for a wrong limit or cursor.
#[utoipa::path(get, path = "/api/v1/processes", tag = "catalogue", params(PageQuery), security(("bearer" = [])),
    responses((status = 200, body = Page<ProcessItem>), (status = 401), (status = 422)))]
pub async fn list_processes(
    state: web::Data<AppState>,
    by: Signed,
    Query(query): Query<PageQuery>,
) -> Result<web::Json<Page<ProcessItem>>, AppError> {
    let all = state.look(&by.0, |conn, _| Ok(queries::newest(conn)?)).await?;
    let of_page = all.iter().collect();
    let cut = page(of_page, |newest: &queries::Newest| newest.code.clone(), query.cursor.as_deref(), query.limit)?;
    let items = cut.items.into_iter().map(ProcessItem::from).collect();
    Ok(web::Json(Page { items, next_cursor: cut.next_cursor }))
}

/// Shows a process with its versions, each as it was written.
///
/// # Errors
/// 401; [`AppError::NotFound`].
#[utoipa::path(get, path = "/api/v1/processes/{code}", tag = "catalogue", security(("bearer" = [])),
    params(("code" = String, Path, description = "Its code")),
    responses((status = 200, body = ProcessView), (status = 401), (status = 404)))]
pub async fn show_process(
    state: web::Data<AppState>,
    by: Signed,
    code: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let code = code.into_inner();
    let shown = state.look(&by.0, move |conn, act| show(conn, act, code)).await?;
    Ok(HttpResponse::Ok().insert_header(etag(shown.version.into())).json(shown))
}

fn show(conn: &mut PgConnection, act: &Act<'_>, code: String) -> Result<ProcessView, AppError> {
    // PostgreSQL takes no NUL in a text.
    let versions = match code.contains('\0') {
        true => Vec::new(),
        false => queries::versions(conn, &code, office_date(act.now))?,
    };
    ProcessView::of(code, versions)
        .ok_or_else(|| AppError::NotFound(Said::new("not_found", "Không có quy trình này", "There is no such process")))
}

/// How it is saved.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SaveQuery {
    /// Only says what would change, and what is wrong.
    dry_run: Option<bool>,
}

/// Saves a process as its next version, for dossiers accepted from `valid_from` on: today when nothing is said, and never
/// earlier. Dossiers under way keep theirs, and the procedures that name it go over with it. Who changes one that is
/// there says by `If-Match` from which version; what is saved already is not saved once more.
///
/// # Errors
/// 401; 403; 412 when somebody else has saved it since; 422 with every fault.
#[utoipa::path(put, path = "/api/v1/processes/{code}", tag = "catalogue", security(("bearer" = [])),
    params(("code" = String, Path, description = "Its code"), SaveQuery,
        ("If-Match" = Option<String>, Header, description = "The version that it was made from; none for a new process")),
    request_body(content = Object, description = "As a row of `config/province/processes.json` (docs/processes.md)"),
    responses((status = 200, body = SavedProcess), (status = 201, body = SavedProcess), (status = 401), (status = 403),
        (status = 412, description = "Somebody else has saved it since"), (status = 422)))]
pub async fn save_process(
    state: web::Data<AppState>,
    by: Signed,
    req: HttpRequest,
    (code, Query(query)): (web::Path<String>, Query<SaveQuery>),
    RawBody(body): RawBody,
) -> Result<HttpResponse, AppError> {
    by.may(Deed::ManageCatalogue)?;
    let content: Value = from_json(&body)?;
    let wanted = Wanted { code: code.into_inner(), content, seen: IfMatch::said(req.headers()) };
    if query.dry_run == Some(true) {
        let foreseen = state.look(&by.0, move |conn, act| try_out(conn, act, wanted)).await?;
        return Ok(HttpResponse::Ok().json(foreseen));
    }
    let key = Key::read(&req, &body)?;
    let saving = move |conn: &mut PgConnection, act: &Act<'_>| {
        once(conn, act, key.as_ref(), |conn| answer(&save(conn, act, wanted)?))
    };
    Ok(state.act_over_all(&by.0, saving).await?.response())
}

fn answer(saved: &SavedProcess) -> Result<Answer, AppError> {
    let status = if saved.is_new() { StatusCode::CREATED } else { StatusCode::OK };
    Answer::new(status, Some(saved.version.into()), saved)
}
