//! A citizen's log-in at the identity provider.

use diesel::prelude::*;
use serde_json::json;

use super::sessions::{self, Opened, Opens};
use crate::audit::{self, Doer, Noted};
use crate::domain::audit::{Action, Subject};
use crate::domain::person::IdNumber;
use crate::error::AppError;
use crate::platform::db::Scope;
use crate::sign_on::{self, Brought, Door};
use crate::state::AppState;

/// Opens a session for the holder of the ID number that the provider names; of the number only its keyed hash is kept.
///
/// # Errors
/// [`AppError::Unauthenticated`], one and the same for whatever proves nothing.
pub(super) async fn log_in(state: &AppState, brought: Brought) -> Result<Opened, AppError> {
    let identified = sign_on::end(state, Door::Citizens, brought).await?;
    let is_enough = identified.is_strong || !state.config.citizen_log_in.tells_strength();
    let number = IdNumber::read(&identified.claim).filter(|_| is_enough).ok_or_else(sign_on::refused)?;
    let opens = Opens::OwnOf(state.vault.index("id_number", number.as_str()));
    let now = state.clock.now();
    let open = move |conn: &mut PgConnection| {
        let opened = sessions::open(conn, opens, now)?;
        let details = json!({"by": "citizen_log_in"});
        let noted = Noted { action: Action::CitizenLoggedIn, subject: Subject::CitizenSession(opened.id), details };
        audit::note_by(conn, &Doer::unknown(), now, &noted)?;
        Ok(opened)
    };
    state.db.tx(&Scope::system(), open).await
}
