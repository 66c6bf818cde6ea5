//! API keys of counters, kiosks and other systems: shown once, kept as a hash, one for each device.

mod addresses;
mod new;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::json;

pub(super) use addresses::Addresses;
pub(super) use new::{LONGEST_OVERLAP_HOURS, NewKey, add, rotate};

use super::bearer::KEY_PREFIX;
use super::no_such;
use crate::audit;
use crate::domain::audit::{Action, Subject};
use crate::domain::ids::{KeyId, StaffId, UnitId};
use crate::domain::role::Role;
use crate::domain::scopes::Scopes;
use crate::error::{AppError, Said};
use crate::http::body::Faults;
use crate::http::page::Cursor;
use crate::schema::api_keys;
use crate::state::Act;

/// A key as it is listed; the key itself is nowhere any more.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = api_keys)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub(super) struct ApiKey {
    pub id: KeyId,
    pub name: String,
    pub prefix: String,
    pub device: Option<String>,
    pub role: Role,
    pub unit_id: UnitId,
    pub scopes: Option<Vec<Option<String>>>,
    pub addresses: Option<Vec<Option<String>>>,
    pub created_by: Option<StaffId>,
    pub created_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
    pub replaced_by: Option<KeyId>,
    pub last_used_at: Option<DateTime<Utc>>,
    pub last_used_from: Option<String>,
    pub refused_at: Option<DateTime<Utc>>,
}

impl ApiKey {
    /// Returns what it carries of its role's rights; a stored word that is none of ours any more gives no right.
    pub(super) fn carries(&self) -> Scopes {
        let Some(words) = &self.scopes else { return Scopes::All };
        Scopes::of_known(words.iter().flatten().map(String::as_str))
    }

    /// Returns from where it opens, or nothing when what is stored can't be read: then it opens nowhere.
    pub(super) fn opens_from(&self) -> Option<Addresses> {
        let texts = self.addresses.iter().flatten().flatten();
        Addresses::read(texts.map(String::as_str)).ok()
    }
}

/// Reads the role of a key: any but that of an admin, so that no program makes accounts.
pub(super) fn read_role(faults: &mut Faults, pointer: &str, word: Option<&str>) -> Option<Role> {
    let role = faults.required(pointer, word).and_then(|word| faults.word::<Role>(pointer, word))?;
    faults.read(pointer, only_for_people(), Some(role).filter(|role| *role != Role::Admin))
}

/// Reads the scopes of a key: words of verbs and deeds that its role may; the whole role when nothing is said.
pub(super) fn read_scopes(
    faults: &mut Faults,
    pointer: &str,
    role: Option<Role>,
    words: Option<&[String]>,
) -> Option<Scopes> {
    let Some(words) = words else { return Some(Scopes::All) };
    let wrong = |said: &str| {
        Said::new(
            "unknown_scope",
            format!("Phạm vi không có trong vai trò: {said}"),
            format!("The role has no such scope: {said}"),
        )
    };
    let scopes = match Scopes::read(words.iter().map(String::as_str)) {
        Ok(scopes) => scopes,
        Err(unknown) => return faults.read(pointer, wrong(&unknown.0), None),
    };
    let beyond = role.and_then(|role| scopes.beyond(role));
    match beyond {
        Some(word) => faults.read(pointer, wrong(word), None),
        None => Some(scopes),
    }
}

/// Reads from where a key opens: from anywhere when nothing is said.
pub(super) fn read_addresses(faults: &mut Faults, pointer: &str, texts: Option<&[String]>) -> Option<Addresses> {
    let read = Addresses::read(texts.unwrap_or_default().iter().map(String::as_str));
    read.map_err(|place| {
        let said = Said::new(
            "bad_network",
            "Cần một địa chỉ IP hoặc một mạng như 10.1.0.0/16",
            "Must be an IP address or a network such as 10.1.0.0/16",
        );
        faults.add(format!("{pointer}/{place}"), said);
    })
    .ok()
}

/// Returns keys in the order in which they were made, one more than `limit` where there are more.
///
/// # Errors
/// Whatever the database says.
pub(super) fn list(conn: &mut PgConnection, after: Option<Cursor>, limit: i64) -> QueryResult<Vec<ApiKey>> {
    let mut query = api_keys::table.select(ApiKey::as_select()).into_boxed();
    if let Some(after) = after {
        let id = KeyId(after.id);
        let same_moment = api_keys::created_at.eq(after.at).and(api_keys::id.gt(id));
        query = query.filter(api_keys::created_at.gt(after.at).or(same_moment));
    }
    query.order((api_keys::created_at, api_keys::id)).limit(limit + 1).load(conn)
}

/// Revokes a key. Revoking it again changes nothing.
///
/// # Errors
/// [`AppError::NotFound`].
pub(super) fn revoke(conn: &mut PgConnection, act: &Act<'_>, id: KeyId) -> Result<(), AppError> {
    let revoked_at: Option<Option<DateTime<Utc>>> =
        api_keys::table.find(id).select(api_keys::revoked_at).for_update().first(conn).optional()?;
    match revoked_at {
        None => Err(no_such("khóa API", "API key")),
        Some(Some(_)) => Ok(()),
        Some(None) => {
            diesel::update(api_keys::table.find(id)).set(api_keys::revoked_at.eq(act.now)).execute(conn)?;
            audit::note(conn, act, Action::KeyRevoked, Subject::Key(id), json!({}))?;
            tracing::info!(key.id = %id, by = act.by.principal(), "key {id} revoked");
            Ok(())
        }
    }
}

/// Finds a key by what is visible of it.
///
/// # Errors
/// Whatever the database says.
pub(super) fn by_prefix(conn: &mut PgConnection, prefix: &str) -> QueryResult<Option<KeyId>> {
    let visible = prefix.strip_prefix(KEY_PREFIX).unwrap_or(prefix);
    api_keys::table.filter(api_keys::prefix.eq(visible)).select(api_keys::id).first(conn).optional()
}

fn only_for_people() -> Said {
    Said::new("role_only_for_people", "Khóa API không mang vai trò admin", "No API key has the role admin")
}
