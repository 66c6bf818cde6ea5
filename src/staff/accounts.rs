//! Accounts of people.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::{Value, json};

use super::{no_such, sessions};
use crate::audit;
use crate::domain::audit::{Action, Subject};
use crate::domain::ids::{StaffId, UnitId};
use crate::domain::role::{Actor, Role, Who};
use crate::error::{AppError, Said, breaks};
use crate::http::body::Faults;
use crate::http::page::Cursor;
use crate::platform::keyset::after;
use crate::schema::staff;
use crate::state::Act;

/// An account of a member of staff.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = staff)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Account {
    /// Its key.
    pub id: StaffId,
    /// The name to log in by.
    pub username: String,
    /// The name that histories show.
    pub full_name: String,
    /// What it may do.
    pub role: Role,
    /// Where it sits.
    pub unit_id: UnitId,
    /// Since when nobody comes in by it.
    pub disabled_at: Option<DateTime<Utc>>,
    /// Since when it is there.
    pub created_at: DateTime<Utc>,
}

impl Account {
    /// Returns who acts when this account does.
    pub fn actor(&self) -> Actor {
        Actor::new(Who::Staff(self.id), &*self.full_name, self.role, self.unit_id)
    }
}

/// What a new account is made of.
#[derive(Debug, Clone)]
pub(super) struct NewAccount {
    pub username: String,
    pub full_name: String,
    pub role: Role,
    pub unit_code: String,
}

/// What is to be changed of an account; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub(super) struct AccountChange {
    pub full_name: Option<String>,
    pub role: Option<Role>,
    pub unit_code: Option<String>,
    pub disabled: Option<bool>,
    pub password_hash: Option<String>,
}

/// Which accounts are asked for.
#[derive(Debug, Clone, Default)]
pub(super) struct AccountFilter {
    /// In this unit or one below.
    pub unit_code: Option<String>,
    pub role: Option<Role>,
    pub after: Option<Cursor>,
}

/// Reads the name to log in by: small letters, digits, dots and dashes, 2 to 64 of them.
pub(super) fn read_username(faults: &mut Faults, pointer: &str, text: Option<&str>) -> Option<String> {
    let text = faults.required(pointer, text)?;
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let sound = (2..=64).contains(&text.len())
        && text.bytes().next().is_some_and(letter)
        && text.bytes().all(|byte| letter(byte) || b"._-".contains(&byte));
    let said = Said::new(
        "bad_username",
        "Tên đăng nhập gồm 2 đến 64 chữ thường không dấu, chữ số, dấu chấm, gạch",
        "A user name has 2 to 64 small letters a–z, digits, dots and dashes",
    );
    faults.read(pointer, said, sound.then(|| text.to_owned()))
}

/// Reads the role of a person: any but those of keys alone.
pub(super) fn read_role(faults: &mut Faults, pointer: &str, word: Option<&str>) -> Option<Role> {
    let role = faults.required(pointer, word).and_then(|word| faults.word::<Role>(pointer, word))?;
    let said =
        Said::new("role_only_for_keys", "Vai trò portal chỉ dành cho khóa API", "The role portal is only for API keys");
    faults.read(pointer, said, Some(role).filter(|role| *role != Role::Portal))
}

/// Makes an account.
///
/// # Errors
/// [`AppError::Conflict`] when the user name is taken, [`AppError::Invalid`] when the unit is unknown.
pub(super) fn add(
    conn: &mut PgConnection,
    act: &Act<'_>,
    form: &NewAccount,
    password_hash: &str,
) -> Result<Account, AppError> {
    let id = StaffId::new();
    let account: Account = diesel::insert_into(staff::table)
        .values((
            staff::id.eq(id),
            staff::username.eq(&form.username),
            staff::full_name.eq(&form.full_name),
            staff::role.eq(form.role),
            staff::unit_id.eq(unit_by_code(act, &form.unit_code)?),
            staff::password_hash.eq(password_hash),
            staff::created_at.eq(act.now),
        ))
        .returning(Account::as_returning())
        .get_result(conn)
        .map_err(|err| match breaks(&err, "staff_username_key") {
            true => username_taken(),
            false => err.into(),
        })?;
    let details = json!({"role": form.role, "unit": form.unit_code});
    audit::note(conn, act, Action::StaffAdded, Subject::Staff(id), details)?;
    tracing::info!(staff.id = %id, role = %form.role, by = act.by.principal(), "account {id} made");
    Ok(account)
}

/// Changes an account. Whoever is disabled or gets a new password, role or unit is logged out everywhere.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Conflict`] when nobody could administrate any more; [`AppError::Forbidden`] for
/// the password of a role that reaches over the whole province.
pub(super) fn change(
    conn: &mut PgConnection,
    act: &Act<'_>,
    id: StaffId,
    form: &AccountChange,
) -> Result<Account, AppError> {
    let admins = lock_admins(conn)?;
    let before = lock(conn, id)?.ok_or_else(|| no_such("tài khoản", "account"))?;
    if form.password_hash.is_some() && before.role.is_wide() && act.by.who != Who::System {
        return Err(password_of_wide_role());
    }
    let unit_id = match &form.unit_code {
        Some(code) => unit_by_code(act, code)?,
        None => before.unit_id,
    };
    let role = form.role.unwrap_or(before.role);
    let disabled_at = match form.disabled {
        None => before.disabled_at,
        Some(false) => None,
        Some(true) => before.disabled_at.or(Some(act.now)),
    };
    if admins == [id] && (role != Role::Admin || disabled_at.is_some()) {
        return Err(last_admin());
    }
    let after: Account = diesel::update(staff::table.find(id))
        .set((
            staff::full_name.eq(form.full_name.as_ref().unwrap_or(&before.full_name)),
            staff::role.eq(role),
            staff::unit_id.eq(unit_id),
            staff::disabled_at.eq(disabled_at),
            form.password_hash.as_ref().map(|hash| staff::password_hash.eq(hash)),
        ))
        .returning(Account::as_returning())
        .get_result(conn)?;
    let may_do_else = after.role != before.role || after.unit_id != before.unit_id;
    if disabled_at.is_some() || form.password_hash.is_some() || may_do_else {
        sessions::end_all_but(conn, id, None, act.now)?;
    }
    audit::note(conn, act, Action::StaffChanged, Subject::Staff(id), changes(act, &before, &after, form))?;
    tracing::info!(staff.id = %id, by = act.by.principal(), "account {id} changed");
    Ok(after)
}

/// What became of an account's rights; of a name and a password only that they were changed.
fn changes(act: &Act<'_>, before: &Account, after: &Account, form: &AccountChange) -> Value {
    let mut changes = serde_json::Map::new();
    let mut note = |name: &str, old: Value, new: Value| {
        if old != new {
            changes.insert(name.to_owned(), json!({"old": old, "new": new}));
        }
    };
    note("role", json!(before.role), json!(after.role));
    note("unit", json!(unit_code(act, before.unit_id)), json!(unit_code(act, after.unit_id)));
    note("disabled", json!(before.disabled_at.is_some()), json!(after.disabled_at.is_some()));
    if before.full_name != after.full_name {
        changes.insert("full_name".to_owned(), json!("changed"));
    }
    if form.password_hash.is_some() {
        changes.insert("password".to_owned(), json!("changed"));
    }
    Value::Object(changes)
}

/// Returns accounts in the order in which they were made, one more than `limit` where there are more.
///
/// # Errors
/// [`AppError::Invalid`] when the unit is unknown.
pub(super) fn list(
    conn: &mut PgConnection,
    act: &Act<'_>,
    filter: &AccountFilter,
    limit: i64,
) -> Result<Vec<Account>, AppError> {
    let mut query = staff::table.select(Account::as_select()).into_boxed();
    if let Some(code) = &filter.unit_code {
        let unit = act.catalogue().unit_by_code(code).ok_or_else(|| unknown_unit("?unit"))?;
        query = query.filter(staff::unit_id.eq_any(act.catalogue().within(unit.id)));
    }
    if let Some(role) = filter.role {
        query = query.filter(staff::role.eq(role));
    }
    if let Some(Cursor { at, id }) = filter.after {
        query = query.filter(after((staff::created_at, staff::id), (at, id)));
    }
    let accounts = query.order((staff::created_at, staff::id)).limit(limit + 1).load(conn)?;
    Ok(accounts)
}

/// Returns one account.
///
/// # Errors
/// [`AppError::NotFound`].
pub(super) fn one(conn: &mut PgConnection, id: StaffId) -> Result<Account, AppError> {
    staff::table
        .find(id)
        .select(Account::as_select())
        .first(conn)
        .optional()?
        .ok_or_else(|| no_such("tài khoản", "account"))
}

/// Finds an account by the name to log in by.
///
/// # Errors
/// Whatever the database says.
pub(super) fn by_username(conn: &mut PgConnection, username: &str) -> QueryResult<Option<Account>> {
    staff::table.filter(staff::username.eq(username)).select(Account::as_select()).first(conn).optional()
}

/// Locks an account's row until the transaction ends.
///
/// # Errors
/// Whatever the database says.
pub(super) fn lock(conn: &mut PgConnection, id: StaffId) -> QueryResult<Option<Account>> {
    staff::table.find(id).select(Account::as_select()).for_update().first(conn).optional()
}

/// Returns the stored hash of an account's password.
///
/// # Errors
/// Whatever the database says.
pub(super) fn password_hash(conn: &mut PgConnection, id: StaffId) -> QueryResult<String> {
    staff::table.find(id).select(staff::password_hash).first(conn)
}

/// Returns the unit's key for the code in a body.
///
/// # Errors
/// [`AppError::Invalid`] when there is none.
pub(super) fn unit_by_code(act: &Act<'_>, code: &str) -> Result<UnitId, AppError> {
    act.catalogue().unit_by_code(code).map(|unit| unit.id).ok_or_else(|| unknown_unit("/unit_code"))
}

/// Returns the code of a unit, as answers show it.
pub(super) fn unit_code(act: &Act<'_>, id: UnitId) -> String {
    let unit = act.catalogue().unit(id);
    unit.map(|unit| unit.code.clone()).unwrap_or_default()
}

/// Two admins who disable each other at once must not both succeed, so all rows are locked, always in one order.
fn lock_admins(conn: &mut PgConnection) -> QueryResult<Vec<StaffId>> {
    staff::table
        .filter(staff::role.eq(Role::Admin))
        .filter(staff::disabled_at.is_null())
        .select(staff::id)
        .order(staff::id)
        .for_update()
        .load(conn)
}

fn username_taken() -> AppError {
    AppError::Conflict(Said::new(
        "username_taken",
        "Tên đăng nhập này đã có người dùng, hãy chọn tên khác",
        "This user name is taken, choose another",
    ))
}

/// One who could set it would be both of the two people.
fn password_of_wide_role() -> AppError {
    AppError::Forbidden(Said::new(
        "role_needs_two",
        "Mật khẩu của tài khoản này chỉ chủ tài khoản đổi được, hoặc đặt trên máy chủ: motcua staff password",
        "The password of this account is changed by its owner, or set on the server: motcua staff password",
    ))
}

fn last_admin() -> AppError {
    AppError::Conflict(Said::new(
        "last_admin",
        "Đây là quản trị cuối cùng, hãy tạo quản trị khác trước",
        "This is the last admin, make another one first",
    ))
}

fn unknown_unit(pointer: &str) -> AppError {
    AppError::invalid(
        pointer,
        Said::new("unknown_unit", "Không có cơ quan nào mang mã này", "There is no unit of this code"),
    )
}
