//! The route map: every path, its methods and its handler.

use actix_web::web::{self, ServiceConfig, delete, get, patch, post, put, resource};
use utoipa::OpenApi;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};

use crate::approvals::routes as approvals;
use crate::staff::routes::{accounts, keys, sessions};

/// Puts every route in its place.
pub fn configure(app: &mut ServiceConfig) {
    app.service(
        web::scope("/api/v1")
            .configure(staff)
            .configure(decisions)
            .service(resource("/openapi.json").route(get().to(show_openapi))),
    );
}

fn staff(api: &mut ServiceConfig) {
    api.service(
        resource("/sessions")
            .route(post().to(sessions::log_in))
            .route(get().to(sessions::list_sessions)),
    )
    .service(resource("/sessions/{id}").route(delete().to(sessions::end_session)))
    .service(resource("/me").route(get().to(sessions::show_me)))
    .service(resource("/me/password").route(put().to(sessions::change_own_password)))
    .service(
        resource("/staff")
            .route(get().to(accounts::list_staff))
            .route(post().to(accounts::add_staff)),
    )
    .service(resource("/staff/{id}").route(patch().to(accounts::change_staff)))
    .service(
        resource("/api-keys")
            .route(get().to(keys::list_keys))
            .route(post().to(keys::add_key)),
    )
    .service(resource("/api-keys/{id}").route(delete().to(keys::revoke_key)));
}

fn decisions(api: &mut ServiceConfig) {
    api.service(resource("/approvals").route(get().to(approvals::list_approvals)))
        .service(
            resource("/approvals/{id}/actions/{decision}")
                .route(post().to(approvals::decide_approval)),
        );
}

/// The API's own description.
#[derive(OpenApi)]
#[openapi(
    modifiers(&Bearer),
    paths(
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
        approvals::list_approvals,
        approvals::decide_approval,
    )
)]
pub struct ApiDoc;

struct Bearer;

impl utoipa::Modify for Bearer {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        let components = openapi.components.get_or_insert_default();
        components.add_security_scheme("bearer", scheme);
    }
}

async fn show_openapi() -> web::Json<utoipa::openapi::OpenApi> {
    web::Json(ApiDoc::openapi())
}
