//! Sends a notice again because a person says so, and pauses and resumes all sending.

use chrono::TimeDelta;
use diesel::prelude::*;
use serde_json::json;

use super::queries::{self, Row};
use crate::audit;
use crate::domain::audit::{Action, Subject};
use crate::domain::ids::NoticeId;
use crate::domain::notice::NoticeStatus;
use crate::error::{AppError, Said};
use crate::schema::{notice_queue, notices, sending};
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

fn queue_again(conn: &mut PgConnection, act: &Act<'_>, row: &Row) -> QueryResult<()> {
    let longest = TimeDelta::hours(act.office.config.notices.expires_h.into());
    diesel::update(notices::table.find(row.id))
        .set((
            notices::status.eq(NoticeStatus::Queued),
            notices::reason.eq(None::<String>),
            notices::final_at.eq(None::<chrono::DateTime<chrono::Utc>>),
            notices::expires_at.eq(act.now + row.purpose.is_of_use_for(longest)),
        ))
        .execute(conn)?;
    diesel::insert_into(notice_queue::table)
        .values((
            notice_queue::notice_id.eq(row.id),
            notice_queue::channel.eq(row.channel),
            notice_queue::priority.eq(row.purpose.priority()),
            notice_queue::run_at.eq(act.now),
            notice_queue::attempt.eq(0),
        ))
        .on_conflict_do_nothing()
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
