//! An ID token, verified.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::BASE64URL_NOPAD;
use openidconnect::core::{
    CoreIdToken, CoreIdTokenClaims, CoreIdTokenVerifier, CoreJwsSigningAlgorithm, CoreTokenResponse,
};
use openidconnect::{
    AccessTokenHash, AdditionalClaims, ClaimsVerificationError, Nonce, OAuth2TokenResponse, SignatureVerificationError,
    TokenResponse,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Client, OidcFault};
use crate::config::OpenIdConfig;

/// Never by a shared secret, never unsigned.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];
/// How long ago an ID token may have been made.
const MADE_WITHIN: TimeDelta = TimeDelta::minutes(10);
/// How far ahead of ours the provider's clock may be.
const CLOCKS_APART: TimeDelta = TimeDelta::minutes(1);

/// Claims by whatever name the settings give.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct AllClaims(BTreeMap<String, Value>);

impl AdditionalClaims for AllClaims {}

/// What a verified ID token says.
pub(super) struct Verified {
    pub subject: String,
    claims: Map<String, Value>,
}

/// Why an ID token is not believed.
pub(super) enum Unverified {
    /// By the keys that we know nobody has signed it.
    UnknownKey,
    /// It proves nothing.
    Fault(OidcFault),
}

impl From<Unverified> for OidcFault {
    fn from(unverified: Unverified) -> Self {
        match unverified {
            Unverified::UnknownKey => Self::Refused("no key of the provider has signed the ID token".to_owned()),
            Unverified::Fault(fault) => fault,
        }
    }
}

/// Verifies the ID token among the tokens: signature, algorithm, issuer, audience, times and nonce, and that it was made
/// for us and together with the access token.
pub(super) fn verify(
    client: &Client,
    tokens: &CoreTokenResponse,
    nonce: &str,
    now: DateTime<Utc>,
) -> Result<Verified, Unverified> {
    let id_token = tokens.id_token().ok_or_else(|| refused("there is no ID token"))?;
    let verifier = client
        .id_token_verifier()
        .set_allowed_algs(ALGORITHMS)
        .set_time_fn(move || now)
        .set_issue_time_verifier_fn(move |made_at| check_made_at(made_at, now));
    let claims = id_token.claims(&verifier, &Nonce::new(nonce.to_owned())).map_err(|err| match err {
        ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey) => {
            Unverified::UnknownKey
        }
        other => refused(crate::error::Chain(&other)),
    })?;
    check_party(client, claims)?;
    check_access_token(id_token, claims, tokens, &verifier)?;
    Ok(Verified { subject: claims.subject().to_string(), claims: read_claims(id_token)? })
}

impl Verified {
    /// Returns a claim that is a text.
    pub(super) fn claim(&self, name: &str) -> Option<String> {
        self.claims.get(name).and_then(Value::as_str).map(str::to_owned)
    }

    /// Whether the log-in was one of those that the settings call strong.
    pub(super) fn is_strong(&self, settings: &OpenIdConfig) -> bool {
        let acr = self.claims.get("acr").and_then(Value::as_str);
        let amr = self.claims.get("amr").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        acr.is_some_and(|acr| settings.strong_acr.iter().any(|strong| strong == acr))
            || amr.into_iter().any(|amr| settings.strong_amr.iter().any(|strong| strong == amr))
    }
}

fn refused(why: impl std::fmt::Display) -> Unverified {
    Unverified::Fault(OidcFault::Refused(why.to_string()))
}

fn check_made_at(made_at: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), String> {
    match (now - MADE_WITHIN..=now + CLOCKS_APART).contains(&made_at) {
        true => Ok(()),
        false => Err(format!("the ID token was made at {made_at}")),
    }
}

/// A token for several audiences says which of them asked for it.
fn check_party(client: &Client, claims: &CoreIdTokenClaims) -> Result<(), Unverified> {
    match claims.authorized_party() {
        Some(party) if party != client.client_id() => Err(refused("the ID token was made for another client")),
        _ => Ok(()),
    }
}

fn check_access_token(
    id_token: &CoreIdToken,
    claims: &CoreIdTokenClaims,
    tokens: &CoreTokenResponse,
    verifier: &CoreIdTokenVerifier<'_>,
) -> Result<(), Unverified> {
    let Some(expected) = claims.access_token_hash() else {
        return Ok(());
    };
    let algorithm = id_token.signing_alg().map_err(refused)?;
    let key = id_token.signing_key(verifier).map_err(refused)?;
    match AccessTokenHash::from_token(tokens.access_token(), algorithm, key).map_err(refused)? == *expected {
        true => Ok(()),
        false => Err(refused("the access token belongs to another ID token")),
    }
}

/// Reads all claims of a token that was verified, whatever their names.
fn read_claims(id_token: &CoreIdToken) -> Result<Map<String, Value>, Unverified> {
    let written = id_token.to_string();
    let payload = written.split('.').nth(1).unwrap_or_default();
    let bytes = BASE64URL_NOPAD.decode(payload.as_bytes()).map_err(refused)?;
    serde_json::from_slice(&bytes).map_err(refused)
}
