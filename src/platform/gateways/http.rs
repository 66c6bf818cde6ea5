//! A gateway that is spoken to over HTTP in the way that its description says.

use std::time::Duration;

use reqwest::{Client, redirect};

use super::answer::{Answer, Codes, Marks, Places, meant};
use super::pattern::Filling;
use super::request::{Request, read};
use super::token::{Token, TokenSource};
use super::{Fault, Message};
use crate::config::{HttpConfig, Pull, SendingConfig};
use crate::domain::delivery::{Outcome, Reply};
use crate::domain::notice::Receipt;

const CONNECT_WITHIN: Duration = Duration::from_secs(3);
/// Shorter than gateways keep a connection, so that few requests meet one that is just being closed.
const IDLE_FOR: Duration = Duration::from_secs(4);

/// The gateway.
#[derive(Clone)]
pub struct HttpGateway {
    client: Client,
    request: Request,
    marks: Marks,
    question: Option<Question>,
    token: Option<TokenSource>,
    sender: String,
    callback: String,
}

/// How it is asked what became of a message.
#[derive(Clone)]
struct Question {
    request: Request,
    code: Places,
    price: Option<Places>,
    delivered: Vec<String>,
    failed: Vec<String>,
    underway: Vec<String>,
    unknown: Vec<String>,
    by_reference: bool,
}

/// What came of handing a message over.
pub enum Handed {
    /// The gateway, or the way to it, said this.
    Replied(Reply),
    /// The gateway has nothing: there is no access token, or it takes this one no more.
    WithoutToken(Option<Token>),
}

/// What a gateway says of a message when it is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// What became of it, by its code, and what it cost.
    Told(Receipt, String, Option<String>),
    /// It never had it.
    Unknown,
    /// It said nothing that can be read; it is asked again later.
    Nothing,
}

impl HttpGateway {
    /// Reads the description; receipts are to come to `callback`.
    ///
    /// # Errors
    /// [`Fault`], naming the key.
    pub fn new(config: &HttpConfig, sending: &SendingConfig, sender: &str, callback: String) -> Result<Self, Fault> {
        let client = client(config, sending)?;
        let token = config.token.as_ref().map(|token| TokenSource::new(token, &config.settings, client.clone()));
        Ok(Self {
            request: Request::new(&config.request, &config.settings, "request")?,
            marks: Marks::new(&config.answer),
            question: config.pull.as_ref().map(|pull| Question::new(pull, config)).transpose()?,
            token: token.transpose()?,
            sender: sender.to_owned(),
            client,
            callback,
        })
    }

    /// Whether it can be asked what became of a message.
    pub fn can_be_asked(&self) -> bool {
        self.question.is_some()
    }

    /// Returns where its tokens come from, if it wants any.
    pub fn token_source(&self) -> Option<&TokenSource> {
        self.token.as_ref()
    }

    /// Hands one message over. What this gateway's vendor keeps no wording for, another gateway may deliver.
    pub async fn send(&self, message: &Message) -> Handed {
        if self.request.is_by_template() && message.template.is_none() {
            return Handed::Replied(Reply::new(Outcome::Elsewhere, "no template number"));
        }
        let token = match self.token().await {
            Ok(token) => token,
            Err(handed) => return handed,
        };
        let with = Filling { message: Some(message), ..self.filling(token.as_ref()) };
        let reply = match self.ask(&self.request, &with).await {
            Ok(answer) if self.is_stale(&answer) => return Handed::WithoutToken(token),
            Ok(answer) => self.marks.judge(&answer),
            Err(reply) => reply,
        };
        Handed::Replied(Reply { code: reply.code.map(|code| code.replace(&message.to, "***")), ..reply })
    }

    /// Asks what became of a message that it may have.
    pub async fn ask_after(&self, message: &Message, reference: Option<&str>) -> Asked {
        let Some(question) = self.question.as_ref().filter(|q| !q.by_reference || reference.is_some()) else {
            return Asked::Nothing;
        };
        let Ok(token) = self.token().await else {
            return Asked::Nothing;
        };
        let reference = reference.unwrap_or_default();
        let with = Filling { message: Some(message), reference, ..self.filling(token.as_ref()) };
        match self.ask(&question.request, &with).await {
            Ok(answer) if answer.status < 300 && answer.is_whole => question.read(&answer.body),
            _ => Asked::Nothing,
        }
    }

    /// Returns the token that a request needs, if any.
    async fn token(&self) -> Result<Option<Token>, Handed> {
        let Some(source) = &self.token else {
            return Ok(None);
        };
        match source.token().await {
            Ok(None) => Err(Handed::WithoutToken(None)),
            Ok(token) => Ok(token),
            Err(reply) => Err(Handed::Replied(reply)),
        }
    }

    fn filling<'a>(&'a self, token: Option<&'a Token>) -> Filling<'a> {
        Filling {
            sender: &self.sender,
            callback: &self.callback,
            token: token.map_or("", Token::expose),
            ..Filling::default()
        }
    }

    /// Whether an answer says that the token is good no more.
    fn is_stale(&self, answer: &Answer) -> bool {
        self.token.as_ref().is_some_and(|source| source.is_stale(self.marks.code_of(answer).as_deref()))
    }

    async fn ask(&self, request: &Request, with: &Filling<'_>) -> Result<Answer, Reply> {
        let request = request
            .filled(&self.client, with)
            .map_err(|fault| Reply::new(Outcome::Account, format!("{}: {}", fault.key, fault.why)))?;
        ask(request).await
    }
}

/// Sends a request; what is no answer is told apart by whether the gateway may have got it.
pub(super) async fn ask(request: reqwest::RequestBuilder) -> Result<Answer, Reply> {
    match request.send().await {
        Ok(response) => Ok(read(response).await),
        Err(err) if err.is_connect() || err.is_builder() => Err(Reply::new(Outcome::NotSent, "not connected")),
        Err(err) if err.is_timeout() => Err(Reply::new(Outcome::Ambiguous, "no answer in time")),
        Err(_) => Err(Reply::new(Outcome::Ambiguous, "connection lost")),
    }
}

impl Question {
    fn new(pull: &Pull, config: &HttpConfig) -> Result<Self, Fault> {
        let price = Some(pull.price.clone()).filter(|place| !place.is_empty());
        Ok(Self {
            request: Request::new(&pull.request, &config.settings, "pull.request")?,
            code: Places::new(&pull.code),
            price: price.map(|place| Places::new(&[place])),
            delivered: pull.delivered.clone(),
            failed: pull.failed.clone(),
            underway: pull.underway.clone(),
            unknown: pull.unknown.clone(),
            by_reference: pull.by_reference,
        })
    }

    fn read(&self, body: &str) -> Asked {
        let Some(code) = self.code.find(body) else {
            return Asked::Nothing;
        };
        let price = self.price.as_ref().and_then(|places| places.find(body));
        let known = [&self.delivered, &self.failed, &self.underway].iter().any(|codes| Codes::new(codes).hold(&code));
        match known {
            true => Asked::Told(meant(&code, &self.delivered, &self.failed), code, price),
            false if Codes::new(&self.unknown).hold(&code) => Asked::Unknown,
            false => Asked::Nothing,
        }
    }
}

fn client(config: &HttpConfig, sending: &SendingConfig) -> Result<Client, Fault> {
    crate::platform::tls::install();
    let timeout = Duration::from_millis(sending.timeout_ms);
    let mut builder = Client::builder()
        .user_agent("motcua")
        .no_proxy()
        .redirect(redirect::Policy::none())
        .connect_timeout(CONNECT_WITHIN.min(timeout))
        .timeout(timeout)
        .pool_idle_timeout(IDLE_FOR)
        .pool_max_idle_per_host(sending.in_flight);
    if config.urls().all(|url| url.starts_with("http://")) {
        // No certificate will be met, so none needs to be installed.
        builder = builder.tls_certs_only([]);
    }
    let told = |err| format!("TLS could not be set up ({err}): is ca-certificates installed?");
    builder.build().map_err(|err| Fault::new("request.url", told(err)))
}
