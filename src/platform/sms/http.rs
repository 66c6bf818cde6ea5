//! An SMS gateway that is spoken to over HTTP in the way that the settings describe.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Method, RequestBuilder, Response, Url, redirect};
use secrecy::ExposeSecret;
use serde_json::Value;

use super::Sms;
use super::answer::{Answer, Marks};
use super::pattern::{Pattern, as_it_is, in_url};
use crate::config::{SmsConfig, SmsMethod};
use crate::domain::delivery::{Outcome, Reply};

/// The part of an answer that is read; more is rubbish.
const LONGEST_ANSWER: usize = 64 * 1024;
const CONNECT_WITHIN: Duration = Duration::from_secs(3);
/// Shorter than gateways keep a connection, so that few requests meet one that is just being closed.
const IDLE_FOR: Duration = Duration::from_secs(4);

/// The settings describe no gateway.
#[derive(Debug, thiserror::Error)]
#[error("{key}: {why}")]
pub struct SmsFault {
    /// The key.
    pub key: String,
    /// What is wrong.
    pub why: String,
}

fn fault(key: impl Into<String>, why: impl ToString) -> SmsFault {
    SmsFault { key: key.into(), why: why.to_string() }
}

/// The gateway.
#[derive(Clone)]
pub struct HttpSms {
    client: Client,
    method: SmsMethod,
    url: Pattern,
    params: Vec<(String, Pattern)>,
    headers: Vec<(HeaderName, Pattern)>,
    body: Option<Body>,
    sender: String,
    marks: Marks,
    deduplicates: bool,
}

/// A JSON body whose texts hold placeholders: filled in as values, so that nothing needs escaping.
#[derive(Clone)]
enum Body {
    Text(Pattern),
    List(Vec<Body>),
    Object(Vec<(String, Body)>),
    Other(Value),
}

impl HttpSms {
    /// Reads the description.
    ///
    /// # Errors
    /// [`SmsFault`], naming the key.
    pub fn new(config: &SmsConfig, sender: &str) -> Result<Self, SmsFault> {
        let pattern = |key: &str, text: &str| Pattern::read(text).map_err(|why| fault(key, why));
        let params = config.params.iter().map(|(name, value)| {
            let value = pattern(&format!("sms.params.{name}"), value.expose_secret())?;
            Ok((name.clone(), value))
        });
        let headers = config.headers.iter().map(|(name, value)| {
            let key = format!("sms.headers.{name}");
            let header = HeaderName::try_from(name).map_err(|err| fault(&key, err))?;
            Ok((header, pattern(&key, value.expose_secret())?))
        });
        Ok(Self {
            client: client(config)?,
            method: config.method,
            url: pattern("sms.url", &config.url)?,
            params: params.collect::<Result<_, _>>()?,
            headers: headers.collect::<Result<_, _>>()?,
            body: body(config)?,
            sender: sender.to_owned(),
            marks: Marks::new(config),
            deduplicates: config.deduplicates,
        })
    }

    /// Whether the gateway knows a repeated request.
    pub fn deduplicates(&self) -> bool {
        self.deduplicates
    }

    /// Hands one SMS over.
    pub async fn send(&self, sms: &Sms) -> Reply {
        let request = match self.request(sms) {
            Ok(request) => request,
            Err(fault) => return Reply::new(Outcome::Account, fault.to_string()),
        };
        match request.send().await {
            Ok(response) => self.marks.judge(&read(response).await),
            Err(err) if err.is_connect() || err.is_builder() => Reply::new(Outcome::NotSent, "not connected"),
            Err(err) if err.is_timeout() => Reply::new(Outcome::Ambiguous, "no answer in time"),
            Err(_) => Reply::new(Outcome::Ambiguous, "connection lost"),
        }
    }

    fn request(&self, sms: &Sms) -> Result<RequestBuilder, SmsFault> {
        let filled = self.url.fill(sms, &self.sender, in_url);
        let mut url = Url::parse(&filled).map_err(|err| fault("sms.url", err))?;
        let pairs: Vec<(&str, String)> =
            self.params.iter().map(|(name, value)| (name.as_str(), value.fill(sms, &self.sender, as_it_is))).collect();
        let request = match self.method {
            SmsMethod::Get => {
                if !pairs.is_empty() {
                    url.query_pairs_mut().extend_pairs(&pairs);
                }
                self.client.request(Method::GET, url)
            }
            SmsMethod::Form => self
                .client
                .request(Method::POST, url)
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(form(&pairs)?),
            SmsMethod::Json => {
                if !pairs.is_empty() {
                    url.query_pairs_mut().extend_pairs(&pairs);
                }
                let body = self.body.as_ref().map(|body| self.fill(body, sms));
                self.client
                    .request(Method::POST, url)
                    .header(CONTENT_TYPE, "application/json")
                    .body(body.unwrap_or_default().to_string())
            }
        };
        Ok(request.headers(self.filled_headers(sms)?))
    }

    fn filled_headers(&self, sms: &Sms) -> Result<HeaderMap, SmsFault> {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let filled = value.fill(sms, &self.sender, as_it_is);
            let mut value = HeaderValue::from_str(&filled).map_err(|err| fault(format!("sms.headers.{name}"), err))?;
            value.set_sensitive(true);
            headers.insert(name.clone(), value);
        }
        Ok(headers)
    }

    fn fill(&self, body: &Body, sms: &Sms) -> Value {
        match body {
            Body::Text(text) => Value::String(text.fill(sms, &self.sender, as_it_is)),
            Body::List(items) => items.iter().map(|item| self.fill(item, sms)).collect(),
            Body::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), self.fill(value, sms))).collect(),
            Body::Other(value) => value.clone(),
        }
    }
}

fn client(config: &SmsConfig) -> Result<Client, SmsFault> {
    crate::platform::tls::install();
    let timeout = Duration::from_millis(config.timeout_ms);
    let mut builder = Client::builder()
        .user_agent("motcua")
        .no_proxy()
        .redirect(redirect::Policy::none())
        .connect_timeout(CONNECT_WITHIN.min(timeout))
        .timeout(timeout)
        .pool_idle_timeout(IDLE_FOR)
        .pool_max_idle_per_host(config.in_flight);
    if config.url.starts_with("http://") {
        // No certificate will be met, so none needs to be installed.
        builder = builder.tls_certs_only([]);
    }
    builder
        .build()
        .map_err(|err| fault("sms.url", format!("TLS could not be set up ({err}): is ca-certificates installed?")))
}

fn body(config: &SmsConfig) -> Result<Option<Body>, SmsFault> {
    if config.method != SmsMethod::Json {
        return Ok(None);
    }
    let value = serde_json::from_str(config.body.expose_secret())
        .map_err(|err| fault("sms.body", format!("is no JSON: {err}")))?;
    read_body(value).map(Some)
}

fn read_body(value: Value) -> Result<Body, SmsFault> {
    Ok(match value {
        Value::String(text) => Body::Text(Pattern::read(&text).map_err(|why| fault("sms.body", why))?),
        Value::Array(items) => Body::List(items.into_iter().map(read_body).collect::<Result<_, _>>()?),
        Value::Object(fields) => {
            let fields = fields.into_iter();
            let read = fields.map(|(name, value)| Ok((name, read_body(value)?)));
            Body::Object(read.collect::<Result<_, _>>()?)
        }
        other => Body::Other(other),
    })
}

fn form(pairs: &[(&str, String)]) -> Result<String, SmsFault> {
    let mut url = Url::parse("form:").map_err(|err| fault("sms.params", err))?;
    url.query_pairs_mut().extend_pairs(pairs);
    Ok(url.query().unwrap_or_default().to_owned())
}

/// Reads an answer up to its limit; one that is cut is told apart from one that ended.
async fn read(mut response: Response) -> Answer {
    let status = response.status().as_u16();
    let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
    let mut body = Vec::new();
    let is_whole = loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= LONGEST_ANSWER => {
                body.extend_from_slice(&chunk);
            }
            Ok(Some(_)) | Err(_) => break false,
            Ok(None) => break true,
        }
    };
    Answer { status, retry_after, body: String::from_utf8_lossy(&body).into_owned(), is_whole }
}
