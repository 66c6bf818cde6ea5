//! Whatever needs two people: one proposes, another confirms, and the same use case runs in that transaction.
//!
//! Features propose through [`propose`]; what a confirmation runs is told by [`Hands`], filled in `app.rs`, so
//! that this part knows none of them.

mod model;
mod queries;
pub mod routes;

use chrono::TimeDelta;
use diesel::prelude::*;
use serde_json::json;

pub use model::{Approval, Hands, Proposal, State};

use crate::audit;
use crate::domain::audit::{Action, Subject};
use crate::domain::ids::{ApprovalId, StaffId};
use crate::domain::role::Deed;
use crate::error::{AppError, Said, breaks};
use crate::http::page::Cursor;
use crate::schema::approvals;
use crate::state::Act;

/// How long a proposal waits for its second person.
const EXPIRES_AFTER: TimeDelta = TimeDelta::days(3);

/// Writes down what is proposed; nothing else happens until another person confirms.
///
/// # Errors
/// [`AppError::Forbidden`] for keys and roles that may not propose; [`AppError::Conflict`] when the same is
/// proposed already.
pub fn propose(conn: &mut PgConnection, act: &Act<'_>, proposal: &Proposal) -> Result<Approval, AppError> {
    let by = person(act)?;
    if !act.by.may(proposal.deeds().0) {
        return Err(may_not());
    }
    queries::close_expired(conn, proposal, act.now)?;
    let id = ApprovalId::new();
    diesel::insert_into(approvals::table)
        .values((
            approvals::id.eq(id),
            approvals::verb.eq(proposal.verb()),
            approvals::subject.eq(proposal.subject()),
            approvals::body.eq(proposal.body()),
            approvals::reason.eq(proposal.reason()),
            approvals::proposed_by.eq(by),
            approvals::proposed_at.eq(act.now),
            approvals::expires_at.eq(act.now + EXPIRES_AFTER),
            approvals::state.eq("open"),
        ))
        .execute(conn)
        .map_err(|err| match breaks(&err, "approvals_open") {
            true => already_proposed(),
            false => err.into(),
        })?;
    let details = json!({"verb": proposal.verb(), "subject": proposal.subject()});
    audit::note(conn, act, Action::ApprovalProposed, Subject::Approval(id), details)?;
    tracing::info!(approval.id = %id, staff.id = %by, verb = proposal.verb(), "approval {id} proposed");
    queries::one(conn, act, by, id)?.ok_or_else(no_such)
}

/// Confirms a proposal and does what it proposes, all or nothing.
///
/// The proposal's row is locked first and changed last: what it proposes takes its own locks in between, and
/// whoever proposes the same meanwhile is refused without waiting for us.
///
/// # Errors
/// [`AppError::Forbidden`] for keys, the proposer and roles that may not; [`AppError::NotFound`];
/// [`AppError::Conflict`] when it was decided or has expired; what the use case returns.
pub fn confirm(conn: &mut PgConnection, act: &Act<'_>, hands: Hands, id: ApprovalId) -> Result<Approval, AppError> {
    let by = person(act)?;
    if !may_confirm_any(act) {
        return Err(may_not());
    }
    let approval = lock_open(conn, act, by, id)?;
    if approval.proposed_by == by {
        return Err(second_person_needed());
    }
    let proposal = approval.proposal()?;
    if !act.by.may(proposal.deeds().1) {
        return Err(may_not());
    }
    match proposal {
        Proposal::VoidDossier { code, reason } => (hands.void_dossier)(conn, act, &code, &reason)?,
        Proposal::UndoEnd { code, reason } => (hands.undo_end)(conn, act, &code, &reason)?,
        // Nobody raises themselves.
        Proposal::GrantRole { staff, .. } if staff == by => return Err(second_person_needed()),
        Proposal::GrantRole { staff, role, .. } => (hands.grant_role)(conn, act, staff, role)?,
        Proposal::Reorganise { plan, .. } => (hands.reorganise)(conn, act, plan)?,
        Proposal::ReviewTemplate { template, .. } => (hands.review_template)(conn, act, &template)?,
        Proposal::NoticeDeed { order, .. } => (hands.notice_deed)(conn, act, order)?,
    }
    decide(conn, act, &approval, by, State::Confirmed)
}

/// Rejects a proposal; who proposed it may take it back so.
///
/// # Errors
/// As [`confirm`].
pub fn reject(conn: &mut PgConnection, act: &Act<'_>, id: ApprovalId) -> Result<Approval, AppError> {
    let by = person(act)?;
    let approval = lock_open(conn, act, by, id)?;
    if approval.proposed_by != by && !act.by.may(approval.proposal()?.deeds().1) {
        return Err(may_not());
    }
    decide(conn, act, &approval, by, State::Rejected)
}

fn lock_open(conn: &mut PgConnection, act: &Act<'_>, by: StaffId, id: ApprovalId) -> Result<Approval, AppError> {
    queries::lock(conn, id)?;
    let approval = queries::one(conn, act, by, id)?.ok_or_else(no_such)?;
    match approval.state_at(act.now) {
        State::Open => Ok(approval),
        State::Expired => Err(expired()),
        state @ (State::Confirmed | State::Rejected) => Err(decided(state)),
    }
}

fn decide(
    conn: &mut PgConnection,
    act: &Act<'_>,
    approval: &Approval,
    by: StaffId,
    state: State,
) -> Result<Approval, AppError> {
    let id = approval.id;
    diesel::update(approvals::table.find(id))
        .set((approvals::state.eq(state.as_str()), approvals::decided_by.eq(by), approvals::decided_at.eq(act.now)))
        .execute(conn)?;
    let action = if state == State::Confirmed { Action::ApprovalConfirmed } else { Action::ApprovalRejected };
    let details = json!({"verb": approval.verb, "subject": approval.subject, "proposed_by": approval.proposed_by});
    audit::note(conn, act, action, Subject::Approval(id), details)?;
    tracing::info!(approval.id = %id, staff.id = %by, "approval {id} {state}");
    queries::one(conn, act, by, id)?.ok_or_else(no_such)
}

/// Returns the open proposals that who asks may confirm or has made, the oldest first.
///
/// # Errors
/// [`AppError::Forbidden`] for keys.
fn list_open(conn: &mut PgConnection, act: &Act<'_>, page: (Option<Cursor>, i64)) -> Result<Vec<Approval>, AppError> {
    let by = person(act)?;
    Ok(queries::open(conn, act, by, page)?)
}

fn may_confirm_any(act: &Act<'_>) -> bool {
    act.by.may(Deed::Confirm) || act.by.may(Deed::ConfirmWide)
}

fn person(act: &Act<'_>) -> Result<StaffId, AppError> {
    act.by.staff_id().ok_or_else(|| {
        AppError::Forbidden(Said::new(
            "people_only",
            "Việc cần hai người xác nhận không dành cho khóa API",
            "What needs two people is not for API keys",
        ))
    })
}

fn may_not() -> AppError {
    AppError::Forbidden(Said::new(
        "role_may_not",
        "Vai trò của bạn không được làm việc này",
        "Your role may not do this",
    ))
}

fn no_such() -> AppError {
    AppError::NotFound(Said::new("not_found", "Không có đề xuất này", "There is no such proposal"))
}

fn second_person_needed() -> AppError {
    AppError::Forbidden(Said::new(
        "second_person_needed",
        "Người đề xuất không được tự xác nhận, cần người thứ hai",
        "Who proposed it can't confirm it: a second person is needed",
    ))
}

fn already_proposed() -> AppError {
    AppError::Conflict(Said::new(
        "already_proposed",
        "Việc này đã được đề xuất và đang chờ xác nhận, xem /approvals",
        "This is proposed already and waits for confirmation, see /approvals",
    ))
}

fn expired() -> AppError {
    AppError::Conflict(Said::new(
        "approval_expired",
        "Đề xuất đã hết hạn, hãy đề xuất lại",
        "The proposal has expired, propose it again",
    ))
}

fn decided(state: State) -> AppError {
    let vi = match state {
        State::Confirmed => "đã được xác nhận",
        State::Open | State::Rejected | State::Expired => "đã bị từ chối",
    };
    AppError::Conflict(Said::new(
        "approval_decided",
        format!("Đề xuất {vi}"),
        format!("The proposal is {state} already"),
    ))
}
