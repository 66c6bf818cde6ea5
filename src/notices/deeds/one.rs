//! Does something to one notice, or says why it can't be done.

use diesel::prelude::*;
use serde_json::json;

use super::carry_out::{Held, carry_out, lock};
use super::order::Order;
use super::{no_such_notice, recorded_as};
use crate::audit;
use crate::domain::audit::Subject;
use crate::domain::dossier::Status;
use crate::domain::ids::NoticeId;
use crate::domain::notice::{NoticeDeed, Purpose};
use crate::error::{AppError, Said};
use crate::notices::queries;
use crate::schema::dossiers;
use crate::state::Act;

/// Does an order to one notice that who acts may know of.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Conflict`] where it can't be done to this notice, as it stands.
pub(super) fn do_to_one(conn: &mut PgConnection, act: &Act<'_>, id: NoticeId, order: &Order) -> Result<(), AppError> {
    let (_, dossier, _) = queries::find(conn, act.by, id)?.ok_or_else(no_such_notice)?;
    let held = lock(conn, &[id])?.pop().ok_or_else(no_such_notice)?;
    check(conn, order.deed, &held)?;
    let details = json!({"dossier": dossier, "was": held.status});
    if carry_out(conn, act, order, vec![held], 0)? == 0 {
        return Err(not_done(order.deed));
    }
    audit::note(conn, act, recorded_as(order.deed), Subject::Notice(id), details)?;
    tracing::info!(notice.id = %id, by = act.by.principal(), deed = %order.deed, "notice {id}: {}", order.deed);
    Ok(())
}

fn check(conn: &mut PgConnection, deed: NoticeDeed, held: &Held) -> Result<(), AppError> {
    let is_sent = matches!(deed, NoticeDeed::Replay | NoticeDeed::ReplayOn);
    if is_sent && held.purpose.is_secret() {
        return Err(conflict(
            "notice_not_resendable",
            "Mã dùng một lần không gửi lại được; người dân xin mã mới",
            "A one-time code is never sent again; the citizen asks for a new one",
        ));
    }
    if is_sent && held.is_erased() {
        return Err(conflict(
            "notice_erased",
            "Người nhận và nội dung của thông báo đã được xóa theo thời hạn lưu giữ",
            "The recipient and the words of this notice were erased when their time was over",
        ));
    }
    if !deed.is_for(held.status) {
        return Err(status_forbids(deed, held));
    }
    if is_sent && is_overtaken(conn, held)? {
        return Err(conflict(
            "notice_overtaken",
            "Kết quả đã được trả hoặc đã thu hồi, không mời đến nhận nữa",
            "The result was handed over or taken back; nobody is invited to collect it any more",
        ));
    }
    Ok(())
}

/// Whether it invites to a result that does not wait any more.
fn is_overtaken(conn: &mut PgConnection, held: &Held) -> QueryResult<bool> {
    let invites = matches!(
        held.purpose,
        Purpose::ResultEarly | Purpose::ResultReady | Purpose::ResultRefused | Purpose::CollectReminder
    );
    if !invites {
        return Ok(false);
    }
    let status: Status = dossiers::table.find(held.dossier_id).select(dossiers::status).first(conn)?;
    Ok(status != Status::Finished)
}

fn status_forbids(deed: NoticeDeed, held: &Held) -> AppError {
    let status = held.status;
    let (code, vi, en) = match deed {
        NoticeDeed::Replay => (
            "notice_not_resendable",
            "chỉ gửi lại được khi given_up, failed, in_doubt hoặc expired",
            "only one that is given_up, failed, in_doubt or expired can be sent again",
        ),
        NoticeDeed::ReplayOn => (
            "notice_not_resendable",
            "chỉ gửi qua kênh khác được khi given_up, failed, in_doubt hoặc expired",
            "only one that is given_up, failed, in_doubt or expired can be sent on another channel",
        ),
        NoticeDeed::Cancel => {
            ("notice_not_cancellable", "chỉ hủy được khi còn queued", "only one that is still queued can be cancelled")
        }
        NoticeDeed::ToldByPhone => (
            "notice_not_open",
            "chỉ ghi đã báo qua điện thoại khi tin chưa đến được người nhận",
            "only of one that did not arrive it can be noted that the person was called up",
        ),
    };
    conflict(code, &format!("Thông báo đang ở trạng thái {status}; {vi}"), &format!("The notice is {status}; {en}"))
}

/// It was lawful, and could not be done all the same.
fn not_done(deed: NoticeDeed) -> AppError {
    match deed {
        NoticeDeed::Cancel => conflict(
            "notice_under_way",
            "Thông báo đang được gửi, không hủy được nữa",
            "The notice is being sent and can't be cancelled any more",
        ),
        _ => conflict(
            "no_other_channel",
            "Không gửi qua kênh này được: hồ sơ không cho phép kênh, người nhận không có địa chỉ ở đó, chưa có mẫu tin, hoặc đã báo qua kênh đó",
            "It can't be sent on this channel: the dossier does not allow it, the person has no address there, there are no words for it, or the person was told there already",
        ),
    }
}

fn conflict(code: &'static str, vi: &str, en: &str) -> AppError {
    AppError::Conflict(Said::new(code, vi, en))
}
