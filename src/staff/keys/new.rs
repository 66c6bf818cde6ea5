//! New keys: made, or made to take another's place.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use serde_json::json;

use super::addresses::Addresses;
use super::{ApiKey, only_for_people};
use crate::audit;
use crate::domain::audit::{Action, Subject};
use crate::domain::ids::{KeyId, UnitId};
use crate::domain::role::Role;
use crate::domain::scopes::Scopes;
use crate::error::{AppError, Said, breaks};
use crate::platform::secret::{new_token, token_hash};
use crate::schema::api_keys;
use crate::staff::accounts::unit_by_code;
use crate::staff::bearer::KEY_PREFIX;
use crate::staff::no_such;
use crate::state::Act;

const PREFIX_LENGTH: usize = 8;
/// The longest time that a key works beside the one that replaces it.
pub(in crate::staff) const LONGEST_OVERLAP_HOURS: u32 = 30 * 24;

/// What a new key is made of.
#[derive(Debug, Clone)]
pub(in crate::staff) struct NewKey {
    pub name: String,
    pub device: Option<String>,
    pub role: Role,
    pub unit_code: String,
    pub scopes: Scopes,
    pub addresses: Addresses,
    pub expires_at: Option<DateTime<Utc>>,
}

/// What a row is made of, whether the key is new or takes another's place.
struct Content<'a> {
    id: KeyId,
    name: &'a str,
    device: Option<&'a str>,
    role: Role,
    unit: UnitId,
    scopes: Option<Vec<String>>,
    addresses: Option<Vec<String>>,
    expires_at: Option<DateTime<Utc>>,
}

/// Makes a key and returns it beside its row: the only time that it is seen.
///
/// # Errors
/// [`AppError::Invalid`] for an unknown unit, the role of an admin or an end that has passed;
/// [`AppError::Conflict`] when the device holds a key already.
pub(in crate::staff) fn add(
    conn: &mut PgConnection,
    act: &Act<'_>,
    form: &NewKey,
) -> Result<(String, ApiKey), AppError> {
    if form.role == Role::Admin {
        return Err(AppError::invalid("/role", only_for_people()));
    }
    check_end(act, form.expires_at)?;
    let content = Content {
        id: KeyId::new(),
        name: &form.name,
        device: form.device.as_deref(),
        role: form.role,
        unit: unit_by_code(act, &form.unit_code)?,
        scopes: form.scopes.words().map(|words| words.into_iter().map(str::to_owned).collect()),
        addresses: form.addresses.texts(),
        expires_at: form.expires_at,
    };
    let made = insert(conn, act, &content)?;
    let id = content.id;
    let details = json!({
        "role": form.role, "unit": form.unit_code, "expires_at": form.expires_at,
        "scopes": content.scopes, "addresses": content.addresses,
    });
    audit::note(conn, act, Action::KeyAdded, Subject::Key(id), details)?;
    tracing::info!(key.id = %id, role = %form.role, by = act.by.principal(), "key {id} made");
    Ok(made)
}

/// Makes a key that takes another's place: of the same device, role, unit, scopes and addresses. The old one works on
/// for `overlap`, so that the device can be given the new one in between.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Conflict`] when the old one is revoked, replaced already or at its end;
/// [`AppError::Invalid`] for an end that has passed.
pub(in crate::staff) fn rotate(
    conn: &mut PgConnection,
    act: &Act<'_>,
    old: KeyId,
    overlap: TimeDelta,
    expires_at: Option<DateTime<Utc>>,
) -> Result<(String, ApiKey), AppError> {
    let old = lock(conn, old)?.ok_or_else(|| no_such("khóa API", "API key"))?;
    if old.revoked_at.is_some() || old.replaced_by.is_some() || old.expires_at.is_some_and(|end| end <= act.now) {
        return Err(no_longer_in_use());
    }
    check_end(act, expires_at)?;
    let expires_at = expires_at.or(old.expires_at);
    let ends = old.expires_at.map_or(act.now + overlap, |end| end.min(act.now + overlap));
    let content = Content {
        id: KeyId::new(),
        name: &old.name,
        device: old.device.as_deref(),
        role: old.role,
        unit: old.unit_id,
        scopes: old.scopes.clone().map(|words| words.into_iter().flatten().collect()),
        addresses: old.addresses.clone().map(|texts| texts.into_iter().flatten().collect()),
        expires_at,
    };
    let id = content.id;
    // First, since a device holds one key that is not replaced.
    diesel::update(api_keys::table.find(old.id))
        .set((api_keys::replaced_by.eq(id), api_keys::expires_at.eq(ends)))
        .execute(conn)?;
    let made = insert(conn, act, &content)?;
    let details = json!({"replaced_by": id, "old_ends_at": ends, "expires_at": expires_at});
    audit::note(conn, act, Action::KeyRotated, Subject::Key(old.id), details)?;
    tracing::info!(key.id = %id, key.old = %old.id, by = act.by.principal(), "key {id} takes the place of {}", old.id);
    Ok(made)
}

fn lock(conn: &mut PgConnection, id: KeyId) -> QueryResult<Option<ApiKey>> {
    api_keys::table.find(id).select(ApiKey::as_select()).for_update().first(conn).optional()
}

fn check_end(act: &Act<'_>, end: Option<DateTime<Utc>>) -> Result<(), AppError> {
    if end.is_none_or(|end| end > act.now) {
        return Ok(());
    }
    Err(AppError::invalid(
        "/expires_at",
        Said::new("already_past", "Thời điểm hết hạn phải ở tương lai", "The end must lie in the future"),
    ))
}

fn insert(conn: &mut PgConnection, act: &Act<'_>, content: &Content<'_>) -> Result<(String, ApiKey), AppError> {
    // Two keys of one prefix are next to impossible; a third try is never seen.
    for _ in 0..3 {
        let made = try_insert(conn, act, content).map_err(|err| match breaks(&err, "api_keys_device") {
            true => device_has_key(),
            false => err.into(),
        })?;
        if let Some(made) = made {
            return Ok(made);
        }
    }
    Err(AppError::internal("no unused key prefix was found"))
}

fn try_insert(conn: &mut PgConnection, act: &Act<'_>, content: &Content<'_>) -> QueryResult<Option<(String, ApiKey)>> {
    let key = new_token(KEY_PREFIX);
    let visible: String = key.chars().skip(KEY_PREFIX.len()).take(PREFIX_LENGTH).collect();
    let row: Option<ApiKey> = diesel::insert_into(api_keys::table)
        .values((
            api_keys::id.eq(content.id),
            api_keys::name.eq(content.name),
            api_keys::device.eq(content.device),
            api_keys::prefix.eq(visible),
            api_keys::key_hash.eq(token_hash(&key)),
            api_keys::role.eq(content.role),
            api_keys::unit_id.eq(content.unit),
            api_keys::scopes.eq(&content.scopes),
            api_keys::addresses.eq(&content.addresses),
            api_keys::created_by.eq(act.by.staff_id()),
            api_keys::created_at.eq(act.now),
            api_keys::expires_at.eq(content.expires_at),
        ))
        .on_conflict(api_keys::prefix)
        .do_nothing()
        .returning(ApiKey::as_returning())
        .get_result(conn)
        .optional()?;
    Ok(row.map(|row| (key, row)))
}

fn device_has_key() -> AppError {
    AppError::Conflict(Said::new(
        "device_has_key",
        "Thiết bị này đã có khóa: hãy thay khóa đó, hoặc thu hồi nó trước",
        "This device holds a key already: rotate that one, or revoke it first",
    ))
}

fn no_longer_in_use() -> AppError {
    AppError::Conflict(Said::new(
        "key_not_in_use",
        "Khóa này đã bị thu hồi, đã được thay hoặc đã hết hạn: hãy tạo khóa mới",
        "This key is revoked, replaced or at its end: make a new one",
    ))
}
