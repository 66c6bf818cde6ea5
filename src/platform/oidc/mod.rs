//! OpenID Connect: asks a provider who somebody is, by an authorization code with PKCE.
//!
//! What the provider says is believed when its ID token is signed by one of its published keys with an asymmetric
//! algorithm, for us, now, and for the log-in that we began.

mod http;
mod providers;
mod token;

use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreGenderClaim, CoreProviderMetadata, CoreTokenResponse,
};
use openidconnect::{
    AccessToken, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet,
    IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope,
    SubjectIdentifier, UserInfoClaims,
};
use secrecy::ExposeSecret;
use tokio::sync::Mutex;

pub use self::providers::Providers;

use self::http::Http;
use self::token::{AllClaims, Unverified, Verified};
use crate::config::OpenIdConfig;

/// How long what a provider publishes is taken as read.
const PUBLISHED_FOR: TimeDelta = TimeDelta::hours(1);
/// How soon an unknown key makes us read it anew: whoever sends rubbish must not make us ask all the time.
const NOT_AGAIN_WITHIN: TimeDelta = TimeDelta::minutes(1);

/// A provider of identities.
#[derive(Debug)]
pub struct Provider {
    settings: OpenIdConfig,
    issuer: IssuerUrl,
    redirect: RedirectUrl,
    http: Http,
    published: Mutex<Option<Published>>,
}

/// Why nobody was identified.
#[derive(Debug, thiserror::Error)]
pub enum OidcFault {
    /// The settings describe no provider.
    #[error("{key}: {why}")]
    Unusable {
        /// The key in its section.
        key: &'static str,
        /// What is wrong.
        why: String,
    },
    /// The provider does not answer, or answers nonsense.
    #[error("the OpenID provider can't be asked: {0}")]
    Away(String),
    /// What came does not prove who it is.
    #[error("the log-in proves nothing: {0}")]
    Refused(String),
}

/// What binds the two halves of one log-in.
#[derive(Clone)]
pub struct Binding {
    /// Comes back with the browser.
    pub state: String,
    /// Comes back in the ID token.
    pub nonce: String,
    /// Proves to the provider that who began also ends: 43–128 letters (RFC 7636).
    pub verifier: String,
}

/// Who somebody is.
#[derive(Clone, PartialEq, Eq)]
pub struct Identified {
    /// The value of the configured claim.
    pub claim: String,
    /// Whether the log-in was one of those that the settings call strong.
    pub is_strong: bool,
}

type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// What the provider publishes, as last read.
#[derive(Debug, Clone)]
struct Published {
    metadata: CoreProviderMetadata,
    read_at: DateTime<Utc>,
}

impl Provider {
    /// Makes the provider of a section of the settings; nothing is asked yet.
    ///
    /// # Errors
    /// [`OidcFault::Unusable`], naming the key.
    pub fn new(settings: &OpenIdConfig) -> Result<Self, OidcFault> {
        let unusable =
            |key: &'static str, why: &dyn std::fmt::Display| OidcFault::Unusable { key, why: why.to_string() };
        let issuer = IssuerUrl::new(settings.issuer.clone()).map_err(|err| unusable("issuer", &err))?;
        let redirect = RedirectUrl::new(settings.redirect_uri.clone()).map_err(|err| unusable("redirect_uri", &err))?;
        let http = Http::new(issuer.url()).map_err(|err| unusable("issuer", &err))?;
        Ok(Self { settings: settings.clone(), issuer, redirect, http, published: Mutex::default() })
    }

    /// Returns where the browser goes to log in.
    ///
    /// # Errors
    /// [`OidcFault::Away`].
    pub async fn authorization_url(&self, binding: &Binding, now: DateTime<Utc>) -> Result<String, OidcFault> {
        let client = self.client(now, PUBLISHED_FOR).await?;
        let (state, nonce) = (CsrfToken::new(binding.state.clone()), Nonce::new(binding.nonce.clone()));
        let verifier = PkceCodeVerifier::new(binding.verifier.clone());
        let (url, _, _) = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, move || state, move || nonce)
            .add_scopes(self.settings.scopes.iter().cloned().map(Scope::new))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .url();
        Ok(url.into())
    }

    /// Exchanges the code that came back, and returns who logged in.
    ///
    /// # Errors
    /// [`OidcFault::Refused`] for whatever proves nothing, [`OidcFault::Away`].
    pub async fn identify(&self, code: String, binding: &Binding, now: DateTime<Utc>) -> Result<Identified, OidcFault> {
        let client = self.client(now, PUBLISHED_FOR).await?;
        let tokens = self.exchange(&client, code, binding).await?;
        let verified = match token::verify(&client, &tokens, &binding.nonce, now) {
            // The provider may have changed its keys.
            Err(Unverified::UnknownKey) => {
                let client = self.client(now, NOT_AGAIN_WITHIN).await?;
                token::verify(&client, &tokens, &binding.nonce, now)?
            }
            verified => verified?,
        };
        let claim = match verified.claim(&self.settings.claim) {
            Some(claim) => claim,
            None => self.ask_for_claim(&client, tokens.access_token(), &verified).await?,
        };
        Ok(Identified { claim, is_strong: verified.is_strong(&self.settings) })
    }

    async fn exchange(&self, client: &Client, code: String, binding: &Binding) -> Result<CoreTokenResponse, OidcFault> {
        let exchange = client.exchange_code(AuthorizationCode::new(code)).map_err(away)?;
        let call = |request| self.http.call(request);
        let exchange = exchange.set_pkce_verifier(PkceCodeVerifier::new(binding.verifier.clone()));
        exchange.request_async(&call).await.map_err(|err| match err {
            RequestTokenError::Request(fault) => away(fault),
            RequestTokenError::ServerResponse(said) => OidcFault::Refused(format!("the code: {}", said.error())),
            other => OidcFault::Refused(other.to_string()),
        })
    }

    /// Many providers put no more into an ID token than they must: the rest is asked for.
    async fn ask_for_claim(
        &self,
        client: &Client,
        access: &AccessToken,
        verified: &Verified,
    ) -> Result<String, OidcFault> {
        let subject = SubjectIdentifier::new(verified.subject.clone());
        let call = |request| self.http.call(request);
        let request = client.user_info(access.clone(), Some(subject)).map_err(away)?;
        let claims: UserInfoClaims<AllClaims, CoreGenderClaim> = request.request_async(&call).await.map_err(away)?;
        let claims = serde_json::to_value(&claims).map_err(away)?;
        let claim = claims.get(&self.settings.claim).and_then(serde_json::Value::as_str);
        claim.map(str::to_owned).ok_or_else(|| OidcFault::Refused(format!("there is no claim {}", self.settings.claim)))
    }

    /// Makes the client by what the provider publishes, read anew when it was read longer than `at_most` ago.
    async fn client(&self, now: DateTime<Utc>, at_most: TimeDelta) -> Result<Client, OidcFault> {
        let mut held = self.published.lock().await;
        let metadata = match held.as_ref().filter(|published| now - published.read_at < at_most) {
            Some(published) => published.metadata.clone(),
            None => {
                let call = |request| self.http.call(request);
                let metadata = CoreProviderMetadata::discover_async(self.issuer.clone(), &call).await.map_err(away)?;
                *held = Some(Published { metadata: metadata.clone(), read_at: now });
                metadata
            }
        };
        let secret = ClientSecret::new(self.settings.client_secret.expose_secret().to_owned());
        let id = ClientId::new(self.settings.client_id.clone());
        Ok(CoreClient::from_provider_metadata(metadata, id, Some(secret)).set_redirect_uri(self.redirect.clone()))
    }
}

fn away(err: impl std::error::Error + 'static) -> OidcFault {
    OidcFault::Away(crate::error::Chain(&err).to_string())
}
