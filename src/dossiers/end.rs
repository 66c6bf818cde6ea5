//! Ends without a result: taken back by the citizen, or stopped on a legal ground.

use diesel::prelude::*;

use super::accept::{Note, Reason};
use super::change::{Ask, Change};
use super::model::Dossier;
use super::{deadline, legs, pause, steps};
use crate::domain::dossier::{Status, StepOutcome, Verb};
use crate::domain::dossier_kind::DossierKind;
use crate::domain::notice::{Facts, Purpose};
use crate::error::AppError;
use crate::state::Act;

/// Gives a dossier back to the citizen who wants it.
pub fn withdraw(conn: &mut PgConnection, act: &Act<'_>, ask: &Ask, form: &Note) -> Result<Dossier, AppError> {
    let note = form.read()?;
    let mut change = Change::begin(conn, act, ask, Verb::Withdraw)?;
    end(conn, act, &mut change.dossier, Status::Withdrawn)?;
    steps::leave(conn, act, &change.dossier, StepOutcome::Ended, note.as_deref())?;
    if change.kind == DossierKind::Parent {
        legs::end_all(conn, act, &change.dossier, (Verb::Withdraw, note.as_deref()))?;
    }
    change.note = note;
    let recorded = change.record(conn, act)?;
    recorded.tell(conn, act, Purpose::Withdrawn, Facts::default())?;
    Ok(recorded.dossier)
}

/// Stops a dossier on a legal ground (NĐ 118/2025 Đ21).
pub fn stop(conn: &mut PgConnection, act: &Act<'_>, ask: &Ask, form: &Reason) -> Result<Dossier, AppError> {
    let reason = form.read()?;
    let mut change = Change::begin(conn, act, ask, Verb::Stop)?;
    end(conn, act, &mut change.dossier, Status::Stopped)?;
    steps::leave(conn, act, &change.dossier, StepOutcome::Ended, Some(&reason))?;
    if change.kind == DossierKind::Parent {
        legs::end_all(conn, act, &change.dossier, (Verb::Stop, Some(&reason)))?;
    }
    change.note = Some(reason.clone());
    let recorded = change.record(conn, act)?;
    recorded.tell(conn, act, Purpose::Stopped, Facts { reason: Some(reason), ..Facts::default() })?;
    Ok(recorded.dossier)
}

/// Ends a dossier without a result: its standing is settled, its pause closed.
pub(super) fn end(
    conn: &mut PgConnection,
    act: &Act<'_>,
    dossier: &mut Dossier,
    status: Status,
) -> Result<(), AppError> {
    dossier.standing = deadline::standing_of_end(act, dossier)?;
    dossier.standing_statutory = deadline::statutory_standing_of_end(act, dossier)?;
    pause::close_any(conn, act, dossier)?;
    dossier.status = status;
    dossier.ended_at = Some(act.now);
    Ok(())
}
