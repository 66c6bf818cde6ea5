//! The notices of one dossier, in their order.

use diesel::PgConnection;

use super::queries;
use super::view::NoticeView;
use crate::domain::ids::{DossierId, NoticeId};
use crate::error::AppError;
use crate::http::page::{Cursor, Page};

/// Which page of the notices of a dossier.
#[derive(Debug, Clone, Copy)]
pub struct NoticesAsked {
    /// The last one of the page before.
    pub after: Option<Cursor>,
    /// How many.
    pub limit: i64,
}

/// Lists the notices of a dossier that who acts was found to see, the first first.
///
/// # Errors
/// Whatever the database says.
pub fn list_of_dossier(
    conn: &mut PgConnection,
    dossier: DossierId,
    asked: NoticesAsked,
) -> Result<Page<NoticeView>, AppError> {
    let after = asked.after.map(|cursor| NoticeId(cursor.id));
    let found = queries::of_dossier(conn, dossier, (after, asked.limit))?;
    let page = Page::cut(found, asked.limit, |(row, ..)| Cursor { at: row.created_at, id: row.id.0 });
    Ok(Page { items: page.items.into_iter().map(NoticeView::from).collect(), next_cursor: page.next_cursor })
}
