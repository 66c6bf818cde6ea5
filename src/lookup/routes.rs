//! `GET /public/dossiers/{code}`.

use std::time::Duration;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_TYPE, ETAG, HeaderMap, VARY};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::time::{Instant, sleep_until};

use super::view::{Asked, PinnedOut, StatusOut, read_pinned, read_status};
use crate::error::AppError;
use crate::http::body::Query;
use crate::http::etag::is_known;
use crate::http::limit::{Counted, address_of};
use crate::http::locale::Language;
use crate::platform::db::Scope;
use crate::platform::secret::Pin;
use crate::state::AppState;

/// Longer than looking takes; nobody who types a pin notices.
const REFUSED_AFTER: Duration = Duration::from_millis(20);

/// Who holds the pin sees more.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PinQuery {
    /// The pin of the slip.
    pin: Option<String>,
}

/// Returns the public status: code, status and progress; with the pin also unit, due date, next step and timeline.
///
/// # Errors
/// One 404 for whatever does not open; 429 when asked too often or with wrong pins.
#[utoipa::path(get, path = "/api/v1/public/dossiers/{code}", tag = "public", security(()),
    params(("code" = String, Path, description = "The code of the slip"), PinQuery),
    responses((status = 200, body = PinnedOut, description = "Without the pin only what StatusOut has"),
        (status = 304), (status = 404), (status = 429)))]
pub async fn read_public_status(
    req: HttpRequest,
    code: web::Path<String>,
    Query(query): Query<PinQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let address = address_of(&req, &state.config.server.trusted_proxies);
    state.limits.check(Counted::Public, address)?;
    let language = Language::preferred(req.headers());
    let Some(pin) = query.pin else {
        let status = plain(&state, code.into_inner(), language).await?;
        return answer(req.headers(), &status, language, "private, max-age=0");
    };
    let (code, now, begun) = (code.into_inner(), state.clock.now(), Instant::now());
    state.limits.pins.attempt(address, &code, now)?;
    let asked = Asked { code: code.clone(), pin: Pin::read(&pin), language, now };
    let page = pinned(&state, asked).await;
    match &page {
        Ok(_) => state.limits.pins.forgive(address, &code),
        // However long it took to find out: an unknown code and a wrong pin are told after the same time.
        Err(AppError::NotFound(_)) => sleep_until(begun + REFUSED_AFTER).await,
        Err(_) => state.limits.pins.take_back(address, &code),
    }
    answer(req.headers(), &page?, language, "no-store")
}

async fn plain(state: &AppState, code: String, language: Language) -> Result<StatusOut, AppError> {
    state.db.glance(move |conn| read_status(conn, &code, language)).await
}

async fn pinned(state: &AppState, asked: Asked) -> Result<PinnedOut, AppError> {
    let office = state.office.clone();
    let read = move |conn: &mut diesel::PgConnection| {
        let office = office.in_force(conn)?;
        read_pinned(conn, &office, &asked)
    };
    state.db.read(&Scope::public(), read).await
}

/// The tag is the answer's own hash: it changes exactly when the answer does, in each language, pinned or not.
fn answer(
    headers: &HeaderMap,
    body: &impl Serialize,
    language: Language,
    cache: &'static str,
) -> Result<HttpResponse, AppError> {
    let bytes = serde_json::to_vec(body).map_err(|err| AppError::Internal(err.into()))?;
    let hash = Sha256::digest(&bytes);
    let short = hash.get(..12).unwrap_or_default();
    let tag = format!("\"{}\"", data_encoding::BASE64URL_NOPAD.encode(short));
    let mut builder = match is_known(headers, &tag) {
        true => HttpResponse::NotModified(),
        false => HttpResponse::Ok(),
    };
    builder
        .insert_header((ETAG, format!("W/{tag}")))
        .insert_header((CACHE_CONTROL, cache))
        .insert_header((VARY, "Accept-Language"));
    if is_known(headers, &tag) {
        return Ok(builder.finish());
    }
    let spoken = match language {
        Language::Vietnamese => "vi",
        Language::English => "en",
    };
    Ok(builder.insert_header((CONTENT_TYPE, "application/json")).insert_header((CONTENT_LANGUAGE, spoken)).body(bytes))
}
