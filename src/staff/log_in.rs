//! Logging in: one answer, after one and the same time, to whoever may not come in.

use diesel::prelude::*;
use secrecy::SecretString;

use super::accounts::{self, Account};
use super::password;
use super::sessions::{self, Opened};
use crate::error::{AppError, Said};
use crate::platform::db::Scope;
use crate::schema::staff;
use crate::state::AppState;

/// Opens a session for who knows the password.
///
/// # Errors
/// [`AppError::Unauthenticated`], the same for an unknown name, a wrong password and a disabled account.
pub(super) async fn log_in(
    state: &AppState,
    username: String,
    typed: SecretString,
) -> Result<(Opened, Account), AppError> {
    let known: Option<(Account, String)> =
        state.db.read(&Scope::system(), move |conn| find(conn, &username).map_err(AppError::from)).await?;
    let hash = known.as_ref().map_or_else(|| password::NOBODYS.to_owned(), |(_, hash)| hash.clone());
    let is_right = password::matches(typed, hash).await?;
    let welcome = |(account, _): &(Account, String)| is_right && account.disabled_at.is_none();
    let Some((account, hash)) = known.filter(welcome) else {
        tracing::info!("a log-in was refused");
        return Err(refused());
    };
    let actor = account.actor();
    state
        .act(&actor, move |conn, act| {
            // Who was disabled or got a new password while this one was being checked stays outside.
            let now = accounts::lock(conn, account.id)?.filter(|now| now.disabled_at.is_none());
            let now = now.ok_or_else(refused)?;
            if accounts::password_hash(conn, account.id)? != hash {
                return Err(refused());
            }
            Ok((sessions::open(conn, act, &now)?, now))
        })
        .await
}

fn find(conn: &mut PgConnection, username: &str) -> QueryResult<Option<(Account, String)>> {
    staff::table
        .filter(staff::username.eq(username))
        .select((Account::as_select(), staff::password_hash))
        .first(conn)
        .optional()
}

fn refused() -> AppError {
    AppError::Unauthenticated(Said::new(
        "wrong_credentials",
        "Tên đăng nhập hoặc mật khẩu không đúng, hoặc tài khoản đã bị khóa",
        "The user name or the password is wrong, or the account is disabled",
    ))
}
