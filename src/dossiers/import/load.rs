//! A row into a dossier: a new one is received as at the counter; one with a past gets its own dates and history.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::json;

use super::row::{Past, Row};
use super::verdict::CellFault;
use crate::domain::deadline::standing_without_result;
use crate::domain::dossier::{Status, UnitRelation, Verb};
use crate::domain::ids::EventId;
use crate::domain::period::office_date;
use crate::domain::procedure::Term;
use crate::domain::process;
use crate::domain::role::Who;
use crate::dossiers::access::relate;
use crate::dossiers::deadline::{self, Derivation};
use crate::dossiers::intake::Form;
use crate::dossiers::model::{Dossier, Event};
use crate::dossiers::receive::{new_dossier, receive};
use crate::dossiers::{people, steps};
use crate::error::{AppError, Said, breaks};
use crate::schema::{dossier_events, dossier_states, dossiers};
use crate::state::Act;

/// The code of the refusal when another import was faster.
pub const MEANWHILE: &str = "imported_meanwhile";

/// What became of it.
pub enum Loaded {
    /// It has this code.
    New(String),
    /// It was there, with this code.
    There(String),
}

/// Loads a row that has no faults; one that has is only read against the catalogue, so that all are told.
///
/// # Errors
/// As the intake; [`AppError::Invalid`] without further faults for a row that had some.
pub fn load(conn: &mut PgConnection, act: &Act<'_>, row: &Row, faults: &[CellFault]) -> Result<Loaded, AppError> {
    if !faults.is_empty() {
        Form::read(act, &row.intake)?;
        return Err(AppError::Invalid(Vec::new()));
    }
    let there: Option<String> = dossiers::table
        .filter(dossiers::source.eq(&row.source))
        .filter(dossiers::source_code.eq(&row.source_code))
        .select(dossiers::code)
        .first(conn)
        .optional()?;
    if let Some(code) = there {
        return Ok(Loaded::There(code));
    }
    match &row.past {
        None => new(conn, act, row),
        Some(past) => old(conn, act, row, past),
    }
    .map(Loaded::New)
}

fn new(conn: &mut PgConnection, act: &Act<'_>, row: &Row) -> Result<String, AppError> {
    let dossier = receive(conn, act, &row.intake)?.dossier;
    let source = (dossiers::source.eq(&row.source), dossiers::source_code.eq(&row.source_code));
    let done = diesel::update(dossiers::table.find(dossier.id)).set(source).execute(conn);
    done.map_err(meanwhile)?;
    Ok(dossier.code)
}

/// Another import may have brought the same dossier since we looked.
fn meanwhile(err: diesel::result::Error) -> AppError {
    if breaks(&err, "dossiers_source_key") {
        let said = Said::new(MEANWHILE, "Hồ sơ vừa được nhập", "The dossier was imported just now");
        return AppError::Conflict(said);
    }
    err.into()
}

/// One thing that happened in the old system.
struct Happened {
    verb: Verb,
    to: Status,
    at: DateTime<Utc>,
}

fn old(conn: &mut PgConnection, act: &Act<'_>, row: &Row, past: &Past) -> Result<String, AppError> {
    let form = Form::read(act, &row.intake)?;
    let history = history(past, form.received_at);
    // Nobody holds its pin: a counter issues a new one when somebody asks.
    let (mut dossier, _pin) = new_dossier(conn, act, &form, past.status)?;
    dossier.version = i64::try_from(history.len()).unwrap_or(i64::MAX);
    dossier.source = Some(row.source.clone());
    dossier.source_code = Some(row.source_code.clone());
    start(act, &mut dossier, &form, past)?;
    end(&mut dossier, past)?;
    diesel::insert_into(dossiers::table).values(&dossier).execute(conn).map_err(meanwhile)?;
    people::write(conn, act, &dossier, &form.participants)?;
    let units = [(dossier.receiving_unit_id, UnitRelation::Received), (form.unit, UnitRelation::Resolves)];
    relate(conn, dossier.id, &units)?;
    enter_step(conn, act, &mut dossier)?;
    write_states(conn, act, &dossier, &history)?;
    write_events(conn, act, row, (&dossier, &history))?;
    Ok(dossier.code)
}

/// Starts its clock by our rules; a due date that stood on its slip holds all the same.
fn start(act: &Act<'_>, dossier: &mut Dossier, form: &Form, past: &Past) -> Result<(), AppError> {
    dossier.accepted_at = Some(form.received_at);
    deadline::start(act, dossier, form.cases.clone())?;
    if past.due_first.is_some() {
        dossier.due_first = past.due_first;
        dossier.due_unextended = past.due_first;
        dossier.due_at = past.due_first;
        dossier.provisional = false;
    }
    Ok(())
}

fn end(dossier: &mut Dossier, past: &Past) -> Result<(), AppError> {
    if let Some(finished_at) = past.finished_at {
        let ended = deadline::standing_of_result(dossier, finished_at)?;
        dossier.standing = Some(ended.standing);
        dossier.standing_statutory = deadline::statutory_standing_of_result(dossier, finished_at)?;
        dossier.result = Some(past.outcome);
        dossier.result_on = Some(office_date(finished_at));
    } else if let Some(ended_at) = past.ended_at {
        let derivation = Derivation::of(dossier)?;
        dossier.standing = Some(standing_without_result(derivation.term.unit(), dossier.due_at, ended_at));
        let by_statute = |term: Term| standing_without_result(term.unit(), dossier.due_statutory, ended_at);
        dossier.standing_statutory = derivation.statutory.map(by_statute);
    }
    dossier.finished_at = past.finished_at;
    dossier.returned_at = past.returned_at;
    dossier.ended_at = past.finished_at.or(past.ended_at);
    Ok(())
}

fn history(past: &Past, received_at: DateTime<Utc>) -> Vec<Happened> {
    let ended_at = past.finished_at.or(past.ended_at).unwrap_or(received_at);
    let happened = |verb, to, at| Happened { verb, to, at };
    let received = happened(Verb::Receive, Status::Received, received_at);
    let transferred = happened(Verb::Transfer, Status::Processing, received_at);
    let finished = happened(Verb::Finish, Status::Finished, ended_at);
    match past.status {
        Status::Processing => vec![received, transferred],
        Status::Withdrawn => vec![received, happened(Verb::Withdraw, Status::Withdrawn, ended_at)],
        Status::Stopped => vec![received, transferred, happened(Verb::Stop, Status::Stopped, ended_at)],
        Status::Finished => vec![received, transferred, finished],
        Status::Returned => {
            let returned_at = past.returned_at.unwrap_or(ended_at);
            vec![received, transferred, finished, happened(Verb::HandOver, Status::Returned, returned_at)]
        }
        _ => vec![received],
    }
}

/// An open dossier goes on in the step where its status leaves it.
fn enter_step(conn: &mut PgConnection, act: &Act<'_>, dossier: &mut Dossier) -> Result<(), AppError> {
    let index = match dossier.status {
        Status::Received => 0,
        Status::Processing => process::first_inside(&steps::process_of(act, dossier)?.steps),
        _ => return Ok(()),
    };
    let then = Act { now: dossier.registered_at, ..*act };
    let progress = dossier.progress;
    steps::enter(conn, &then, dossier, index)?;
    if dossier.status == Status::Received {
        dossier.progress = progress;
    }
    diesel::update(dossiers::table.find(dossier.id)).set(dossiers::progress.eq(dossier.progress)).execute(conn)?;
    Ok(())
}

/// What was in force from each event to the next, as if it had happened here.
fn write_states(
    conn: &mut PgConnection,
    act: &Act<'_>,
    dossier: &Dossier,
    history: &[Happened],
) -> Result<(), AppError> {
    let ends = history.iter().skip(1).map(|next| Some(next.at)).chain([None]);
    let rows: Vec<_> = history
        .iter()
        .zip(ends)
        .map(|(happened, valid_to)| {
            (
                dossier_states::id.eq(uuid::Uuid::now_v7()),
                dossier_states::dossier_id.eq(dossier.id),
                dossier_states::status.eq(happened.to),
                dossier_states::unit_id.eq(dossier.resolving_unit_id),
                dossier_states::due_unextended.eq(dossier.due_unextended),
                dossier_states::due_at.eq(dossier.due_at),
                dossier_states::paused.eq(false),
                dossier_states::valid_from.eq(happened.at),
                dossier_states::valid_to.eq(valid_to),
                dossier_states::recorded_at.eq(act.now),
            )
        })
        .collect();
    diesel::insert_into(dossier_states::table).values(rows).execute(conn)?;
    Ok(())
}

fn write_events(
    conn: &mut PgConnection,
    act: &Act<'_>,
    row: &Row,
    (dossier, history): (&Dossier, &[Happened]),
) -> Result<(), AppError> {
    let befores = std::iter::once(None).chain(history.iter().map(|happened| Some(happened.to)));
    let rows: Vec<Event> = history
        .iter()
        .zip(befores)
        .zip(1..)
        .map(|((happened, from_status), number)| Event {
            id: EventId::new(),
            dossier_id: dossier.id,
            number,
            verb: happened.verb,
            from_status,
            to_status: happened.to,
            happened_at: happened.at,
            recorded_at: act.now,
            actor: act.by.principal(),
            actor_name: act.by.name.clone(),
            unit_id: (act.by.who != Who::System).then_some(act.by.unit),
            note: None,
            details: json!({ "imported": true, "source": row.source, "source_code": row.source_code }),
            key_id: None,
            sealed: None,
        })
        .collect();
    diesel::insert_into(dossier_events::table).values(&rows).execute(conn)?;
    Ok(())
}
