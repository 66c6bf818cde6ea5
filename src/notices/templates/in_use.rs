//! A reviewed version comes into use, and goes back to the one before. A notice keeps what it was worded by.

use diesel::prelude::*;
use serde_json::json;

use super::name::Name;
use super::queries;
use super::review::no_such_version;
use super::row::{Row, findings};
use crate::audit;
use crate::domain::audit::{Action, Subject};
use crate::domain::notice::TemplateState;
use crate::error::{AppError, Said};
use crate::schema::notice_templates;
use crate::state::Act;

/// Brings a version into use that was reviewed, or was in use before; the one in use goes out of it.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Conflict`] for a draft, for what is in use, and for one that needs the number
/// that its vendor gave it; [`AppError::Invalid`] for one that can't be used any more.
pub(super) fn activate(conn: &mut PgConnection, act: &Act<'_>, name: Name) -> Result<Row, AppError> {
    queries::lock(conn)?;
    let row = queries::find_to_change(conn, name)?.ok_or_else(no_such_version)?;
    match row.state {
        TemplateState::Reviewed | TemplateState::Retired => switch(conn, act, row),
        TemplateState::Draft => Err(not_reviewed()),
        TemplateState::Active => Err(AppError::Conflict(Said::new(
            "already_active",
            "Phiên bản này đang được dùng",
            "This version is in use already",
        ))),
    }
}

/// Takes the version in use out of it; the one that was in use before it speaks again.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Conflict`] for one that is not in use, and where there is none to go back to.
pub(super) fn retire(conn: &mut PgConnection, act: &Act<'_>, name: Name) -> Result<Row, AppError> {
    queries::lock(conn)?;
    let row = queries::find_to_change(conn, name)?.ok_or_else(no_such_version)?;
    if row.state != TemplateState::Active {
        return Err(AppError::Conflict(Said::new(
            "not_active",
            "Phiên bản này không được dùng",
            "This version is not in use",
        )));
    }
    let before = queries::used_before(conn, name)?.into_iter().next().ok_or_else(no_earlier)?;
    switch(conn, act, before)
}

fn switch(conn: &mut PgConnection, act: &Act<'_>, to: Row) -> Result<Row, AppError> {
    check(conn, &to)?;
    let name = to.name();
    let before = notice_templates::table
        .filter(notice_templates::purpose.eq(to.purpose))
        .filter(notice_templates::channel.eq(to.channel))
        .filter(notice_templates::state.eq(TemplateState::Active));
    let retired: Option<i32> = diesel::update(before)
        .set((notice_templates::state.eq(TemplateState::Retired), notice_templates::retired_at.eq(act.now)))
        .returning(notice_templates::version)
        .get_result(conn)
        .optional()?;
    let row = diesel::update(notice_templates::table.find(to.id))
        .set((
            notice_templates::state.eq(TemplateState::Active),
            notice_templates::activated_at.eq(act.now),
            notice_templates::retired_at.eq(None::<chrono::DateTime<chrono::Utc>>),
        ))
        .returning(Row::as_returning())
        .get_result(conn)?;
    queries::tell_all(conn)?;
    let (subject, details) = (name.to_string(), json!({"instead_of": retired}));
    audit::note(conn, act, Action::TemplateActivated, Subject::Template(&subject), details)?;
    tracing::info!(template = subject, by = act.by.principal(), "notices are worded by {subject} from now on");
    Ok(row)
}

fn check(conn: &mut PgConnection, row: &Row) -> Result<(), AppError> {
    let vendor_ids = queries::vendor_ids(conn, &[row.id])?.remove(&row.id).unwrap_or_default();
    let template = row.template(vendor_ids).map_err(AppError::Invalid)?;
    if !template.is_usable() {
        return Err(AppError::Conflict(Said::new(
            "vendor_id_needed",
            "Mẫu này cần mã do nhà cung cấp cấp trước khi dùng, xem vendor-ids",
            "This wording needs the number that its vendor gives it first, see vendor-ids",
        )));
    }
    match findings(&template) {
        faults if faults.is_empty() => Ok(()),
        faults => Err(AppError::Invalid(faults)),
    }
}

pub(super) fn not_reviewed() -> AppError {
    AppError::Conflict(Said::new(
        "not_reviewed",
        "Phiên bản này chưa được người thứ hai duyệt",
        "This version was not reviewed by a second person yet",
    ))
}

fn no_earlier() -> AppError {
    AppError::Conflict(Said::new(
        "no_earlier_version",
        "Không có phiên bản nào từng được dùng trước phiên bản này",
        "No version before this one was ever in use",
    ))
}
