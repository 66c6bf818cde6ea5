//! A wrong end is undone by a compensating event of two people, never by deletion: the history shows both.
//!
//! Undone are ends that no other verb leads out of. A result is taken back by `recall`, a dossier entered by mistake
//! is voided. Between an end and its undoing the clock ran on.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::json;

use super::change::{Ask, Change};
use super::model::{Dossier, Event, PauseRow};
use super::{deadline, originals, steps};
use crate::audit;
use crate::domain::audit::{Action, Subject};
use crate::domain::code::DossierCode;
use crate::domain::dossier::{Status, StepOutcome, Verb};
use crate::domain::notice::{Facts, Purpose};
use crate::error::{AppError, Said};
use crate::http::etag::IfMatch;
use crate::notices;
use crate::schema::{dossier_events, dossier_pauses, dossier_steps};
use crate::state::Act;

/// What was told of ends that can be undone.
const TOLD: [Purpose; 4] = [Purpose::Declined, Purpose::Withdrawn, Purpose::Stopped, Purpose::Returned];

/// Checks that the end of a dossier may be undone by who proposes it, changing nothing.
///
/// # Errors
/// As every verb; [`AppError::Conflict`] when its last verb is none that can be undone.
pub fn check(conn: &mut PgConnection, act: &Act<'_>, ask: &Ask) -> Result<Dossier, AppError> {
    let change = Change::begin(conn, act, ask, Verb::Undo)?;
    the_end(conn, &change.dossier)?;
    Ok(change.dossier)
}

/// Undoes the end of a dossier: it goes on where it was, and who was told is told again.
///
/// # Errors
/// As [`check`].
pub fn carry_out(
    conn: &mut PgConnection,
    act: &Act<'_>,
    code: &DossierCode,
    reason: &str,
) -> Result<Dossier, AppError> {
    let ask = Ask { code: code.clone(), if_match: IfMatch::default() };
    let mut change = Change::begin(conn, act, &ask, Verb::Undo)?;
    let (end, back_to) = the_end(conn, &change.dossier)?;
    let sent = notices::cancel_unsent(conn, act, change.dossier.id, &TOLD)?;
    change.dossier.status = back_to;
    if end.verb == Verb::HandOver {
        change.dossier.returned_at = None;
        originals::never_gone(conn, change.dossier.id, end.id)?;
    } else {
        let dossier = &mut change.dossier;
        (dossier.ended_at, dossier.standing, dossier.standing_statutory) = (None, None, None);
        open_pause_again(conn, &change.dossier, &end)?;
    }
    enter_step_again(conn, act, &mut change.dossier)?;
    if back_to.is_open() {
        deadline::recompute(conn, act, &mut change.dossier)?;
    }
    change.note = Some(reason.to_owned());
    change.details = json!({ "undone": end.verb, "number": end.number });
    let details = json!({ "undone": end.verb });
    audit::note(conn, act, Action::DossierEndUndone, Subject::Dossier(code.as_str()), details)?;
    let recorded = change.record(conn, act)?;
    if !sent.is_empty() {
        recorded.tell(conn, act, Purpose::Corrected, Facts::default())?;
    }
    Ok(recorded.dossier)
}

/// Returns the event that ended the dossier, and the status before it. Corrections of names and phones, and originals
/// given back, are passed over.
fn the_end(conn: &mut PgConnection, dossier: &Dossier) -> Result<(Event, Status), AppError> {
    let last: Option<Event> = dossier_events::table
        .filter(dossier_events::dossier_id.eq(dossier.id))
        .filter(dossier_events::verb.ne_all([Verb::Correct, Verb::GiveBack]))
        .order(dossier_events::number.desc())
        .select(Event::as_select())
        .first(conn)
        .optional()?;
    let undone = |verb| matches!(verb, Verb::Decline | Verb::Withdraw | Verb::Stop | Verb::Lapse | Verb::HandOver);
    let end = last.filter(|event| undone(event.verb));
    end.and_then(|event| event.from_status.map(|from| (event, from))).ok_or_else(|| {
        AppError::Conflict(Said::new(
            "nothing_to_undo",
            "Chỉ hoàn tác được: từ chối tiếp nhận, rút, dừng, quá hạn bổ sung, trả kết quả; kết quả sai: recall",
            "Only decline, withdraw, stop, lapse and hand_over can be undone; a wrong result: recall",
        ))
    })
}

/// A pause that was closed only because the dossier ended stands open again, as if it had never been closed.
fn open_pause_again(conn: &mut PgConnection, dossier: &Dossier, end: &Event) -> Result<(), AppError> {
    let closed: Option<PauseRow> = dossier_pauses::table
        .filter(dossier_pauses::dossier_id.eq(dossier.id))
        .filter(dossier_pauses::closed_at.ge(end.happened_at))
        .order((dossier_pauses::opened_at.desc(), dossier_pauses::id.desc()))
        .select(PauseRow::as_select())
        .first(conn)
        .optional()?;
    let Some(pause) = closed else { return Ok(()) };
    let nothing: Option<DateTime<Utc>> = None;
    diesel::update(dossier_pauses::table.find(pause.id)).set(dossier_pauses::closed_at.eq(nothing)).execute(conn)?;
    Ok(())
}

/// The step that was under way goes on, in the hands of whoever had it.
fn enter_step_again(conn: &mut PgConnection, act: &Act<'_>, dossier: &mut Dossier) -> Result<(), AppError> {
    let last: Option<(i16, Option<StepOutcome>)> = dossier_steps::table
        .filter(dossier_steps::dossier_id.eq(dossier.id))
        .order(dossier_steps::number.desc())
        .select((dossier_steps::step, dossier_steps::outcome))
        .first(conn)
        .optional()?;
    let Some((step, Some(StepOutcome::Ended | StepOutcome::Finished))) = last else { return Ok(()) };
    let progress = dossier.progress;
    steps::enter(conn, act, dossier, usize::try_from(step).unwrap_or(0))?;
    if dossier.status != Status::Processing {
        dossier.progress = progress;
    }
    Ok(())
}
