//! Showing a code at a log-in, and showing again who one is before one's second factor is changed.

use std::net::IpAddr;

use diesel::prelude::*;
use secrecy::SecretString;

use super::factor::{self, Typed};
use super::wrong_code;
use crate::domain::ids::StaffId;
use crate::domain::role::Actor;
use crate::domain::session::SecondFactor;
use crate::error::{AppError, Said};
use crate::http::body::Faults;
use crate::schema::staff;
use crate::staff::{people_only, tries};
use crate::state::AppState;

/// Who asks, and from where.
pub(in crate::staff) struct Caller<'a> {
    pub actor: &'a Actor,
    pub address: IpAddr,
}

/// What is shown again.
pub(in crate::staff) struct Proof {
    pub password: Option<SecretString>,
    pub code: Option<SecretString>,
}

/// What has to be shown again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::staff) enum Asked {
    /// A code where there is a second factor; the password where there is none.
    TheStrongest,
    /// A code.
    Code,
    /// Either.
    Any,
}

/// Uses up a code of the account's second factor. Wrong ones slow down the account, wherever they come from: whoever
/// gets here knew the password.
///
/// # Errors
/// [`AppError::TooMany`]; [`AppError::Invalid`] for a wrong one.
pub(in crate::staff) async fn show(
    state: &AppState,
    actor: &Actor,
    code: &SecretString,
) -> Result<SecondFactor, AppError> {
    let staff = actor.staff_id().ok_or_else(people_only)?;
    let tried = tries::Tried::code(&state.vault, staff);
    tries::admit(state, &tried).await?;
    let typed = Typed::read(code);
    let shown = state
        .act(actor, move |conn, act| {
            let factor = factor::lock_in_use(conn, staff)?;
            let shown = factor.map(|factor| factor.use_up(conn, act, &typed)).transpose()?.flatten();
            shown.ok_or_else(wrong_code)
        })
        .await?;
    tries::forgive(state, &tried).await?;
    Ok(shown)
}

/// Checks that who asks is still who logged in: a token alone, which may be stolen, changes no second factor.
///
/// # Errors
/// [`AppError::Invalid`] when something is missing or wrong, [`AppError::TooMany`], [`AppError::Forbidden`] for a key.
pub(in crate::staff) async fn prove(
    state: &AppState,
    caller: &Caller<'_>,
    proof: Proof,
    asked: Asked,
) -> Result<(), AppError> {
    let id = caller.actor.staff_id().ok_or_else(people_only)?;
    let read = move |conn: &mut PgConnection| Ok((factor::has(conn, id)?, credentials(conn, id)?));
    let (has_one, (username, hash)) = state.look(caller.actor, move |conn, _| read(conn)).await?;
    let needs_code = match asked {
        Asked::Code => true,
        Asked::TheStrongest => has_one,
        Asked::Any => has_one && proof.password.is_none(),
    };
    let mut faults = Faults::new();
    if needs_code {
        let code = faults.required("/code", proof.code);
        return show(state, caller.actor, &faults.finish(code)?).await.map(|_| ());
    }
    let password = faults.required("/password", proof.password);
    let password = faults.finish(password)?;
    let tried = tries::Tried::password(&state.vault, &username, caller.address);
    match tries::password(state, &tried, password, hash).await? {
        true => Ok(()),
        false => Err(wrong_password()),
    }
}

fn credentials(conn: &mut PgConnection, id: StaffId) -> QueryResult<(String, String)> {
    staff::table.find(id).select((staff::username, staff::password_hash)).first(conn)
}

fn wrong_password() -> AppError {
    AppError::invalid("/password", Said::new("wrong_password", "Mật khẩu không đúng", "The password is wrong"))
}
