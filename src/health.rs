//! How the service does: for probes, for Prometheus, and the contract for programs.

use std::sync::LazyLock;

use actix_web::web::Bytes;
use actix_web::{HttpResponse, web};
use diesel::prelude::*;
use serde_json::json;
use utoipa::OpenApi;

use crate::costs;
use crate::error::AppError;
use crate::http::figures::RequestFigures;
use crate::openapi::ApiDoc;
use crate::platform::db::Scope;
use crate::schema::{notice_queue, sending};
use crate::state::AppState;

/// Says that the process runs.
#[utoipa::path(get, path = "/health/live", tag = "operation", responses((status = 200)))]
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "live" }))
}

/// Says whether the database answers.
///
/// # Errors
/// [`AppError::Unavailable`] when it does not.
#[utoipa::path(get, path = "/health/ready", tag = "operation", responses((status = 200), (status = 503)))]
pub async fn ready(state: web::Data<AppState>) -> Result<HttpResponse, AppError> {
    let paused: Option<String> = state
        .db
        .read(&Scope::system(), |conn| Ok::<_, AppError>(sending::table.select(sending::paused_why).first(conn)?))
        .await?;
    Ok(HttpResponse::Ok().json(json!({ "status": "ready", "sending_paused": paused })))
}

/// Figures for Prometheus.
///
/// # Errors
/// [`AppError::Unavailable`] when the database does not answer.
#[utoipa::path(get, path = "/metrics", tag = "operation", responses((status = 200)))]
pub async fn metrics(
    state: web::Data<AppState>,
    requests: web::Data<RequestFigures>,
) -> Result<HttpResponse, AppError> {
    let now = state.clock.now();
    let (waiting, costs): (Vec<(String, i64)>, String) = state
        .db
        .read(&Scope::system(), move |conn| {
            let rows = notice_queue::table
                .group_by(notice_queue::channel)
                .select((notice_queue::channel, diesel::dsl::count_star()))
                .order(notice_queue::channel)
                .load(conn)?;
            Ok::<_, AppError>((rows, costs::metrics(conn, now)?))
        })
        .await?;
    let (used, most) = state.db.in_use();
    let mut text = requests.text().map_err(|err| AppError::Internal(err.into()))?;
    text.push_str("# TYPE motcua_notices_waiting gauge\n");
    for (channel, count) in waiting {
        text.push_str(&format!("motcua_notices_waiting{{channel=\"{channel}\"}} {count}\n"));
    }
    text.push_str(&costs);
    text.push_str(&format!("# TYPE motcua_db_connections_used gauge\nmotcua_db_connections_used {used}\n"));
    text.push_str(&format!("# TYPE motcua_db_connections_max gauge\nmotcua_db_connections_max {most}\n"));
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(text))
}

/// The contract in OpenAPI 3.1. Written once: anybody may ask for it, and writing it takes long.
pub async fn openapi() -> HttpResponse {
    static WRITTEN: LazyLock<Bytes> = LazyLock::new(|| Bytes::from(ApiDoc::openapi().to_json().unwrap_or_default()));
    HttpResponse::Ok().content_type("application/json").body(WRITTEN.clone())
}
