//! How many requests came, how they ended and how long they took, for Prometheus.

use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::web;
use prometheus::{Encoder, HistogramOpts, HistogramVec, IntCounterVec, Opts, Registry, TextEncoder};

/// Upper edges of the buckets of durations, in seconds.
const EDGES: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.0, 10.0];

/// The figures of one server.
pub struct RequestFigures {
    registry: Registry,
    ended: IntCounterVec,
    seconds: HistogramVec,
}

impl RequestFigures {
    /// Begins to count.
    ///
    /// # Errors
    /// None but a mistake in the names.
    pub fn new() -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let ended = Opts::new("motcua_http_requests_total", "Requests answered, by route and status");
        let ended = IntCounterVec::new(ended, &["method", "route", "status"])?;
        let seconds = HistogramOpts::new("motcua_http_request_seconds", "Time to the answer, by route");
        let seconds = HistogramVec::new(seconds.buckets(EDGES.to_vec()), &["method", "route"])?;
        registry.register(Box::new(ended.clone()))?;
        registry.register(Box::new(seconds.clone()))?;
        Ok(Self { registry, ended, seconds })
    }

    /// Writes them as Prometheus reads them.
    ///
    /// # Errors
    /// None that figures can cause.
    pub fn text(&self) -> Result<String, prometheus::Error> {
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    fn note(&self, method: &str, route: &str, status: &str, seconds: f64) {
        self.ended.with_label_values(&[method, route, status]).inc();
        self.seconds.with_label_values(&[method, route]).observe(seconds);
    }
}

/// Middleware: counts a request under the pattern of its route, never under its address, which names a dossier.
///
/// # Errors
/// None of its own.
pub async fn count(
    req: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let begun = Instant::now();
    let figures = req.app_data::<web::Data<RequestFigures>>().cloned();
    let method = method_of(&req);
    let answered = next.call(req).await;
    if let Some(figures) = figures {
        let (route, status) = match &answered {
            Ok(response) => (response.request().match_pattern(), response.status()),
            Err(refused) => (None, refused.as_response_error().status_code()),
        };
        let route = route.as_deref().unwrap_or("none");
        figures.note(method, route, status.as_str(), begun.elapsed().as_secs_f64());
    }
    answered
}

/// Anybody can make methods up, so only those in use are named.
fn method_of(req: &ServiceRequest) -> &'static str {
    match req.method().as_str() {
        "GET" => "GET",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        _ => "other",
    }
}
