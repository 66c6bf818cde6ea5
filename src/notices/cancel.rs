//! Calls back what has not gone out yet.

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
    let of_the_dossier =
        notices::table.filter(notices::dossier_id.eq(dossier_id)).filter(notices::purpose.eq_any(purposes));
    let ids: Vec<NoticeId> = of_the_dossier
        .clone()
        .filter(notices::status.eq(NoticeStatus::Queued))
        .order(notices::id)
        .select(notices::id)
        .for_update()
        .load(conn)?;
    // A claimed one is on its way: its row keeps the worker's token and is left alone.
    let waiting =
        notice_queue::table.filter(notice_queue::notice_id.eq_any(&ids)).filter(notice_queue::lease_token.is_null());
    let called_back: Vec<NoticeId> = diesel::delete(waiting).returning(notice_queue::notice_id).get_results(conn)?;
    diesel::update(notices::table.filter(notices::id.eq_any(&called_back)))
        .set((
            notices::status.eq(NoticeStatus::Cancelled),
            notices::reason.eq("recalled"),
            notices::final_at.eq(act.now),
        ))
        .execute(conn)?;
    let gone_out = [
        NoticeStatus::Queued,
        NoticeStatus::Sending,
        NoticeStatus::InDoubt,
        NoticeStatus::Sent,
        NoticeStatus::Delivered,
    ];
    Ok(of_the_dossier
        .filter(notices::status.eq_any(gone_out))
        .order(notices::id)
        .select(Sent::as_select())
        .load(conn)?)
}
