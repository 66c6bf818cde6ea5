//! Settings of an OpenID provider: the province's single sign-on for staff, the national log-in for citizens.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

/// A provider that says who somebody is.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml explains every key")]
pub struct OpenIdConfig {
    pub issuer: String,
    pub client_id: String,
    pub client_secret: SecretString,
    pub redirect_uri: String,
    pub scopes: Vec<String>,
    pub claim: String,
    pub strong_amr: Vec<String>,
    pub strong_acr: Vec<String>,
}

impl OpenIdConfig {
    /// Whether there is such a provider.
    pub fn is_set(&self) -> bool {
        !self.issuer.is_empty()
    }

    /// Whether log-ins can be told apart by how strong they were.
    pub fn tells_strength(&self) -> bool {
        !self.strong_amr.is_empty() || !self.strong_acr.is_empty()
    }

    /// Returns the name of a key that is needed and missing.
    pub(super) fn missing(&self) -> Option<&'static str> {
        let needed = [
            ("client_id", self.client_id.as_str()),
            ("client_secret", self.client_secret.expose_secret()),
            ("redirect_uri", &self.redirect_uri),
            ("claim", &self.claim),
        ];
        needed.into_iter().filter(|_| self.is_set()).find(|(_, value)| value.is_empty()).map(|(key, _)| key)
    }
}
