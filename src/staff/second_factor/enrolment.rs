//! Setting a second factor up, replacing its recovery codes, and removing it.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use secrecy::SecretString;
use serde_json::json;

use super::factor::{self, Typed};
use super::totp::{Totp, new_secret};
use super::wrong_code;
use crate::audit;
use crate::domain::audit::{Action, Subject};
use crate::domain::ids::StaffId;
use crate::domain::role::Role;
use crate::domain::session::SecondFactor;
use crate::error::{AppError, Said};
use crate::staff::bearer::Bearer;
use crate::staff::{accounts, no_such, sessions};
use crate::state::Act;

/// How long a secret that was shown waits for its first code.
const SET_UP_WITHIN: TimeDelta = TimeDelta::minutes(15);

/// What an authenticator app takes; shown this once.
pub(in crate::staff) struct Started {
    pub secret: SecretString,
    pub uri: SecretString,
}

/// How it stands with one's own second factor.
pub(in crate::staff) struct State {
    pub confirmed_at: Option<DateTime<Utc>>,
    pub recovery_codes_left: i64,
}

/// Tells how it stands with an account's second factor.
///
/// # Errors
/// Whatever the database says.
pub(in crate::staff) fn state_of(conn: &mut PgConnection, staff: StaffId) -> QueryResult<State> {
    let in_use = factor::in_use(conn, staff)?;
    let left = in_use.as_ref().map(|factor| factor.recovery_codes_left(conn)).transpose()?;
    Ok(State { confirmed_at: in_use.and_then(|factor| factor.confirmed_at), recovery_codes_left: left.unwrap_or(0) })
}

/// Makes a secret for an authenticator app. It is not in use until a code of it was shown; the one of before is.
///
/// # Errors
/// [`AppError::NotFound`] without such an account.
pub(in crate::staff) fn start(conn: &mut PgConnection, act: &Act<'_>, staff: StaffId) -> Result<Started, AppError> {
    let account = accounts::lock(conn, staff)?.ok_or_else(|| no_such("tài khoản", "account"))?;
    let secret = new_secret();
    factor::Factor::start(conn, act, staff, &secret)?;
    let uri = Totp::of(&secret, &account.username)?.uri()?;
    Ok(Started { secret, uri })
}

/// Puts the secret that was made last into use, as its code proves that an app has it. Ends all sessions but the one
/// that asks, and returns the recovery codes.
///
/// # Errors
/// [`AppError::Invalid`] for a wrong code, [`AppError::Conflict`] when none was made of late.
pub(in crate::staff) fn confirm(
    conn: &mut PgConnection,
    act: &Act<'_>,
    (staff, asking): (StaffId, &Bearer),
    code: &SecretString,
) -> Result<Vec<String>, AppError> {
    let set_up = factor::lock_set_up(conn, staff)?;
    let fresh = set_up.filter(|factor| act.now < factor.started_at + SET_UP_WITHIN).ok_or_else(not_started)?;
    let step = match Typed::read(code) {
        Typed::Code(code) => fresh.unused_step(act, &code)?,
        Typed::Recovery(_) => None,
    };
    let codes = fresh.put_into_use(conn, act, step.ok_or_else(wrong_code)?)?;
    sessions::raise(conn, asking, SecondFactor::Code)?;
    let ended = sessions::end_all_but(conn, staff, Some(asking), act.now)?;
    audit::note(conn, act, Action::SecondFactorAdded, Subject::Staff(staff), json!({"sessions_ended": ended}))?;
    tracing::info!(staff.id = %staff, "account {staff} has a new second factor");
    Ok(codes)
}

/// Makes new recovery codes; the old ones open nothing any more.
///
/// # Errors
/// [`AppError::Conflict`] without a second factor.
pub(in crate::staff) fn new_recovery_codes(
    conn: &mut PgConnection,
    act: &Act<'_>,
    staff: StaffId,
) -> Result<Vec<String>, AppError> {
    let factor = factor::lock_in_use(conn, staff)?.ok_or_else(not_there)?;
    let codes = factor.new_recovery_codes(conn, act)?;
    audit::note(conn, act, Action::RecoveryCodesMade, Subject::Staff(staff), json!({}))?;
    Ok(codes)
}

/// Removes one's own second factor.
///
/// # Errors
/// [`AppError::Forbidden`] for a role that needs one, [`AppError::Conflict`] when there is none.
pub(in crate::staff) fn remove(
    conn: &mut PgConnection,
    act: &Act<'_>,
    staff: StaffId,
    role: Role,
) -> Result<(), AppError> {
    if role.needs_second_factor() {
        return Err(AppError::Forbidden(Said::new(
            "second_factor_needed_by_role",
            "Vai trò này phải có lớp xác thực thứ hai; muốn đổi thì thiết lập cái mới",
            "This role needs a second factor; to change it, set up a new one",
        )));
    }
    if factor::remove_all(conn, staff)? == 0 {
        return Err(not_there());
    }
    audit::note(conn, act, Action::SecondFactorRemoved, Subject::Staff(staff), json!({}))?;
    tracing::info!(staff.id = %staff, "account {staff} removed its second factor");
    Ok(())
}

/// Removes the second factor of somebody who has lost it, and ends their sessions. Removing it again changes nothing.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Forbidden`] for one's own, which no admin gets rid of alone.
pub(in crate::staff) fn reset(conn: &mut PgConnection, act: &Act<'_>, staff: StaffId) -> Result<(), AppError> {
    if act.by.staff_id() == Some(staff) {
        return Err(AppError::Forbidden(Said::new(
            "own_second_factor",
            "Không ai tự đặt lại lớp xác thực của mình; hãy nhờ quản trị khác hoặc dùng dòng lệnh",
            "Nobody resets the own second factor; ask another admin or use the command line",
        )));
    }
    accounts::lock(conn, staff)?.ok_or_else(|| no_such("tài khoản", "account"))?;
    if factor::remove_all(conn, staff)? == 0 {
        return Ok(());
    }
    let ended = sessions::end_all_but(conn, staff, None, act.now)?;
    audit::note(conn, act, Action::SecondFactorReset, Subject::Staff(staff), json!({"sessions_ended": ended}))?;
    tracing::info!(staff.id = %staff, by = act.by.principal(), "the second factor of account {staff} was reset");
    Ok(())
}

/// Gives an account a second factor whose secret is known already: for the accounts of a demo.
///
/// # Errors
/// Whatever the vault or the database says.
pub(in crate::staff) fn enrol(
    conn: &mut PgConnection,
    act: &Act<'_>,
    staff: StaffId,
    secret: &SecretString,
) -> Result<(), AppError> {
    // Nothing but a secret of ours gets in.
    Totp::of(secret, "-")?;
    factor::Factor::start(conn, act, staff, secret)?.put_into_use(conn, act, 0)?;
    audit::note(conn, act, Action::SecondFactorAdded, Subject::Staff(staff), json!({"sessions_ended": 0}))?;
    Ok(())
}

fn not_started() -> AppError {
    AppError::Conflict(Said::new(
        "second_factor_not_started",
        "Chưa bắt đầu thiết lập, hoặc đã quá 15 phút; hãy bắt đầu lại",
        "Nothing was started, or more than 15 minutes ago; start again",
    ))
}

fn not_there() -> AppError {
    AppError::Conflict(Said::new(
        "no_second_factor",
        "Tài khoản chưa có lớp xác thực thứ hai",
        "The account has no second factor",
    ))
}
