//! What is read of wordings.

use std::collections::HashMap;

use diesel::prelude::*;

use super::name::Name;
use super::row::{Row, SHIPPED_BY, VendorIds};
use crate::domain::ids::TemplateId;
use crate::domain::notice::{NoticeChannel, Purpose, TemplateState};
use crate::http::page::Cursor;
use crate::platform::keyset::before;
use crate::schema::{catalogue_version, notice_template_vendor_ids, notice_templates};

/// What all versions of a wording share.
pub(super) type Key = (Purpose, NoticeChannel);

/// Lets nobody else write versions, or bring any into use, until the transaction ends.
pub(super) fn lock(conn: &mut PgConnection) -> QueryResult<()> {
    let _version: i64 = catalogue_version::table.select(catalogue_version::version).for_update().first(conn)?;
    Ok(())
}

/// Has every process load the wordings anew.
pub(super) fn tell_all(conn: &mut PgConnection) -> QueryResult<()> {
    let next = catalogue_version::version.eq(catalogue_version::version + 1);
    diesel::update(catalogue_version::table).set(next).execute(conn)?;
    Ok(())
}

/// The versions in use.
pub(super) fn active(conn: &mut PgConnection) -> QueryResult<Vec<Row>> {
    notice_templates::table
        .filter(notice_templates::state.eq(TemplateState::Active))
        .order((notice_templates::purpose, notice_templates::channel))
        .select(Row::as_select())
        .load(conn)
}

/// The newest of those that were shipped.
pub(super) fn newest_shipped(conn: &mut PgConnection) -> QueryResult<HashMap<Key, Row>> {
    let rows: Vec<Row> = notice_templates::table
        .filter(notice_templates::written_by.eq(SHIPPED_BY))
        .distinct_on((notice_templates::purpose, notice_templates::channel))
        .order((notice_templates::purpose, notice_templates::channel, notice_templates::version.desc()))
        .select(Row::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(|row| (row.key(), row)).collect())
}

/// The newest version of each wording, by its number.
pub(super) fn highest(conn: &mut PgConnection) -> QueryResult<HashMap<Key, i32>> {
    let rows: Vec<(Purpose, NoticeChannel, Option<i32>)> = notice_templates::table
        .group_by((notice_templates::purpose, notice_templates::channel))
        .select((notice_templates::purpose, notice_templates::channel, diesel::dsl::max(notice_templates::version)))
        .load(conn)?;
    Ok(rows.into_iter().map(|(purpose, channel, version)| ((purpose, channel), version.unwrap_or(0))).collect())
}

/// One version.
pub(super) fn find(conn: &mut PgConnection, name: Name) -> QueryResult<Option<Row>> {
    notice_templates::table
        .filter(notice_templates::purpose.eq(name.purpose))
        .filter(notice_templates::channel.eq(name.channel))
        .filter(notice_templates::version.eq(name.version))
        .select(Row::as_select())
        .first(conn)
        .optional()
}

/// One version, held until the transaction ends.
pub(super) fn find_to_change(conn: &mut PgConnection, name: Name) -> QueryResult<Option<Row>> {
    notice_templates::table
        .filter(notice_templates::purpose.eq(name.purpose))
        .filter(notice_templates::channel.eq(name.channel))
        .filter(notice_templates::version.eq(name.version))
        .select(Row::as_select())
        .for_update()
        .first(conn)
        .optional()
}

/// The versions of a wording that were in use before one, the newest first.
pub(super) fn used_before(conn: &mut PgConnection, name: Name) -> QueryResult<Vec<Row>> {
    notice_templates::table
        .filter(notice_templates::purpose.eq(name.purpose))
        .filter(notice_templates::channel.eq(name.channel))
        .filter(notice_templates::version.lt(name.version))
        .filter(notice_templates::state.eq(TemplateState::Retired))
        .order(notice_templates::version.desc())
        .limit(100)
        .select(Row::as_select())
        .load(conn)
}

/// The versions of a wording, the newest first, one more than the page holds.
pub(super) fn versions(
    conn: &mut PgConnection,
    (purpose, channel): Key,
    (after, limit): (Option<Cursor>, i64),
) -> QueryResult<Vec<Row>> {
    let mut query = notice_templates::table
        .filter(notice_templates::purpose.eq(purpose))
        .filter(notice_templates::channel.eq(channel))
        .order((notice_templates::created_at.desc(), notice_templates::id.desc()))
        .limit(limit + 1)
        .select(Row::as_select())
        .into_boxed();
    if let Some(Cursor { at, id }) = after {
        query = query.filter(before((notice_templates::created_at, notice_templates::id), (at, id)));
    }
    query.load(conn)
}

/// The numbers that vendors gave these versions.
pub(super) fn vendor_ids(
    conn: &mut PgConnection,
    templates: &[TemplateId],
) -> QueryResult<HashMap<TemplateId, VendorIds>> {
    use notice_template_vendor_ids as ids;
    let rows: Vec<(TemplateId, String, String)> = ids::table
        .filter(ids::template_id.eq_any(templates))
        .select((ids::template_id, ids::gateway, ids::vendor_id))
        .load(conn)?;
    let mut found: HashMap<TemplateId, VendorIds> = HashMap::new();
    for (template, gateway, vendor_id) in rows {
        found.entry(template).or_default().insert(gateway, vendor_id);
    }
    Ok(found)
}
