//! The rows of second factors, and what opens by them, each thing once.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use secrecy::{ExposeSecret, SecretString};

use super::totp::Totp;
use crate::domain::ids::{SecondFactorId, StaffId};
use crate::domain::session::SecondFactor;
use crate::error::AppError;
use crate::platform::secret::Pin;
use crate::schema::{recovery_codes, second_factors};
use crate::state::Act;

/// How many recovery codes somebody gets.
pub(super) const RECOVERY_CODES: usize = 10;

/// A second factor as it is stored; its secret is sealed.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = second_factors)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub(super) struct Factor {
    pub id: SecondFactorId,
    pub staff_id: StaffId,
    pub key_id: i16,
    pub secret: Vec<u8>,
    pub last_step: i64,
    pub started_at: DateTime<Utc>,
    pub confirmed_at: Option<DateTime<Utc>>,
}

/// What somebody typed where a code is asked for.
pub(super) enum Typed {
    /// Six digits, as apps show them.
    Code(String),
    /// Anything else.
    Recovery(Pin),
}

impl Typed {
    /// Reads it; spaces don't matter.
    pub(super) fn read(text: &SecretString) -> Self {
        let plain: String = text.expose_secret().chars().filter(|c| !c.is_whitespace()).take(64).collect();
        if plain.len() == 6 && plain.bytes().all(|byte| byte.is_ascii_digit()) {
            return Self::Code(plain);
        }
        Self::Recovery(Pin::read(&plain))
    }
}

impl Factor {
    /// Makes one that is not in use yet.
    ///
    /// # Errors
    /// Whatever the vault or the database says.
    pub(super) fn start(
        conn: &mut PgConnection,
        act: &Act<'_>,
        staff: StaffId,
        secret: &SecretString,
    ) -> Result<Self, AppError> {
        let id = SecondFactorId::new();
        let key = act.office.vault.lasting_key()?;
        let sealed = key.seal(&place(id), secret.expose_secret())?;
        diesel::delete(of(staff).filter(second_factors::confirmed_at.is_null())).execute(conn)?;
        let factor = Self {
            id,
            staff_id: staff,
            key_id: key.number(),
            secret: sealed,
            last_step: 0,
            started_at: act.now,
            confirmed_at: None,
        };
        diesel::insert_into(second_factors::table).values(&factor).execute(conn)?;
        Ok(factor)
    }

    /// Puts it into use, instead of the one of before, and returns its recovery codes.
    ///
    /// # Errors
    /// Whatever the database says.
    pub(super) fn put_into_use(&self, conn: &mut PgConnection, act: &Act<'_>, step: i64) -> QueryResult<Vec<String>> {
        diesel::delete(of(self.staff_id).filter(second_factors::confirmed_at.is_not_null())).execute(conn)?;
        diesel::update(second_factors::table.find(self.id))
            .set((second_factors::confirmed_at.eq(act.now), second_factors::last_step.eq(step)))
            .execute(conn)?;
        self.new_recovery_codes(conn, act)
    }

    /// Makes new recovery codes in place of the old ones and returns them, this once.
    ///
    /// # Errors
    /// Whatever the database says.
    pub(super) fn new_recovery_codes(&self, conn: &mut PgConnection, act: &Act<'_>) -> QueryResult<Vec<String>> {
        let codes: Vec<Pin> = (0..RECOVERY_CODES).map(|_| Pin::new()).collect();
        let row = |code: &Pin| {
            let hash = recovery_codes::code_hash.eq(code.hash(&act.office.vault));
            (recovery_codes::second_factor_id.eq(self.id), hash)
        };
        diesel::delete(recovery_codes::table.filter(recovery_codes::second_factor_id.eq(self.id))).execute(conn)?;
        diesel::insert_into(recovery_codes::table).values(codes.iter().map(row).collect::<Vec<_>>()).execute(conn)?;
        Ok(codes.iter().map(Pin::printed).collect())
    }

    /// Returns the half minute whose code this is, unless it or a later one was used before.
    ///
    /// # Errors
    /// [`AppError::Internal`] for a secret that does not open.
    pub(super) fn unused_step(&self, act: &Act<'_>, code: &str) -> Result<Option<i64>, AppError> {
        let secret = act.office.vault.open(self.key_id, &place(self.id), &self.secret)?;
        let step = Totp::of(&SecretString::from(secret), "-")?.step(code, act.now);
        Ok(step.filter(|step| *step > self.last_step))
    }

    /// Uses up what was typed, and returns what it was; `None` when it is nothing that opens. The row must be locked.
    ///
    /// # Errors
    /// Whatever the vault or the database says.
    pub(super) fn use_up(
        &self,
        conn: &mut PgConnection,
        act: &Act<'_>,
        typed: &Typed,
    ) -> Result<Option<SecondFactor>, AppError> {
        match typed {
            Typed::Code(code) => {
                let Some(step) = self.unused_step(act, code)? else { return Ok(None) };
                diesel::update(second_factors::table.find(self.id))
                    .set(second_factors::last_step.eq(step))
                    .execute(conn)?;
                Ok(Some(SecondFactor::Code))
            }
            Typed::Recovery(code) => {
                let used = diesel::update(recovery_codes::table.find((self.id, code.hash(&act.office.vault))))
                    .filter(recovery_codes::used_at.is_null())
                    .set(recovery_codes::used_at.eq(act.now))
                    .execute(conn)?;
                Ok((used > 0).then_some(SecondFactor::RecoveryCode))
            }
        }
    }

    /// How many recovery codes are left.
    ///
    /// # Errors
    /// Whatever the database says.
    pub(super) fn recovery_codes_left(&self, conn: &mut PgConnection) -> QueryResult<i64> {
        recovery_codes::table
            .filter(recovery_codes::second_factor_id.eq(self.id))
            .filter(recovery_codes::used_at.is_null())
            .count()
            .get_result(conn)
    }
}

/// Whether the account has a second factor in use.
///
/// # Errors
/// Whatever the database says.
pub(in crate::staff) fn has(conn: &mut PgConnection, staff: StaffId) -> QueryResult<bool> {
    let in_use = of(staff).filter(second_factors::confirmed_at.is_not_null());
    diesel::select(diesel::dsl::exists(in_use)).get_result(conn)
}

/// Returns the second factor that the account has in use.
///
/// # Errors
/// Whatever the database says.
pub(super) fn in_use(conn: &mut PgConnection, staff: StaffId) -> QueryResult<Option<Factor>> {
    let in_use = of(staff).filter(second_factors::confirmed_at.is_not_null());
    in_use.select(Factor::as_select()).first(conn).optional()
}

/// Locks the second factor that the account has in use.
///
/// # Errors
/// Whatever the database says.
pub(super) fn lock_in_use(conn: &mut PgConnection, staff: StaffId) -> QueryResult<Option<Factor>> {
    let in_use = of(staff).filter(second_factors::confirmed_at.is_not_null());
    in_use.select(Factor::as_select()).for_update().first(conn).optional()
}

/// Locks the second factor that the account is setting up.
///
/// # Errors
/// Whatever the database says.
pub(super) fn lock_set_up(conn: &mut PgConnection, staff: StaffId) -> QueryResult<Option<Factor>> {
    let set_up = of(staff).filter(second_factors::confirmed_at.is_null());
    set_up.select(Factor::as_select()).for_update().first(conn).optional()
}

/// Removes whatever the account has; returns how much that was.
///
/// # Errors
/// Whatever the database says.
pub(super) fn remove_all(conn: &mut PgConnection, staff: StaffId) -> QueryResult<usize> {
    diesel::delete(of(staff)).execute(conn)
}

#[diesel::dsl::auto_type(no_type_alias)]
fn of(staff: StaffId) -> _ {
    second_factors::table.filter(second_factors::staff_id.eq(staff))
}

/// Where a secret is sealed for.
fn place(id: SecondFactorId) -> String {
    format!("second_factor {id} secret")
}
