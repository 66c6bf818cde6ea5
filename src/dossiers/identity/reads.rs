//! Who has seen whole numbers and addresses: a row a reading and dossier, written before the answer goes out.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;

use crate::domain::ids::{DossierId, IdentityReadId, UnitId};
use crate::domain::person::ShownIn;
use crate::domain::role::Who;
use crate::dossiers::view;
use crate::error::AppError;
use crate::http::office_time::OfficeTime;
use crate::http::page::{Cursor, Page};
use crate::platform::keyset::before;
use crate::platform::prepared::Prepare;
use crate::schema::identity_reads;
use crate::state::Act;

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = identity_reads)]
pub(super) struct Read {
    pub id: IdentityReadId,
    dossier_id: DossierId,
    pub read_at: DateTime<Utc>,
    principal: String,
    reader_name: String,
    role: Option<String>,
    unit_id: UnitId,
    shown_in: ShownIn,
    reason: Option<String>,
}

/// Notes that who acts is shown the people of dossiers in clear; returns the key of the first row.
///
/// # Errors
/// Whatever the database says; then nothing must be shown.
pub fn note(
    conn: &mut PgConnection,
    act: &Act<'_>,
    dossiers: &[DossierId],
    (shown_in, reason): (ShownIn, Option<&str>),
) -> QueryResult<Option<IdentityReadId>> {
    let role = (act.by.who != Who::System).then(|| act.by.role.to_string());
    let rows: Vec<Read> = dossiers
        .iter()
        .map(|dossier_id| Read {
            id: IdentityReadId::new(),
            dossier_id: *dossier_id,
            read_at: act.now,
            principal: act.by.principal(),
            reader_name: act.by.name.clone(),
            role: role.clone(),
            unit_id: act.by.unit,
            shown_in,
            reason: reason.map(str::to_owned),
        })
        .collect();
    match rows.as_slice() {
        [] => {}
        [one] => diesel::insert_into(identity_reads::table).values(one).prepared().execute(conn)?,
        many => drop(diesel::insert_into(identity_reads::table).values(many).execute(conn)?),
    }
    Ok(rows.first().map(|row| row.id))
}

/// One reading as it is shown.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[expect(missing_docs, reason = "the names are those of the columns")]
pub struct ReadView {
    pub read_at: OfficeTime,
    pub principal: String,
    pub name: String,
    pub role: Option<String>,
    /// The code of the unit of who read.
    pub unit: Option<String>,
    /// `dossier`, `unmasking`, `export` or `notice_proof`.
    pub shown_in: String,
    /// What for, where that is asked.
    pub reason: Option<String>,
}

impl ReadView {
    pub(super) fn of(act: &Act<'_>, read: Read) -> Self {
        Self {
            read_at: read.read_at.into(),
            principal: read.principal,
            name: read.reader_name,
            role: read.role,
            unit: act.catalogue().unit(read.unit_id).map(|unit| unit.code.clone()),
            shown_in: read.shown_in.to_string(),
            reason: read.reason,
        }
    }
}

/// Which page of the readings of a dossier.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    pub after: Option<Cursor>,
    pub limit: i64,
}

/// Lists who has seen the people of a dossier in clear, the newest first.
///
/// # Errors
/// [`AppError::NotFound`] for a dossier that who asks may not know of.
pub(super) fn list(
    conn: &mut PgConnection,
    act: &Act<'_>,
    code: &crate::domain::code::DossierCode,
    asked: Asked,
) -> Result<Page<ReadView>, AppError> {
    let dossier = view::visible(conn, act, code)?;
    let found = of_dossier(conn, dossier.id, asked)?;
    let page = Page::cut(found, asked.limit, |read| Cursor { at: read.read_at, id: read.id.0 });
    let items = page.items.into_iter().map(|read| ReadView::of(act, read)).collect();
    Ok(Page { items, next_cursor: page.next_cursor })
}

/// Loads readings of a dossier, the newest first, one more than the page holds.
pub(super) fn of_dossier(conn: &mut PgConnection, dossier: DossierId, asked: Asked) -> QueryResult<Vec<Read>> {
    let mut query = identity_reads::table
        .filter(identity_reads::dossier_id.eq(dossier))
        .order((identity_reads::read_at.desc(), identity_reads::id.desc()))
        .limit(asked.limit + 1)
        .select(Read::as_select())
        .into_boxed();
    if let Some(Cursor { at, id }) = asked.after {
        query = query.filter(before((identity_reads::read_at, identity_reads::id), (at, id)));
    }
    query.load(conn)
}
