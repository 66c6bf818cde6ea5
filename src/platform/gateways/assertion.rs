//! A signed statement by which a service account asks for an access token (RFC 7523): a JWT, signed with RSA and SHA-256.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use data_encoding::{BASE64, BASE64URL_NOPAD};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::Fault;
use super::pattern::{Filling, Pattern, as_it_is};
use crate::config::AssertionConfig;

/// How long a statement holds, in seconds: the longest that is taken.
const HOLDS_FOR_S: u64 = 3600;

/// Who says what, and the key that signs it.
#[derive(Clone)]
pub struct Assertion {
    issuer: String,
    scope: String,
    audience: String,
    key: Arc<RsaKeyPair>,
}

impl Assertion {
    /// Reads the description.
    ///
    /// # Errors
    /// [`Fault`], naming the key.
    pub fn new(config: &AssertionConfig, settings: &BTreeMap<String, SecretString>) -> Result<Self, Fault> {
        let filled = |name: &str, text: &str| {
            let pattern = Pattern::read(text, settings);
            let filled = pattern.map(|pattern| pattern.fill(&Filling::default(), as_it_is));
            filled.map_err(|why| Fault::new(format!("token.assertion.{name}"), why))
        };
        let key = filled("key", config.key.expose_secret())?;
        let why = "is no RSA key as a key file of a service account has it: -----BEGIN PRIVATE KEY----- …";
        Ok(Self {
            issuer: filled("issuer", &config.issuer)?,
            scope: filled("scope", &config.scope)?,
            audience: filled("audience", &config.audience)?,
            key: Arc::new(read_key(&key).ok_or_else(|| Fault::new("token.assertion.key", why))?),
        })
    }

    /// Writes and signs a statement of now, by the machine's own clock: whoever reads it compares it with theirs.
    pub fn write(&self) -> Option<String> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs();
        let claims = json!({"iss": self.issuer, "scope": self.scope, "aud": self.audience, "iat": now,
            "exp": now + HOLDS_FOR_S});
        let part = |value: &serde_json::Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        let said = format!("{}.{}", part(&json!({"alg": "RS256", "typ": "JWT"})), part(&claims));
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), said.as_bytes(), &mut signature).ok()?;
        Some(format!("{said}.{}", BASE64URL_NOPAD.encode(&signature)))
    }
}

/// Reads a key of PKCS #8 in PEM; its lines may be parted by `\n` written out, as in a key file in JSON.
fn read_key(text: &str) -> Option<RsaKeyPair> {
    let text = text.replace("\\n", "\n");
    let inside = text.split_once("-----BEGIN PRIVATE KEY-----")?.1.split_once("-----END PRIVATE KEY-----")?.0;
    let packed: String = inside.split_whitespace().collect();
    RsaKeyPair::from_pkcs8(&BASE64.decode(packed.as_bytes()).ok()?).ok()
}
