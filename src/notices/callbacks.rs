//! What gateways tell us: written down as it comes, and answered at once.

use std::collections::BTreeMap;
use std::net::IpAddr;

use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::HEXLOWER_PERMISSIVE;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use super::receipt::{self, LONGEST, Source};
use super::receipts;
use crate::config::{GatewayConfig, ReceiptConfig, ReceiptsConfig, Signature, Way};
use crate::domain::notice::Proof;
use crate::error::{AppError, Said};
use crate::http::body::read_up_to;
use crate::http::limit::address_of;
use crate::platform::db::Scope;
use crate::platform::secret::{same, token_hash};
use crate::state::AppState;

/// How old a signed receipt may be: Zalo repeats one for twelve hours.
const OLDEST: TimeDelta = TimeDelta::hours(24);

/// Takes a delivery receipt of a gateway, which proves itself by the secret in the path, by where it comes from, and by
/// its signature where it signs.
#[utoipa::path(method(get, post), path = "/api/v1/callbacks/{gateway}/{secret}", tag = "callbacks",
    params(("gateway" = String, Path), ("secret" = String, Path)),
    responses((status = 200, body = String, content_type = "text/plain"), (status = 404), (status = 422)))]
pub async fn take_receipt(
    state: web::Data<AppState>,
    path: web::Path<(String, String)>,
    req: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, AppError> {
    let (name, secret) = path.into_inner();
    let from = address_of(&req, &state.config.server.trusted_proxies);
    let known = state.config.gateways.get(&name).filter(|gateway| gateway.receipts.are_from(&secret, from));
    let (told, settings) = known.and_then(described).ok_or_else(no_such_path)?;
    let body = read_up_to(LONGEST, &req, &mut payload.into_inner()).await?;
    let now = state.clock.now();
    let proof = match told.signature {
        Signature::None => Proof::Secret,
        Signature::Zalo if is_signed(settings, &req, &body, now) => Proof::Signed,
        Signature::Zalo => return Err(no_such_path()),
    };
    let kind = req.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let fields = receipt::fields(req.query_string(), kind, &body)?;
    if receipt::is_one(told, &fields) {
        let receipt = receipt::read(told, &fields, &Source { gateway: &name, proof, now })?;
        state.db.tx(&Scope::system(), move |conn| receipts::keep(conn, &receipt).map_err(AppError::from)).await?;
    }
    Ok(HttpResponse::Ok().content_type("text/plain").body("OK"))
}

impl ReceiptsConfig {
    /// Whether who shows this secret from there is the gateway.
    fn are_from(&self, secret: &str, from: IpAddr) -> bool {
        let is_shown = [&self.secret, &self.secret_before].iter().any(|ours| is_shown(ours, secret));
        is_shown && (self.from.is_empty() || self.from.iter().any(|network| network.contains(&from)))
    }
}

/// Whether the secret is ours: by hashes of equal length, so that the time taken tells nothing of it.
fn is_shown(ours: &SecretString, shown: &str) -> bool {
    let ours = ours.expose_secret();
    !ours.is_empty() && same(&token_hash(shown), &token_hash(ours))
}

/// What its receipts mean, and the settings that they are signed with.
fn described(gateway: &GatewayConfig) -> Option<(&ReceiptConfig, &BTreeMap<String, SecretString>)> {
    static NONE: BTreeMap<String, SecretString> = BTreeMap::new();
    match &gateway.way {
        Way::Http(http) => http.receipt.as_ref().map(|told| (told, &http.settings)),
        Way::File(file) => Some((&file.receipt, &NONE)),
        Way::Smtp(_) | Way::Smpp(_) => None,
    }
}

/// Whether Zalo signed it, not long ago: `X-ZEvent-Signature` is `mac=` and the SHA-256 of app id, body, timestamp and the
/// account's secret, in hexadecimal.
fn is_signed(settings: &BTreeMap<String, SecretString>, req: &HttpRequest, body: &[u8], now: DateTime<Utc>) -> bool {
    let setting = |name: &str| settings.get(name).map_or("", |value| value.expose_secret());
    let shown = req.headers().get("X-ZEvent-Signature").and_then(|value| value.to_str().ok());
    let shown = shown.map(|text| text.strip_prefix("mac=").unwrap_or(text));
    let mac = shown.and_then(|text| HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok());
    let json: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    let at = json.as_ref().and_then(|json| json.get("timestamp")).map(|at| at.to_string().replace('"', ""));
    let (Some(mac), Some(at)) = (mac, at) else {
        return false;
    };
    let moment = at.parse().ok().and_then(DateTime::<Utc>::from_timestamp_millis);
    let is_fresh = moment.is_some_and(|moment| (now - moment).abs() <= OLDEST);
    let mut hash = Sha256::new();
    for part in [setting("app_id").as_bytes(), body, at.as_bytes(), setting("oa_secret").as_bytes()] {
        hash.update(part);
    }
    is_fresh && !setting("oa_secret").is_empty() && same(&hash.finalize(), &mac)
}

fn no_such_path() -> AppError {
    AppError::NotFound(Said::new("not_found", "Không có đường dẫn này", "There is no such path"))
}
