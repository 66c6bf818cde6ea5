//! Handlers of foresight.

use actix_web::{HttpResponse, web};
use serde::Serialize;

use super::draft::{ApologyDraft, draft};
use super::morning::{Morning, MorningQuery, morning};
use super::warn::{Warning, list_own};
use crate::domain::role::Deed;
use crate::dossiers::routes::read_code;
use crate::error::AppError;
use crate::http::body::Query;
use crate::http::office_time::OfficeTime;
use crate::http::page::{Cursor, Page, PageQuery};
use crate::staff::signed::Signed;
use crate::state::AppState;

/// Lists what a leader must look at today: late, due, going to be late, at risk, not answered.
///
/// # Errors
/// 401; 403; 422 for a unit that there is not.
#[utoipa::path(get, path = "/api/v1/foresight", tag = "dossiers", security(("bearer" = [])), params(MorningQuery),
    responses((status = 200, body = Morning), (status = 401), (status = 403), (status = 422)))]
pub async fn show_morning(
    state: web::Data<AppState>,
    by: Signed,
    query: Query<MorningQuery>,
) -> Result<HttpResponse, AppError> {
    by.may(Deed::ReadDossiers)?;
    let list = state.look(&by.0, move |conn, act| morning(conn, act, &query.0)).await?;
    Ok(HttpResponse::Ok().json(list))
}

/// Drafts the apology of a dossier that will be late, is late, or is due on the next working day; sends nothing.
///
/// # Errors
/// 401; 403; 404; 409 `nothing_to_apologise_for`.
#[utoipa::path(get, path = "/api/v1/dossiers/{code}/apology", tag = "dossiers", security(("bearer" = [])),
    params(("code" = String, Path)),
    responses((status = 200, body = ApologyDraft), (status = 401), (status = 403), (status = 404), (status = 409)))]
pub async fn draft_apology(
    state: web::Data<AppState>,
    by: Signed,
    code: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    by.may(Deed::ReadDossiers)?;
    let code = read_code(&code)?;
    let found = state.look(&by.0, move |conn, act| draft(conn, act, &code)).await?;
    Ok(HttpResponse::Ok().json(found))
}

/// A warning that the time of a dossier runs out.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct WarningShown {
    /// Its key.
    pub id: uuid::Uuid,
    /// The dossier.
    pub code: String,
    /// Whose time runs out: `result` (the office's), `answer` (the counter's), `supplement` (the citizen's: it may lapse),
    /// `acknowledge` (the unit's, to take up a leg) or `sync` (that in which a leg should have begun).
    pub what: String,
    /// So much of that time had passed, in percent.
    pub percent: i16,
    /// When it is over.
    pub due_at: OfficeTime,
    /// `holder`, or `above` for who leads the holder.
    pub audience: String,
    /// When it was written.
    pub made_at: OfficeTime,
}

impl From<&Warning> for WarningShown {
    fn from(warning: &Warning) -> Self {
        Self {
            id: warning.id,
            code: warning.code.clone(),
            what: warning.what.clone(),
            percent: warning.percent,
            due_at: OfficeTime(warning.due_at),
            audience: warning.audience.clone(),
            made_at: OfficeTime(warning.made_at),
        }
    }
}

/// Lists one's own warnings of dossiers that are still open, the newest first.
///
/// # Errors
/// 401; 403.
#[utoipa::path(get, path = "/api/v1/me/warnings", tag = "dossiers", security(("bearer" = [])), params(PageQuery),
    responses((status = 200, body = Page<WarningShown>), (status = 401), (status = 403)))]
pub async fn list_warnings(
    state: web::Data<AppState>,
    by: Signed,
    query: Query<PageQuery>,
) -> Result<HttpResponse, AppError> {
    by.may(Deed::ReadDossiers)?;
    let (after, limit) = query.0.read()?;
    let found = state.look(&by.0, move |conn, act| list_own(conn, act, (after, limit))).await?;
    let page = Page::cut(found, limit, |warning: &Warning| Cursor { at: warning.made_at, id: warning.id });
    let items: Vec<_> = page.items.iter().map(WarningShown::from).collect();
    Ok(HttpResponse::Ok().json(Page { items, next_cursor: page.next_cursor }))
}
