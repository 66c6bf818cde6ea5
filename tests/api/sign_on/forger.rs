//! A provider that hands out whatever ID token it is given: no real one would.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, Mac};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use sha2::Sha256;

/// The provider.
pub struct Forger {
    pub issuer: String,
    key: EcdsaKeyPair,
    said: Arc<Mutex<Said>>,
}

/// What it says when it is asked, and how often its keys were read.
#[derive(Default)]
struct Said {
    issuer: String,
    key: Value,
    id_token: String,
    userinfo: Value,
    keys_read: usize,
    token_answer: Option<String>,
}

impl Forger {
    pub fn start() -> Self {
        let key = new_key();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let said = Said { issuer: issuer.clone(), key: published(&key), userinfo: json!({}), ..Said::default() };
        let said = Arc::new(Mutex::new(said));
        let shared = Arc::clone(&said);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                serve(stream, &shared);
            }
        });
        Self { issuer, key, said }
    }

    /// Signs as it should be done, by the published key.
    pub fn signed(&self, claims: &Value) -> String {
        by(&self.key, &json!({"alg": "ES256", "kid": "one"}), claims)
    }

    /// Signs by a key that nobody has published, under the name of the one that is.
    pub fn signed_by_another(&self, claims: &Value) -> String {
        by(&new_key(), &json!({"alg": "ES256", "kid": "one"}), claims)
    }

    /// Signs by a key of which nobody has heard.
    pub fn signed_by_an_unknown(&self, claims: &Value) -> String {
        by(&new_key(), &json!({"alg": "ES256", "kid": "two"}), claims)
    }

    /// Does not sign.
    pub fn unsigned(&self, claims: &Value) -> String {
        format!("{}.", to_be_signed(&json!({"alg": "none"}), claims))
    }

    /// Signs with the published key as if it were a shared secret.
    pub fn signed_with_the_public_key(&self, claims: &Value) -> String {
        mac(self.key.public_key().as_ref(), claims)
    }

    /// Signs with a shared secret.
    pub fn signed_with(&self, secret: &str, claims: &Value) -> String {
        mac(secret.as_bytes(), claims)
    }

    /// What it hands out for the next codes.
    pub fn hands_out(&self, id_token: String) {
        self.said.lock().unwrap().id_token = id_token;
    }

    /// What it tells of the person besides.
    pub fn tells(&self, userinfo: Value) {
        self.said.lock().unwrap().userinfo = userinfo;
    }

    /// Answers codes with this, head and body.
    pub fn answers(&self, raw: String) {
        self.said.lock().unwrap().token_answer = Some(raw);
    }

    /// How often its keys were read.
    pub fn keys_read(&self) -> usize {
        self.said.lock().unwrap().keys_read
    }
}

fn new_key() -> EcdsaKeyPair {
    let random = SystemRandom::new();
    let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &random).unwrap()
}

fn published(key: &EcdsaKeyPair) -> Value {
    let point = key.public_key().as_ref();
    json!({"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": "one",
        "x": BASE64URL_NOPAD.encode(&point[1..33]), "y": BASE64URL_NOPAD.encode(&point[33..])})
}

fn to_be_signed(header: &Value, claims: &Value) -> String {
    let encode = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    format!("{}.{}", encode(header), encode(claims))
}

fn by(key: &EcdsaKeyPair, header: &Value, claims: &Value) -> String {
    let text = to_be_signed(header, claims);
    let signature = key.sign(&SystemRandom::new(), text.as_bytes()).unwrap();
    format!("{text}.{}", BASE64URL_NOPAD.encode(signature.as_ref()))
}

fn mac(key: &[u8], claims: &Value) -> String {
    let text = to_be_signed(&json!({"alg": "HS256"}), claims);
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    format!("{text}.{}", BASE64URL_NOPAD.encode(&mac.finalize().into_bytes()))
}

fn serve(stream: TcpStream, said: &Mutex<Said>) {
    let Some(path) = read(&stream) else { return };
    let mut said = said.lock().unwrap();
    let issuer = said.issuer.clone();
    let body = match path.as_str() {
        "/.well-known/openid-configuration" => json!({
            "issuer": issuer, "authorization_endpoint": format!("{issuer}/auth"),
            "token_endpoint": format!("{issuer}/token"), "userinfo_endpoint": format!("{issuer}/me"),
            "jwks_uri": format!("{issuer}/jwks"), "response_types_supported": ["code"],
            "subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["ES256", "HS256", "none"],
        }),
        "/jwks" => {
            said.keys_read += 1;
            json!({"keys": [said.key]})
        }
        "/token" => match said.token_answer.clone() {
            Some(raw) => {
                let _cut = (&stream).write_all(raw.as_bytes()).is_err();
                return;
            }
            None => json!({"access_token": "any", "token_type": "Bearer", "id_token": said.id_token}),
        },
        "/me" => said.userinfo.clone(),
        other => panic!("nobody asks for {other}"),
    };
    let body = body.to_string();
    let head = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/json\r\n";
    let answer = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
    let _cut = (&stream).write_all(answer.as_bytes()).is_err();
}

/// Reads a request whole and returns its path.
fn read(stream: &TcpStream) -> Option<String> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        if header.trim().is_empty() {
            break;
        }
        let header = header.to_ascii_lowercase();
        length = header.strip_prefix("content-length: ").map_or(length, |value| value.trim().parse().unwrap());
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(path)
}
