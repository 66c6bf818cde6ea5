//! Handlers of foresight.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use diesel::PgConnection;
use serde::{Deserialize, Serialize};

use super::draft::{ApologyDraft, draft};
use super::morning::{Morning, MorningQuery, morning};
use super::own::{Wanted, Warning, list, mark_seen};
use crate::domain::role::Deed;
use crate::dossiers::routes::read_code;
use crate::error::{AppError, Said};
use crate::http::body::{Query, RawBody, from_json};
use crate::http::idempotency::{Answer, Key, once};
use crate::http::office_time::OfficeTime;
use crate::http::page::{Cursor, Page, PageQuery};
use crate::staff::people_only;
use crate::staff::signed::Signed;
use crate::state::{Act, AppState};

/// So many warnings may be marked at once.
const MOST_AT_ONCE: usize = 200;

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
    /// When one marked it as seen; null before.
    pub seen_at: Option<OfficeTime>,
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
            seen_at: warning.seen_at.map(OfficeTime),
        }
    }
}

/// Which of one's own warnings.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WarningsQuery {
    /// `false` for those that one has not seen, `true` for the others; all when nothing is said.
    seen: Option<bool>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// 1 to 200; 50 when nothing is said.
    limit: Option<i64>,
}

/// A page of one's own warnings.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct WarningsPage {
    /// The warnings, the newest first.
    items: Vec<WarningShown>,
    /// Where the next page begins; `null` on the last.
    next_cursor: Option<String>,
    /// How many of all one's warnings one has not seen.
    unseen: i64,
}

/// Lists one's own warnings of dossiers that are still open, the newest first, and counts those that were not seen.
///
/// # Errors
/// 401; 403; 422 for a wrong limit or cursor.
#[utoipa::path(get, path = "/api/v1/me/warnings", tag = "dossiers", security(("bearer" = [])), params(WarningsQuery),
    responses((status = 200, body = WarningsPage), (status = 401), (status = 403), (status = 422)))]
pub async fn list_warnings(
    state: web::Data<AppState>,
    by: Signed,
    Query(query): Query<WarningsQuery>,
) -> Result<web::Json<WarningsPage>, AppError> {
    by.may(Deed::ReadDossiers)?;
    let (after, limit) = PageQuery { cursor: query.cursor, limit: query.limit }.read()?;
    let wanted = Wanted { seen: query.seen, after, limit };
    let (found, unseen) = state.look(&by.0, move |conn, act| list(conn, act, wanted)).await?;
    let page = Page::cut(found, limit, |warning: &Warning| Cursor { at: warning.made_at, id: warning.id });
    let items = page.items.iter().map(WarningShown::from).collect();
    Ok(web::Json(WarningsPage { items, next_cursor: page.next_cursor, unseen }))
}

/// Warnings that were seen.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeenWarnings {
    /// Their keys, 1 to 200.
    ids: Vec<uuid::Uuid>,
}

/// What marking them did.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct MarkedWarnings {
    /// How many of them were not marked before.
    marked: usize,
}

/// Marks warnings as seen by oneself, all of them or none. Of a warning to a role the others of that role know nothing.
///
/// # Errors
/// 401; 403, also for keys; 422 naming each that is not for who asks.
#[utoipa::path(post, path = "/api/v1/me/warnings/seen", tag = "dossiers", security(("bearer" = [])),
    request_body = SeenWarnings,
    responses((status = 200, body = MarkedWarnings), (status = 401), (status = 403), (status = 422)))]
pub async fn mark_warnings_seen(
    state: web::Data<AppState>,
    by: Signed,
    req: HttpRequest,
    RawBody(body): RawBody,
) -> Result<HttpResponse, AppError> {
    by.may(Deed::ReadDossiers)?;
    by.0.staff_id().ok_or_else(people_only)?;
    let form: SeenWarnings = from_json(&body)?;
    if !(1..=MOST_AT_ONCE).contains(&form.ids.len()) {
        return Err(AppError::invalid("/ids", wrong_number()));
    }
    let key = Key::read(&req, &body)?;
    let mark = move |conn: &mut PgConnection, act: &Act<'_>| {
        once(conn, act, key.as_ref(), |conn| {
            Answer::new(StatusCode::OK, None, &MarkedWarnings { marked: mark_seen(conn, act, &form.ids)? })
        })
    };
    Ok(state.act(&by.0, mark).await?.response())
}

fn wrong_number() -> Said {
    Said::new("wrong_number", "Cần từ 1 đến 200 cảnh báo", "Name 1 to 200 warnings")
}
