//! What the contract says of bearers and cookies.

use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};

use super::{COOKIE_NAME, CSRF_HEADER};

/// Writes them into the contract.
#[derive(Debug, Clone, Copy)]
pub struct Credentials;

impl utoipa::Modify for Credentials {
    /// Whatever a bearer opens, a browser's cookie opens too.
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        let said = format!("Of a log-in as `cookie`; whatever changes something needs `{CSRF_HEADER}` beside it");
        let cookie =
            SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(COOKIE_NAME.to_owned(), said)));
        let components = openapi.components.get_or_insert_default();
        components.add_security_scheme("bearer", bearer);
        components.add_security_scheme("cookie", cookie);
        for item in openapi.paths.paths.values_mut() {
            let methods = [&mut item.get, &mut item.put, &mut item.post, &mut item.patch, &mut item.delete];
            for operation in methods.into_iter().flatten() {
                if let Some(security) = operation.security.as_mut().filter(|security| !security.is_empty()) {
                    security.push(SecurityRequirement::new::<_, [String; 0], String>("cookie", []));
                }
            }
        }
    }
}
