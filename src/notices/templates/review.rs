//! A draft is read by a second person, who did not write it.

use diesel::prelude::*;
use serde_json::json;

use super::name::Name;
use super::queries;
use super::row::{Row, faults};
use crate::approvals::{Approval, Proposal, propose};
use crate::audit;
use crate::domain::audit::{Action, Subject};
use crate::domain::notice::TemplateState;
use crate::error::{AppError, Said};
use crate::schema::notice_templates;
use crate::state::Act;

/// Proposes a draft to be read by another person; while it waits at `/approvals`, nothing changes.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Conflict`] for what is no draft, or is proposed already; [`AppError::Invalid`]
/// with all that is wrong with it, a message that could need too many parts among it.
pub(super) fn submit(conn: &mut PgConnection, act: &Act<'_>, name: Name, reason: String) -> Result<Approval, AppError> {
    let row = queries::find(conn, name)?.ok_or_else(no_such_version)?;
    check(&row)?;
    propose(conn, act, &Proposal::ReviewTemplate { template: name.to_string(), reason })
}

/// Notes that a second person has read a draft and found it right: it may come into use.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Conflict`] for what is no draft; [`AppError::Invalid`] with all that is wrong with
/// it; [`AppError::Forbidden`] for who wrote it.
pub fn review(conn: &mut PgConnection, act: &Act<'_>, template: &str) -> Result<(), AppError> {
    let name = Name::read(template).ok_or_else(no_such_version)?;
    let row = queries::find_to_change(conn, name)?.ok_or_else(no_such_version)?;
    check(&row)?;
    let by = act.by.principal();
    if row.written_by == by {
        return Err(own_words());
    }
    diesel::update(notice_templates::table.find(row.id))
        .set((
            notice_templates::state.eq(TemplateState::Reviewed),
            notice_templates::reviewed_by.eq(by),
            notice_templates::reviewed_by_name.eq(&act.by.name),
            notice_templates::reviewed_at.eq(act.now),
        ))
        .execute(conn)?;
    let details = json!({"written_by": row.written_by});
    audit::note(conn, act, Action::TemplateReviewed, Subject::Template(template), details)?;
    Ok(())
}

fn check(row: &Row) -> Result<(), AppError> {
    if row.state != TemplateState::Draft {
        return Err(AppError::Conflict(Said::new(
            "not_a_draft",
            "Phiên bản này đã được duyệt; muốn sửa thì soạn phiên bản mới",
            "This version was reviewed already; to change it, write the next one",
        )));
    }
    match faults(row) {
        faults if faults.is_empty() => Ok(()),
        faults => Err(AppError::Invalid(faults)),
    }
}

fn own_words() -> AppError {
    AppError::Forbidden(Said::new(
        "second_person_needed",
        "Người soạn không được tự duyệt lời của mình, cần người thứ hai",
        "Who wrote it can't review it: a second person is needed",
    ))
}

pub(super) fn no_such_version() -> AppError {
    AppError::NotFound(Said::new("not_found", "Không có mẫu tin này", "There is no such wording"))
}
