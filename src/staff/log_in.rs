//! Logging in: one answer, after one and the same time, to whoever may not come in.

use std::net::IpAddr;

use diesel::prelude::*;
use secrecy::SecretString;
use serde_json::json;

use super::accounts::{self, Account};
use super::sessions::{self, Entrance, Opened};
use super::tries::{self, Tried};
use super::{password, second_factor};
use crate::audit::{self, Doer, Noted};
use crate::domain::audit::{Action, Subject};
use crate::domain::session::{SecondFactor, SessionKind};
use crate::error::{AppError, Said};
use crate::platform::db::Scope;
use crate::schema::staff;
use crate::state::AppState;

/// What somebody shows to come in, from where.
pub(super) struct Shown {
    pub username: String,
    pub password: SecretString,
    pub code: Option<SecretString>,
    pub address: IpAddr,
}

/// Opens a session for who knows the password and, where the account has a second factor, shows its code.
///
/// # Errors
/// [`AppError::Unauthenticated`], the same for an unknown name, a wrong password, a wrong code and a disabled account;
/// `second_factor_needed` to who knows the password alone. [`AppError::TooMany`] after failures, the same for known
/// and unknown names.
pub(super) async fn log_in(
    state: &AppState,
    shown: Shown,
    kind: SessionKind,
) -> Result<(Opened, Account, SecondFactor), AppError> {
    let tried = Tried::password(&state.vault, &shown.username, shown.address);
    let username = shown.username;
    let known: Option<(Account, String)> =
        state.db.read(&Scope::system(), move |conn| find(conn, &username).map_err(AppError::from)).await?;
    let hash = known.as_ref().map_or_else(|| password::NOBODYS.to_owned(), |(_, hash)| hash.clone());
    let subject = known.as_ref().map_or(Subject::UnknownStaff, |(account, _)| Subject::Staff(account.id));
    let is_right = tries::password(state, &tried, shown.password, hash).await?;
    let opened = match known.filter(|(account, _)| is_right && account.disabled_at.is_none()) {
        Some(known) => welcome(state, known, shown.code, kind).await,
        None => Err(Refusal::Credentials),
    };
    let why = match &opened {
        Ok(_) | Err(Refusal::Other(_)) => return opened.map_err(AppError::from),
        Err(Refusal::NoCode) => "second_factor_needed",
        Err(Refusal::WrongCode) => "wrong_code",
        Err(Refusal::Credentials) if is_right => "disabled",
        Err(Refusal::Credentials) => "wrong_credentials",
    };
    tracing::info!(why, "a log-in was refused");
    note_refused(state, subject, why).await?;
    opened.map_err(AppError::from)
}

/// Why somebody does not come in.
enum Refusal {
    /// Nobody by this name and password.
    Credentials,
    /// The password is right, and a code is asked for.
    NoCode,
    /// The password is right, and the code is wrong.
    WrongCode,
    /// Something else than a refusal of credentials.
    Other(AppError),
}

impl From<Refusal> for AppError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Credentials | Refusal::WrongCode => refused(),
            Refusal::NoCode => Self::Unauthenticated(Said::new(
                "second_factor_needed",
                "Hãy gửi thêm mã của ứng dụng xác thực, hoặc một mã dự phòng, trong trường code",
                "Send the code of the authenticator app, or a recovery code, too: in the field code",
            )),
            Refusal::Other(err) => err,
        }
    }
}

/// Lets in whose password was right.
async fn welcome(
    state: &AppState,
    (account, hash): (Account, String),
    code: Option<SecretString>,
    kind: SessionKind,
) -> Result<(Opened, Account, SecondFactor), Refusal> {
    let (id, actor) = (account.id, account.actor());
    // Asked for no earlier than now: a wrong password takes as long for a known name as for an unknown one.
    let has_one =
        state.db.read(&Scope::system(), move |conn| second_factor::has(conn, id).map_err(AppError::from)).await;
    let second_factor = match (has_one.map_err(Refusal::Other)?, code) {
        (false, _) => SecondFactor::None,
        (true, None) => return Err(Refusal::NoCode),
        (true, Some(code)) => second_factor::show(state, &actor, &code).await.map_err(|err| match err {
            AppError::Invalid(_) => Refusal::WrongCode,
            other => Refusal::Other(other),
        })?,
    };
    let opened = state
        .act(&actor, move |conn, act| {
            // Who was disabled or got a new password while this one was being checked stays outside.
            let now = accounts::lock(conn, id)?.filter(|now| now.disabled_at.is_none());
            let now = now.ok_or_else(refused)?;
            if accounts::password_hash(conn, now.id)? != hash {
                return Err(refused());
            }
            Ok((sessions::open(conn, act, &now, Entrance { kind, second_factor })?, now, second_factor))
        })
        .await;
    opened.map_err(|err| match err {
        AppError::Unauthenticated(_) => Refusal::Credentials,
        other => Refusal::Other(other),
    })
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
        "Tên đăng nhập, mật khẩu hoặc mã xác thực không đúng, hoặc tài khoản đã bị khóa",
        "The user name, the password or the code is wrong, or the account is disabled",
    ))
}
