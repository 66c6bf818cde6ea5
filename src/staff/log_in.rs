//! Logging in: one answer, after one and the same time, to whoever may not come in.

use diesel::prelude::*;
use secrecy::SecretString;
use serde_json::json;

use super::accounts::{self, Account};
use super::password;
use super::sessions::{self, Opened};
use crate::audit::{self, Doer, Noted};
use crate::domain::audit::{Action, Subject};
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
    let subject = known.as_ref().map_or(Subject::UnknownStaff, |(account, _)| Subject::Staff(account.id));
    let welcome = |(account, _): &(Account, String)| is_right && account.disabled_at.is_none();
    let opened = match known.filter(welcome) {
        Some((account, hash)) => open(state, account, hash).await,
        None => Err(refused()),
    };
    if let Err(AppError::Unauthenticated(_)) = &opened {
        tracing::info!("a log-in was refused");
        let why = if is_right { "disabled" } else { "wrong_credentials" };
        note_refused(state, subject, why).await?;
    }
    opened
}

async fn open(state: &AppState, account: Account, hash: String) -> Result<(Opened, Account), AppError> {
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

/// In a transaction of its own, since there is none that the refusal would not undo. Of an unknown name nothing is
/// kept: people type passwords there.
pub(super) async fn note_refused(
    state: &AppState,
    subject: Subject<'static>,
    why: &'static str,
) -> Result<(), AppError> {
    let now = state.clock.now();
    let noted = Noted { action: Action::LogInRefused, subject, details: json!({"why": why}) };
    let write = move |conn: &mut PgConnection| Ok(audit::note_by(conn, &Doer::unknown(), now, &noted)?);
    state.db.tx(&Scope::system(), write).await
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
