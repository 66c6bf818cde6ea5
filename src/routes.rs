//! The whole route map, scope by scope. Every handler that takes `Signed` asks who it is; the others are open.

use actix_web::web::{ServiceConfig, delete, get, patch, post, put, scope};
use utoipa::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa_swagger_ui::SwaggerUi;

use crate::staff::routes::{accounts, keys, sessions};
use crate::{approvals, dossiers, health};

/// Puts every handler in its place.
pub fn map(config: &mut ServiceConfig) {
    config
        .route("/health/live", get().to(health::live))
        .route("/health/ready", get().to(health::ready))
        .route("/metrics", get().to(health::metrics))
        .service(
            scope("/api/v1")
                .configure(staff_routes)
                .configure(dossier_routes)
                .route("/openapi.json", get().to(health::openapi)),
        )
        .service(SwaggerUi::new("/docs/{_:.*}").url("/api/v1/openapi.json", ApiDoc::openapi()));
}

fn staff_routes(config: &mut ServiceConfig) {
    config
        .route("/sessions", post().to(sessions::log_in))
        .route("/sessions", get().to(sessions::list_sessions))
        .route("/sessions/{id}", delete().to(sessions::end_session))
        .route("/me", get().to(sessions::show_me))
        .route("/me/password", put().to(sessions::change_own_password))
        .route("/staff", get().to(accounts::list_staff))
        .route("/staff", post().to(accounts::add_staff))
        .route("/staff/{id}", patch().to(accounts::change_staff))
        .route("/api-keys", get().to(keys::list_keys))
        .route("/api-keys", post().to(keys::add_key))
        .route("/api-keys/{id}", delete().to(keys::revoke_key))
        .route("/approvals", get().to(approvals::routes::list_approvals))
        .route("/approvals/{id}/actions/{decision}", post().to(approvals::routes::decide_approval));
}

fn dossier_routes(config: &mut ServiceConfig) {
    config
        .route("/dossiers", get().to(dossiers::routes::list_dossiers))
        .route("/dossiers", post().to(dossiers::routes::receive_dossier))
        .route("/dossiers/submissions", post().to(dossiers::routes::submit_dossier))
        .route("/dossiers/{code}", get().to(dossiers::routes::show_dossier))
        .route("/dossiers/{code}", patch().to(dossiers::routes::correct_dossier))
        .route("/dossiers/{code}/events", get().to(dossiers::routes::list_events))
        .route("/dossiers/{code}/deadline", get().to(dossiers::routes::explain_deadline))
        .route("/dossiers/{code}/actions/{verb}", post().to(dossiers::routes::act_on_dossier));
}

/// The contract, generated from the handlers.
#[derive(OpenApi)]
#[openapi(
    info(title = "motcua", description = "The open backend of a province's one-stop shop (một cửa)"),
    paths(
        health::live,
        health::ready,
        health::metrics,
        sessions::log_in,
        sessions::list_sessions,
        sessions::end_session,
        sessions::show_me,
        sessions::change_own_password,
        accounts::list_staff,
        accounts::add_staff,
        accounts::change_staff,
        keys::list_keys,
        keys::add_key,
        keys::revoke_key,
        approvals::routes::list_approvals,
        approvals::routes::decide_approval,
        dossiers::routes::list_dossiers,
        dossiers::routes::receive_dossier,
        dossiers::routes::submit_dossier,
        dossiers::routes::show_dossier,
        dossiers::routes::correct_dossier,
        dossiers::routes::list_events,
        dossiers::routes::explain_deadline,
        dossiers::routes::act_on_dossier,
    ),
    modifiers(&BearerScheme)
)]
pub struct ApiDoc;

struct BearerScheme;

impl utoipa::Modify for BearerScheme {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        let components = openapi.components.get_or_insert_with(Default::default);
        components.add_security_scheme("bearer", SecurityScheme::Http(scheme));
    }
}
