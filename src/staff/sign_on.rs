//! Logging in at the province's identity provider. Accounts are made here; the provider only says whose turn it is.

use diesel::prelude::*;

use super::accounts::{self, Account};
use super::log_in::note_refused;
use super::sessions::{self, Entrance, Opened};
use crate::domain::audit::Subject;
use crate::domain::session::{SecondFactor, SessionKind};
use crate::error::AppError;
use crate::platform::db::Scope;
use crate::schema::staff;
use crate::sign_on::{self, Brought, Door};
use crate::state::AppState;

/// Opens a session of the account that the provider names.
///
/// # Errors
/// [`AppError::Unauthenticated`], one and the same for whatever proves nothing, an account that there is not, and a
/// disabled one.
pub(super) async fn log_in(
    state: &AppState,
    brought: Brought,
    kind: SessionKind,
) -> Result<(Opened, Account, SecondFactor), AppError> {
    let identified = match sign_on::end(state, Door::Staff, brought).await {
        Err(refused @ AppError::Unauthenticated(_)) => {
            note_refused(state, Subject::UnknownStaff, "provider_refused").await?;
            return Err(refused);
        }
        identified => identified?,
    };
    // A second factor counts where the settings say how the provider tells of one.
    let second_factor = if identified.is_strong { SecondFactor::Provider } else { SecondFactor::None };
    let username = identified.claim.trim().to_lowercase();
    let known = state.db.read(&Scope::system(), move |conn| find(conn, &username).map_err(AppError::from)).await?;
    let Some(account) = known else {
        return Err(refuse(state, Subject::UnknownStaff, "unknown_account").await?);
    };
    let (id, actor) = (account.id, account.actor());
    let opened = state.act(&actor, move |conn, act| {
        // Who was disabled while the provider was asked stays outside.
        let now = accounts::lock(conn, id)?.filter(|now| now.disabled_at.is_none());
        let entrance = Entrance { kind, second_factor };
        now.map(|now| Ok((sessions::open(conn, act, &now, entrance)?, now, second_factor))).transpose()
    });
    match opened.await? {
        Some(opened) => Ok(opened),
        None => Err(refuse(state, Subject::Staff(id), "disabled").await?),
    }
}

async fn refuse(state: &AppState, subject: Subject<'static>, why: &'static str) -> Result<AppError, AppError> {
    tracing::info!(why, "a single sign-on was refused");
    note_refused(state, subject, why).await?;
    Ok(sign_on::refused())
}

fn find(conn: &mut PgConnection, username: &str) -> QueryResult<Option<Account>> {
    staff::table.filter(staff::username.eq(username)).select(Account::as_select()).first(conn).optional()
}
