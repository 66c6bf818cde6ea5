//! The access token of a gateway that wants one: got before the first message, kept while it is good.

use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

use reqwest::Client;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{Mutex, MutexGuard};

use super::Fault;
use super::answer::{Codes, Places};
use super::assertion::Assertion;
use super::http::ask;
use super::pattern::Filling;
use super::request::Request;
use crate::config::{TokenConfig, TokenKind};
use crate::domain::delivery::{Outcome, Reply};

/// A token is fetched anew so long before it ends: a message is under way for a while.
const ENDS_BEFORE: Duration = Duration::from_secs(60);
/// How long a token is good of which the gateway says nothing.
const GOOD_FOR: Duration = Duration::from_secs(300);

/// A token.
#[derive(Clone)]
pub struct Token {
    text: SecretString,
    until: Instant,
}

impl Token {
    /// Makes one that is good for so long from now on.
    pub fn new(text: String, good_for: Duration) -> Self {
        Self { text: text.into(), until: Instant::now() + good_for.saturating_sub(ENDS_BEFORE) }
    }

    /// Returns its text.
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }

    /// Whether it is this one.
    pub fn is(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }

    fn is_good(&self) -> bool {
        Instant::now() < self.until
    }
}

/// What a gateway gives for a grant.
#[derive(Clone)]
pub struct Granted {
    /// The token.
    pub access: String,
    /// How long it is good.
    pub good_for: Duration,
    /// With what the next one is got, where the grant is good once.
    pub refresh: Option<String>,
}

/// Where tokens come from; one for all that send through the gateway.
#[derive(Clone)]
pub struct TokenSource {
    client: Client,
    request: Request,
    kind: TokenKind,
    assertion: Option<Assertion>,
    access: Places,
    expires_in: Places,
    refresh: Option<Places>,
    stale: Codes,
    held: Arc<RwLock<Option<Token>>>,
    fetching: Arc<Mutex<()>>,
}

impl TokenSource {
    /// Reads the description.
    ///
    /// # Errors
    /// [`Fault`], naming the key.
    pub fn new(
        config: &TokenConfig,
        settings: &std::collections::BTreeMap<String, SecretString>,
        client: Client,
    ) -> Result<Self, Fault> {
        let places = |place: &String| Places::new(std::slice::from_ref(place));
        let assertion = config.assertion.as_ref().map(|assertion| Assertion::new(assertion, settings)).transpose()?;
        if config.kind == TokenKind::Assertion && assertion.is_none() {
            return Err(Fault::new("token.assertion", "says what is stated to get a token"));
        }
        Ok(Self {
            client,
            request: Request::new(&config.request, settings, "token.request")?,
            kind: config.kind,
            assertion,
            access: places(&config.token),
            expires_in: places(&config.expires_in),
            refresh: Some(&config.refresh_token).filter(|place| !place.is_empty()).map(places),
            stale: Codes::new(&config.stale),
            held: Arc::default(),
            fetching: Arc::default(),
        })
    }

    /// Whether the house keeps one pair for all its processes, since a grant is good once.
    pub fn rotates(&self) -> bool {
        self.kind == TokenKind::Rotating
    }

    /// Returns a token that is good, fetching one if need be; many who want one wait for one fetch. None where the house
    /// keeps the pair and has none at hand.
    ///
    /// # Errors
    /// The reply for a message that can't be sent without.
    pub async fn token(&self) -> Result<Option<Token>, Reply> {
        let held = self.held();
        if held.is_some() || self.rotates() {
            return Ok(held);
        }
        let _alone = self.alone().await;
        if let Some(token) = self.held() {
            return Ok(Some(token));
        }
        let granted = self.fetch(&self.grant()?).await?;
        let token = Token::new(granted.access, granted.good_for);
        self.hold(Some(token.clone()));
        Ok(Some(token))
    }

    /// Waits until nobody else of this process is about to fetch a token.
    pub async fn alone(&self) -> MutexGuard<'_, ()> {
        self.fetching.lock().await
    }

    /// Whether a token is at hand that is good, and not the one that has ended.
    pub fn holds_another(&self, ended: Option<&Token>) -> bool {
        self.held().is_some_and(|held| !ended.is_some_and(|ended| ended.is(&held)))
    }

    /// With what a token is asked for by who needs none of before.
    fn grant(&self) -> Result<String, Reply> {
        let Some(assertion) = &self.assertion else {
            return Ok(String::new());
        };
        assertion.write().ok_or_else(|| Reply::new(Outcome::Account, "token: the statement could not be signed"))
    }

    /// Asks the gateway for a token by a grant.
    ///
    /// # Errors
    /// What came of it: surely not got, or in doubt.
    pub async fn fetch(&self, grant: &str) -> Result<Granted, Reply> {
        let with = Filling { grant, ..Filling::default() };
        let request = self
            .request
            .filled(&self.client, &with)
            .map_err(|fault| Reply::new(Outcome::Account, format!("token: {}", fault.why)))?;
        // That no token came is no doubt about the message.
        let answer = ask(request).await.map_err(|reply| Reply { outcome: Outcome::NotSent, ..reply })?;
        let access = self.access.find(&answer.body).filter(|text| answer.status < 300 && !text.is_empty());
        let Some(access) = access else {
            return Err(Reply::new(refused(answer.status), format!("token: HTTP {}", answer.status)));
        };
        let seconds = self.expires_in.find(&answer.body).and_then(|text| text.parse().ok());
        Ok(Granted {
            access,
            good_for: seconds.map_or(GOOD_FOR, Duration::from_secs),
            refresh: self.refresh.as_ref().and_then(|places| places.find(&answer.body)),
        })
    }

    /// Takes a token that was got elsewhere, or forgets the one it has.
    pub fn hold(&self, token: Option<Token>) {
        if let Ok(mut held) = self.held.write() {
            *held = token;
        }
    }

    /// Forgets a token that the gateway no longer takes, if it is still the one at hand.
    pub fn forget(&self, token: &Token) {
        if let Ok(mut held) = self.held.write()
            && held.as_ref().is_some_and(|held| held.is(token))
        {
            *held = None;
        }
    }

    /// Whether an answer's code says that the token is good no more.
    pub fn is_stale(&self, code: Option<&str>) -> bool {
        code.is_some_and(|code| self.stale.hold(code))
    }

    fn held(&self) -> Option<Token> {
        self.held.read().ok()?.clone().filter(Token::is_good)
    }
}

fn refused(status: u16) -> Outcome {
    match status {
        429 => Outcome::Throttled,
        500.. => Outcome::NotSent,
        _ => Outcome::Account,
    }
}
