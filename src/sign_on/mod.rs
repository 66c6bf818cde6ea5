//! Log-ins at an OpenID provider: begun here, carried through the provider by the browser, and brought back once.
//!
//! Who begins one gets a secret and keeps it; only with it the log-in can be ended, so that nobody is logged in as
//! somebody else by a link. Everything that binds the two halves is derived from it, so the database keeps its hash alone.

pub mod routes;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::BASE64URL_NOPAD;
use diesel::prelude::*;

use crate::domain::ids::LogInId;
use crate::domain::words::words;
use crate::error::{AppError, Said};
use crate::platform::db::Scope;
use crate::platform::oidc::{Binding, Identified, OidcFault, Provider};
use crate::platform::secret::{Vault, new_token, same, token_hash};
use crate::schema::log_ins;
use crate::state::AppState;

/// How long a log-in may take.
const LASTS: TimeDelta = TimeDelta::minutes(10);
/// How long one is kept that is over.
const KEPT: TimeDelta = TimeDelta::days(1);

words! {
    /// Where a log-in leads.
    pub enum Door {
        /// To a citizen's own dossiers.
        Citizens = "citizens",
        /// To the work of an account.
        Staff = "staff",
    }
}

/// A log-in that has begun.
pub struct Begun {
    /// Its key.
    pub id: LogInId,
    /// Where the browser goes.
    pub authorization_url: String,
    /// What ends it; not shown again.
    pub secret: String,
    /// Until when.
    pub expires_at: DateTime<Utc>,
}

/// What the browser brings back.
pub struct Brought {
    /// The log-in that it ends.
    pub id: LogInId,
    /// The provider's code.
    pub code: String,
    /// The state that went to the provider.
    pub state: String,
    /// The secret of who began.
    pub secret: String,
}

/// Begins a log-in.
///
/// # Errors
/// [`AppError::NotFound`] where none is set up, [`AppError::Unavailable`] when the provider is away.
pub async fn begin(state: &AppState, door: Door) -> Result<Begun, AppError> {
    let provider = provider_behind(state, door)?;
    let (now, secret) = (state.clock.now(), new_token("mcl_"));
    let url = provider.authorization_url(&binding(&state.vault, &secret), now).await.map_err(AppError::from)?;
    let begun = Begun { id: LogInId::new(), authorization_url: url, secret, expires_at: now + LASTS };
    let row = (
        log_ins::id.eq(begun.id),
        log_ins::door.eq(door.as_str()),
        log_ins::secret_hash.eq(token_hash(&begun.secret)),
        log_ins::expires_at.eq(begun.expires_at),
    );
    let write = move |conn: &mut PgConnection| Ok(diesel::insert_into(log_ins::table).values(row).execute(conn)?);
    let written: Result<usize, AppError> = state.db.tx(&Scope::system(), write).await;
    written.map(|_| begun)
}

/// Ends a log-in: returns who it was, once.
///
/// # Errors
/// [`AppError::Unauthenticated`], one and the same for whatever proves nothing; as [`begin`].
pub async fn end(state: &AppState, door: Door, brought: Brought) -> Result<Identified, AppError> {
    let provider = provider_behind(state, door)?;
    let (now, binding) = (state.clock.now(), binding(&state.vault, &brought.secret));
    if !same(binding.state.as_bytes(), brought.state.as_bytes()) {
        return Err(refused());
    }
    let (id, secret_hash) = (brought.id, token_hash(&brought.secret));
    let take = move |conn: &mut PgConnection| Ok(take(conn, door, (id, &secret_hash), now)?);
    let taken: Result<bool, AppError> = state.db.tx(&Scope::system(), take).await;
    if !taken? {
        return Err(refused());
    }
    Ok(provider.identify(brought.code, &binding, now).await?)
}

fn provider_behind(state: &AppState, door: Door) -> Result<Arc<Provider>, AppError> {
    let provider = match door {
        Door::Citizens => &state.providers.citizens,
        Door::Staff => &state.providers.staff,
    };
    provider.clone().ok_or_else(|| {
        AppError::NotFound(Said::new(
            "not_configured",
            "Nơi này chưa dùng đăng nhập qua nhà cung cấp danh tính",
            "Log-in at an identity provider is not set up here",
        ))
    })
}

/// Uses up a log-in that waits for its end; with a wrong secret nobody can.
fn take(
    conn: &mut PgConnection,
    door: Door,
    (id, secret_hash): (LogInId, &[u8]),
    now: DateTime<Utc>,
) -> QueryResult<bool> {
    let waiting = log_ins::table
        .find(id)
        .filter(log_ins::door.eq(door.as_str()))
        .filter(log_ins::secret_hash.eq(secret_hash))
        .filter(log_ins::used_at.is_null())
        .filter(log_ins::expires_at.gt(now));
    Ok(diesel::update(waiting).set(log_ins::used_at.eq(now)).execute(conn)? == 1)
}

/// Forgets log-ins that are over; returns how many.
///
/// # Errors
/// Whatever the database says.
pub async fn forget_old(state: AppState) -> Result<usize, AppError> {
    let before = state.clock.now() - KEPT;
    let forget = move |conn: &mut PgConnection| {
        Ok(diesel::delete(log_ins::table.filter(log_ins::expires_at.lt(before))).execute(conn)?)
    };
    state.db.tx(&Scope::system(), forget).await
}

fn binding(vault: &Vault, secret: &str) -> Binding {
    let derived = |kind: &str| BASE64URL_NOPAD.encode(&vault.index(kind, secret));
    Binding { state: derived("log_in_state"), nonce: derived("log_in_nonce"), verifier: derived("log_in_verifier") }
}

/// The one answer to whatever proves nothing.
pub fn refused() -> AppError {
    AppError::Unauthenticated(Said::new(
        "log_in_refused",
        "Đăng nhập không thành công hoặc đã hết hạn; hãy đăng nhập lại từ đầu",
        "The log-in failed or has expired; begin again",
    ))
}

impl From<OidcFault> for AppError {
    fn from(fault: OidcFault) -> Self {
        match fault {
            OidcFault::Refused(why) => {
                tracing::info!(why, "a log-in at the provider was refused");
                refused()
            }
            OidcFault::Away(cause) => Self::Unavailable { cause, retry_after_seconds: 10 },
            unusable @ OidcFault::Unusable { .. } => Self::Internal(unusable.into()),
        }
    }
}
