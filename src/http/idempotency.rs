//! `Idempotency-Key`: a repeated request gets the first answer again and is not done twice.
//!
//! The key's row is written in the transaction of the deed. A second request with the key waits for the first
//! to commit, then finds its answer; when the first fails, the row is gone with it and the second is done.

use actix_web::http::StatusCode;
use actix_web::http::header::HeaderMap;
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::domain::retention::KeyClass;
use crate::error::{AppError, Said};
use crate::platform::prepared::Prepare;
use crate::schema::idempotency_keys;
use crate::state::Act;

const LONGEST_KEY: usize = 255;
const HEADER: &str = "Idempotency-Key";

/// An answer that can be given again.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// 200, 201 or 202.
    pub status: u16,
    /// The version of the dossier in it, for `ETag`.
    pub version: Option<i64>,
    /// The body.
    pub body: Value,
    /// Whether it was given before.
    pub replayed: bool,
}

impl Answer {
    /// Makes a fresh answer.
    ///
    /// # Errors
    /// [`AppError::Internal`] for a body that can't be written as JSON.
    pub fn new(status: StatusCode, version: Option<i64>, body: &impl Serialize) -> Result<Self, AppError> {
        let body = serde_json::to_value(body).map_err(|err| AppError::Internal(err.into()))?;
        Ok(Self { status: status.as_u16(), version, body, replayed: false })
    }

    /// Writes it.
    pub fn response(&self) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK);
        let mut builder = HttpResponse::build(status);
        if let Some(version) = self.version {
            builder.insert_header(super::etag::etag(version));
        }
        if self.replayed {
            builder.insert_header(("Idempotency-Replayed", "true"));
        }
        builder.json(&self.body)
    }
}

/// A request's key with the hash of what was asked.
#[derive(Debug, Clone)]
pub struct Key {
    key_hash: Vec<u8>,
    request_hash: Vec<u8>,
}

impl Key {
    /// Reads the header, if there is one.
    ///
    /// # Errors
    /// [`AppError::Malformed`] for an empty or overlong key.
    pub fn read(req: &HttpRequest, body: &[u8]) -> Result<Option<Self>, AppError> {
        let Some(key) = header(req.headers())? else {
            return Ok(None);
        };
        let mut request = Sha256::new();
        for part in [req.method().as_str().as_bytes(), b" ", req.path().as_bytes(), b"\0", body] {
            request.update(part);
        }
        Ok(Some(Self { key_hash: Sha256::digest(key.as_bytes()).to_vec(), request_hash: request.finalize().to_vec() }))
    }
}

fn header(headers: &HeaderMap) -> Result<Option<&str>, AppError> {
    let Some(value) = headers.get(HEADER) else {
        return Ok(None);
    };
    match value.to_str() {
        Ok(key) if (1..=LONGEST_KEY).contains(&key.trim().len()) => Ok(Some(key.trim())),
        _ => Err(AppError::Malformed(Said::new(
            "bad_idempotency_key",
            "Idempotency-Key cần từ 1 đến 255 ký tự ASCII",
            "Idempotency-Key must have 1 to 255 ASCII characters",
        ))),
    }
}

/// Does `deed` once for a key; without a key, just does it.
///
/// # Errors
/// What the deed returns; [`AppError::Invalid`] when the key was used for another request.
pub fn once(
    conn: &mut PgConnection,
    act: &Act<'_>,
    key: Option<&Key>,
    deed: impl FnOnce(&mut PgConnection) -> Result<Answer, AppError>,
) -> Result<Answer, AppError> {
    let Some(key) = key else { return deed(conn) };
    let principal = act.by.principal();
    if !claim(conn, act, &principal, key)? {
        return replay(conn, act, &principal, key);
    }
    let answer = deed(conn)?;
    let sealing = act.data_key(&KeyClass::Answers)?;
    let sealed = sealing.seal(&context(&principal, key), &stored(&answer))?;
    diesel::update(idempotency_keys::table.find((&principal, &key.key_hash)))
        .set((
            idempotency_keys::status.eq(i16::try_from(answer.status).unwrap_or_default()),
            idempotency_keys::key_id.eq(sealing.number()),
            idempotency_keys::answer.eq(sealed),
        ))
        .prepared()
        .execute(conn)?;
    Ok(answer)
}

/// Deletes answers of before a moment; returns how many.
///
/// # Errors
/// Whatever the database says.
pub fn forget_old(conn: &mut PgConnection, before: DateTime<Utc>) -> QueryResult<usize> {
    diesel::delete(idempotency_keys::table.filter(idempotency_keys::created_at.lt(before))).execute(conn)
}

fn claim(conn: &mut PgConnection, act: &Act<'_>, principal: &str, key: &Key) -> QueryResult<bool> {
    let inserted = diesel::insert_into(idempotency_keys::table)
        .values((
            idempotency_keys::principal.eq(principal),
            idempotency_keys::key_hash.eq(&key.key_hash),
            idempotency_keys::request_hash.eq(&key.request_hash),
            idempotency_keys::status.eq(0),
            idempotency_keys::key_id.eq(0),
            idempotency_keys::answer.eq(Vec::<u8>::new()),
            idempotency_keys::created_at.eq(act.now),
        ))
        .on_conflict_do_nothing()
        .execute(conn)?;
    Ok(inserted == 1)
}

fn replay(conn: &mut PgConnection, act: &Act<'_>, principal: &str, key: &Key) -> Result<Answer, AppError> {
    let (request_hash, key_id, sealed): (Vec<u8>, i16, Vec<u8>) = idempotency_keys::table
        .find((principal, &key.key_hash))
        .select((idempotency_keys::request_hash, idempotency_keys::key_id, idempotency_keys::answer))
        .first(conn)?;
    if request_hash != key.request_hash {
        return Err(AppError::invalid(
            HEADER,
            Said::new(
                "idempotency_key_reused",
                "Idempotency-Key này đã dùng cho một yêu cầu khác",
                "This Idempotency-Key was used for another request",
            ),
        ));
    }
    let text = act.office.vault.open(key_id, &context(principal, key), &sealed)?;
    let (status, version, body) = serde_json::from_str(&text).map_err(|err| AppError::Internal(err.into()))?;
    Ok(Answer { status, version, body, replayed: true })
}

fn stored(answer: &Answer) -> String {
    serde_json::json!([answer.status, answer.version, answer.body]).to_string()
}

fn context(principal: &str, key: &Key) -> String {
    format!("idempotency {principal} {}", data_encoding::HEXLOWER.encode(&key.key_hash))
}
