//! Logging in and out, who one is, one's own password.

use actix_web::{HttpRequest, HttpResponse, web};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::read_id;
use crate::domain::dossier::Verb;
use crate::domain::ids::SessionId;
use crate::domain::role::{Actor, Deed, Role, Who};
use crate::error::AppError;
use crate::http::body::{Body, Faults, Query};
use crate::http::limit::{Counted, address_of};
use crate::http::office_time::OfficeTime;
use crate::http::page::{self, Cursor, Page};
use crate::staff::accounts::unit_code;
use crate::staff::bearer::Bearer;
use crate::staff::own_password::{self, NewPassword};
use crate::staff::sessions::{self, Opened, Session};
use crate::staff::{KnownBearers, Signed, log_in as logging_in};
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
}

/// An open session; the token is not shown again.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SessionOpened {
    /// Goes into `Authorization: Bearer …`.
    token: String,
    /// Until when.
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
}

impl Me {
    fn of(actor: &Actor, act: &Act<'_>) -> Self {
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
        }
    }
}

/// Logs in.
///
/// # Errors
/// 401, one and the same for an unknown name, a wrong password and a disabled account; 429.
#[utoipa::path(post, path = "/api/v1/sessions", tag = "staff", request_body = LogInForm,
    responses((status = 201, body = SessionOpened), (status = 401), (status = 422), (status = 429)))]
pub async fn log_in(
    req: HttpRequest,
    state: web::Data<AppState>,
    Body(form): Body<LogInForm>,
) -> Result<HttpResponse, AppError> {
    let address = address_of(&req, &state.config.server.trusted_proxies);
    state.limits.check(Counted::Sessions, address)?;
    let mut faults = Faults::new();
    let username = faults.required("/username", form.username);
    let password = faults.required("/password", form.password);
    let (username, password) = faults.finish(username.zip(password))?;
    let username = username.trim().to_lowercase();
    let (opened, account) = logging_in::log_in(&state, username, password).await?;
    let staff = me(&state, &account.actor()).await?;
    Ok(secret_answer(HttpResponse::Created()).json(SessionOpened::of(opened, staff)))
}

impl SessionOpened {
    pub(super) fn of(opened: Opened, staff: Me) -> Self {
        Self { token: opened.token, expires_at: opened.expires_at.into(), staff }
    }
}

/// An answer that holds a secret stays in no cache.
pub(super) fn secret_answer(mut builder: actix_web::HttpResponseBuilder) -> actix_web::HttpResponseBuilder {
    builder.insert_header(("Cache-Control", "no-store"));
    builder
}

pub(super) async fn me(state: &AppState, actor: &Actor) -> Result<Me, AppError> {
    let whom = actor.clone();
    state.look(actor, move |_, act| Ok(Me::of(&whom, act))).await
}

/// Which page of a list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// `next_cursor` of the page before.
    pub(super) cursor: Option<String>,
    /// 1 to 200; 50 when nothing is said.
    pub(super) limit: Option<i64>,
}

impl PageQuery {
    pub(super) fn read(&self) -> Result<(Option<Cursor>, i64), AppError> {
        let after = self.cursor.as_deref().map(Cursor::read).transpose()?;
        Ok((after, page::limit(self.limit)?))
    }
}

/// One of one's open sessions.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SessionShown {
    /// Its key.
    id: uuid::Uuid,
    /// Since when.
    created_at: OfficeTime,
    /// Until when.
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
    let found = state.look(&signed.0, move |conn, act| sessions::list_own(conn, act, after, limit)).await?;
    let asking = Bearer::of(&req);
    let page = Page::cut(found, limit, |session: &Session| Cursor { at: session.created_at, id: session.id.0 });
    let items = page.items.iter().map(|session| SessionShown {
        id: session.id.0,
        created_at: session.created_at.into(),
        expires_at: session.expires_at.into(),
        current: session.is(asking.as_ref()),
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

/// Says who asks and what they may do.
///
/// # Errors
/// 401.
#[utoipa::path(get, path = "/api/v1/me", tag = "staff", security(("bearer" = [])),
    responses((status = 200, body = Me), (status = 401)))]
pub async fn show_me(state: web::Data<AppState>, signed: Signed) -> Result<web::Json<Me>, AppError> {
    Ok(web::Json(me(&state, &signed.0).await?))
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
    signed: Signed,
    Body(form): Body<PasswordForm>,
) -> Result<HttpResponse, AppError> {
    // A stolen token must not serve to try passwords out.
    let address = address_of(&req, &state.config.server.trusted_proxies);
    state.limits.check(Counted::Sessions, address)?;
    let form = NewPassword { old: form.old_password, new: form.new_password };
    own_password::change(&state, &signed.0, Bearer::of(&req), form).await?;
    known.forget();
    Ok(HttpResponse::NoContent().finish())
}
