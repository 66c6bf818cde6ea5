//! What a caller shows to come in: the token of a session or an API key, found by its hash.

use actix_web::HttpRequest;
use actix_web::http::header::AUTHORIZATION;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;

use crate::domain::ids::{KeyId, StaffId, UnitId};
use crate::domain::role::{Actor, Role, Who};
use crate::platform::secret::token_hash;
use crate::schema::{api_keys, sessions, staff};

/// What the tokens of sessions begin with.
pub(super) const SESSION_PREFIX: &str = "mcs_";
/// What API keys begin with.
pub(super) const KEY_PREFIX: &str = "mck_";
/// Longer than any token of ours.
const LONGEST: usize = 100;

/// A token as it was shown: its hash only, so that nobody reads tokens out of memory or logs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Bearer {
    /// Of a session.
    Session(Vec<u8>),
    /// An API key.
    Key(Vec<u8>),
}

/// Who a bearer is.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub actor: Actor,
    pub expires_at: Option<DateTime<Utc>>,
}

impl Bearer {
    /// Returns what the request shows, if it is written as a token of ours.
    pub(super) fn of(req: &HttpRequest) -> Option<Self> {
        let mut shown = req.headers().get_all(AUTHORIZATION);
        let only = shown.next()?;
        // Two credentials are none: nobody can tell which one a proxy before us has checked.
        match shown.next() {
            None => Self::read(only.to_str().ok()?),
            Some(_) => None,
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
    pub(super) fn look_up(&self, conn: &mut PgConnection, now: DateTime<Utc>) -> QueryResult<Option<Found>> {
        match self {
            Self::Session(hash) => session(conn, hash, now),
            Self::Key(hash) => key(conn, hash, now),
        }
    }
}

fn session(conn: &mut PgConnection, hash: &[u8], now: DateTime<Utc>) -> QueryResult<Option<Found>> {
    let row: Option<(StaffId, String, Role, UnitId, DateTime<Utc>)> = sessions::table
        .inner_join(staff::table)
        .filter(sessions::token_hash.eq(hash))
        .filter(sessions::revoked_at.is_null())
        .filter(sessions::expires_at.gt(now))
        .filter(staff::disabled_at.is_null())
        .select((staff::id, staff::full_name, staff::role, staff::unit_id, sessions::expires_at))
        .first(conn)
        .optional()?;
    Ok(row.map(|(id, name, role, unit, expires_at)| Found {
        actor: Actor { who: Who::Staff(id), name, role, unit },
        expires_at: Some(expires_at),
    }))
}

type KeyRow = (KeyId, String, Role, UnitId, Option<DateTime<Utc>>);

fn key(conn: &mut PgConnection, hash: &[u8], now: DateTime<Utc>) -> QueryResult<Option<Found>> {
    let row: Option<KeyRow> = api_keys::table
        .filter(api_keys::key_hash.eq(hash))
        .filter(api_keys::revoked_at.is_null())
        .filter(api_keys::expires_at.is_null().or(api_keys::expires_at.gt(now).assume_not_null()))
        .select((api_keys::id, api_keys::name, api_keys::role, api_keys::unit_id, api_keys::expires_at))
        .first(conn)
        .optional()?;
    Ok(row.map(|(id, name, role, unit, expires_at)| Found {
        actor: Actor { who: Who::Key(id), name, role, unit },
        expires_at,
    }))
}

/// Notes that a key was used, at most once a minute.
pub(super) fn touch(conn: &mut PgConnection, id: KeyId, now: DateTime<Utc>) -> QueryResult<usize> {
    let long_ago =
        api_keys::last_used_at.is_null().or(api_keys::last_used_at.le(now - TimeDelta::minutes(1)).assume_not_null());
    diesel::update(api_keys::table.find(id).filter(long_ago)).set(api_keys::last_used_at.eq(now)).execute(conn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_bearer_token_of_ours_is_read() {
        assert!(matches!(Bearer::read("Bearer mcs_abc"), Some(Bearer::Session(_))));
        assert!(matches!(Bearer::read("bearer  mck_abc"), Some(Bearer::Key(_))));
        let long = format!("Bearer mcs_{}", "a".repeat(200));
        for header in ["", "Bearer", "Bearer ", "Basic mcs_abc", "mcs_abc", "Bearer abc", &long] {
            assert_eq!(Bearer::read(header), None, "{header}");
        }
    }
}
