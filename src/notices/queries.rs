//! What is read of notices: lists, one with its evidence, counts.

use chrono::{DateTime, Utc};
use diesel::dsl::{count_star, exists};
use diesel::pg::Pg;
use diesel::prelude::*;
use uuid::Uuid;

use crate::domain::delivery::Outcome;
use crate::domain::dossier::UnitRelation;
use crate::domain::ids::NoticeId;
use crate::domain::notice::{Encoding, NoticeChannel, NoticeStatus, Purpose};
use crate::domain::person::Part;
use crate::domain::role::{Actor, Sight};
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

/// The sealed wording, by which key, and the version that it was made of.
pub(super) fn wording(conn: &mut PgConnection, id: NoticeId) -> QueryResult<(Vec<u8>, i16, i32)> {
    notices::table
        .inner_join(notice_templates::table)
        .filter(notices::id.eq(id))
        .select((notices::wording, notices::key_id, notice_templates::version))
        .first(conn)
}

/// One attempt as evidence.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = notice_attempts)]
pub(super) struct AttemptRow {
    pub(super) attempt: i16,
    pub(super) gateway: String,
    pub(super) started_at: DateTime<Utc>,
    pub(super) ended_at: Option<DateTime<Utc>>,
    pub(super) outcome: Outcome,
    pub(super) code: Option<String>,
    pub(super) gateway_ref: Option<String>,
}

/// Lists the attempts of a notice, the first first.
pub(super) fn attempts(conn: &mut PgConnection, id: NoticeId) -> QueryResult<Vec<AttemptRow>> {
    notice_attempts::table
        .filter(notice_attempts::notice_id.eq(id))
        .order((notice_attempts::started_at, notice_attempts::attempt))
        .limit(200)
        .select(AttemptRow::as_select())
        .load(conn)
}

/// One delivery receipt as evidence.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = notice_receipts)]
pub(super) struct ReceiptRow {
    pub(super) code: String,
    pub(super) received_at: DateTime<Utc>,
}

/// Lists the receipts that were taken for a notice, the first first.
pub(super) fn receipts(conn: &mut PgConnection, id: NoticeId) -> QueryResult<Vec<ReceiptRow>> {
    notice_receipts::table
        .filter(notice_receipts::notice_id.eq(id.0))
        .order((notice_receipts::received_at, notice_receipts::id))
        .limit(200)
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
