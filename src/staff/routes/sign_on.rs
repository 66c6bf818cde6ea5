//! Logging in at the province's identity provider.

use actix_web::{HttpRequest, HttpResponse, web};

use super::sessions::{SessionOpened, me, secret_answer};
use crate::error::AppError;
use crate::http::body::Body;
use crate::http::limit::{Counted, address_of};
use crate::sign_on::routes::{SignOnBegun, SignOnForm};
use crate::sign_on::{self as signing_on, Door};
use crate::staff::sign_on;
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
    Ok(secret_answer(HttpResponse::Created()).json(SignOnBegun::from(begun)))
}

/// Ends a log-in of staff, and opens a session of the account that the provider names; it makes no account.
///
/// # Errors
/// 401 `log_in_refused`, one and the same for whatever proves nothing, an account that there is not and a disabled one;
/// 404 `not_configured`; 429; 503.
#[utoipa::path(post, path = "/api/v1/sessions/single-sign-on/{id}", tag = "staff", security(()),
    params(("id" = String, Path, description = "The log-in")), request_body = SignOnForm,
    responses((status = 201, body = SessionOpened), (status = 401), (status = 404), (status = 422), (status = 429),
        (status = 503)))]
pub async fn end_sign_on(
    req: HttpRequest,
    id: web::Path<String>,
    state: web::Data<AppState>,
    Body(form): Body<SignOnForm>,
) -> Result<HttpResponse, AppError> {
    count(&req, &state)?;
    let (opened, account) = sign_on::log_in(&state, form.read(&id)?).await?;
    let staff = me(&state, &account.actor()).await?;
    Ok(secret_answer(HttpResponse::Created()).json(SessionOpened::of(opened, staff)))
}

fn count(req: &HttpRequest, state: &AppState) -> Result<(), AppError> {
    state.limits.check(Counted::Sessions, address_of(req, &state.config.server.trusted_proxies))
}
