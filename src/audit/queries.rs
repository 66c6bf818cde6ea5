//! What is read of the audit: one list.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::entry::Entry;
use crate::domain::audit::Action;
use crate::domain::ids::UnitId;
use crate::http::page::Cursor;
use crate::platform::keyset::before;
use crate::schema::{audit_entries, audit_links};

/// The place of an entry in its chain.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = audit_links)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub(super) struct Place {
    pub seq: i64,
    pub hash: Vec<u8>,
}

/// What a list is narrowed to. All conditions hold together.
#[derive(Debug, Clone, Default)]
pub(super) struct Narrow {
    /// At this moment or later.
    pub from: Option<DateTime<Utc>>,
    /// Before this moment.
    pub to: Option<DateTime<Utc>>,
    /// In the chains of these units.
    pub units: Option<Vec<UnitId>>,
    pub action: Option<Action>,
    pub principal: Option<String>,
    pub subject: Option<String>,
    /// The last entry of the page before.
    pub after: Option<Cursor>,
    pub limit: i64,
}

/// Lists entries, the newest first, one more than the page holds.
pub(super) fn list(conn: &mut PgConnection, narrow: &Narrow) -> QueryResult<Vec<(Entry, Option<Place>)>> {
    let mut query = audit_entries::table.left_join(audit_links::table).into_boxed();
    if let Some(from) = narrow.from {
        query = query.filter(audit_entries::happened_at.ge(from));
    }
    if let Some(to) = narrow.to {
        query = query.filter(audit_entries::happened_at.lt(to));
    }
    if let Some(units) = &narrow.units {
        query = query.filter(audit_entries::unit_id.eq_any(units));
    }
    if let Some(action) = narrow.action {
        query = query.filter(audit_entries::action.eq(action.as_str()));
    }
    if let Some(principal) = &narrow.principal {
        query = query.filter(audit_entries::principal.eq(principal));
    }
    if let Some(subject) = &narrow.subject {
        query = query.filter(audit_entries::subject.eq(subject));
    }
    if let Some(Cursor { at, id }) = narrow.after {
        query = query.filter(before((audit_entries::happened_at, audit_entries::id), (at, id)));
    }
    query
        .order((audit_entries::happened_at.desc(), audit_entries::id.desc()))
        .limit(narrow.limit + 1)
        .select((Entry::as_select(), Option::<Place>::as_select()))
        .load(conn)
}
