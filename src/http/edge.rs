//! What stands between the house and the street: a number for each request, headers that browsers keep to, which
//! pages may ask, and a door that closes when the house is full.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use actix_cors::Cors;
use actix_web::HttpMessage;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use actix_web::middleware::Next;
use actix_web::web::{self, Bytes};
use futures_util::StreamExt;
use futures_util::stream::poll_fn;
use tracing::Instrument;
use uuid::Uuid;

use super::limit::is_trusted;
use crate::config::ServerConfig;
use crate::error::AppError;
use crate::state::AppState;

/// Under which a request is found in the log.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// An answer of the API is no page: it may load, run and frame nothing.
const API_POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'");
/// The page to try the API loads its own files only; its styles are written into it.
const DOCS_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
);
/// Two years, as browsers ask of those who mean it.
const ONLY_TLS: HeaderValue = HeaderValue::from_static("max-age=63072000; includeSubDomains");

/// Middleware: numbers the request, in the log and in the answer. A number is taken over from a trusted proxy alone.
///
/// # Errors
/// None of its own.
pub async fn number(
    req: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let id = given_number(&req).unwrap_or_else(|| Uuid::now_v7().to_string());
    let span = tracing::info_span!("request", id);
    let mut answer = next.call(req).instrument(span).await?;
    if let Ok(id) = HeaderValue::try_from(id) {
        answer.headers_mut().insert(REQUEST_ID, id);
    }
    Ok(answer)
}

fn given_number(req: &ServiceRequest) -> Option<String> {
    let state = req.app_data::<web::Data<AppState>>()?;
    let given = req.headers().get(REQUEST_ID)?.to_str().ok()?;
    let is_plain = (8..=64).contains(&given.len()) && given.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    (is_plain && is_trusted(req.request(), &state.config.server.trusted_proxies)).then(|| given.to_owned())
}

/// Middleware: writes what a browser must keep to. Answers are kept nowhere, and are no pages, unless their route says
/// otherwise.
///
/// # Errors
/// None of its own.
pub async fn guard(
    req: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let policy = if req.path().starts_with("/docs") { DOCS_POLICY } else { API_POLICY };
    let is_behind_tls = req
        .app_data::<web::Data<AppState>>()
        .is_some_and(|state| state.config.server.public_url.starts_with("https://"));
    let mut answer = next.call(req).await?;
    let headers = answer.headers_mut();
    if !headers.contains_key(CONTENT_SECURITY_POLICY) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if is_behind_tls {
        headers.insert(STRICT_TRANSPORT_SECURITY, ONLY_TLS);
    }
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    Ok(answer)
}

/// An answer that holds the body of its request until it is written.
struct Holding {
    answer: BoxBody,
    _asked: Rc<RefCell<Payload>>,
}

impl MessageBody for Holding {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.answer.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.answer).poll_next(cx)
    }
}

/// Middleware: holds the body until its answer is written. One that was not read to its end is then still open, and
/// the connection is closed a moment later; otherwise actix would read the rest of a chunked one for as long as it comes.
///
/// # Errors
/// None of its own.
pub async fn hold_body(
    mut req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let asked = Rc::new(RefCell::new(req.take_payload()));
    let read = Rc::clone(&asked);
    let stream = poll_fn(move |cx| read.borrow_mut().poll_next_unpin(cx));
    req.set_payload(Payload::Stream { payload: stream.boxed_local() });
    let answer = next.call(req).await?;
    Ok(answer.map_body(|_, answer| Holding { answer: answer.boxed(), _asked: asked }))
}

/// How many requests are under way in this process.
#[derive(Debug, Clone, Default)]
pub struct UnderWay(Arc<AtomicUsize>);

/// One request under way; its end is its drop, however it ends.
struct Turn(Arc<AtomicUsize>);

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Middleware: answers 503 at once when more requests are under way than the settings allow, so that those under
/// way end in time. Probes are always answered.
///
/// # Errors
/// [`AppError::Unavailable`] when the house is full.
pub async fn admit(
    req: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let under_way = req.app_data::<web::Data<UnderWay>>().map(|under_way| Arc::clone(&under_way.0));
    let most = req.app_data::<web::Data<AppState>>().map_or(usize::MAX, |state| state.config.server.under_way);
    let turn = under_way.map(|count| (count.fetch_add(1, Ordering::Relaxed), Turn(count)));
    let is_full = turn.as_ref().is_some_and(|(before, _)| *before >= most) && !req.path().starts_with("/health/");
    if is_full {
        let cause = format!("{most} requests are under way");
        return Err(AppError::Unavailable { cause, retry_after_seconds: 1 }.into());
    }
    next.call(req).await
}

/// Returns which pages of other origins may ask from a browser: those of the settings, and none by default. No
/// cookie goes with it.
pub fn other_origins(config: &ServerConfig) -> Cors {
    let none = Cors::default()
        .allowed_methods(["GET", "POST", "PUT", "PATCH", "DELETE"])
        .allowed_headers([
            "Authorization",
            "Content-Type",
            "Accept-Language",
            "If-Match",
            "If-None-Match",
            "Idempotency-Key",
        ])
        .expose_headers(["ETag", "Retry-After", "Idempotency-Replayed", "X-Request-Id"])
        .block_on_origin_mismatch(false)
        .max_age(3600);
    config.cors_origins.iter().fold(none, |cors, origin| cors.allowed_origin(origin))
}
