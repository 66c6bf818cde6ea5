//! A mail server.

use secrecy::SecretString;
use serde::Deserialize;

/// How the way to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmailSecurity {
    /// Not at all: for a server on the same machine.
    None,
    /// TLS after `STARTTLS`, required.
    Starttls,
    /// TLS from the start.
    Tls,
}

/// The mail server.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml explains every key")]
pub struct EmailConfig {
    pub host: String,
    #[serde(default = "usual_port")]
    pub port: u16,
    #[serde(default = "protected")]
    pub security: EmailSecurity,
    #[serde(default)]
    pub username: String,
    #[serde(default)]
    pub password: SecretString,
}

fn usual_port() -> u16 {
    25
}

fn protected() -> EmailSecurity {
    EmailSecurity::Starttls
}

impl EmailConfig {
    pub(super) fn fault(&self) -> Option<(String, String)> {
        self.host.is_empty().then(|| ("host".to_owned(), "names the mail server".to_owned()))
    }
}
