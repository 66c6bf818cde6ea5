//! Does an order to notices, in a few statements whatever their number, and writes down that it was done.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Timestamptz, Uuid as SqlUuid};

use super::history::{self, DeedRow};
use super::order::Order;
use crate::domain::ids::{DossierId, EventId, NoticeDeedId, NoticeId, UnitId};
use crate::domain::notice::{Facts, NoticeChannel, NoticeDeed, NoticeStatus, Purpose, Settled};
use crate::domain::person::Part;
use crate::error::AppError;
use crate::notices::cancel::call_back;
use crate::notices::enqueue::{Cause, InPlaceOf, enqueue_in_place};
use crate::notices::queue::{self, Place};
use crate::notices::{evidence, queries};
use crate::schema::{dossiers, notices};
use crate::state::Act;

/// What an order looks at, of a notice that is held to the end of the transaction.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = notices)]
pub(super) struct Held {
    pub(super) id: NoticeId,
    pub(super) dossier_id: DossierId,
    event_id: Option<EventId>,
    unit_id: UnitId,
    pub(super) purpose: Purpose,
    recipient: Part,
    channel: NoticeChannel,
    pub(super) key_id: i16,
    pub(super) status: NoticeStatus,
}

impl Held {
    /// Whether recipient and words were erased, so that nothing can be sent.
    pub(super) fn is_erased(&self) -> bool {
        self.key_id == 0
    }

    fn takes(&self, order: &Order) -> bool {
        let is_sent = matches!(order.deed, NoticeDeed::Replay | NoticeDeed::ReplayOn);
        order.deed.is_for(self.status) && !self.purpose.is_secret() && !(is_sent && self.is_erased())
    }
}

/// Locks notices by their keys.
pub(super) fn lock(conn: &mut PgConnection, ids: &[NoticeId]) -> QueryResult<Vec<Held>> {
    notices::table.filter(notices::id.eq_any(ids)).order(notices::id).select(Held::as_select()).for_update().load(conn)
}

/// Does an order to held notices, as far as it can be done to them; returns to how many it was. `before` were sent again by
/// the same order already: what follows goes out after them.
///
/// # Errors
/// Whatever the database says, or words that do not open.
pub(super) fn carry_out(
    conn: &mut PgConnection,
    act: &Act<'_>,
    order: &Order,
    held: Vec<Held>,
    before: usize,
) -> Result<usize, AppError> {
    let held: Vec<Held> = held.into_iter().filter(|notice| notice.takes(order)).collect();
    let done = match order.deed {
        NoticeDeed::Replay => replay(conn, act, &held, before)?,
        NoticeDeed::ReplayOn => replay_on(conn, act, (order.channel, &held), before)?,
        NoticeDeed::Cancel => cancel(conn, act, &held)?,
        NoticeDeed::ToldByPhone => told_by_phone(conn, &held)?,
    };
    let rows: Vec<DeedRow> = done.iter().map(|(notice, child)| row(act, order, notice, *child)).collect();
    history::add(conn, &rows)?;
    Ok(rows.len())
}

/// Those to which it was done, with the notice that took the place of each, where one did.
type Done<'a> = Vec<(&'a Held, Option<NoticeId>)>;

/// When the n-th of many goes out: no gateway gets them all at once.
fn turn(act: &Act<'_>, number: usize) -> DateTime<Utc> {
    let number = i64::try_from(number).unwrap_or(i64::MAX);
    let rate = i64::from(act.office.config.notices.replay_per_second.max(1));
    act.now + TimeDelta::microseconds(number.saturating_mul(1_000_000) / rate)
}

const QUEUED: &str = "-- notices::deeds::carry_out::replay
UPDATE notices n SET status = 'queued', reason = NULL, final_at = NULL, settled = NULL, expires_at = t.expires_at
FROM unnest($1, $2) AS t (id, expires_at) WHERE n.id = t.id";

/// Puts notices back into the queue, with their whole schedule before them and under their own numbers.
fn replay<'a>(conn: &mut PgConnection, act: &Act<'_>, held: &'a [Held], before: usize) -> Result<Done<'a>, AppError> {
    let longest = TimeDelta::hours(act.office.config.notices.expires_h.into());
    let daytime = act.office.config.notices.daytime();
    let places = (before..).zip(held).map(|(number, notice)| Place {
        notice_id: notice.id,
        priority: notice.purpose.priority(),
        run_at: daytime.next(notice.purpose, turn(act, number), notice.id.luck()),
    });
    let places: Vec<Place> = places.collect();
    // First, while they stand as they ended.
    queue::put(conn, &places)?;
    let of_use = |(place, notice): (&Place, &Held)| place.run_at + notice.purpose.is_of_use_for(longest);
    diesel::sql_query(QUEUED)
        .bind::<Array<SqlUuid>, _>(held.iter().map(|notice| notice.id.0).collect::<Vec<_>>())
        .bind::<Array<Timestamptz>, _>(places.iter().zip(held).map(of_use).collect::<Vec<_>>())
        .execute(conn)?;
    Ok(held.iter().map(|notice| (notice, None)).collect())
}

/// Says the same on another channel, in the words of that channel and from the facts that lie sealed with the first. Of
/// notices of before facts were kept, the parts of the words that need one are left out.
fn replay_on<'a>(
    conn: &mut PgConnection,
    act: &Act<'_>,
    (channel, held): (Option<NoticeChannel>, &'a [Held]),
    before: usize,
) -> Result<Done<'a>, AppError> {
    let channel = channel.ok_or_else(|| AppError::internal("a replay on no channel"))?;
    let ids: Vec<NoticeId> = held.iter().map(|notice| notice.id).collect();
    let sealed = queries::wordings(conn, &ids)?;
    let mut done = Vec::new();
    for notice in held.iter().filter(|notice| notice.channel != channel) {
        let said = sealed.get(&notice.id).map(|sealed| evidence::open(act, notice.id, sealed)).transpose()?.flatten();
        let cause = cause_of(conn, notice, said.map(|said| said.facts).unwrap_or_default())?;
        let run_at = turn(act, before + done.len());
        let other = InPlaceOf { parent: notice.id, recipient: notice.recipient, channel, run_at };
        if let Some(child) = enqueue_in_place(conn, act, &cause, &other)? {
            done.push((notice, Some(child)));
        }
    }
    settle(conn, &done, Settled::OtherChannel)?;
    Ok(done)
}

fn cause_of(conn: &mut PgConnection, notice: &Held, facts: Facts) -> QueryResult<Cause> {
    let code = dossiers::table.find(notice.dossier_id).select(dossiers::code).first(conn)?;
    Ok(Cause {
        dossier_id: notice.dossier_id,
        event_id: notice.event_id,
        code,
        unit_id: notice.unit_id,
        purpose: notice.purpose,
        facts,
    })
}

fn cancel<'a>(conn: &mut PgConnection, act: &Act<'_>, held: &'a [Held]) -> Result<Done<'a>, AppError> {
    let ids: Vec<NoticeId> = held.iter().map(|notice| notice.id).collect();
    let called_back = call_back(conn, act, &ids, "cancelled")?;
    Ok(held.iter().filter(|notice| called_back.contains(&notice.id)).map(|notice| (notice, None)).collect())
}

fn told_by_phone<'a>(conn: &mut PgConnection, held: &'a [Held]) -> Result<Done<'a>, AppError> {
    let done: Done<'a> = held.iter().map(|notice| (notice, None)).collect();
    settle(conn, &done, Settled::ToldByPhone)?;
    Ok(done)
}

fn settle(conn: &mut PgConnection, done: &Done<'_>, how: Settled) -> QueryResult<()> {
    let ids: Vec<NoticeId> = done.iter().map(|(notice, _)| notice.id).collect();
    diesel::update(notices::table.filter(notices::id.eq_any(ids))).set(notices::settled.eq(how)).execute(conn)?;
    Ok(())
}

fn row(act: &Act<'_>, order: &Order, notice: &Held, child_id: Option<NoticeId>) -> DeedRow {
    let second = (act.by.principal() != order.principal).then(|| (act.by.principal(), act.by.name.clone()));
    let (confirmed_by, confirmed_by_name) = second.unzip();
    DeedRow {
        id: NoticeDeedId::new(),
        notice_id: notice.id,
        dossier_id: notice.dossier_id,
        what: order.deed,
        done_at: act.now,
        principal: order.principal.clone(),
        actor_name: order.name.clone(),
        confirmed_by,
        confirmed_by_name,
        reason: order.reason.clone(),
        told_at: order.told_at,
        child_id,
    }
}
