//! Pauses of a dossier: at most one stands open.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;

use super::model::{Dossier, PauseRow};
use crate::domain::dossier::{PauseKind, Status};
use crate::domain::ids::PauseId;
use crate::domain::procedure::PauseEffect;
use crate::error::{AppError, Said, breaks};
use crate::platform::prepared::Prepare;
use crate::schema::dossier_pauses;
use crate::state::Act;

/// A pause to be opened.
pub(super) struct NewPause {
    /// Why the clock stands.
    pub kind: PauseKind,
    /// What its closing does to the term.
    pub effect: PauseEffect,
    /// Where the dossier goes when it closes.
    pub back_to: Status,
    /// Until when the citizen may answer or pay.
    pub answer_by: Option<NaiveDate>,
    /// Why, in words.
    pub reason: String,
    /// The pause that it replaces.
    pub replaces: Option<PauseId>,
}

/// Opens a pause now.
///
/// # Errors
/// [`AppError::Conflict`] when one is open.
pub(super) fn open(
    conn: &mut PgConnection,
    act: &Act<'_>,
    dossier: &Dossier,
    pause: NewPause,
) -> Result<PauseId, AppError> {
    let row = PauseRow {
        id: PauseId::new(),
        dossier_id: dossier.id,
        kind: pause.kind,
        effect: pause.effect,
        back_to: pause.back_to,
        opened_at: after_the_last(conn, act, dossier)?,
        closed_at: None,
        answer_by: pause.answer_by,
        reason: pause.reason,
        replaces_id: pause.replaces,
        reminded_at: None,
    };
    match diesel::insert_into(dossier_pauses::table).values(&row).execute(conn) {
        Ok(_) => Ok(row.id),
        Err(err) if breaks(&err, "dossier_pauses_one_open") => Err(AppError::Conflict(Said::new(
            "pause_open",
            "Hồ sơ đang tạm dừng; hãy kết thúc lần tạm dừng đó trước",
            "A pause is open; close it first",
        ))),
        Err(err) => Err(err.into()),
    }
}

/// A clock that went back must not make pauses overlap.
fn after_the_last(
    conn: &mut PgConnection,
    act: &Act<'_>,
    dossier: &Dossier,
) -> QueryResult<chrono::DateTime<chrono::Utc>> {
    let last: Option<chrono::DateTime<chrono::Utc>> = dossier_pauses::table
        .filter(dossier_pauses::dossier_id.eq(dossier.id))
        .select(diesel::dsl::max(dossier_pauses::closed_at))
        .first(conn)?;
    Ok(last.map_or(act.now, |last| last.max(act.now)))
}

/// Returns the open pause.
pub(super) fn current(conn: &mut PgConnection, dossier: &Dossier) -> QueryResult<Option<PauseRow>> {
    dossier_pauses::table
        .filter(dossier_pauses::dossier_id.eq(dossier.id))
        .filter(dossier_pauses::closed_at.is_null())
        .select(PauseRow::as_select())
        .first(conn)
        .optional()
}

/// Closes the open pause now and returns it.
///
/// # Errors
/// [`AppError::Conflict`] when none is open.
pub(super) fn close(conn: &mut PgConnection, act: &Act<'_>, dossier: &Dossier) -> Result<PauseRow, AppError> {
    close_at(conn, dossier, act.now)
}

/// Closes the open pause at a moment and returns it.
///
/// # Errors
/// [`AppError::Conflict`] when none is open.
pub(super) fn close_at(conn: &mut PgConnection, dossier: &Dossier, at: DateTime<Utc>) -> Result<PauseRow, AppError> {
    let pause = current(conn, dossier)?.ok_or_else(|| {
        AppError::Conflict(Said::new("no_pause_open", "Hồ sơ không có lần tạm dừng nào đang mở", "No pause is open"))
    })?;
    let closed_at = at.max(pause.opened_at);
    diesel::update(dossier_pauses::table.find(pause.id))
        .set(dossier_pauses::closed_at.eq(closed_at))
        .prepared()
        .execute(conn)?;
    Ok(PauseRow { closed_at: Some(closed_at), ..pause })
}

/// Closes the open pause, if there is one, as a dossier ends.
pub(super) fn close_any(conn: &mut PgConnection, act: &Act<'_>, dossier: &Dossier) -> Result<(), AppError> {
    if current(conn, dossier)?.is_some() {
        close(conn, act, dossier)?;
    }
    Ok(())
}
