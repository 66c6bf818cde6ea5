//! What operators did with notices: a row a deed and notice, only added to.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::domain::ids::{DossierId, NoticeDeedId, NoticeId};
use crate::domain::notice::NoticeDeed;
use crate::schema::notice_deeds;

/// One deed.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = notice_deeds)]
pub(in crate::notices) struct DeedRow {
    pub(in crate::notices) id: NoticeDeedId,
    pub(in crate::notices) notice_id: NoticeId,
    pub(in crate::notices) dossier_id: DossierId,
    pub(in crate::notices) what: NoticeDeed,
    pub(in crate::notices) done_at: DateTime<Utc>,
    /// Who did it, or proposed it where two people did.
    pub(in crate::notices) principal: String,
    pub(in crate::notices) actor_name: String,
    pub(in crate::notices) confirmed_by: Option<String>,
    pub(in crate::notices) confirmed_by_name: Option<String>,
    /// Why; none once it is erased.
    pub(in crate::notices) reason: Option<String>,
    /// When the call was.
    pub(in crate::notices) told_at: Option<DateTime<Utc>>,
    /// The notice on the other channel.
    pub(in crate::notices) child_id: Option<NoticeId>,
}

/// Lists what was done with notices, the first first.
pub(in crate::notices) fn of(conn: &mut PgConnection, ids: &[NoticeId]) -> QueryResult<Vec<DeedRow>> {
    notice_deeds::table
        .filter(notice_deeds::notice_id.eq_any(ids))
        .order((notice_deeds::done_at, notice_deeds::id))
        .limit(10_000)
        .select(DeedRow::as_select())
        .load(conn)
}

/// Rows written by one statement: a statement takes 65,535 values.
const AT_A_TIME: usize = 2000;

/// Adds deeds.
pub(super) fn add(conn: &mut PgConnection, rows: &[DeedRow]) -> QueryResult<()> {
    for rows in rows.chunks(AT_A_TIME) {
        diesel::insert_into(notice_deeds::table).values(rows).execute(conn)?;
    }
    Ok(())
}
