//! Logging in at the province's identity provider.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::sessions::{SessionOpened, hand_out, me};
use crate::domain::session::SessionKind;
use crate::error::AppError;
use crate::http::body::{Body, Faults};
use crate::http::limit::{Counted, address_of};
use crate::sign_on::routes::{SignOnBegun, SignOnForm};
use crate::sign_on::{self as signing_on, Brought, Door};
use crate::staff::{cookie, sign_on};
use crate::state::AppState;

/// Begins a log-in of staff at the identity provider.
///
/// # Errors
/// 404 `not_configured`; 429; 503 when the provider is away.
#[utoipa::path(post, path = "/api/v1/sessions/single-sign-on", tag = "staff", security(()),
    responses((status = 201, body = SignOnBegun), (status = 404), (status = 429), (status = 503)))]
pub async fn begin_sign_on(req: HttpRequest, state: web::Data<AppState>) -> Result<HttpResponse, AppError> {
    count(&req, &state)?;
    let begun = signing_on::begin(&state, Door::Staff).await?;
    Ok(HttpResponse::Created().json(SignOnBegun::from(begun)))
}

/// Ends a log-in of staff, and opens a session of the account that the provider names; it makes no account.
///
/// # Errors
/// 401 `log_in_refused`, one and the same for whatever proves nothing, an account that there is not and a disabled one;
/// 403 `csrf_refused` for a cookie asked for by a page that is none of ours; 404 `not_configured`; 429; 503.
#[utoipa::path(post, path = "/api/v1/sessions/single-sign-on/{id}", tag = "staff", security(()),
    params(("id" = String, Path, description = "The log-in")), request_body = StaffSignOnForm,
    responses((status = 201, body = SessionOpened), (status = 401),
        (status = 403, description = "The page that asks for a cookie is none of ours"), (status = 404), (status = 422),
        (status = 429), (status = 503)))]
pub async fn end_sign_on(
    req: HttpRequest,
    id: web::Path<String>,
    state: web::Data<AppState>,
    Body(form): Body<StaffSignOnForm>,
) -> Result<HttpResponse, AppError> {
    count(&req, &state)?;
    let (brought, kind) = form.read(&id)?;
    if kind == SessionKind::Cookie {
        cookie::check_origin(&req, &state.config.server.public_url)?;
    }
    let (opened, account, shown) = sign_on::log_in(&state, brought, kind).await?;
    let staff = me(&state, &account.actor(), account.role.lacks(shown)).await?;
    Ok(hand_out(HttpResponse::Created(), opened, staff, state.clock.now()))
}

/// What the provider sent the browser back with, the secret of who began, and how the session's token is to travel.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StaffSignOnForm {
    /// `code` of the redirect.
    code: Option<String>,
    /// `state` of the redirect.
    state: Option<String>,
    /// What the beginning answered.
    secret: Option<String>,
    /// `bearer` (the default) for programs, `cookie` for pages.
    r#as: Option<String>,
}

impl StaffSignOnForm {
    fn read(self, id: &str) -> Result<(Brought, SessionKind), AppError> {
        let mut faults = Faults::new();
        let kind = self.r#as.map_or(Some(SessionKind::Bearer), |word| faults.word("/as", &word));
        let kind = faults.finish(kind)?;
        Ok((SignOnForm { code: self.code, state: self.state, secret: self.secret }.read(id)?, kind))
    }
}

fn count(req: &HttpRequest, state: &AppState) -> Result<(), AppError> {
    state.limits.check(Counted::Sessions, address_of(req, &state.config.server.trusted_proxies))
}
