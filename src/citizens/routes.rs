//! One-time codes, log-ins, and what they open.

use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use serde::{Deserialize, Serialize};

use super::codes::{self, Asked, Shown};
use super::digits::Digits;
use super::log_in;
use super::queries;
use super::sessions::{self, Opened};
use super::signed::Citizen;
use super::view::{self, DossierOut, ListedOut};
use crate::domain::code::DossierCode;
use crate::domain::ids::OneTimeCodeId;
use crate::error::{AppError, Said};
use crate::http::body::{Body, Faults, Query};
use crate::http::limit::{Counted, address_of};
use crate::http::locale::Language;
use crate::http::office_time::OfficeTime;
use crate::http::page::{Cursor, Page, PageQuery};
use crate::platform::db::Scope;
use crate::sign_on::routes::{SignOnBegun, SignOnForm};
use crate::sign_on::{self, Door};
use crate::state::AppState;

/// A request for a one-time code.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct OneTimeCodeAsked {
    /// Where the code is shown.
    id: uuid::Uuid,
    /// Until when.
    expires_at: OfficeTime,
}

/// Six digits.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OneTimeCodeForm {
    /// As they came by SMS.
    code: Option<String>,
}

/// What opens the routes of citizens; the token is not shown again.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CitizenSessionOpened {
    /// Goes into `Authorization: Bearer …`.
    token: String,
    /// Until when.
    expires_at: OfficeTime,
}

/// Asks for a one-time code, which goes to the phone on file. The answer is the same for every code: an unknown one, a
/// dossier without a phone, one that has had its codes for today.
///
/// # Errors
/// 429 per address alone.
#[utoipa::path(post, path = "/api/v1/public/dossiers/{code}/one-time-codes", tag = "citizens", security(()),
    params(("code" = String, Path, description = "The code of the slip")),
    responses((status = 202, body = OneTimeCodeAsked), (status = 429)))]
pub async fn ask_for_code(
    req: HttpRequest,
    code: web::Path<String>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    count(&req, &state)?;
    let now = state.clock.now();
    let ask = move |conn: &mut diesel::PgConnection| Ok(codes::ask(conn, &code, now)?);
    let asked: Result<Asked, AppError> = state.db.tx(&Scope::system(), ask).await;
    let Asked { id, expires_at } = asked?;
    Ok(HttpResponse::Accepted().json(OneTimeCodeAsked { id: id.0, expires_at: expires_at.into() }))
}

/// Shows a one-time code and gets a token that opens its dossier for a quarter of an hour. Five tries, five minutes.
///
/// # Errors
/// 401 `wrong_code`, one and the same for a wrong code, one used, expired or tried too often, and one never sent; 429.
#[utoipa::path(post, path = "/api/v1/public/one-time-codes/{id}", tag = "citizens", security(()),
    params(("id" = String, Path, description = "The request")), request_body = OneTimeCodeForm,
    responses((status = 200, body = CitizenSessionOpened), (status = 401), (status = 422), (status = 429)))]
pub async fn show_code(
    req: HttpRequest,
    id: web::Path<String>,
    state: web::Data<AppState>,
    Body(form): Body<OneTimeCodeForm>,
) -> Result<HttpResponse, AppError> {
    count(&req, &state)?;
    let mut faults = Faults::new();
    let typed = faults.required("/code", form.code);
    let digits = Digits::read(&faults.finish(typed)?);
    // What is no id is the id of nothing.
    let shown = Shown { id: OneTimeCodeId(id.parse().unwrap_or_default()), digits };
    let (vault, now) = (std::sync::Arc::clone(&state.vault), state.clock.now());
    let opened = state.db.tx(&Scope::system(), move |conn| codes::redeem(conn, &vault, &shown, now)).await?;
    Ok(opened_answer(HttpResponse::Ok(), opened.ok_or_else(wrong_code)?))
}

/// Begins a log-in of a citizen at the identity provider.
///
/// # Errors
/// 404 `not_configured`; 429; 503 when the provider is away.
#[utoipa::path(post, path = "/api/v1/citizen/log-ins", tag = "citizens", security(()),
    responses((status = 201, body = SignOnBegun), (status = 404), (status = 429), (status = 503)))]
pub async fn begin_log_in(req: HttpRequest, state: web::Data<AppState>) -> Result<HttpResponse, AppError> {
    count(&req, &state)?;
    let begun = sign_on::begin(&state, Door::Citizens).await?;
    Ok(HttpResponse::Created().json(SignOnBegun::from(begun)))
}

/// Ends a log-in of a citizen, and gets a token that opens the dossiers of the holder of the ID number for an hour.
///
/// # Errors
/// 401 `log_in_refused`, one and the same for whatever proves nothing; 404 `not_configured`; 429; 503.
#[utoipa::path(post, path = "/api/v1/citizen/log-ins/{id}", tag = "citizens", security(()),
    params(("id" = String, Path, description = "The log-in")), request_body = SignOnForm,
    responses((status = 200, body = CitizenSessionOpened), (status = 401), (status = 404), (status = 422),
        (status = 429), (status = 503)))]
pub async fn end_log_in(
    req: HttpRequest,
    id: web::Path<String>,
    state: web::Data<AppState>,
    Body(form): Body<SignOnForm>,
) -> Result<HttpResponse, AppError> {
    count(&req, &state)?;
    let opened = log_in::log_in(&state, form.read(&id)?).await?;
    Ok(opened_answer(HttpResponse::Ok(), opened))
}

/// Lists the dossiers that the token opens, the newest first: after a log-in all in which the ID number has a part.
///
/// # Errors
/// 401; 422.
#[utoipa::path(get, path = "/api/v1/citizen/dossiers", tag = "citizens", params(PageQuery),
    security(("bearer" = [])),
    responses((status = 200, body = Page<ListedOut>), (status = 401), (status = 422)))]
pub async fn list_own_dossiers(
    req: HttpRequest,
    state: web::Data<AppState>,
    citizen: Citizen,
    Query(query): Query<PageQuery>,
) -> Result<HttpResponse, AppError> {
    let (after, limit) = query.read()?;
    let list = move |conn: &mut diesel::PgConnection| Ok(queries::list(conn, &citizen.opens, after, limit)?);
    let found: Result<_, AppError> = state.db.read(&Scope::system(), list).await;
    let page = Page::cut(found?, limit, |row| Cursor { at: row.registered_at, id: row.id.0 });
    let language = Language::preferred(req.headers());
    let items: Vec<_> = page.items.into_iter().map(|row| ListedOut::of(row, language)).collect();
    Ok(HttpResponse::Ok().json(Page { items, next_cursor: page.next_cursor }))
}

/// Shows a dossier to one of its people.
///
/// # Errors
/// 401; 404 for every other dossier.
#[utoipa::path(get, path = "/api/v1/citizen/dossiers/{code}", tag = "citizens", security(("bearer" = [])),
    params(("code" = String, Path, description = "The code of the slip")),
    responses((status = 200, body = DossierOut), (status = 401), (status = 404)))]
pub async fn show_own_dossier(
    req: HttpRequest,
    code: web::Path<String>,
    state: web::Data<AppState>,
    citizen: Citizen,
) -> Result<HttpResponse, AppError> {
    let code = DossierCode::read(&code).ok_or_else(no_such_dossier)?;
    let (opens, asked) = (citizen.opens, (Language::preferred(req.headers()), state.clock.now()));
    let find = move |conn: &mut diesel::PgConnection| Ok(queries::opened(conn, code.as_str(), &opens)?);
    let found: Result<_, AppError> = state.db.read(&Scope::system(), find).await;
    let id = found?.ok_or_else(no_such_dossier)?;
    let office = state.office.clone();
    let show = move |conn: &mut diesel::PgConnection| {
        let office = office.in_force(conn)?;
        view::show(conn, &office, id, asked)
    };
    let shown = state.db.read(&Scope::citizen(id), show).await?;
    Ok(HttpResponse::Ok().json(shown))
}

/// Logs out: the token opens nothing any more.
///
/// # Errors
/// 401.
#[utoipa::path(delete, path = "/api/v1/citizen/session", tag = "citizens", security(("bearer" = [])),
    responses((status = 204), (status = 401)))]
pub async fn end_own_session(state: web::Data<AppState>, citizen: Citizen) -> Result<HttpResponse, AppError> {
    let (id, now) = (citizen.session, state.clock.now());
    let end = move |conn: &mut diesel::PgConnection| Ok(sessions::end(conn, id, now)?);
    let ended: Result<(), AppError> = state.db.tx(&Scope::system(), end).await;
    ended.map(|()| HttpResponse::NoContent().finish())
}

fn count(req: &HttpRequest, state: &AppState) -> Result<(), AppError> {
    state.limits.check(Counted::Citizens, address_of(req, &state.config.server.trusted_proxies))
}

fn opened_answer(mut builder: HttpResponseBuilder, opened: Opened) -> HttpResponse {
    let Opened { token, expires_at, .. } = opened;
    builder.json(CitizenSessionOpened { token, expires_at: expires_at.into() })
}

fn wrong_code() -> AppError {
    AppError::Unauthenticated(Said::new(
        "wrong_code",
        "Mã không đúng, đã dùng, hết hạn hoặc nhập sai quá 5 lần; hãy xin mã mới",
        "The code is wrong, used, expired or was tried too often; ask for a new one",
    ))
}

fn no_such_dossier() -> AppError {
    AppError::NotFound(Said::new(
        "no_such_dossier",
        "Không có hồ sơ này trong số hồ sơ của Ông/Bà",
        "There is no such dossier among yours",
    ))
}
