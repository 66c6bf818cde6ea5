//! Settings: `config/default.toml`, then a file, then the environment. The only reader of the environment.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use figment::Figment;
use figment::providers::{Env, Format, Toml};
use secrecy::SecretString;
use serde::Deserialize;

use crate::platform::telemetry::LogFormat;

/// Every key with its default, as shipped.
pub const DEFAULTS: &str = include_str!("../config/default.toml");

/// All settings, a section for each part of the house.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The service.
    pub server: ServerConfig,
    /// Local files.
    pub data: DataConfig,
    /// PostgreSQL.
    pub database: DatabaseConfig,
    /// Keys.
    pub secrets: SecretsConfig,
    /// Logs.
    pub log: LogConfig,
    /// Log-ins.
    pub sessions: SessionsConfig,
    /// Rates.
    pub limits: LimitsConfig,
    /// Rules that an office may choose.
    pub dossiers: DossiersConfig,
    /// Loops.
    pub worker: WorkerConfig,
    /// Sending.
    pub notices: NoticesConfig,
    /// The SMS gateway.
    pub sms: SmsConfig,
    /// The mail server.
    pub email: EmailConfig,
}

/// What the database is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// To try things out: secrets and accounts of its own.
    Demo,
    /// Real people's papers.
    Production,
}

/// The service.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml explains every key")]
pub struct ServerConfig {
    pub mode: Mode,
    pub bind: SocketAddr,
    pub threads: usize,
    pub trusted_proxies: Vec<IpAddr>,
    pub body_limit_bytes: usize,
    pub body_timeout_s: u64,
    pub header_timeout_s: u64,
    pub keep_alive_s: u64,
    pub connections: usize,
    pub under_way: usize,
    pub cors_origins: Vec<String>,
    pub tls_certificate: PathBuf,
    pub tls_key: PathBuf,
    pub stop_timeout_s: u64,
    pub public_url: String,
}

/// Local files.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml explains every key")]
pub struct DataConfig {
    pub dir: PathBuf,
}

/// PostgreSQL.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml explains every key")]
pub struct DatabaseConfig {
    pub url: String,
    pub read_url: String,
    pub connections: u32,
    pub patience_ms: u64,
    pub statement_timeout_ms: u64,
}

/// Keys.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml explains every key")]
pub struct SecretsConfig {
    pub sealing_keys: BTreeMap<String, SecretString>,
    pub index_key: SecretString,
    pub audit_key: SecretString,
    pub audit_public_keys: Vec<String>,
}

/// Logs.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml explains every key")]
pub struct LogConfig {
    pub format: LogFormat,
    pub filter: String,
}

/// Log-ins.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml explains every key")]
pub struct SessionsConfig {
    pub hours: u32,
}

/// Rates.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml explains every key")]
pub struct LimitsConfig {
    pub public_per_minute: u32,
    pub sessions_per_minute: u32,
    pub catalogue_per_second: u32,
}

/// Rules that an office may choose.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml explains every key")]
pub struct DossiersConfig {
    pub apologised_counts_late: bool,
    pub supplement_days: u32,
}

/// Loops.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml explains every key")]
pub struct WorkerConfig {
    pub enabled: bool,
}

/// Sending.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml explains every key")]
pub struct NoticesConfig {
    pub sender: String,
    pub batch: i64,
    pub lease_s: u64,
    pub idle_ms: u64,
    pub retry_s: Vec<u64>,
    pub expires_h: u32,
}

/// How SMS leave the house.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SmsVia {
    /// Into a file.
    File,
    /// To an HTTP gateway.
    Http,
}

/// How an HTTP gateway is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SmsMethod {
    /// `GET` with parameters in the URL.
    Get,
    /// `POST` with a form.
    Form,
    /// `POST` with a JSON body.
    Json,
}

/// The SMS gateway.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml explains every key")]
pub struct SmsConfig {
    pub via: SmsVia,
    pub in_flight: usize,
    pub timeout_ms: u64,
    pub url: String,
    pub method: SmsMethod,
    pub params: BTreeMap<String, SecretString>,
    pub headers: BTreeMap<String, SecretString>,
    pub body: SecretString,
    pub success_contains: String,
    pub reference_pointer: String,
    pub refused_contains: Vec<String>,
    pub account_contains: Vec<String>,
    pub deduplicates: bool,
    pub callback_secret: SecretString,
    pub receipt: SmsReceiptConfig,
}

/// How a delivery receipt of the SMS gateway is read.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml explains every key")]
pub struct SmsReceiptConfig {
    pub id: String,
    pub reference: String,
    pub code: String,
    pub delivered: Vec<String>,
    pub failed: Vec<String>,
}

/// How mail leaves the house.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmailVia {
    /// Into a file.
    File,
    /// To a mail server.
    Smtp,
}

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
    pub via: EmailVia,
    pub in_flight: usize,
    pub timeout_ms: u64,
    pub host: String,
    pub port: u16,
    pub security: EmailSecurity,
    pub username: String,
    pub password: SecretString,
    pub from: String,
}

/// The settings can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A key is unknown, or its value is wrong.
    #[error("the settings can't be used: {0}; config/default.toml lists every key")]
    Unusable(Box<figment::Error>),
    /// The file named is not there.
    #[error("there is no settings file {0}; check --config")]
    NoFile(PathBuf),
    /// A value that can be read makes no sense.
    #[error("{key}: {why}")]
    Senseless {
        /// The key.
        key: &'static str,
        /// What is wrong and what to do.
        why: String,
    },
}

impl Config {
    /// Reads the settings: the defaults, then `file`, then `MOTCUA__SECTION__KEY` of the environment.
    ///
    /// # Errors
    /// [`ConfigError`], naming the key.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let mut figment = Figment::from(Toml::string(DEFAULTS));
        if let Some(path) = file {
            if !path.is_file() {
                return Err(ConfigError::NoFile(path.to_owned()));
            }
            figment = figment.merge(Toml::file_exact(path));
        }
        let config: Self = figment
            .merge(Env::prefixed("MOTCUA__").split("__"))
            .extract()
            .map_err(|err| ConfigError::Unusable(Box::new(err)))?;
        config.check()?;
        Ok(config)
    }

    /// Reads the shipped defaults alone.
    ///
    /// # Errors
    /// None that a shipped file can cause.
    pub fn defaults() -> Result<Self, ConfigError> {
        Figment::from(Toml::string(DEFAULTS)).extract().map_err(|err| ConfigError::Unusable(Box::new(err)))
    }

    fn check(&self) -> Result<(), ConfigError> {
        let at_most = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        let positive: [(&'static str, u64); 11] = [
            ("server.body_timeout_s", self.server.body_timeout_s),
            ("server.header_timeout_s", self.server.header_timeout_s),
            ("server.keep_alive_s", self.server.keep_alive_s),
            ("server.connections", at_most(self.server.connections)),
            ("server.under_way", at_most(self.server.under_way)),
            ("database.connections", u64::from(self.database.connections)),
            ("limits.public_per_minute", u64::from(self.limits.public_per_minute)),
            ("limits.sessions_per_minute", u64::from(self.limits.sessions_per_minute)),
            ("limits.catalogue_per_second", u64::from(self.limits.catalogue_per_second)),
            ("sessions.hours", u64::from(self.sessions.hours)),
            ("notices.batch", u64::try_from(self.notices.batch).unwrap_or(0)),
        ];
        if let Some((key, _)) = positive.iter().find(|(_, value)| *value == 0) {
            return Err(ConfigError::Senseless { key, why: "must be above 0".to_owned() });
        }
        if self.server.tls_certificate.as_os_str().is_empty() != self.server.tls_key.as_os_str().is_empty() {
            let why = "is needed together with server.tls_certificate".to_owned();
            return Err(ConfigError::Senseless { key: "server.tls_key", why });
        }
        if self.sms.via == SmsVia::Http && self.sms.url.is_empty() {
            return Err(ConfigError::Senseless { key: "sms.url", why: "is needed when sms.via is http".to_owned() });
        }
        if self.email.via == EmailVia::Smtp && self.email.host.is_empty() {
            return Err(ConfigError::Senseless {
                key: "email.host",
                why: "is needed when email.via is smtp".to_owned(),
            });
        }
        Ok(())
    }
}

impl DatabaseConfig {
    /// Returns how long a caller waits for a connection.
    pub fn patience(&self) -> Duration {
        Duration::from_millis(self.patience_ms)
    }
}
