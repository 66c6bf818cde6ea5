//! A request of a gateway's description, ready to be filled in and sent.

use std::collections::BTreeMap;

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Method, RequestBuilder, Response, Url};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::Fault;
use super::answer::Answer;
use super::pattern::{Filling, Pattern, as_it_is, in_url, in_xml};
use crate::config::{Form, RequestConfig};

/// The part of an answer that is read; more is rubbish.
const LONGEST_ANSWER: usize = 64 * 1024;

/// Stands for the values of a message by name, where its vendor keeps the words: the whole text of a JSON value.
const PARAMS: &str = "{params}";

/// The request.
#[derive(Clone)]
pub struct Request {
    form: Form,
    url: Pattern,
    params: Vec<(String, Pattern)>,
    headers: Vec<(HeaderName, Pattern)>,
    body: Option<Body>,
}

#[derive(Clone)]
enum Body {
    Json(Json),
    Xml(Pattern),
}

/// A JSON body whose texts hold placeholders: filled in as values, so that nothing needs escaping.
#[derive(Clone)]
enum Json {
    Text(Pattern),
    /// An object of texts.
    Params,
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
    Other(Value),
}

type Settings = BTreeMap<String, SecretString>;

impl Request {
    /// Reads a description; `key` is where it stands.
    ///
    /// # Errors
    /// [`Fault`], naming the key.
    pub fn new(config: &RequestConfig, settings: &Settings, key: &str) -> Result<Self, Fault> {
        let pattern = |key: String, text: &str| Pattern::read(text, settings).map_err(|why| Fault::new(key, why));
        let params = config.params.iter().map(|(name, value)| {
            let value = pattern(format!("{key}.params.{name}"), value.expose_secret())?;
            Ok((name.clone(), value))
        });
        let headers = config.headers.iter().map(|(name, value)| {
            let key = format!("{key}.headers.{name}");
            let header = HeaderName::try_from(name).map_err(|err| Fault::new(&key, err))?;
            Ok((header, pattern(key, value.expose_secret())?))
        });
        let body_key = format!("{key}.body");
        let body = match config.method {
            Form::Get | Form::Form => None,
            Form::Xml => Some(Body::Xml(pattern(body_key, config.body.expose_secret())?)),
            Form::Json => {
                let value = serde_json::from_str(config.body.expose_secret())
                    .map_err(|err| Fault::new(&body_key, format!("is no JSON: {err}")))?;
                Some(Body::Json(Json::read(value, settings).map_err(|why| Fault::new(body_key, why))?))
            }
        };
        Ok(Self {
            form: config.method,
            url: pattern(format!("{key}.url"), &config.url)?,
            params: params.collect::<Result<_, _>>()?,
            headers: headers.collect::<Result<_, _>>()?,
            body,
        })
    }

    /// Whether it names the number under which the gateway's vendor keeps a wording: without one it can't be made.
    pub fn is_by_template(&self) -> bool {
        let in_body = match &self.body {
            Some(Body::Json(json)) => json.is_by_template(),
            Some(Body::Xml(xml)) => xml.is_by_template(),
            None => false,
        };
        let mut others = self.params.iter().map(|(_, value)| value).chain(self.headers.iter().map(|(_, value)| value));
        in_body || self.url.is_by_template() || others.any(Pattern::is_by_template)
    }

    /// Fills it in.
    ///
    /// # Errors
    /// [`Fault`] for a URL or header that can't be one.
    pub fn filled(&self, client: &Client, with: &Filling<'_>) -> Result<RequestBuilder, Fault> {
        let mut url = Url::parse(&self.url.fill(with, in_url)).map_err(|err| Fault::new("request.url", err))?;
        let filled = self.params.iter().map(|(name, value)| (name.as_str(), value.fill(with, as_it_is)));
        let pairs: Vec<(&str, String)> = filled.collect();
        if self.form != Form::Form && !pairs.is_empty() {
            url.query_pairs_mut().extend_pairs(&pairs);
        }
        let method = if self.form == Form::Get { Method::GET } else { Method::POST };
        let request = client.request(method, url);
        let request = match (&self.body, self.form) {
            (Some(Body::Json(json)), _) => typed(request, "application/json", json.fill(with).to_string()),
            (Some(Body::Xml(xml)), _) => typed(request, "text/xml; charset=utf-8", xml.fill(with, in_xml)),
            (None, Form::Form) => typed(request, "application/x-www-form-urlencoded", form(&pairs)?),
            (None, _) => request,
        };
        Ok(request.headers(self.filled_headers(with)?))
    }

    fn filled_headers(&self, with: &Filling<'_>) -> Result<HeaderMap, Fault> {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let filled = value.fill(with, as_it_is);
            let mut value =
                HeaderValue::from_str(&filled).map_err(|err| Fault::new(format!("request.headers.{name}"), err))?;
            value.set_sensitive(true);
            headers.insert(name.clone(), value);
        }
        Ok(headers)
    }
}

impl Json {
    fn read(value: Value, settings: &Settings) -> Result<Self, String> {
        Ok(match value {
            Value::String(text) if text == PARAMS => Self::Params,
            Value::String(text) => Self::Text(Pattern::read(&text, settings)?),
            Value::Array(items) => {
                Self::List(items.into_iter().map(|item| Self::read(item, settings)).collect::<Result<_, _>>()?)
            }
            Value::Object(fields) => {
                let read = fields.into_iter().map(|(name, value)| Ok((name, Self::read(value, settings)?)));
                Self::Object(read.collect::<Result<_, String>>()?)
            }
            other => Self::Other(other),
        })
    }

    fn is_by_template(&self) -> bool {
        match self {
            Self::Text(text) => text.is_by_template(),
            Self::List(items) => items.iter().any(Self::is_by_template),
            Self::Object(fields) => fields.iter().any(|(_, value)| value.is_by_template()),
            Self::Params | Self::Other(_) => false,
        }
    }

    fn fill(&self, with: &Filling<'_>) -> Value {
        match self {
            Self::Text(text) => Value::String(text.fill(with, as_it_is)),
            Self::Params => {
                let params = with.message.map(|message| &message.wording.params).into_iter().flatten();
                params.map(|(name, value)| (name.clone(), Value::String(value.clone()))).collect()
            }
            Self::List(items) => items.iter().map(|item| item.fill(with)).collect(),
            Self::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), value.fill(with))).collect(),
            Self::Other(value) => value.clone(),
        }
    }
}

fn typed(request: RequestBuilder, kind: &'static str, body: String) -> RequestBuilder {
    request.header(CONTENT_TYPE, kind).body(body)
}

fn form(pairs: &[(&str, String)]) -> Result<String, Fault> {
    let mut url = Url::parse("form:").map_err(|err| Fault::new("request.params", err))?;
    url.query_pairs_mut().extend_pairs(pairs);
    Ok(url.query().unwrap_or_default().to_owned())
}

/// Reads an answer up to its limit; one that is cut is told apart from one that ended.
pub async fn read(mut response: Response) -> Answer {
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
