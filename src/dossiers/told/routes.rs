//! Handlers for what the people of a dossier were told.

use actix_web::{HttpResponse, web};

use super::{list, proof};
use crate::domain::role::Deed;
use crate::dossiers::routes::read_code;
use crate::error::AppError;
use crate::http::body::Query;
use crate::http::html;
use crate::http::page::{Page, PageQuery};
use crate::notices::{NoticeView, NoticesAsked, PROOF_STYLES};
use crate::staff::Signed;
use crate::state::AppState;

/// Lists every notice of a dossier, the first first; addresses are masked.
///
/// # Errors
/// 401, 403, 404, 422.
#[utoipa::path(get, path = "/api/v1/dossiers/{code}/notices", tag = "notices",
    security(("bearer" = [])),
    params(("code" = String, Path), PageQuery), responses((status = 200, body = Page<NoticeView>), (status = 404)))]
pub async fn list_dossier_notices(
    state: web::Data<AppState>,
    by: Signed,
    code: web::Path<String>,
    Query(query): Query<PageQuery>,
) -> Result<web::Json<Page<NoticeView>>, AppError> {
    by.may(Deed::ReadNotices)?;
    let (after, limit) = query.read()?;
    let (code, asked) = (read_code(&code)?, NoticesAsked { after, limit });
    Ok(web::Json(state.look(&by.0, move |conn, act| list(conn, act, &code, asked)).await?))
}

/// Shows a page to print that proves what was sent for a dossier: when, to which masked address, in which words, every
/// attempt, receipt and reference. Who sees it is recorded.
///
/// # Errors
/// 401, 403, 404.
#[utoipa::path(get, path = "/api/v1/dossiers/{code}/notices/proof", tag = "notices",
    security(("bearer" = [])),
    params(("code" = String, Path)),
    responses((status = 200, body = String, content_type = "text/html"), (status = 404)))]
pub async fn show_notice_proof(
    state: web::Data<AppState>,
    by: Signed,
    code: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    by.may(Deed::ReadNotices)?;
    let code = read_code(&code)?;
    let page = state.see(&by.0, move |conn, act| proof(conn, act, &code)).await?;
    Ok(html::answer(page, PROOF_STYLES))
}
