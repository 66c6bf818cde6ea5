//! What is read of notices: lists, one with its evidence, counts.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::dsl::{count_star, exists};
use diesel::pg::Pg;
use diesel::prelude::*;
use uuid::Uuid;

use crate::domain::delivery::Outcome;
use crate::domain::dossier::UnitRelation;
use crate::domain::ids::{DossierId, NoticeId};
use crate::domain::notice::{Encoding, NoticeChannel, NoticeStatus, Purpose, Settled};
use crate::domain::person::Part;
use crate::domain::role::{Actor, Sight, Who};
use crate::schema::{
    dossier_units, dossiers, notice_attempts, notice_queue, notice_receipts, notice_templates, notices, unit_tree,
};

/// A notice as lists show it.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = notices)]
pub(super) struct Row {
    pub(super) id: NoticeId,
    pub(super) purpose: Purpose,
    pub(super) recipient: Part,
    pub(super) channel: NoticeChannel,
    pub(super) address_masked: String,
    pub(super) encoding: Encoding,
    pub(super) segments: i16,
    pub(super) status: NoticeStatus,
    pub(super) reason: Option<String>,
    pub(super) gateway: Option<String>,
    pub(super) gateway_ref: Option<String>,
    pub(super) attempts: i16,
    pub(super) created_at: DateTime<Utc>,
    pub(super) expires_at: DateTime<Utc>,
    pub(super) sent_at: Option<DateTime<Utc>>,
    pub(super) final_at: Option<DateTime<Utc>>,
    pub(super) parent_id: Option<NoticeId>,
    pub(super) settled: Option<Settled>,
}

/// Where a notice stands in the queue.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = notice_queue)]
pub(super) struct Waiting {
    pub(super) run_at: DateTime<Utc>,
    pub(super) attempt: i16,
    pub(super) lease_token: Option<Uuid>,
}

/// A row with the dossier's code and its place in the queue.
pub(super) type Listed = (Row, String, Option<Waiting>);

/// What a list is narrowed to.
#[derive(Debug, Clone, Default)]
pub(super) struct Narrow {
    pub(super) dossier: Option<String>,
    pub(super) status: Option<NoticeStatus>,
    pub(super) channel: Option<NoticeChannel>,
    /// The last notice of the page before.
    pub(super) after: Option<NoticeId>,
    pub(super) limit: i64,
}

type Condition<'a, S> = Box<dyn BoxableExpression<S, Pg, SqlType = diesel::sql_types::Bool> + 'a>;

/// Whether the actor may know of the notice's dossier: `dossier_units` decides.
macro_rules! seen_by {
    ($actor:expr) => {{
        let units = unit_tree::table.filter(unit_tree::above_id.eq($actor.unit)).select(unit_tree::unit_id);
        let of_the_unit = dossier_units::table
            .filter(dossier_units::dossier_id.eq(notices::dossier_id))
            .filter(dossier_units::unit_id.eq_any(units));
        let seen: Condition<'_, _> = match $actor.role.sight() {
            _ if $actor.who == Who::System => Box::new(diesel::dsl::sql::<diesel::sql_types::Bool>("true")),
            Sight::All => Box::new(diesel::dsl::sql::<diesel::sql_types::Bool>("true")),
            Sight::Nothing => Box::new(diesel::dsl::sql::<diesel::sql_types::Bool>("false")),
            Sight::OfTheUnit => Box::new(exists(of_the_unit)),
            Sight::ReceivedHere => Box::new(exists(of_the_unit.filter(dossier_units::why.eq(UnitRelation::Received)))),
        };
        seen
    }};
}

/// Lists notices that the actor may know of, the newest first, one more than the page holds.
pub(super) fn list(conn: &mut PgConnection, actor: &Actor, narrow: &Narrow) -> QueryResult<Vec<Listed>> {
    let mut query = notices::table
        .inner_join(dossiers::table)
        .left_join(notice_queue::table)
        .filter(seen_by!(actor))
        .order(notices::id.desc())
        .limit(narrow.limit + 1)
        .select((Row::as_select(), dossiers::code, Option::<Waiting>::as_select()))
        .into_boxed();
    if let Some(code) = &narrow.dossier {
        query = query.filter(dossiers::code.eq(code));
    }
    if let Some(channel) = narrow.channel {
        query = query.filter(notices::channel.eq(channel));
    }
    if let Some(after) = narrow.after {
        query = query.filter(notices::id.lt(after));
    }
    query = match narrow.status {
        None => query,
        // On its way is what a worker has claimed; the row itself says so only once it is over.
        Some(NoticeStatus::Sending) => {
            query.filter(notices::status.eq(NoticeStatus::Queued)).filter(notice_queue::lease_token.is_not_null())
        }
        Some(NoticeStatus::Queued) => {
            query.filter(notices::status.eq(NoticeStatus::Queued)).filter(notice_queue::lease_token.is_null())
        }
        Some(status) => query.filter(notices::status.eq(status)),
    };
    query.load(conn)
}

/// Finds one notice that the actor may know of.
pub(super) fn find(conn: &mut PgConnection, actor: &Actor, id: NoticeId) -> QueryResult<Option<Listed>> {
    notices::table
        .inner_join(dossiers::table)
        .left_join(notice_queue::table)
        .filter(notices::id.eq(id))
        .filter(seen_by!(actor))
        .select((Row::as_select(), dossiers::code, Option::<Waiting>::as_select()))
        .first(conn)
        .optional()
}

/// Finds notices by their keys, the newest first; who asks must have been found to see them.
pub(super) fn by_keys(conn: &mut PgConnection, ids: &[NoticeId]) -> QueryResult<Vec<Listed>> {
    notices::table
        .inner_join(dossiers::table)
        .left_join(notice_queue::table)
        .filter(notices::id.eq_any(ids))
        .order(notices::id.desc())
        .select((Row::as_select(), dossiers::code, Option::<Waiting>::as_select()))
        .load(conn)
}

/// Lists the notices of a dossier that who asks sees, the first first, one more than `limit`.
pub(super) fn of_dossier(
    conn: &mut PgConnection,
    dossier: DossierId,
    (after, limit): (Option<NoticeId>, i64),
) -> QueryResult<Vec<Listed>> {
    let mut query = notices::table
        .inner_join(dossiers::table)
        .left_join(notice_queue::table)
        .filter(notices::dossier_id.eq(dossier))
        .order(notices::id)
        .limit(limit + 1)
        .select((Row::as_select(), dossiers::code, Option::<Waiting>::as_select()))
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(notices::id.gt(after));
    }
    query.load(conn)
}

/// The sealed words of a notice, by which key, and the version of the template that they were made of.
#[derive(Debug, Clone, Queryable)]
pub(super) struct Sealed {
    id: NoticeId,
    pub(super) wording: Vec<u8>,
    pub(super) key_id: i16,
    pub(super) version: i32,
}

/// Reads the sealed words of notices.
pub(super) fn wordings(conn: &mut PgConnection, ids: &[NoticeId]) -> QueryResult<HashMap<NoticeId, Sealed>> {
    let rows: Vec<Sealed> = notices::table
        .inner_join(notice_templates::table)
        .filter(notices::id.eq_any(ids))
        .select((notices::id, notices::wording, notices::key_id, notice_templates::version))
        .load(conn)?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// One attempt as evidence.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = notice_attempts)]
pub(super) struct AttemptRow {
    pub(super) notice_id: NoticeId,
    pub(super) attempt: i16,
    pub(super) gateway: String,
    pub(super) started_at: DateTime<Utc>,
    pub(super) ended_at: Option<DateTime<Utc>>,
    pub(super) outcome: Outcome,
    pub(super) code: Option<String>,
    pub(super) gateway_ref: Option<String>,
}

/// Attempts or receipts shown at most.
const MOST: i64 = 10_000;

/// Lists the attempts of notices, the first first.
pub(super) fn attempts(conn: &mut PgConnection, ids: &[NoticeId]) -> QueryResult<Vec<AttemptRow>> {
    notice_attempts::table
        .filter(notice_attempts::notice_id.eq_any(ids))
        .order((notice_attempts::started_at, notice_attempts::attempt, notice_attempts::notice_id))
        .limit(MOST)
        .select(AttemptRow::as_select())
        .load(conn)
}

/// One delivery receipt as evidence.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = notice_receipts)]
pub(super) struct ReceiptRow {
    pub(super) notice_id: Option<Uuid>,
    pub(super) code: String,
    pub(super) received_at: DateTime<Utc>,
}

/// Lists the receipts that were taken for notices, the first first.
pub(super) fn receipts(conn: &mut PgConnection, ids: &[NoticeId]) -> QueryResult<Vec<ReceiptRow>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    notice_receipts::table
        .filter(notice_receipts::notice_id.eq_any(ids))
        .order((notice_receipts::received_at, notice_receipts::id))
        .limit(MOST)
        .select(ReceiptRow::as_select())
        .load(conn)
}

/// How many notices and parts there are of a purpose, on a channel, in a status.
pub(super) type Counted = (Purpose, NoticeChannel, NoticeStatus, i64, Option<i64>);

/// Counts notices written in `[from, to)` by purpose, channel and status.
pub(super) fn summary(
    conn: &mut PgConnection,
    actor: &Actor,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
) -> QueryResult<Vec<Counted>> {
    let by = (notices::purpose, notices::channel, notices::status);
    notices::table
        .filter(notices::created_at.ge(from))
        .filter(notices::created_at.lt(to))
        .filter(seen_by!(actor))
        .group_by(by)
        .order(by)
        .select((
            notices::purpose,
            notices::channel,
            notices::status,
            count_star(),
            diesel::dsl::sum(notices::segments),
        ))
        .load(conn)
}
