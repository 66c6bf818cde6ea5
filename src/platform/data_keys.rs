//! Data keys in the database: made, read, wrapped anew. What they are for stands in the migration.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;

use super::ring::{DataKey, FIRST_DATA_KEY, Reading};
use super::sealing::SealingKey;
use super::secret::{Vault, VaultError, random_bytes};
use crate::domain::retention::KeyClass;
use crate::error::AppError;
use crate::schema::{data_keys, data_keys_version};

#[derive(Queryable, Selectable)]
#[diesel(table_name = data_keys)]
struct Row {
    number: i16,
    month: NaiveDate,
    class: String,
    wrapped_by: Option<i16>,
    wrapped: Option<Vec<u8>>,
}

/// Reads all living keys. One that can't be unwrapped is passed over, and said in the log: what it sealed does not
/// open here until its master key is in the settings.
///
/// # Errors
/// Whatever the database says.
pub fn read(conn: &mut PgConnection, vault: &Vault) -> Result<Reading, AppError> {
    // The number first: what is newer than its number is only read once more.
    let version = data_keys_version::table.select(data_keys_version::version).first(conn)?;
    let rows: Vec<Row> = data_keys::table
        .filter(data_keys::destroyed_at.is_null())
        .order(data_keys::number)
        .select(Row::as_select())
        .load(conn)?;
    let keys = rows.into_iter().filter_map(|row| match unwrapped(vault, &row) {
        Ok(key) => key.map(|(class, key)| (row.month, class, key)),
        Err(err) => {
            tracing::error!(key = row.number, error = %err, "data key {} can't be unwrapped: {err}", row.number);
            None
        }
    });
    Ok(Reading { version, keys: keys.collect() })
}

/// Reads the keys anew when one of these numbers is not known.
///
/// # Errors
/// As [`read`].
pub fn know(conn: &mut PgConnection, vault: &Vault, numbers: impl Iterator<Item = i16>) -> Result<(), AppError> {
    let mut unknown = numbers.filter(|number| *number >= FIRST_DATA_KEY && vault.ring().get(*number).is_none());
    if unknown.next().is_some() {
        vault.ring().take(read(conn, vault)?);
    }
    Ok(())
}

fn unwrapped(vault: &Vault, row: &Row) -> Result<Option<(KeyClass, DataKey)>, VaultError> {
    // A newer version may know more classes.
    let (Some(class), Some(master), Some(wrapped)) = (KeyClass::read(&row.class), row.wrapped_by, &row.wrapped) else {
        return Ok(None);
    };
    let bytes = vault.unwrap_with(master, &context(row.month, &row.class), wrapped)?;
    let key = SealingKey::new(&bytes).ok_or(VaultError::Broken(row.number))?;
    Ok(Some((class, DataKey::new(row.number, key))))
}

/// Makes the keys of a month that are not there yet, and reads all. Where two processes make the same, the second
/// waits for the first and reads its keys. The caller takes them over once they are committed, not before.
///
/// # Errors
/// Whatever the database says.
pub fn make(conn: &mut PgConnection, vault: &Vault, month: NaiveDate, now: DateTime<Utc>) -> Result<Reading, AppError> {
    let mut is_ours = false;
    for class in vault.ring().classes() {
        let (month, word) = (class.month(month), class.word());
        if is_there(conn, month, &word)? {
            continue;
        }
        if !is_ours {
            // Each key that is made counts the version up. Taken before the first one, and not after it, it lets no two
            // processes that make the keys of different months hold what the other waits for: some keys last.
            data_keys_version::table.select(data_keys_version::version).for_update().first::<i64>(conn)?;
            is_ours = true;
        }
        let wrapped = vault.wrap(&context(month, &word), &random_bytes::<32>())?;
        diesel::insert_into(data_keys::table)
            .values((
                data_keys::month.eq(month),
                data_keys::class.eq(&word),
                data_keys::wrapped_by.eq(vault.key_id()),
                data_keys::wrapped.eq(wrapped),
                data_keys::made_at.eq(now),
            ))
            .on_conflict_do_nothing()
            .execute(conn)?;
    }
    read(conn, vault)
}

fn is_there(conn: &mut PgConnection, month: NaiveDate, class: &str) -> QueryResult<bool> {
    let living = data_keys::table
        .filter(data_keys::month.eq(month))
        .filter(data_keys::class.eq(class))
        .filter(data_keys::destroyed_at.is_null());
    diesel::select(diesel::dsl::exists(living)).get_result(conn)
}

/// Wraps every living key anew by the master key of now; returns how many there were to wrap.
///
/// # Errors
/// [`VaultError::NoKey`] when the master key that wrapped one is not in the settings any more.
pub fn wrap_anew(conn: &mut PgConnection, vault: &Vault) -> Result<usize, AppError> {
    let rows: Vec<Row> = data_keys::table
        .filter(data_keys::destroyed_at.is_null())
        .filter(data_keys::wrapped_by.ne(vault.key_id()))
        .order(data_keys::number)
        .select(Row::as_select())
        .for_update()
        .load(conn)?;
    for row in &rows {
        let (Some(master), Some(wrapped)) = (row.wrapped_by, &row.wrapped) else { continue };
        let context = context(row.month, &row.class);
        let anew = vault.wrap(&context, &vault.unwrap_with(master, &context, wrapped)?)?;
        diesel::update(data_keys::table.find(row.number))
            .set((data_keys::wrapped_by.eq(vault.key_id()), data_keys::wrapped.eq(anew)))
            .execute(conn)?;
    }
    Ok(rows.len())
}

/// A data key as it is listed: nothing of the key itself.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Listed {
    /// Its number.
    pub number: i16,
    /// The month in which it seals.
    pub month: NaiveDate,
    /// What it seals.
    pub class: String,
    /// The master key that wraps it; none for a destroyed one.
    pub wrapped_by: Option<i16>,
    /// When it was destroyed.
    pub destroyed_at: Option<DateTime<Utc>>,
}

/// Lists all keys, the oldest month first.
///
/// # Errors
/// Whatever the database says.
pub fn list(conn: &mut PgConnection) -> QueryResult<Vec<Listed>> {
    data_keys::table
        .order((data_keys::month, data_keys::number))
        .select((data_keys::number, data_keys::month, data_keys::class, data_keys::wrapped_by, data_keys::destroyed_at))
        .load(conn)
}

/// Returns the place for which a data key is wrapped.
fn context(month: NaiveDate, class: &str) -> String {
    format!("data key {class} {month}")
}
