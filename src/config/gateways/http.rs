//! The description of a gateway that is spoken to over HTTP: what it is asked, what its answers and receipts mean.

use std::collections::BTreeMap;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::domain::delivery::Class;
use crate::domain::notice::NoticeChannel;

/// A gateway that is spoken to over HTTP. Texts of requests hold placeholders; texts that tell codes apart may begin
/// or end with `*`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpConfig {
    /// Whose gateway it is, for people.
    pub about: String,
    /// The channel that it serves.
    pub channel: NoticeChannel,
    /// What becomes of a request that is made twice.
    pub class: Class,
    /// For how many seconds it knows a request by its number.
    #[serde(default)]
    pub known_for_s: u32,
    /// The settings without which it can't be used.
    #[serde(default)]
    pub needs: Vec<String>,
    /// What the settings fill in: accounts, keys, the registered name.
    #[serde(default)]
    pub settings: BTreeMap<String, SecretString>,
    /// How a message is handed over.
    pub request: RequestConfig,
    /// What it answers.
    pub answer: AnswerConfig,
    /// What its delivery receipts mean; none are taken without.
    #[serde(default)]
    pub receipt: Option<ReceiptConfig>,
    /// How it is asked what became of a message, where it can be.
    #[serde(default)]
    pub pull: Option<Pull>,
    /// Where the token comes from that `{token}` stands for.
    #[serde(default)]
    pub token: Option<TokenConfig>,
}

/// How a request is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// `GET` with parameters in the URL.
    Get,
    /// `POST` with a form.
    Form,
    /// `POST` with a JSON body.
    Json,
    /// `POST` with an XML body.
    Xml,
}

/// One request.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestConfig {
    /// How it is written.
    pub method: Form,
    /// Where to.
    pub url: String,
    /// Parameters: in the URL, or the form's.
    #[serde(default)]
    pub params: BTreeMap<String, SecretString>,
    /// Headers.
    #[serde(default)]
    pub headers: BTreeMap<String, SecretString>,
    /// The body, for JSON and XML.
    #[serde(default)]
    pub body: SecretString,
}

/// What an answer means.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AnswerConfig {
    /// Where its code stands: JSON pointers (`/code`) or names of XML elements (`<result>`), joined by `/` where there
    /// are several, nothing for what is not there; without any the whole answer is the code.
    pub code: Vec<String>,
    /// Where the gateway's own number of the message stands, in the same way.
    pub reference: String,
    /// Codes of a message that was taken.
    pub accepted: Vec<String>,
    /// Codes of a message that it has had before under this number.
    pub duplicate: Vec<String>,
    /// Codes of a number that can't be reached.
    pub recipient: Vec<String>,
    /// Codes of words that it does not take.
    pub content: Vec<String>,
    /// Codes of a refusal for good that says no more.
    pub refused: Vec<String>,
    /// Codes that mean that no message of ours gets through: a wrong key, no money.
    pub account: Vec<String>,
    /// Codes that ask to come more slowly.
    pub throttled: Vec<String>,
    /// Codes of what another gateway could deliver: a name not registered with this network.
    pub elsewhere: Vec<String>,
    /// Codes of a fault on its side before anything was sent.
    pub not_sent: Vec<String>,
}

/// How what was sent is proved to be the gateway's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signature {
    /// By the secret in its address alone.
    #[default]
    None,
    /// By Zalo's `X-ZEvent-Signature` too: SHA-256 of app id, body, timestamp and the account's secret.
    Zalo,
}

/// What a delivery receipt means.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReceiptConfig {
    /// The field with our number.
    pub id: String,
    /// The field with the gateway's own number.
    pub reference: String,
    /// The fields with the code, joined by `/`.
    pub code: Vec<String>,
    /// The field with what the message cost, in VND.
    pub price: String,
    /// Codes of a message that the phone has.
    pub delivered: Vec<String>,
    /// Codes of one that will never get there.
    pub failed: Vec<String>,
    /// The fields without which what comes is no receipt: it is answered and forgotten.
    pub needs: Vec<String>,
    /// How it is signed.
    pub signature: Signature,
}

/// How the gateway is asked what became of a message.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pull {
    /// The question; `{reference}` is the gateway's own number.
    pub request: RequestConfig,
    /// Where the code stands in the answer.
    pub code: Vec<String>,
    /// Where the price stands.
    #[serde(default)]
    pub price: String,
    /// Codes of a message that the phone has.
    pub delivered: Vec<String>,
    /// Codes of one that will never get there.
    #[serde(default)]
    pub failed: Vec<String>,
    /// Codes of one that is under way.
    #[serde(default)]
    pub underway: Vec<String>,
    /// Codes of one that the gateway never had.
    #[serde(default)]
    pub unknown: Vec<String>,
    /// Whether the gateway's own number is needed to ask.
    #[serde(default)]
    pub by_reference: bool,
}

/// How an access token is got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    /// By name and secret, as often as wanted: each process gets its own.
    Client,
    /// By a refresh token that is good once and brings the next: one for the house, kept in the database.
    Rotating,
    /// By a statement that a service account signs, as often as wanted: each process gets its own.
    Assertion,
}

/// Where a token comes from.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenConfig {
    /// How it is got.
    pub kind: TokenKind,
    /// The question; `{refresh_token}` stands for the one at hand, `{assertion}` for the statement.
    pub request: RequestConfig,
    /// What is stated, where a statement brings the token.
    #[serde(default)]
    pub assertion: Option<AssertionConfig>,
    /// Where the token stands in the answer.
    pub token: String,
    /// Where it stands for how many seconds the token is good.
    pub expires_in: String,
    /// Where the next refresh token stands.
    #[serde(default)]
    pub refresh_token: String,
    /// Codes of answers to messages that mean that the token is good no more.
    #[serde(default)]
    pub stale: Vec<String>,
}

/// What a service account states and signs to get a token.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssertionConfig {
    /// Who states it.
    pub issuer: String,
    /// What the token is to be good for.
    pub scope: String,
    /// To whom.
    pub audience: String,
    /// The RSA key that signs, as PEM (PKCS #8).
    pub key: SecretString,
}

impl ReceiptConfig {
    /// Returns that of a file: our number as `id`, and `delivered` or `failed` as `status`.
    pub(super) fn usual() -> Self {
        let one = |text: &str| vec![text.to_owned()];
        Self {
            id: "id".to_owned(),
            reference: "reference".to_owned(),
            code: one("status"),
            delivered: vec!["1".to_owned(), "delivered".to_owned()],
            failed: vec!["2".to_owned(), "failed".to_owned()],
            ..Self::default()
        }
    }
}

impl HttpConfig {
    /// Lists every address that it is spoken to at.
    pub fn urls(&self) -> impl Iterator<Item = &str> {
        let others = [self.pull.as_ref().map(|pull| &pull.request), self.token.as_ref().map(|token| &token.request)];
        std::iter::once(&self.request).chain(others.into_iter().flatten()).map(|request| request.url.as_str())
    }

    /// Says what is missing.
    pub(super) fn fault(&self) -> Option<(String, String)> {
        let is_given = |name: &str| self.settings.get(name).is_some_and(|value| !value.expose_secret().is_empty());
        if let Some(name) = self.needs.iter().find(|name| !is_given(name)) {
            return Some((format!("settings.{name}"), format!("is needed for {}", self.about)));
        }
        let rotates = self.token.as_ref().is_some_and(|token| token.kind == TokenKind::Rotating);
        if rotates && !is_given("refresh_token") {
            let why = "is the refresh token that the vendor gave first; each is good once".to_owned();
            return Some(("settings.refresh_token".to_owned(), why));
        }
        if self.request.url.is_empty() {
            return Some(("request.url".to_owned(), "says where messages are handed over".to_owned()));
        }
        if self.answer.accepted.is_empty() {
            let why = "names what an answer must say to count as taken; [\"*\"] for whatever it says".to_owned();
            return Some(("answer.accepted".to_owned(), why));
        }
        None
    }
}
