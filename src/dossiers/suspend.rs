//! Orders of a court or agency: the clock stands until they are lifted.

use diesel::prelude::*;
use serde_json::json;

use super::accept::{Note, Reason};
use super::change::{Ask, Change};
use super::deadline;
use super::model::{Dossier, PauseRow};
use super::pause::{self, NewPause};
use crate::domain::dossier::{PauseKind, Status, Verb};
use crate::domain::ids::PauseId;
use crate::domain::procedure::PauseEffect;
use crate::error::{AppError, Said};
use crate::schema::dossier_pauses;
use crate::state::Act;

/// Stops the clock by an order; an open pause is replaced, and opens again when the order is lifted.
pub fn suspend(conn: &mut PgConnection, act: &Act<'_>, ask: &Ask, form: &Reason) -> Result<Dossier, AppError> {
    let reason = form.read()?;
    let mut change = Change::begin(conn, act, ask, Verb::Suspend)?;
    if change.dossier.accepted_at.is_none() {
        return Err(AppError::Conflict(Said::new(
            "not_accepted",
            "Hồ sơ chưa được tiếp nhận nên chưa có thời hạn để tạm dừng",
            "The dossier is not accepted, so no clock runs that could stand",
        )));
    }
    let replaced = match pause::current(conn, &change.dossier)? {
        Some(_) => Some(pause::close(conn, act, &change.dossier)?.id),
        None => None,
    };
    let opened = NewPause {
        kind: PauseKind::Suspension,
        effect: PauseEffect::Resume,
        back_to: change.dossier.status,
        answer_by: None,
        reason: reason.clone(),
        replaces: replaced,
    };
    pause::open(conn, act, &change.dossier, opened)?;
    change.dossier.status = Status::Suspended;
    deadline::recompute(conn, act, &mut change.dossier)?;
    change.note = Some(reason);
    change.details = json!({ "replaces_pause": replaced });
    Ok(change.record(conn, act)?.dossier)
}

/// Lifts the order: the dossier goes back to where it was, with the pause that stood then.
pub fn resume(conn: &mut PgConnection, act: &Act<'_>, ask: &Ask, form: &Note) -> Result<Dossier, AppError> {
    let note = form.read()?;
    let mut change = Change::begin(conn, act, ask, Verb::Resume)?;
    let closed = pause::close(conn, act, &change.dossier)?;
    change.dossier.status = closed.back_to;
    if let Some(replaced) = closed.replaces_id {
        reopen(conn, act, &change.dossier, replaced)?;
    }
    deadline::recompute(conn, act, &mut change.dossier)?;
    change.note = note;
    change.details = json!({ "due_at": change.dossier.due_at });
    Ok(change.record(conn, act)?.dossier)
}

fn reopen(conn: &mut PgConnection, act: &Act<'_>, dossier: &Dossier, replaced: PauseId) -> Result<(), AppError> {
    let before: PauseRow = dossier_pauses::table.find(replaced).select(PauseRow::as_select()).first(conn)?;
    let again = NewPause {
        kind: before.kind,
        effect: before.effect,
        back_to: before.back_to,
        answer_by: before.answer_by,
        reason: before.reason,
        replaces: Some(before.id),
    };
    pause::open(conn, act, dossier, again)?;
    Ok(())
}
