//! API keys of counters and other systems: shown once, kept as a hash, scoped to a role and a unit.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::json;

use super::accounts::unit_by_code;
use super::bearer::KEY_PREFIX;
use super::no_such;
use crate::audit;
use crate::domain::audit::{Action, Subject};
use crate::domain::ids::{KeyId, StaffId, UnitId};
use crate::domain::role::Role;
use crate::error::{AppError, Said};
use crate::http::body::Faults;
use crate::http::page::Cursor;
use crate::platform::secret::{new_token, token_hash};
use crate::schema::api_keys;
use crate::state::Act;

const PREFIX_LENGTH: usize = 8;

/// A key as it is listed; the key itself is nowhere any more.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = api_keys)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub(super) struct ApiKey {
    pub id: KeyId,
    pub name: String,
    pub prefix: String,
    pub role: Role,
    pub unit_id: UnitId,
    pub created_by: Option<StaffId>,
    pub created_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
    pub last_used_at: Option<DateTime<Utc>>,
}

/// What a new key is made of.
#[derive(Debug, Clone)]
pub(super) struct NewKey {
    pub name: String,
    pub role: Role,
    pub unit_code: String,
    pub expires_at: Option<DateTime<Utc>>,
}

/// Reads the role of a key: any but that of an admin, so that no program makes accounts.
pub(super) fn read_role(faults: &mut Faults, pointer: &str, word: Option<&str>) -> Option<Role> {
    let role = faults.required(pointer, word).and_then(|word| faults.word::<Role>(pointer, word))?;
    faults.read(pointer, only_for_people(), Some(role).filter(|role| *role != Role::Admin))
}

/// Makes a key and returns it beside its row: the only time that it is seen.
///
/// # Errors
/// [`AppError::Invalid`] for an unknown unit, the role of an admin or an end that has passed.
pub(super) fn add(conn: &mut PgConnection, act: &Act<'_>, form: &NewKey) -> Result<(String, ApiKey), AppError> {
    if form.role == Role::Admin {
        return Err(AppError::invalid("/role", only_for_people()));
    }
    if form.expires_at.is_some_and(|end| end <= act.now) {
        return Err(AppError::invalid(
            "/expires_at",
            Said::new("already_past", "Thời điểm hết hạn phải ở tương lai", "The end must lie in the future"),
        ));
    }
    let unit = unit_by_code(act, &form.unit_code)?;
    // Two keys of one prefix are next to impossible; a third try is never seen.
    for _ in 0..3 {
        if let Some(made) = insert(conn, act, form, unit)? {
            let id = made.1.id;
            let details = json!({"role": form.role, "unit": form.unit_code, "expires_at": form.expires_at});
            audit::note(conn, act, Action::KeyAdded, Subject::Key(id), details)?;
            tracing::info!(key.id = %id, role = %form.role, by = act.by.principal(), "key {id} made");
            return Ok(made);
        }
    }
    Err(AppError::internal("no unused key prefix was found"))
}

fn insert(
    conn: &mut PgConnection,
    act: &Act<'_>,
    form: &NewKey,
    unit: UnitId,
) -> QueryResult<Option<(String, ApiKey)>> {
    let key = new_token(KEY_PREFIX);
    let visible: String = key.chars().skip(KEY_PREFIX.len()).take(PREFIX_LENGTH).collect();
    let row: Option<ApiKey> = diesel::insert_into(api_keys::table)
        .values((
            api_keys::id.eq(KeyId::new()),
            api_keys::name.eq(&form.name),
            api_keys::prefix.eq(visible),
            api_keys::key_hash.eq(token_hash(&key)),
            api_keys::role.eq(form.role),
            api_keys::unit_id.eq(unit),
            api_keys::created_by.eq(act.by.staff_id()),
            api_keys::created_at.eq(act.now),
            api_keys::expires_at.eq(form.expires_at),
        ))
        .on_conflict(api_keys::prefix)
        .do_nothing()
        .returning(ApiKey::as_returning())
        .get_result(conn)
        .optional()?;
    Ok(row.map(|row| (key, row)))
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
