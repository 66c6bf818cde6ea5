//! How a calendar comes into force: under its number, whole, with a row that says how far the open dossiers have followed
//! it. There is no other way.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::import::calendar::NewCalendar;
use crate::audit::{self, Doer, Noted};
use crate::domain::audit::{Action, Subject};
use crate::domain::dossier::Status;
use crate::error::{AppError, Said, breaks};
use crate::schema::{calendar_publications, calendars, catalogue_version, dossiers};

/// Who hears of due dates that move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tell {
    /// The people of each dossier whose due date moves.
    People,
    /// Nobody: the offices tell it themselves.
    Nobody,
}

/// A calendar that came into force. Times are UTC; the migration explains the columns.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = calendar_publications, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the migration explains every column")]
pub struct Publication {
    pub calendar_version: i32,
    pub published_at: DateTime<Utc>,
    pub published_by: String,
    pub published_by_name: String,
    pub tells: bool,
    pub total: i64,
    pub done: i64,
    pub moved: i64,
    pub pass: i16,
    pub cursor_due_at: DateTime<Utc>,
    pub cursor_id: Uuid,
    pub finished_at: Option<DateTime<Utc>>,
}

/// Makes whoever else changes the catalogue wait until this transaction ends.
///
/// # Errors
/// Whatever the database says.
pub fn lock(conn: &mut PgConnection) -> QueryResult<()> {
    catalogue_version::table.select(catalogue_version::version).for_update().first::<i64>(conn)?;
    Ok(())
}

/// Counts the catalogue up, so that every process loads it anew.
///
/// # Errors
/// Whatever the database says.
pub fn count_up(conn: &mut PgConnection) -> QueryResult<()> {
    diesel::update(catalogue_version::table)
        .set(catalogue_version::version.eq(catalogue_version::version + 1))
        .execute(conn)?;
    Ok(())
}

/// Puts a calendar in force under its number; the open dossiers follow it batch by batch. The caller counts the
/// catalogue up in the same transaction.
///
/// # Errors
/// [`AppError::Conflict`] while the open dossiers still follow the one before: two would mix.
pub fn open(
    conn: &mut PgConnection,
    (by, now): (&Doer, DateTime<Utc>),
    calendar: &NewCalendar,
    tell: Tell,
) -> Result<Publication, AppError> {
    let number = calendar.number;
    let body = serde_json::to_value(&calendar.stored).map_err(|err| AppError::Internal(err.into()))?;
    let row = (calendars::version.eq(number), calendars::body.eq(body), calendars::published_at.eq(now));
    diesel::insert_into(calendars::table).values(row).execute(conn)?;
    // Without a calendar nothing was counted before, so nothing has to follow the first one.
    let finished_at = (number == 1).then_some(now);
    let publication = Publication {
        calendar_version: number,
        published_at: now,
        published_by: by.principal().to_owned(),
        published_by_name: by.name().to_owned(),
        tells: tell == Tell::People,
        total: following(conn, now)?,
        done: 0,
        moved: 0,
        pass: if finished_at.is_some() { 2 } else { 1 },
        cursor_due_at: now,
        cursor_id: Uuid::nil(),
        finished_at,
    };
    match diesel::insert_into(calendar_publications::table).values(&publication).execute(conn) {
        Err(err) if breaks(&err, "calendar_publications_one_unfinished") => return Err(unfinished()),
        written => written?,
    };
    let details = json!({ "years": calendar.years, "tells": publication.tells, "open_dossiers": publication.total });
    let noted = Noted { action: Action::CalendarPublished, subject: Subject::Calendar(number), details };
    audit::note_by(conn, by, now, &noted)?;
    Ok(publication)
}

/// Counts the open dossiers whose due date lies ahead: those will follow.
fn following(conn: &mut PgConnection, now: DateTime<Utc>) -> QueryResult<i64> {
    dossiers::table
        .filter(dossiers::accepted_at.is_not_null())
        .filter(dossiers::ended_at.is_null())
        .filter(dossiers::status.ne(Status::Voided))
        .filter(dossiers::mirrored.eq(false))
        .filter(dossiers::derivation.is_not_null())
        .filter(dossiers::due_at.ge(now))
        .count()
        .get_result(conn)
}

fn unfinished() -> AppError {
    AppError::Conflict(Said::new(
        "calendar_unfinished",
        "Các hồ sơ đang mở chưa được tính lại xong theo lịch vừa công bố; hãy chờ rồi công bố tiếp",
        "The open dossiers still follow the calendar published before; publish the next one when they are done",
    ))
}
