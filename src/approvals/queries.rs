//! Reading proposals.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::model::{Approval, GRANT_ROLE, NOTICE_DEED, Proposal, REORGANISE, REVIEW_TEMPLATE, UNDO_END, VOID_DOSSIER};
use crate::domain::ids::{ApprovalId, StaffId};
use crate::domain::role::{Deed, Sight};
use crate::http::page::Cursor;
use crate::platform::keyset::after;
use crate::schema::{approvals, dossier_units, dossiers, staff, unit_tree};
use crate::state::Act;

type Columns = (
    approvals::id,
    approvals::verb,
    approvals::subject,
    approvals::body,
    approvals::reason,
    approvals::proposed_by,
    staff::full_name,
    approvals::proposed_at,
    approvals::expires_at,
    approvals::state,
    approvals::decided_by,
    approvals::decided_at,
);

const COLUMNS: Columns = (
    approvals::id,
    approvals::verb,
    approvals::subject,
    approvals::body,
    approvals::reason,
    approvals::proposed_by,
    staff::full_name,
    approvals::proposed_at,
    approvals::expires_at,
    approvals::state,
    approvals::decided_by,
    approvals::decided_at,
);

type Tables =
    diesel::dsl::InnerJoinOn<approvals::table, staff::table, diesel::dsl::Eq<approvals::proposed_by, staff::id>>;
type Seen<'a> = diesel::dsl::IntoBoxed<'a, diesel::dsl::Select<Tables, Columns>, Pg>;

/// Returns a proposal that who asks may know of.
pub(super) fn one(
    conn: &mut PgConnection,
    act: &Act<'_>,
    own: StaffId,
    id: ApprovalId,
) -> QueryResult<Option<Approval>> {
    seen(act, own).filter(approvals::id.eq(id)).first(conn).optional()
}

/// Locks a proposal until the transaction ends.
pub(super) fn lock(conn: &mut PgConnection, id: ApprovalId) -> QueryResult<Option<ApprovalId>> {
    approvals::table.find(id).select(approvals::id).for_update().first(conn).optional()
}

/// Returns the open proposals that who asks may confirm or has made, the oldest first, one more than `limit`
/// where there are more.
pub(super) fn open(
    conn: &mut PgConnection,
    act: &Act<'_>,
    own: StaffId,
    (cursor, limit): (Option<Cursor>, i64),
) -> QueryResult<Vec<Approval>> {
    let mut query = seen(act, own).filter(approvals::state.eq("open")).filter(approvals::expires_at.gt(act.now));
    if let Some(Cursor { at, id }) = cursor {
        query = query.filter(after((approvals::proposed_at, approvals::id), (at, id)));
    }
    query.order((approvals::proposed_at, approvals::id)).limit(limit + 1).load(conn)
}

/// What reaches over the whole province.
const WIDE: [&str; 3] = [GRANT_ROLE, REORGANISE, REVIEW_TEMPLATE];
/// What is about dossiers.
const OF_DOSSIERS: [&str; 2] = [VOID_DOSSIER, UNDO_END];

/// One's own, and for who may confirm: what reaches over the province, what is done with notices, and what is about
/// dossiers that they see.
fn seen<'a>(act: &Act<'_>, own: StaffId) -> Seen<'a> {
    let tables = approvals::table.inner_join(staff::table.on(approvals::proposed_by.eq(staff::id)));
    let query = tables.select(COLUMNS).into_boxed();
    let own = approvals::proposed_by.eq(own);
    let wide = approvals::verb.eq_any(WIDE).and(act.by.may(Deed::ConfirmWide).into_sql::<Bool>());
    let of_notices = approvals::verb.eq(NOTICE_DEED).and(act.by.may(Deed::ConfirmNotices).into_sql::<Bool>());
    let own = own.or(wide).or(of_notices);
    match act.by.role.sight() {
        _ if !act.by.may(Deed::Confirm) => query.filter(own),
        Sight::Nothing => query.filter(own),
        Sight::All => query.filter(own.or(approvals::verb.eq_any(OF_DOSSIERS))),
        Sight::OfTheUnit | Sight::ReceivedHere => {
            let tied = dossiers::table
                .inner_join(dossier_units::table)
                .inner_join(unit_tree::table.on(unit_tree::unit_id.eq(dossier_units::unit_id)))
                .filter(unit_tree::above_id.eq(act.by.unit))
                .select(dossiers::code);
            query.filter(own.or(approvals::subject.eq_any(tied)))
        }
    }
}

/// Makes way for the same, proposed anew: an expired proposal is closed, by nobody.
pub(super) fn close_expired(conn: &mut PgConnection, proposal: &Proposal, now: DateTime<Utc>) -> QueryResult<usize> {
    let expired = approvals::table
        .filter(approvals::verb.eq(proposal.verb()))
        .filter(approvals::subject.eq(proposal.subject()))
        .filter(approvals::state.eq("open"))
        .filter(approvals::expires_at.le(now));
    diesel::update(expired).set((approvals::state.eq("rejected"), approvals::decided_at.eq(now))).execute(conn)
}
