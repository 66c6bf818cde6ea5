//! The parent follows its legs, in the same transaction: legs whose turn it is begin, the clock of the parent stands
//! while nothing can go on, and it ends when nothing is left to do.

use diesel::prelude::*;
use serde_json::json;

use super::begin::begin_due;
use super::family::{Member, members};
use crate::domain::dossier::{Outcome, PauseKind, Status, Verb};
use crate::domain::legs::{Course, Stand};
use crate::domain::notice::{Facts, Purpose};
use crate::domain::period::office_date;
use crate::domain::procedure::PauseEffect;
use crate::dossiers::change::Change;
use crate::dossiers::finish::{self, Decision};
use crate::dossiers::model::Dossier;
use crate::dossiers::pause::{self, NewPause};
use crate::dossiers::{deadline, end, queries};
use crate::error::AppError;
use crate::notices;
use crate::platform::db::take_in_hand;
use crate::state::Act;

/// What happened in a leg.
pub(in crate::dossiers) struct Cause<'a> {
    /// The leg as it stands now.
    pub leg: &'a Dossier,
    /// What was done.
    pub verb: Verb,
    /// What was said.
    pub note: Option<&'a str>,
}

/// Lets the parent follow what happened in a leg. Its history gets the same verb, with the leg in its details.
///
/// # Errors
/// Whatever beginning the next leg or ending the parent meets: then the verb is not done in the leg either.
pub(in crate::dossiers) fn follow(
    conn: &mut PgConnection,
    act: &Act<'_>,
    parent: crate::domain::ids::DossierId,
    cause: &Cause<'_>,
) -> Result<(), AppError> {
    let parent = queries::lock_in_family(conn, parent)?;
    if !parent.status.is_final() {
        go_on(conn, act, parent, cause)?;
    }
    take_in_hand(conn, cause.leg.id)?;
    Ok(())
}

fn go_on(conn: &mut PgConnection, act: &Act<'_>, parent: Dossier, cause: &Cause<'_>) -> Result<(), AppError> {
    let has_moved = begin_due(conn, act, &parent)?;
    let members = members(conn, parent.id)?;
    let stands: Vec<Stand> = members.iter().map(Member::stand).collect();
    let before = (parent.status, parent.due_at, parent.progress);
    let mut change = Change::next(parent, cause.verb);
    change.details = json!({ "leg": cause.leg.code, "does": does(&members, cause.leg) });
    change.note = cause.note.map(str::to_owned);
    let state = Course::of(&stands);
    if state == Course::Ended {
        return end(conn, act, change, &members);
    }
    let is_recalled = change.dossier.status == Status::Finished && reopen(conn, act, &mut change.dossier)?;
    let is_resumed = match state {
        Course::Stands => stand_still(conn, act, &mut change.dossier, (&members, cause.leg))?,
        _ => run(conn, act, &mut change.dossier, cause)?,
    };
    let granted = stands.iter().filter(|stand| **stand == Stand::Granted).count();
    if let Some(progress) = Status::Processing.progress(granted, stands.len()) {
        change.dossier.progress = progress;
    }
    let after = (change.dossier.status, change.dossier.due_at, change.dossier.progress);
    if before == after && !has_moved && cause.leg.ended_at.is_none() {
        return Ok(());
    }
    let recorded = change.record_alone(conn, act)?;
    if is_recalled {
        let reason = cause.note.map(str::to_owned);
        recorded.tell(conn, act, Purpose::ResultRecalled, Facts { reason, ..Facts::default() })?;
    }
    if is_resumed && recorded.dossier.due_at != recorded.dossier.due_first {
        let due = recorded.dossier.due_at.map(office_date);
        recorded.tell(conn, act, Purpose::DueChanged, Facts { due, ..Facts::default() })?;
    }
    Ok(())
}

fn does<'a>(members: &'a [Member], leg: &Dossier) -> Option<&'a str> {
    members.iter().find(|member| member.row.dossier_id == Some(leg.id)).map(|member| member.row.does.as_str())
}

/// Takes the end of the parent back, as the result of a leg was; returns whether anybody was told of it.
fn reopen(conn: &mut PgConnection, act: &Act<'_>, parent: &mut Dossier) -> Result<bool, AppError> {
    let sent = notices::cancel_unsent(conn, act, parent.id, &finish::INVITATIONS)?;
    finish::take_back(parent);
    Ok(!sent.is_empty())
}

/// Opens a pause of the parent, where none is open: nothing can go on. It is that of the leg which stands. The whole
/// term counts anew only where the leg's does and no other leg has begun: what others have used of it is used.
fn stand_still(
    conn: &mut PgConnection,
    act: &Act<'_>,
    parent: &mut Dossier,
    (members, latest): (&[Member], &Dossier),
) -> Result<bool, AppError> {
    if pause::current(conn, parent)?.is_some() {
        return Ok(false);
    }
    let begun: Vec<&Dossier> = members.iter().filter_map(|member| member.dossier.as_ref()).collect();
    let mut standing = members.iter().filter(|member| member.stand() == Stand::Stands);
    let first = standing.clone().find_map(|member| member.dossier.as_ref());
    let latest = standing.any(|member| member.row.dossier_id == Some(latest.id)).then_some(latest);
    let leg = latest.or(first).ok_or_else(|| AppError::internal("no leg stands"))?;
    take_in_hand(conn, leg.id)?;
    let pause = pause::current(conn, leg)?.ok_or_else(|| AppError::internal("a leg stands without a pause"))?;
    take_in_hand(conn, parent.id)?;
    let opened = NewPause {
        kind: pause.kind,
        effect: if begun.len() == 1 { pause.effect } else { PauseEffect::Resume },
        back_to: parent.status,
        answer_by: pause.answer_by,
        reason: pause.reason,
        replaces: None,
    };
    pause::open(conn, act, parent, opened)?;
    parent.status = match pause.kind {
        PauseKind::Supplement => Status::AwaitingSupplement,
        PauseKind::Payment => Status::AwaitingPayment,
        PauseKind::Suspension => Status::Suspended,
        PauseKind::External => parent.status,
    };
    deadline::recompute(conn, act, parent)?;
    Ok(false)
}

/// Closes the pause of the parent, where one is open: a leg goes on again, from the moment on at which its own pause was
/// closed; returns whether one was.
fn run(conn: &mut PgConnection, act: &Act<'_>, parent: &mut Dossier, cause: &Cause<'_>) -> Result<bool, AppError> {
    let stood = pause::current(conn, parent)?;
    if let Some(stood) = &stood {
        take_in_hand(conn, cause.leg.id)?;
        let last = queries::pauses(conn, cause.leg.id)?.last().and_then(|pause| pause.closed_at);
        take_in_hand(conn, parent.id)?;
        let at = last.filter(|at| *at >= stood.opened_at).unwrap_or(act.now);
        parent.status = pause::close_at(conn, parent, at)?.back_to;
        deadline::recompute(conn, act, parent)?;
    }
    if cause.verb == Verb::Acknowledge && parent.status == Status::Received {
        parent.status = Status::Processing;
    }
    Ok(stood.is_some())
}

/// Ends the parent: with a grant where every leg has granted, else with a refusal; stopped where no leg has a result.
fn end(conn: &mut PgConnection, act: &Act<'_>, mut change: Change, members: &[Member]) -> Result<(), AppError> {
    let Some(decision) = decision(act, &change.dossier, members)? else {
        let reason = change.note.clone();
        end::end(conn, act, &mut change.dossier, Status::Stopped)?;
        let recorded = change.record_alone(conn, act)?;
        recorded.tell(conn, act, Purpose::Stopped, Facts { reason, ..Facts::default() })?;
        return Ok(());
    };
    if pause::current(conn, &change.dossier)?.is_some() {
        pause::close(conn, act, &change.dossier)?;
        deadline::recompute(conn, act, &mut change.dossier)?;
    }
    let ended = finish::decide(act, &mut change.dossier, decision)?;
    if let Some(details) = change.details.as_object_mut() {
        details.insert("result".to_owned(), json!(change.dossier.result));
        details.insert("standing".to_owned(), json!(ended.standing));
    }
    let recorded = change.record_alone(conn, act)?;
    finish::invite_when_ready(conn, act, &recorded)
}

/// What the parent comes to: number, date and signer are those of the leg that leads, else of the last that has any.
fn decision(act: &Act<'_>, parent: &Dossier, members: &[Member]) -> Result<Option<Decision>, AppError> {
    let lead = crate::dossiers::steps::process_of(act, parent)?.legs.iter().position(|leg| leg.is_lead);
    let led = lead.and_then(|place| members.get(place)?.dossier.as_ref()).filter(|leg| leg.result.is_some());
    let with_result = members.iter().filter_map(|member| member.dossier.as_ref()).filter(|leg| leg.result.is_some());
    let Some(source) = led.or(with_result.max_by_key(|leg| leg.finished_at)) else { return Ok(None) };
    let failed = members.iter().filter(|member| member.stand() == Stand::Failed);
    let reasons: Vec<String> = failed.map(why).collect();
    Ok(Some(Decision {
        outcome: if reasons.is_empty() { Outcome::Granted } else { Outcome::Refused },
        reason: (!reasons.is_empty()).then(|| reasons.join("; ")),
        number: source.result_number.clone(),
        on: source.result_on,
        signer: source.signer.clone(),
    }))
}

fn why(member: &Member) -> String {
    let said =
        member.dossier.as_ref().map(|leg| leg.result_reason.clone().unwrap_or_else(|| leg.status.vi().to_owned()));
    format!("{}: {}", member.row.does, said.unwrap_or_default())
}
