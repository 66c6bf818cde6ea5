//! Calls back what has not gone out yet.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::domain::ids::{DossierId, NoticeId};
use crate::domain::notice::{NoticeChannel, NoticeStatus, Purpose};
use crate::domain::person::Part;
use crate::error::AppError;
use crate::schema::{notice_queue, notices};
use crate::state::Act;

/// A notice that has gone out or may have: whoever got it must be told that it no longer holds.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = notices)]
pub struct Sent {
    /// The notice.
    pub id: NoticeId,
    /// What for.
    pub purpose: Purpose,
    /// To whom.
    pub recipient: Part,
    /// On which channel.
    pub channel: NoticeChannel,
}

/// Gone out, perhaps gone out, or about to.
const GONE_OUT_OR_WAITING: [NoticeStatus; 5] =
    [NoticeStatus::Queued, NoticeStatus::Sending, NoticeStatus::InDoubt, NoticeStatus::Sent, NoticeStatus::Delivered];

/// Cancels the notices of a dossier for these purposes that nobody has begun to send; returns those that have
/// gone out or may have, so that a correction can follow.
///
/// # Errors
/// Whatever the database says.
pub fn cancel_unsent(
    conn: &mut PgConnection,
    act: &Act<'_>,
    dossier_id: DossierId,
    purposes: &[Purpose],
) -> Result<Vec<Sent>, AppError> {
    let of_these =
        || notices::table.filter(notices::dossier_id.eq(dossier_id)).filter(notices::purpose.eq_any(purposes));
    diesel::update(of_these().filter(notices::status.eq(NoticeStatus::Standby)))
        .set(cancelled(act, "recalled"))
        .execute(conn)?;
    let told: Vec<(Sent, NoticeStatus)> = of_these()
        .filter(notices::status.eq_any(GONE_OUT_OR_WAITING))
        .order(notices::id)
        .select((Sent::as_select(), notices::status))
        .for_update()
        .load(conn)?;
    let waiting = told.iter().filter(|(_, status)| *status == NoticeStatus::Queued).map(|(notice, _)| notice.id);
    let called_back = call_back(conn, act, &waiting.collect::<Vec<_>>(), "recalled")?;
    let gone_out = told.into_iter().map(|(notice, _)| notice).filter(|notice| !called_back.contains(&notice.id));
    Ok(gone_out.collect())
}

/// Cancels those of these notices that stand by or that nobody has begun to send.
///
/// # Errors
/// Whatever the database says.
pub fn call_back_unsent(conn: &mut PgConnection, act: &Act<'_>, ids: &[NoticeId], why: &str) -> QueryResult<()> {
    call_back(conn, act, ids, why)?;
    let standbys = notices::table.filter(notices::id.eq_any(ids)).filter(notices::status.eq(NoticeStatus::Standby));
    diesel::update(standbys).set(cancelled(act, why)).execute(conn)?;
    Ok(())
}

/// Takes notices out of the queue and cancels them; returns those that nobody had claimed. A claimed one is on its
/// way: its row keeps the worker's token and is left alone.
pub(super) fn call_back(
    conn: &mut PgConnection,
    act: &Act<'_>,
    ids: &[NoticeId],
    why: &str,
) -> QueryResult<Vec<NoticeId>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let waiting =
        notice_queue::table.filter(notice_queue::notice_id.eq_any(ids)).filter(notice_queue::lease_token.is_null());
    let called_back: Vec<NoticeId> = diesel::delete(waiting).returning(notice_queue::notice_id).get_results(conn)?;
    diesel::update(notices::table.filter(notices::id.eq_any(&called_back))).set(cancelled(act, why)).execute(conn)?;
    Ok(called_back)
}

#[derive(AsChangeset)]
#[diesel(table_name = notices)]
struct Cancelled<'a> {
    status: NoticeStatus,
    reason: &'a str,
    final_at: DateTime<Utc>,
}

fn cancelled<'a>(act: &Act<'_>, why: &'a str) -> Cancelled<'a> {
    Cancelled { status: NoticeStatus::Cancelled, reason: why, final_at: act.now }
}
