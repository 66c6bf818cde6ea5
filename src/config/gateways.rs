//! Settings of the doors through which messages leave: the SMS gateway and the mail server.

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde::Deserialize;

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
    pub callback_secret_before: SecretString,
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
