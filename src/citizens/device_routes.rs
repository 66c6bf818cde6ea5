//! The routes by which a citizen's app says where news are to be pushed.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::devices::{self, Device, NewDevice};
use super::signed::Citizen;
use crate::domain::device::{DeviceLanguage, Installation, PushToken};
use crate::domain::role::Actor;
use crate::error::{AppError, Said};
use crate::http::body::{Body, Faults};
use crate::http::office_time::OfficeTime;
use crate::http::page::Page;
use crate::platform::db::Scope;
use crate::state::AppState;

/// Where news are pushed to.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceForm {
    /// The registration token that Firebase gave the app.
    token: Option<String>,
    /// `vi` or `en`.
    language: Option<String>,
}

/// A device of the citizen's own. Its token is shown to nobody.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DeviceOut {
    /// The app's own name of where it is installed.
    installation: String,
    /// `vi` or `en`.
    #[schema(value_type = String)]
    language: DeviceLanguage,
    /// When it was registered first.
    registered_at: OfficeTime,
    /// When it was registered last.
    seen_at: OfficeTime,
}

impl From<Device> for DeviceOut {
    fn from(device: Device) -> Self {
        Self {
            installation: device.installation,
            language: device.language,
            registered_at: device.registered_at.into(),
            seen_at: device.seen_at.into(),
        }
    }
}

impl DeviceForm {
    fn read(self, installation: Installation) -> Result<NewDevice, AppError> {
        let mut faults = Faults::new();
        let wrong = Said::new(
            "wrong_push_token",
            "Mã đăng ký của Firebase gồm 8 đến 4096 ký tự ASCII không có dấu cách",
            "A registration token of Firebase is of 8 to 4096 signs of ASCII without blanks",
        );
        let token = faults.required("/token", self.token.as_deref());
        let token = token.and_then(|text| faults.read("/token", wrong, PushToken::read(text)));
        let language = faults.required("/language", self.language.as_deref());
        let language = language.and_then(|word| faults.word("/language", word));
        let both = token.zip(language);
        faults.finish(both.map(|(token, language)| NewDevice { installation, token, language }))
    }
}

/// Lists the citizen's own devices, at most five, the one seen last first.
///
/// # Errors
/// 401; 403 `log_in_needed` for who came in by a one-time code.
#[utoipa::path(get, path = "/api/v1/citizen/devices", tag = "citizens", security(("bearer" = [])),
    responses((status = 200, body = Page<DeviceOut>), (status = 401), (status = 403)))]
pub async fn list_own_devices(state: web::Data<AppState>, citizen: Citizen) -> Result<HttpResponse, AppError> {
    let holder = citizen.person()?;
    let list = move |conn: &mut diesel::PgConnection| Ok(devices::list(conn, &holder)?);
    let found: Result<_, AppError> = state.db.read(&Scope::system(), list).await;
    let items: Vec<DeviceOut> = found?.into_iter().map(DeviceOut::from).collect();
    Ok(HttpResponse::Ok().json(Page { items, next_cursor: None }))
}

/// Registers the device of this installation of the app, or puts its token and language right: at each start of the app
/// and whenever Firebase gives it another token. Of more than five devices the one not seen for the longest time goes.
///
/// # Errors
/// 401; 403 `log_in_needed` for who came in by a one-time code; 404 for what is no name of an installation (letters,
/// digits, `-`, `_`, 64 at most); 422.
#[utoipa::path(put, path = "/api/v1/citizen/devices/{installation}", tag = "citizens", security(("bearer" = [])),
    params(("installation" = String, Path, description = "The app's own name of where it is installed")),
    request_body = DeviceForm,
    responses((status = 200, body = DeviceOut), (status = 401), (status = 403), (status = 404), (status = 422)))]
pub async fn register_device(
    installation: web::Path<String>,
    state: web::Data<AppState>,
    citizen: Citizen,
    Body(form): Body<DeviceForm>,
) -> Result<HttpResponse, AppError> {
    let holder = citizen.person()?;
    let device = form.read(named(&installation)?)?;
    let register = move |conn: &mut diesel::PgConnection, act: &crate::state::Act<'_>| {
        devices::register(conn, act, (&citizen, &holder), &device)
    };
    let kept = state.act(&Actor::house(), register).await?;
    Ok(HttpResponse::Ok().json(DeviceOut::from(kept)))
}

/// Forgets a device: nothing is pushed to it any more. For when the citizen logs out of the app or wants no news.
///
/// # Errors
/// 401; 403 `log_in_needed`; 404 `no_such_device`.
#[utoipa::path(delete, path = "/api/v1/citizen/devices/{installation}", tag = "citizens", security(("bearer" = [])),
    params(("installation" = String, Path, description = "The app's own name of where it is installed")),
    responses((status = 204), (status = 401), (status = 403), (status = 404)))]
pub async fn remove_device(
    installation: web::Path<String>,
    state: web::Data<AppState>,
    citizen: Citizen,
) -> Result<HttpResponse, AppError> {
    let holder = citizen.person()?;
    let (installation, now) = (named(&installation)?, state.clock.now());
    let remove =
        move |conn: &mut diesel::PgConnection| Ok(devices::remove(conn, (&citizen, &holder), &installation, now)?);
    let was_there: Result<bool, AppError> = state.db.tx(&Scope::system(), remove).await;
    if was_there? { Ok(HttpResponse::NoContent().finish()) } else { Err(no_such_device()) }
}

fn named(installation: &str) -> Result<Installation, AppError> {
    Installation::read(installation).ok_or_else(no_such_device)
}

fn no_such_device() -> AppError {
    AppError::NotFound(Said::new("no_such_device", "Không có thiết bị này", "There is no such device"))
}
