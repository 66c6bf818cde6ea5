//! Logging in and out, who one is, one's own password.

use std::net::IpAddr;

use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::read_id;
use super::second_factor::CodeForm;
use crate::domain::dossier::Verb;
use crate::domain::ids::SessionId;
use crate::domain::role::{Actor, Deed, Role, Who};
use crate::domain::session::SessionKind;
use crate::error::AppError;
use crate::http::body::{Body, Faults, Query};
use crate::http::limit::{Counted, address_of};
use crate::http::office_time::OfficeTime;
use crate::http::page::{Cursor, Page, PageQuery};
use crate::staff::accounts::unit_code;
use crate::staff::bearer::Bearer;
use crate::staff::cookie;
use crate::staff::log_in::{self as logging_in, Shown};
use crate::staff::own_password::{self, NewPassword};
use crate::staff::second_factor::{self, Caller};
use crate::staff::sessions::{self, Opened, Session};
use crate::staff::signed::unknown;
use crate::staff::{Identified, KnownBearers, Signed, people_only};
use crate::state::{Act, AppState};

/// What a log-in takes.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LogInForm {
    /// The name of the account.
    username: Option<String>,
    /// Its password.
    #[schema(value_type = Option<String>, format = Password)]
    password: Option<SecretString>,
    /// Where the account has a second factor: the six digits of its app, or a recovery code.
    #[schema(value_type = Option<String>, format = Password)]
    code: Option<SecretString>,
    /// `bearer`, for programs, when nothing is said; `cookie` for pages: no token is shown then.
    r#as: Option<String>,
}

/// An open session; what opens it is not shown again.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SessionOpened {
    /// Goes into `Authorization: Bearer …`; none for a cookie, which no page reads.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    /// For a cookie: goes into `X-CSRF-Token` of whatever changes something.
    #[serde(skip_serializing_if = "Option::is_none")]
    csrf_token: Option<String>,
    /// Until when, if it is used.
    expires_at: OfficeTime,
    /// Whose it is.
    staff: Me,
}

/// Who asks.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Me {
    /// `staff`, `key` or `system`.
    kind: &'static str,
    /// The key of the account or API key.
    id: Option<uuid::Uuid>,
    /// The name that histories show.
    name: String,
    /// The role.
    role: String,
    /// The code of the unit.
    unit_code: String,
    /// Its name.
    unit_name: String,
    /// The verbs that may be used on dossiers that are seen.
    verbs: Vec<&'static str>,
    /// What else it may do.
    deeds: Vec<&'static str>,
    /// Whether nothing of that is open before a second factor was set up.
    second_factor_missing: bool,
    /// Who comes by cookie: goes into `X-CSRF-Token` of whatever changes something.
    #[serde(skip_serializing_if = "Option::is_none")]
    csrf_token: Option<String>,
}

impl Me {
    fn of(actor: &Actor, second_factor_missing: bool, act: &Act<'_>) -> Self {
        let (kind, id) = match actor.who {
            Who::Staff(id) => ("staff", Some(id.0)),
            Who::Key(id) => ("key", Some(id.0)),
            Who::System => ("system", None),
        };
        let role: Role = actor.role;
        let unit = act.catalogue().unit(actor.unit);
        let verbs = Verb::ALL.iter().filter(|verb| actor.may_use(**verb));
        let deeds = Deed::ALL.iter().filter(|deed| actor.may(**deed));
        Self {
            kind,
            id,
            name: actor.name.clone(),
            role: role.as_str().to_owned(),
            unit_code: unit_code(act, actor.unit),
            unit_name: unit.map(|unit| unit.name.clone()).unwrap_or_default(),
            verbs: verbs.map(|verb| verb.as_str()).collect(),
            deeds: deeds.map(|deed| deed.as_str()).collect(),
            second_factor_missing,
            csrf_token: None,
        }
    }
}

/// Logs in.
///
/// # Errors
/// 401, one and the same for an unknown name, a wrong password, a wrong code and a disabled account, and
/// `second_factor_needed` to who knows the password but sends no code; 403 for a cookie from a foreign page; 429 after
/// failures.
#[utoipa::path(post, path = "/api/v1/sessions", tag = "staff", request_body = LogInForm,
    responses((status = 201, body = SessionOpened), (status = 401), (status = 403), (status = 422), (status = 429)))]
pub async fn log_in(
    req: HttpRequest,
    state: web::Data<AppState>,
    Body(form): Body<LogInForm>,
) -> Result<HttpResponse, AppError> {
    let address = address_of(&req, &state.config.server.trusted_proxies);
    state.limits.check(Counted::Sessions, address)?;
    let (shown, kind) = form.read(address)?;
    if kind == SessionKind::Cookie {
        cookie::check_origin(&req, &state.config.server.public_url)?;
    }
    let (opened, account, shown) = logging_in::log_in(&state, shown, kind).await?;
    let staff = me(&state, &account.actor(), account.role.lacks(shown)).await?;
    Ok(hand_out(HttpResponse::Created(), opened, staff, state.clock.now()))
}

impl LogInForm {
    fn read(self, address: IpAddr) -> Result<(Shown, SessionKind), AppError> {
        let mut faults = Faults::new();
        let kind = match self.r#as {
            None => Some(SessionKind::Bearer),
            Some(word) => faults.word("/as", &word),
        };
        let username = faults.required("/username", self.username);
        let password = faults.required("/password", self.password);
        let code = self.code;
        let read = || {
            let username = username?.trim().to_lowercase();
            Some((Shown { username, password: password?, code, address }, kind?))
        };
        let read = read();
        faults.finish(read)
    }
}

/// Hands a new session's secret to who will use it: a program, or a browser that shows it to no page.
pub(super) fn hand_out(mut answer: HttpResponseBuilder, opened: Opened, staff: Me, now: DateTime<Utc>) -> HttpResponse {
    let (token, csrf_token) = match opened.kind {
        SessionKind::Bearer => (Some(opened.token), None),
        SessionKind::Cookie => {
            answer.append_header(cookie::set(&opened.token, opened.expires_at - now));
            (None, Some(cookie::csrf_token(&opened.token)))
        }
    };
    answer.json(SessionOpened { token, csrf_token, expires_at: opened.expires_at.into(), staff })
}

pub(super) async fn me(state: &AppState, actor: &Actor, second_factor_missing: bool) -> Result<Me, AppError> {
    let whom = actor.clone();
    state.look(actor, move |_, act| Ok(Me::of(&whom, second_factor_missing, act))).await
}

/// One of one's open sessions.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SessionShown {
    /// Its key.
    id: uuid::Uuid,
    /// `bearer` or `cookie`.
    kind: &'static str,
    /// Since when.
    created_at: OfficeTime,
    /// When it was used last, to the minute.
    last_used_at: OfficeTime,
    /// Until when, if it is used.
    expires_at: OfficeTime,
    /// Whether it is the one that asks.
    current: bool,
}

/// Lists one's own open sessions, the newest first.
///
/// # Errors
/// 401; 403 for a key.
#[utoipa::path(get, path = "/api/v1/sessions", tag = "staff", params(PageQuery), security(("bearer" = [])),
    responses((status = 200, body = Page<SessionShown>), (status = 401), (status = 403)))]
pub async fn list_sessions(
    req: HttpRequest,
    state: web::Data<AppState>,
    signed: Signed,
    Query(query): Query<PageQuery>,
) -> Result<web::Json<Page<SessionShown>>, AppError> {
    let (after, limit) = query.read()?;
    let bearer = Bearer::of(&req).ok_or_else(unknown)?;
    let found = state.look(&signed.0, move |conn, act| sessions::list_own(conn, act, after, limit)).await?;
    let page = Page::cut(found, limit, |session: &Session| Cursor { at: session.created_at, id: session.id.0 });
    let items = page.items.iter().map(|session| SessionShown {
        id: session.id.0,
        kind: session.kind.as_str(),
        created_at: session.created_at.into(),
        last_used_at: session.used_at().into(),
        expires_at: session.expires_at.into(),
        current: session.is(&bearer),
    });
    Ok(web::Json(Page { items: items.collect(), next_cursor: page.next_cursor }))
}

/// Ends a session: one's own, or any for an admin.
///
/// # Errors
/// 401; 403 for a key; 404 for another's.
#[utoipa::path(delete, path = "/api/v1/sessions/{id}", tag = "staff", security(("bearer" = [])),
    params(("id" = String, Path, description = "The session")),
    responses((status = 204), (status = 401), (status = 403), (status = 404)))]
pub async fn end_session(
    state: web::Data<AppState>,
    known: KnownBearers,
    signed: Signed,
    id: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    let id = SessionId(read_id(&id, "phiên đăng nhập", "session")?);
    state.act(&signed.0, move |conn, act| sessions::end(conn, act, id)).await?;
    known.forget();
    Ok(HttpResponse::NoContent().finish())
}

/// Gives the session that asks a new token or cookie: the one of before is refused at once, by other nodes within two
/// seconds.
///
/// # Errors
/// 401; 403 for a key.
#[utoipa::path(post, path = "/api/v1/sessions/current/rotate", tag = "staff", security(("bearer" = [])),
    responses((status = 200, body = SessionOpened), (status = 401), (status = 403)))]
pub async fn rotate_session(
    req: HttpRequest,
    state: web::Data<AppState>,
    known: KnownBearers,
    signed: Signed,
) -> Result<HttpResponse, AppError> {
    let bearer = Bearer::of(&req).ok_or_else(unknown)?;
    let opened = state.act(&signed.0, move |conn, act| sessions::rotate(conn, act, &bearer)).await?;
    known.forget();
    let staff = me(&state, &signed.0, false).await?;
    Ok(hand_out(HttpResponse::Ok(), opened, staff, state.clock.now()))
}

/// Shows the own second factor after a log-in that came without one, as where the identity provider vouches for none.
/// The session gets a new token or cookie.
///
/// # Errors
/// 401; 403 for a key; 422 for a wrong code; 429 after failures.
#[utoipa::path(post, path = "/api/v1/sessions/current/second-factor", tag = "staff", request_body = CodeForm,
    security(("bearer" = [])),
    responses((status = 200, body = SessionOpened), (status = 401), (status = 403), (status = 422), (status = 429)))]
pub async fn step_up(
    state: web::Data<AppState>,
    known: KnownBearers,
    Identified { actor, bearer, .. }: Identified,
    Body(form): Body<CodeForm>,
) -> Result<HttpResponse, AppError> {
    actor.staff_id().ok_or_else(people_only)?;
    let shown = second_factor::show(&state, &actor, &form.read()?).await?;
    let opened = state.act(&actor, move |conn, act| sessions::step_up(conn, act, &bearer, shown)).await?;
    known.forget();
    let staff = me(&state, &actor, actor.role.lacks(shown)).await?;
    Ok(hand_out(HttpResponse::Ok(), opened, staff, state.clock.now()))
}

/// Logs out: ends the session that asks, and takes a browser's cookie away.
///
/// # Errors
/// 401; 403 for a key.
#[utoipa::path(delete, path = "/api/v1/sessions/current", tag = "staff", security(("bearer" = [])),
    responses((status = 204), (status = 401), (status = 403)))]
pub async fn log_out(
    state: web::Data<AppState>,
    known: KnownBearers,
    Identified { actor, bearer, csrf_token, .. }: Identified,
) -> Result<HttpResponse, AppError> {
    state.act(&actor, move |conn, act| sessions::end_current(conn, act, &bearer)).await?;
    known.forget();
    let mut answer = HttpResponse::NoContent();
    if csrf_token.is_some() {
        answer.append_header(cookie::clear());
    }
    Ok(answer.finish())
}

/// Says who asks and what they may do.
///
/// # Errors
/// 401.
#[utoipa::path(get, path = "/api/v1/me", tag = "staff", security(("bearer" = [])),
    responses((status = 200, body = Me), (status = 401)))]
pub async fn show_me(
    state: web::Data<AppState>,
    Identified { actor, lacks_second_factor, csrf_token, .. }: Identified,
) -> Result<web::Json<Me>, AppError> {
    let me = me(&state, &actor, lacks_second_factor).await?;
    Ok(web::Json(Me { csrf_token, ..me }))
}

/// What a new password takes.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordForm {
    /// The one of now.
    #[schema(value_type = Option<String>, format = Password)]
    old_password: Option<SecretString>,
    /// The one to come: at least 12 characters, and not the user name.
    #[schema(value_type = Option<String>, format = Password)]
    new_password: Option<SecretString>,
}

/// Changes one's own password and ends one's other sessions.
///
/// # Errors
/// 401; 403 for a key; 422; 429.
#[utoipa::path(put, path = "/api/v1/me/password", tag = "staff", security(("bearer" = [])),
    request_body = PasswordForm,
    responses((status = 204), (status = 401), (status = 403), (status = 422), (status = 429)))]
pub async fn change_own_password(
    req: HttpRequest,
    state: web::Data<AppState>,
    known: KnownBearers,
    Identified { actor, bearer, .. }: Identified,
    Body(form): Body<PasswordForm>,
) -> Result<HttpResponse, AppError> {
    // A stolen token must not serve to try passwords out.
    let address = address_of(&req, &state.config.server.trusted_proxies);
    state.limits.check(Counted::Sessions, address)?;
    let form = NewPassword { old: form.old_password, new: form.new_password };
    own_password::change(&state, &Caller { actor: &actor, address }, bearer, form).await?;
    known.forget();
    Ok(HttpResponse::NoContent().finish())
}
