//! Settings of the process: where it listens, what it stores where, its keys, logs and loops.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;

use crate::platform::telemetry::LogFormat;

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

/// Loops.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml explains every key")]
pub struct WorkerConfig {
    pub enabled: bool,
    pub calendar_batch: i64,
}

impl DatabaseConfig {
    /// Returns how long a caller waits for a connection.
    pub fn patience(&self) -> Duration {
        Duration::from_millis(self.patience_ms)
    }
}
