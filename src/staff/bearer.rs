//! What a caller shows to come in: the token of a session, the cookie of one, or an API key, found by its hash.

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::http::header::AUTHORIZATION;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use serde_json::json;

use super::cookie;
use super::keys::{Addresses, ApiKey};
use crate::audit::{self, Doer, Noted};
use crate::domain::audit::{Action, Subject};
use crate::domain::ids::{KeyId, SessionId, StaffId, UnitId};
use crate::domain::role::{Actor, Role, Who};
use crate::domain::session::{Lasting, SecondFactor, SessionKind, is_worth_writing};
use crate::platform::secret::token_hash;
use crate::schema::{api_keys, sessions, staff};

/// What the tokens of sessions begin with.
pub(super) const SESSION_PREFIX: &str = "mcs_";
/// What the tokens in cookies begin with.
pub(super) const COOKIE_PREFIX: &str = "mcc_";
/// What API keys begin with.
pub(super) const KEY_PREFIX: &str = "mck_";
/// Longer than any token of ours.
const LONGEST: usize = 100;

/// A token as it was shown: its hash only, so that nobody reads tokens out of memory or logs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Bearer {
    /// Of a session of a program.
    Session(Vec<u8>),
    /// Of a session of a browser.
    Cookie(Vec<u8>),
    /// An API key.
    Key(Vec<u8>),
}

/// Who a bearer is, until when, and from where it opens.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub actor: Actor,
    /// When it is nobody any more, unless it is used.
    pub expires_at: Option<DateTime<Utc>>,
    pub addresses: Addresses,
    /// Whether it must show a second factor before it may do anything.
    pub lacks_second_factor: bool,
    /// The session whose use is worth writing down.
    pub unwritten: Option<SessionId>,
}

impl Bearer {
    /// Returns what the request shows, if it is written as a token of ours.
    pub(super) fn of(req: &HttpRequest) -> Option<Self> {
        let mut headers = req.headers().get_all(AUTHORIZATION);
        let mut cookies = cookie::shown(req);
        // Two credentials are none: nobody can tell which one a proxy before us has checked, or who put it there.
        match (headers.next(), headers.next(), cookies.next(), cookies.next()) {
            (Some(only), None, None, None) => Self::read(only.to_str().ok()?),
            (None, None, Some(only), None) => Self::read_cookie(only),
            _ => None,
        }
    }

    fn read_cookie(token: &str) -> Option<Self> {
        let is_ours = token.len() <= LONGEST && token.starts_with(COOKIE_PREFIX);
        is_ours.then(|| Self::Cookie(token_hash(token)))
    }

    /// Returns the hash of the session's token, where a person asks.
    pub(super) fn of_session(&self) -> Option<&[u8]> {
        match self {
            Self::Session(hash) | Self::Cookie(hash) => Some(hash),
            Self::Key(_) => None,
        }
    }

    /// Reads `Bearer <token>`.
    pub fn read(header: &str) -> Option<Self> {
        let (scheme, token) = header.split_once(' ')?;
        let token = token.trim();
        if !scheme.eq_ignore_ascii_case("bearer") || token.len() > LONGEST {
            return None;
        }
        if token.starts_with(SESSION_PREFIX) {
            return Some(Self::Session(token_hash(token)));
        }
        token.starts_with(KEY_PREFIX).then(|| Self::Key(token_hash(token)))
    }

    /// Finds who it is, unless it has expired, was revoked or belongs to a disabled account.
    pub(super) fn look_up(
        &self,
        conn: &mut PgConnection,
        now: DateTime<Utc>,
        lasting: Lasting,
    ) -> QueryResult<Option<Found>> {
        match self {
            Self::Session(hash) => session(conn, (SessionKind::Bearer, hash), now, lasting),
            Self::Cookie(hash) => session(conn, (SessionKind::Cookie, hash), now, lasting),
            Self::Key(hash) => key(conn, hash, now),
        }
    }
}

/// A session with its account, as a look-up reads it.
#[derive(Queryable)]
struct SessionRow {
    id: SessionId,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    last_used_at: Option<DateTime<Utc>>,
    second_factor: SecondFactor,
    staff: StaffId,
    name: String,
    role: Role,
    unit: UnitId,
}

fn session(
    conn: &mut PgConnection,
    (kind, hash): (SessionKind, &[u8]),
    now: DateTime<Utc>,
    lasting: Lasting,
) -> QueryResult<Option<Found>> {
    let row: Option<SessionRow> = sessions::table
        .inner_join(staff::table)
        .filter(sessions::token_hash.eq(hash))
        .filter(sessions::kind.eq(kind))
        .filter(sessions::revoked_at.is_null())
        .filter(staff::disabled_at.is_null())
        .select((
            sessions::id,
            sessions::created_at,
            sessions::expires_at,
            sessions::last_used_at,
            sessions::second_factor,
            staff::id,
            staff::full_name,
            staff::role,
            staff::unit_id,
        ))
        .first(conn)
        .optional()?;
    Ok(row.and_then(|row| row.found(now, lasting)))
}

impl SessionRow {
    /// Returns who it is, unless it has ended by itself.
    fn found(self, now: DateTime<Utc>, lasting: Lasting) -> Option<Found> {
        let used_at = self.last_used_at.unwrap_or(self.created_at);
        let end = lasting.end(used_at, self.expires_at);
        (now < end).then(|| Found {
            actor: Actor::new(Who::Staff(self.staff), self.name, self.role, self.unit),
            expires_at: Some(end),
            addresses: Addresses::default(),
            lacks_second_factor: self.role.lacks(self.second_factor),
            unwritten: is_worth_writing(used_at, now).then_some(self.id),
        })
    }
}

fn key(conn: &mut PgConnection, hash: &[u8], now: DateTime<Utc>) -> QueryResult<Option<Found>> {
    let key: Option<ApiKey> = api_keys::table
        .filter(api_keys::key_hash.eq(hash))
        .filter(api_keys::revoked_at.is_null())
        .filter(api_keys::expires_at.is_null().or(api_keys::expires_at.gt(now).assume_not_null()))
        .select(ApiKey::as_select())
        .first(conn)
        .optional()?;
    Ok(key.and_then(|key| {
        Some(Found {
            expires_at: key.expires_at,
            addresses: key.opens_from()?,
            lacks_second_factor: false,
            unwritten: None,
            actor: Actor { scopes: key.carries(), ..Actor::new(Who::Key(key.id), key.name, key.role, key.unit_id) },
        })
    }))
}

/// Notes that a key was used and from where, at most once a minute.
pub(super) fn touch(conn: &mut PgConnection, id: KeyId, from: IpAddr, now: DateTime<Utc>) -> QueryResult<usize> {
    let long_ago =
        api_keys::last_used_at.is_null().or(api_keys::last_used_at.le(a_minute_before(now)).assume_not_null());
    diesel::update(api_keys::table.find(id).filter(long_ago))
        .set((api_keys::last_used_at.eq(now), api_keys::last_used_from.eq(from.to_string())))
        .execute(conn)
}

/// Records that a key was shown from an address that it does not open from, at most once a minute.
pub(super) fn note_refused(conn: &mut PgConnection, id: KeyId, from: IpAddr, now: DateTime<Utc>) -> QueryResult<()> {
    let long_ago = api_keys::refused_at.is_null().or(api_keys::refused_at.le(a_minute_before(now)).assume_not_null());
    let noted =
        diesel::update(api_keys::table.find(id).filter(long_ago)).set(api_keys::refused_at.eq(now)).execute(conn)?;
    if noted > 0 {
        let noted =
            Noted { action: Action::KeyRefused, subject: Subject::Key(id), details: json!({"from": from.to_string()}) };
        audit::note_by(conn, &Doer::unknown(), now, &noted)?;
    }
    Ok(())
}

fn a_minute_before(now: DateTime<Utc>) -> DateTime<Utc> {
    now - TimeDelta::minutes(1)
}

/// Notes that a session was used.
pub(super) fn touch_session(conn: &mut PgConnection, id: SessionId, now: DateTime<Utc>) -> QueryResult<usize> {
    diesel::update(sessions::table.find(id)).set(sessions::last_used_at.eq(now)).execute(conn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_bearer_token_of_ours_is_read() {
        assert!(matches!(Bearer::read("Bearer mcs_abc"), Some(Bearer::Session(_))));
        assert!(matches!(Bearer::read("bearer  mck_abc"), Some(Bearer::Key(_))));
        let long = format!("Bearer mcs_{}", "a".repeat(200));
        for header in ["", "Bearer", "Bearer ", "Basic mcs_abc", "mcs_abc", "Bearer abc", "Bearer mcc_abc", &long] {
            assert_eq!(Bearer::read(header), None, "{header}");
        }
        assert!(matches!(Bearer::read_cookie("mcc_abc"), Some(Bearer::Cookie(_))));
        assert_eq!(Bearer::read_cookie("mcs_abc"), None);
    }
}
