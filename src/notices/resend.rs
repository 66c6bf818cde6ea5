//! Sends a notice again because a person says so, and pauses and resumes all sending.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Bool, SmallInt, Timestamptz};
use serde_json::json;

use super::queries::{self, Row};
use crate::audit;
use crate::domain::audit::{Action, Subject};
use crate::domain::ids::NoticeId;
use crate::domain::notice::{NoticeStatus, Purpose};
use crate::error::{AppError, Said};
use crate::schema::{notices, sending};
use crate::state::Act;

/// There is no such notice, or none that who asks may know of.
pub(super) fn no_such_notice() -> AppError {
    AppError::NotFound(Said::new("not_found", "Không có thông báo này", "There is no such notice"))
}

/// Puts a notice that failed, was given up, came too late or is in doubt back into the queue, with its whole
/// schedule before it and under its own number: a gateway that has it already sends it no second time.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Conflict`] for one that is under way or has arrived.
pub(super) fn resend(conn: &mut PgConnection, act: &Act<'_>, id: NoticeId) -> Result<(), AppError> {
    let found = queries::find(conn, act.by, id)?;
    let (row, dossier, _) = found.ok_or_else(no_such_notice)?;
    let (status, key_id): (NoticeStatus, i16) =
        notices::table.find(id).select((notices::status, notices::key_id)).for_update().first(conn)?;
    if row.purpose.is_secret() {
        return Err(AppError::Conflict(Said::new(
            "notice_not_resendable",
            "Mã dùng một lần không gửi lại được; người dân xin mã mới",
            "A one-time code is never sent again; the citizen asks for a new one",
        )));
    }
    if key_id == 0 {
        return Err(AppError::Conflict(Said::new(
            "notice_erased",
            "Người nhận và nội dung của thông báo đã được xóa theo thời hạn lưu giữ",
            "The recipient and the words of this notice were erased when their time was over",
        )));
    }
    if !status.may_be_resent() {
        return Err(AppError::Conflict(Said::new(
            "notice_not_resendable",
            format!(
                "Thông báo đang ở trạng thái {status}; chỉ gửi lại được khi given_up, failed, in_doubt hoặc expired"
            ),
            format!("The notice is {status}; only one that is given_up, failed, in_doubt or expired can be sent again"),
        )));
    }
    queue_again(conn, act, &row)?;
    let details = json!({"dossier": dossier, "was": status});
    audit::note(conn, act, Action::NoticeResent, Subject::Notice(id), details)?;
    tracing::info!(notice.id = %id, by = act.by.principal(), "notice {id} is sent again");
    Ok(())
}

/// What is in doubt may lie at its gateway, so no other gets it.
const QUEUE_AGAIN: &str = "-- notices::resend::queue_again
INSERT INTO notice_queue (notice_id, channel, priority, run_at, attempt, unit_id, gateway, open_since)
SELECT n.id, n.channel, $2, $3, 0, n.unit_id,
    CASE WHEN $4 THEN COALESCE(n.gateway, '') ELSE '' END, CASE WHEN $4 AND n.gateway IS NOT NULL THEN $3 END
FROM notices n WHERE n.id = $1
ON CONFLICT DO NOTHING";

fn queue_again(conn: &mut PgConnection, act: &Act<'_>, row: &Row) -> QueryResult<()> {
    let longest = TimeDelta::hours(act.office.config.notices.expires_h.into());
    diesel::update(notices::table.find(row.id))
        .set((
            notices::status.eq(NoticeStatus::Queued),
            notices::reason.eq(None::<String>),
            notices::final_at.eq(None::<DateTime<Utc>>),
            notices::expires_at.eq(act.now + row.purpose.is_of_use_for(longest)),
        ))
        .execute(conn)?;
    diesel::sql_query(QUEUE_AGAIN)
        .bind::<diesel::sql_types::Uuid, _>(row.id)
        .bind::<SmallInt, _>(row.purpose.priority())
        .bind::<Timestamptz, _>(act.now)
        .bind::<Bool, _>(row.status == NoticeStatus::InDoubt)
        .execute(conn)?;
    Ok(())
}

/// Puts a notice in doubt back into the queue: its gateway says that it never had it.
///
/// # Errors
/// Whatever the database says.
pub(super) fn send_what_never_left(conn: &mut PgConnection, id: NoticeId, now: DateTime<Utc>) -> QueryResult<()> {
    let doubtful = notices::table.find(id).filter(notices::status.eq(NoticeStatus::InDoubt));
    let purpose: Option<Purpose> = diesel::update(doubtful)
        .set((notices::status.eq(NoticeStatus::Queued), notices::reason.eq(None::<String>)))
        .returning(notices::purpose)
        .get_result(conn)
        .optional()?;
    let Some(purpose) = purpose else {
        return Ok(());
    };
    diesel::sql_query(QUEUE_AGAIN)
        .bind::<diesel::sql_types::Uuid, _>(id)
        .bind::<SmallInt, _>(purpose.priority())
        .bind::<Timestamptz, _>(now)
        .bind::<Bool, _>(false)
        .execute(conn)?;
    Ok(())
}

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
