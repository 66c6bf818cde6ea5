//! Changing one's own password, which ends one's other sessions.

use diesel::prelude::*;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::bearer::Bearer;
use super::second_factor::Caller;
use super::tries::{self, Tried};
use super::{accounts, no_such, password, people_only, sessions};
use crate::audit;
use crate::domain::audit::{Action, Subject};
use crate::domain::ids::StaffId;
use crate::error::{AppError, Said};
use crate::http::body::Faults;
use crate::schema::staff;
use crate::state::AppState;

/// The password of now and the one to come.
pub(super) struct NewPassword {
    pub old: Option<SecretString>,
    pub new: Option<SecretString>,
}

/// Changes the password of who asks, and ends all sessions but the one that asks.
///
/// # Errors
/// [`AppError::Invalid`] when the old one is wrong or the new one is none; [`AppError::Forbidden`] for a key;
/// [`AppError::TooMany`] after failures.
pub(super) async fn change(
    state: &AppState,
    caller: &Caller<'_>,
    asking: Bearer,
    form: NewPassword,
) -> Result<(), AppError> {
    let by = caller.actor;
    let id = by.staff_id().ok_or_else(people_only)?;
    let (username, old_hash) = state.look(by, move |conn, _| credentials(conn, id)).await?;
    let (old, new) = check(form, &username)?;
    let tried = Tried::password(&state.vault, &username, caller.address);
    if !tries::password(state, &tried, old, old_hash.clone()).await? {
        return Err(wrong_password());
    }
    let new_hash = password::hash(new).await?;
    state
        .act(by, move |conn, act| {
            accounts::lock(conn, id)?;
            if accounts::password_hash(conn, id)? != old_hash {
                return Err(wrong_password());
            }
            diesel::update(staff::table.find(id)).set(staff::password_hash.eq(&new_hash)).execute(conn)?;
            let ended = sessions::end_all_but(conn, id, Some(&asking), act.now)?;
            audit::note(conn, act, Action::PasswordChanged, Subject::Staff(id), json!({"sessions_ended": ended}))?;
            tracing::info!(staff.id = %id, "account {id} changed its password");
            Ok(())
        })
        .await
}

fn check(form: NewPassword, username: &str) -> Result<(SecretString, SecretString), AppError> {
    let mut faults = Faults::new();
    let old = faults.required("/old_password", form.old);
    let new = password::check_new(&mut faults, "/new_password", form.new, username);
    if let (Some(old), Some(new)) = (&old, &new)
        && old.expose_secret() == new.expose_secret()
    {
        faults.add(
            "/new_password",
            Said::new(
                "password_unchanged",
                "Mật khẩu mới phải khác mật khẩu cũ",
                "The new password must differ from the old one",
            ),
        );
    }
    faults.finish(old.zip(new))
}

fn credentials(conn: &mut PgConnection, id: StaffId) -> Result<(String, String), AppError> {
    staff::table
        .find(id)
        .select((staff::username, staff::password_hash))
        .first(conn)
        .optional()?
        .ok_or_else(|| no_such("tài khoản", "account"))
}

fn wrong_password() -> AppError {
    AppError::invalid(
        "/old_password",
        Said::new("wrong_password", "Mật khẩu cũ không đúng", "The old password is wrong"),
    )
}
