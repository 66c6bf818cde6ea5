//! One's own second factor, and resetting somebody else's.

use std::net::IpAddr;

use actix_web::{HttpRequest, HttpResponse, web};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::read_id;
use crate::domain::ids::StaffId;
use crate::domain::role::{Actor, Deed};
use crate::error::AppError;
use crate::http::body::{Body, Faults};
use crate::http::limit::{Counted, address_of};
use crate::http::office_time::OfficeTime;
use crate::staff::second_factor::{self, Asked, Caller, Proof, Started, prove};
use crate::staff::{Identified, KnownBearers, Signed, people_only, tries};
use crate::state::AppState;

/// How it stands with one's own second factor.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SecondFactorShown {
    /// Whether the role needs one.
    needed: bool,
    /// Since when it is in use; null when there is none.
    in_use_since: Option<OfficeTime>,
    /// How many recovery codes are left.
    recovery_codes_left: i64,
}

/// Shows how it stands with one's own second factor.
///
/// # Errors
/// 401; 403 for a key.
#[utoipa::path(get, path = "/api/v1/me/second-factor", tag = "staff", security(("bearer" = [])),
    responses((status = 200, body = SecondFactorShown), (status = 401), (status = 403)))]
pub async fn show_second_factor(
    state: web::Data<AppState>,
    Identified { actor, .. }: Identified,
) -> Result<web::Json<SecondFactorShown>, AppError> {
    let id = actor.staff_id().ok_or_else(people_only)?;
    let found = state.look(&actor, move |conn, _| Ok(second_factor::state_of(conn, id)?)).await?;
    Ok(web::Json(SecondFactorShown {
        needed: actor.role.needs_second_factor(),
        in_use_since: found.confirmed_at.map(OfficeTime::from),
        recovery_codes_left: found.recovery_codes_left,
    }))
}

/// What is shown again before a second factor is changed: a token alone may be stolen.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProofForm {
    /// The password.
    #[schema(value_type = Option<String>, format = Password)]
    password: Option<SecretString>,
    /// The code of the app in use, or a recovery code.
    #[schema(value_type = Option<String>, format = Password)]
    code: Option<SecretString>,
}

/// What an authenticator app takes; not shown again.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SecondFactorStarted {
    /// In base32, to be typed.
    secret: String,
    /// `otpauth://…`, to be shown as a QR code.
    uri: String,
}

impl From<Started> for SecondFactorStarted {
    fn from(started: Started) -> Self {
        let text = |secret: SecretString| secret.expose_secret().to_owned();
        Self { secret: text(started.secret), uri: text(started.uri) }
    }
}

/// Starts to set a second factor up. Takes the password or, to replace the one in use, its code; the new one is in
/// use when a code of it was shown within 15 minutes.
///
/// # Errors
/// 401; 403 for a key; 422; 429 after failures.
#[utoipa::path(post, path = "/api/v1/me/second-factor", tag = "staff", request_body = ProofForm,
    security(("bearer" = [])),
    responses((status = 201, body = SecondFactorStarted), (status = 401), (status = 403), (status = 422),
        (status = 429)))]
pub async fn start_second_factor(
    req: HttpRequest,
    state: web::Data<AppState>,
    Identified { actor, .. }: Identified,
    Body(form): Body<ProofForm>,
) -> Result<HttpResponse, AppError> {
    let id = proven(&req, &state, &actor, (form, Asked::TheStrongest)).await?;
    let started = state.act(&actor, move |conn, act| second_factor::start(conn, act, id)).await?;
    Ok(HttpResponse::Created().json(SecondFactorStarted::from(started)))
}

/// A code.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeForm {
    /// The six digits that the app shows.
    #[schema(value_type = Option<String>, format = Password)]
    code: Option<SecretString>,
}

impl CodeForm {
    pub(super) fn read(self) -> Result<SecretString, AppError> {
        let mut faults = Faults::new();
        let code = faults.required("/code", self.code);
        faults.finish(code)
    }
}

/// Recovery codes, each for one log-in; not shown again.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RecoveryCodes {
    /// Ten of them.
    recovery_codes: Vec<String>,
}

/// Puts the second factor into use that was started, as its first code shows that an app has it. Ends one's other
/// sessions.
///
/// # Errors
/// 401; 403 for a key; 409 when none was started; 422; 429 after failures.
#[utoipa::path(post, path = "/api/v1/me/second-factor/confirm", tag = "staff", request_body = CodeForm,
    security(("bearer" = [])),
    responses((status = 200, body = RecoveryCodes), (status = 401), (status = 403), (status = 409), (status = 422),
        (status = 429)))]
pub async fn confirm_second_factor(
    state: web::Data<AppState>,
    known: KnownBearers,
    Identified { actor, bearer, .. }: Identified,
    Body(form): Body<CodeForm>,
) -> Result<HttpResponse, AppError> {
    let id = actor.staff_id().ok_or_else(people_only)?;
    let code = form.read()?;
    let tried = tries::Tried::code(&state.vault, id);
    tries::admit(&state, &tried).await?;
    let codes = state.act(&actor, move |conn, act| second_factor::confirm(conn, act, (id, &bearer), &code)).await?;
    tries::forgive(&state, &tried).await?;
    known.forget();
    Ok(HttpResponse::Ok().json(RecoveryCodes { recovery_codes: codes }))
}

/// Makes ten new recovery codes; the old ones open nothing any more. Takes a code.
///
/// # Errors
/// 401; 403 for a key; 409 without a second factor; 422; 429 after failures.
#[utoipa::path(post, path = "/api/v1/me/second-factor/recovery-codes", tag = "staff", request_body = CodeForm,
    security(("bearer" = [])),
    responses((status = 200, body = RecoveryCodes), (status = 401), (status = 403), (status = 409), (status = 422),
        (status = 429)))]
pub async fn renew_recovery_codes(
    req: HttpRequest,
    state: web::Data<AppState>,
    Identified { actor, .. }: Identified,
    Body(form): Body<CodeForm>,
) -> Result<HttpResponse, AppError> {
    let form = ProofForm { password: None, code: form.code };
    let id = proven(&req, &state, &actor, (form, Asked::Code)).await?;
    let codes = state.act(&actor, move |conn, act| second_factor::new_recovery_codes(conn, act, id)).await?;
    Ok(HttpResponse::Ok().json(RecoveryCodes { recovery_codes: codes }))
}

/// Removes one's own second factor, unless the role needs one. Takes the password or a code.
///
/// # Errors
/// 401; 403 for a key or a role that needs one; 409 without a second factor; 422; 429 after failures.
#[utoipa::path(post, path = "/api/v1/me/second-factor/remove", tag = "staff", request_body = ProofForm,
    security(("bearer" = [])),
    responses((status = 204), (status = 401), (status = 403), (status = 409), (status = 422), (status = 429)))]
pub async fn remove_second_factor(
    req: HttpRequest,
    state: web::Data<AppState>,
    Identified { actor, .. }: Identified,
    Body(form): Body<ProofForm>,
) -> Result<HttpResponse, AppError> {
    let id = proven(&req, &state, &actor, (form, Asked::Any)).await?;
    let role = actor.role;
    state.act(&actor, move |conn, act| second_factor::remove(conn, act, id, role)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Removes the second factor of somebody who has lost it, and ends their sessions.
///
/// # Errors
/// 401; 403, also for one's own; 404.
#[utoipa::path(delete, path = "/api/v1/staff/{id}/second-factor", tag = "staff", security(("bearer" = [])),
    params(("id" = String, Path, description = "The account")),
    responses((status = 204), (status = 401), (status = 403), (status = 404)))]
pub async fn reset_second_factor(
    state: web::Data<AppState>,
    known: KnownBearers,
    signed: Signed,
    id: web::Path<String>,
) -> Result<HttpResponse, AppError> {
    signed.may(Deed::ManageStaff)?;
    let id = StaffId(read_id(&id, "tài khoản", "account")?);
    state.act(&signed.0, move |conn, act| second_factor::reset(conn, act, id)).await?;
    known.forget();
    Ok(HttpResponse::NoContent().finish())
}

/// Checks who asks once more and returns whose second factor it is.
async fn proven(
    req: &HttpRequest,
    state: &AppState,
    actor: &Actor,
    (form, asked): (ProofForm, Asked),
) -> Result<StaffId, AppError> {
    let address: IpAddr = address_of(req, &state.config.server.trusted_proxies);
    state.limits.check(Counted::Sessions, address)?;
    let proof = Proof { password: form.password, code: form.code };
    prove(state, &Caller { actor, address }, proof, asked).await?;
    actor.staff_id().ok_or_else(people_only)
}
