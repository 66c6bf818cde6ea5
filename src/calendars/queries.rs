//! Rows of publications and of what they moved.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Integer};
use uuid::Uuid;

use crate::catalogue::publication::Publication;
use crate::domain::ids::UnitId;
use crate::dossiers::recalculate::Move;
use crate::http::page::Cursor;
use crate::schema::{calendar_moves, calendar_publications, dossiers};

/// Finds the publication that is still followed and locks it: of several processes one does the next batch.
pub(super) fn lock_unfinished(conn: &mut PgConnection) -> QueryResult<Option<Publication>> {
    calendar_publications::table
        .filter(calendar_publications::finished_at.is_null())
        .select(Publication::as_select())
        .for_update()
        .first(conn)
        .optional()
}

/// Finds the publication that is still followed.
pub(super) fn unfinished(conn: &mut PgConnection) -> QueryResult<Option<Publication>> {
    calendar_publications::table
        .filter(calendar_publications::finished_at.is_null())
        .select(Publication::as_select())
        .first(conn)
        .optional()
}

/// Writes how far a publication is.
pub(super) fn write_progress(conn: &mut PgConnection, publication: &Publication) -> QueryResult<()> {
    diesel::update(calendar_publications::table.find(publication.calendar_version))
        .set((
            calendar_publications::done.eq(publication.done),
            calendar_publications::moved.eq(publication.moved),
            calendar_publications::pass.eq(publication.pass),
            calendar_publications::cursor_due_at.eq(publication.cursor_due_at),
            calendar_publications::cursor_id.eq(publication.cursor_id),
            calendar_publications::finished_at.eq(publication.finished_at),
        ))
        .execute(conn)?;
    Ok(())
}

/// Whether no transaction counts by the calendar of a number any more.
pub(super) fn is_free(conn: &mut PgConnection, number: i32) -> QueryResult<bool> {
    diesel::select(diesel::dsl::sql::<Bool>("is_calendar_free(").bind::<Integer, _>(number).sql(")")).get_result(conn)
}

/// Notes which due dates a calendar moved; one that moves once more keeps where it came from.
pub(super) fn write_moves(conn: &mut PgConnection, number: i32, moves: &[Move]) -> QueryResult<()> {
    use diesel::upsert::excluded;
    let rows: Vec<_> = moves
        .iter()
        .map(|moved| {
            (
                calendar_moves::calendar_version.eq(number),
                calendar_moves::dossier_id.eq(moved.dossier_id.0),
                calendar_moves::unit_id.eq(moved.unit_id.0),
                calendar_moves::due_unextended_before.eq(moved.before.unextended),
                calendar_moves::due_unextended_after.eq(moved.after.unextended),
                calendar_moves::due_before.eq(moved.before.at),
                calendar_moves::due_after.eq(moved.after.at),
            )
        })
        .collect();
    diesel::insert_into(calendar_moves::table)
        .values(rows)
        .on_conflict((calendar_moves::calendar_version, calendar_moves::dossier_id))
        .do_update()
        .set((
            calendar_moves::due_unextended_after.eq(excluded(calendar_moves::due_unextended_after)),
            calendar_moves::due_after.eq(excluded(calendar_moves::due_after)),
        ))
        .execute(conn)?;
    Ok(())
}

/// Counts the dossiers that a calendar moved.
pub(super) fn count_moves(conn: &mut PgConnection, number: i32) -> QueryResult<i64> {
    calendar_moves::table.filter(calendar_moves::calendar_version.eq(number)).count().get_result(conn)
}

/// Finds a publication by its number.
pub(super) fn find(conn: &mut PgConnection, number: i32) -> QueryResult<Option<Publication>> {
    calendar_publications::table.find(number).select(Publication::as_select()).first(conn).optional()
}

/// Lists publications, the newest first.
pub(super) fn list(conn: &mut PgConnection, before: Option<i32>, limit: i64) -> QueryResult<Vec<Publication>> {
    calendar_publications::table
        .filter(calendar_publications::calendar_version.lt(before.unwrap_or(i32::MAX)))
        .order(calendar_publications::calendar_version.desc())
        .limit(limit)
        .select(Publication::as_select())
        .load(conn)
}

/// A due date that was moved.
#[derive(Debug, Clone, Queryable)]
pub(super) struct Moved {
    pub code: String,
    pub unit_id: UnitId,
    pub dossier_id: Uuid,
    pub due_unextended_before: DateTime<Utc>,
    pub due_unextended_after: DateTime<Utc>,
    pub due_before: DateTime<Utc>,
    pub due_after: DateTime<Utc>,
}

/// Lists what a calendar moved, by the due dates of before.
pub(super) fn moves(
    conn: &mut PgConnection,
    number: i32,
    after: Option<Cursor>,
    limit: i64,
) -> QueryResult<Vec<Moved>> {
    let mut query = calendar_moves::table
        .inner_join(dossiers::table)
        .filter(calendar_moves::calendar_version.eq(number))
        .into_boxed();
    if let Some(Cursor { at, id }) = after {
        let tie = calendar_moves::due_before.eq(at).and(calendar_moves::dossier_id.gt(id));
        query = query.filter(calendar_moves::due_before.gt(at).or(tie));
    }
    query
        .order((calendar_moves::due_before, calendar_moves::dossier_id))
        .limit(limit)
        .select((
            dossiers::code,
            calendar_moves::unit_id,
            calendar_moves::dossier_id,
            calendar_moves::due_unextended_before,
            calendar_moves::due_unextended_after,
            calendar_moves::due_before,
            calendar_moves::due_after,
        ))
        .load(conn)
}
