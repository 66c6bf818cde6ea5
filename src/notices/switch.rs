//! Pauses and resumes all sending.

use diesel::prelude::*;
use serde_json::json;

use crate::audit;
use crate::domain::audit::{Action, Subject};
use crate::error::AppError;
use crate::schema::sending;
use crate::state::Act;

/// Stops all sending until it is resumed; what is under way ends.
///
/// # Errors
/// Whatever the database says.
pub fn pause_sending(conn: &mut PgConnection, act: &Act<'_>, why: &str) -> Result<(), AppError> {
    diesel::update(sending::table).set(sending::paused_why.eq(why)).execute(conn)?;
    audit::note(conn, act, Action::SendingPaused, Subject::Sending, json!({}))?;
    tracing::warn!(by = act.by.principal(), "sending is paused");
    Ok(())
}

/// Lets messages go out again.
///
/// # Errors
/// Whatever the database says.
pub fn resume_sending(conn: &mut PgConnection, act: &Act<'_>) -> Result<(), AppError> {
    diesel::update(sending::table).set(sending::paused_why.eq(None::<String>)).execute(conn)?;
    audit::note(conn, act, Action::SendingResumed, Subject::Sending, json!({}))?;
    tracing::warn!(by = act.by.principal(), "sending is resumed");
    Ok(())
}
