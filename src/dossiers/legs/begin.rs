//! Legs begin: each when all that it waits for is granted, with a code, a unit, a procedure and a clock of its own.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::Uuid as SqlUuid;
use serde_json::json;

use super::family::{LegRow, Member, members};
use crate::domain::catalogue::{Catalogue, Procedure, ProcedureState, Unit};
use crate::domain::dossier::{Status, UnitRelation, Verb};
use crate::domain::ids::DossierId;
use crate::domain::legs::{Leg, LegUnit, Legs, Stand, Turn};
use crate::domain::period::{from_office_time, office_date, office_time};
use crate::domain::procedure::Channel;
use crate::domain::process;
use crate::dossiers::access::relate;
use crate::dossiers::change::Change;
use crate::dossiers::model::Dossier;
use crate::dossiers::numbering::next_code;
use crate::dossiers::{deadline, steps};
use crate::error::{AppError, Said};
use crate::http::body::Faults;
use crate::platform::secret::Pin;
use crate::schema::{dossier_legs, dossiers};
use crate::state::Act;

/// Lays out the legs of a dossier that was just accepted, and begins those that wait for none.
///
/// # Errors
/// [`AppError::Invalid`] when the catalogue does not say who does a leg or by which procedure.
pub(in crate::dossiers) fn begin_all(conn: &mut PgConnection, act: &Act<'_>, parent: &Dossier) -> Result<(), AppError> {
    let legs = &steps::process_of(act, parent)?.legs;
    if legs.is_empty() {
        return Ok(());
    }
    let rows = (1..).zip(legs.iter()).map(|(number, leg)| laid_out(act, parent, number, leg));
    let rows: Vec<LegRow> = rows.collect::<Result<_, _>>()?;
    diesel::insert_into(dossier_legs::table).values(&rows).execute(conn)?;
    begin_due(conn, act, parent)?;
    Ok(())
}

fn laid_out(act: &Act<'_>, parent: &Dossier, number: i16, leg: &Leg) -> Result<LegRow, AppError> {
    let unit = unit_of(act, parent, leg).ok_or_else(|| not_ready(leg, "đơn vị", "unit"))?;
    let day = office_date(parent.accepted_at.unwrap_or(act.now));
    let procedure = act.catalogue().procedure_on(&leg.procedure_code, day);
    let is_ready = |procedure: &&Procedure| {
        let process = act.catalogue().process_of(procedure, unit.id, day).and_then(|id| act.catalogue().process(id));
        // A leg has steps: one that had legs again would be nobody's work.
        let has_steps = process.is_some_and(|process| process.legs.is_empty());
        procedure.state == ProcedureState::Published && procedure.is_resolved_by(unit) && has_steps
    };
    let procedure = procedure.filter(is_ready).ok_or_else(|| not_ready(leg, "thủ tục", "procedure"))?;
    Ok(LegRow {
        parent_id: parent.id,
        number,
        does: leg.does.clone(),
        unit_id: unit.id,
        procedure_version_id: procedure.id,
        dossier_id: None,
        ready_at: None,
        started_at: None,
        acknowledge_by: None,
        acknowledged_at: None,
        moot: false,
    })
}

/// Returns who does a leg. Of a kind of units it is the one that takes the parent, else that of the dossier's place;
/// whoever follows it where it has ended.
fn unit_of<'a>(act: &'a Act<'_>, parent: &Dossier, leg: &Leg) -> Option<&'a Unit> {
    let (catalogue, day) = (act.catalogue(), office_date(act.now));
    let procedure = catalogue.procedure_on(&leg.procedure_code, day);
    let field = procedure.map_or(parent.field_id, |procedure| procedure.field_id);
    let by_code = |code: &str| catalogue.in_charge_by_code(code, field, day);
    match &leg.unit {
        LegUnit::Named(code) => by_code(code),
        LegUnit::OfKind(kind) => {
            let place = parent.place_code.as_deref().and_then(by_code);
            let likely = [catalogue.unit(parent.resolving_unit_id), place];
            likely.into_iter().flatten().find(|unit| unit.kind == *kind)
        }
    }
}

fn not_ready(leg: &Leg, vi: &str, en: &str) -> AppError {
    let said = Said::new(
        "leg_not_ready",
        format!("Nhánh liên thông “{}” chưa có {vi} giải quyết được", leg.does),
        format!("The leg “{}” has no {en} by which it could be resolved", leg.does),
    );
    AppError::invalid("/procedure_code", said)
}

/// Begins every leg of the parent in hand whose turn it is, and notes which will never come; returns whether any did.
///
/// # Errors
/// Whatever beginning one meets.
pub(super) fn begin_due(conn: &mut PgConnection, act: &Act<'_>, parent: &Dossier) -> Result<bool, AppError> {
    let legs = &steps::process_of(act, parent)?.legs;
    let members = members(conn, parent.id)?;
    let stands: Vec<Stand> = members.iter().map(Member::stand).collect();
    let mut has_moved = false;
    for ((leg, member), turn) in legs.iter().zip(&members).zip(legs.turns(&stands)) {
        let is_moot = turn == Some(Turn::IsMoot);
        if turn == Some(Turn::Begins) {
            let ready_at =
                leg.after.iter().filter_map(|place| members.get(*place)?.dossier.as_ref()?.finished_at).max();
            begin(conn, act, parent, (leg, &member.row, ready_at))?;
            has_moved = true;
        } else if member.row.moot != is_moot {
            set_moot(conn, &member.row, is_moot)?;
            has_moved = true;
        }
    }
    Ok(has_moved)
}

fn set_moot(conn: &mut PgConnection, row: &LegRow, is_moot: bool) -> QueryResult<usize> {
    diesel::update(dossier_legs::table.find((row.parent_id, row.number)))
        .set(dossier_legs::moot.eq(is_moot))
        .execute(conn)
}

/// Notes that the legs of the parent in hand that have not begun will never come.
pub(super) fn give_up_the_rest(conn: &mut PgConnection, parent: DossierId) -> QueryResult<usize> {
    let rest =
        dossier_legs::table.filter(dossier_legs::parent_id.eq(parent)).filter(dossier_legs::dossier_id.is_null());
    diesel::update(rest).set(dossier_legs::moot.eq(true)).execute(conn)
}

type Due<'a> = (&'a Leg, &'a LegRow, Option<DateTime<Utc>>);

/// Begins one leg. One that waited comes electronically, when the last that it waited for was granted: the clock of
/// the next opening counts. One that waited for none came in with the parent.
fn begin(
    conn: &mut PgConnection,
    act: &Act<'_>,
    parent: &Dossier,
    (leg, row, ready_at): Due<'_>,
) -> Result<(), AppError> {
    let accepted_at = ready_at.or(parent.accepted_at).unwrap_or(act.now);
    let channel = if leg.after.is_empty() { parent.channel } else { Channel::Online };
    let mut dossier = new_leg(conn, act, parent, (row, accepted_at, channel))?;
    deadline::start_leg(act, &mut dossier, leg.term)?;
    diesel::insert_into(dossiers::table).values(&dossier).execute(conn)?;
    relate(conn, dossier.id, &[(row.unit_id, UnitRelation::Resolves)])?;
    copy_words(conn, parent.id, dossier.id)?;
    // Its unit holds it from the start: there is no counter of its own.
    let first = process::first_inside(&steps::process_of(act, &dossier)?.steps);
    steps::enter(conn, act, &mut dossier, first)?;
    diesel::update(dossier_legs::table.find((row.parent_id, row.number)))
        .set((
            dossier_legs::dossier_id.eq(dossier.id),
            dossier_legs::ready_at.eq(ready_at),
            dossier_legs::started_at.eq(act.now),
            dossier_legs::acknowledge_by.eq(acknowledge_by(act)?),
            dossier_legs::moot.eq(false),
        ))
        .execute(conn)?;
    let mut change = Change::first(dossier, Verb::Receive);
    change.details = json!({ "parent": parent.code, "leg": leg.does, "due_at": change.dossier.due_at });
    change.record_alone(conn, act)?;
    Ok(())
}

/// Makes the dossier of a leg. The parent is open, so there is nothing of an end in it to be taken over. Its pin is
/// known to nobody: a leg by itself can't be looked up.
fn new_leg(
    conn: &mut PgConnection,
    act: &Act<'_>,
    parent: &Dossier,
    (row, accepted_at, channel): (&LegRow, DateTime<Utc>, Channel),
) -> Result<Dossier, AppError> {
    let catalogue = act.catalogue();
    let unit = catalogue.unit(row.unit_id).ok_or_else(|| AppError::internal("a unit went away"))?;
    let procedure = catalogue.procedure(row.procedure_version_id);
    let procedure = procedure.ok_or_else(|| AppError::internal("a procedure version went away"))?;
    let process = catalogue.process_of(procedure, unit.id, office_date(accepted_at));
    let process = process.ok_or_else(|| AppError::internal("a leg without a process"))?;
    Ok(Dossier {
        id: DossierId::new(),
        code: next_code(conn, unit, accepted_at)?.to_string(),
        version: 1,
        source: None,
        source_code: None,
        status: Status::Received,
        progress: Status::Received.progress(0, 1).unwrap_or(0),
        procedure_version_id: procedure.id,
        process_version_id: process,
        field_id: procedure.field_id,
        resolving_unit_id: unit.id,
        parent_id: Some(parent.id),
        leg: Some(row.number),
        channel,
        pin_hash: Pin::new().hash(&act.office.vault),
        registered_at: accepted_at,
        accepted_at: Some(accepted_at),
        answer_due_at: None,
        answered_at: None,
        created_by: act.by.principal(),
        ..parent.clone()
    })
}

/// Until when the unit of a leg that begins now acknowledges it, within working hours (NĐ 63/2024/NĐ-CP).
pub(super) fn acknowledge_by(act: &Act<'_>) -> Result<DateTime<Utc>, AppError> {
    let hours = TimeDelta::hours(act.office.config.dossiers.acknowledge_hours.into());
    let by = act.catalogue().calendar().add_working_time(office_time(act.now), hours);
    by.map(from_office_time).map_err(|err| deadline::refused(err.into()))
}

const COPY_WORDS: &str = "-- dossiers::legs::begin::copy_words
INSERT INTO dossier_words (word, dossier_id) SELECT word, $2 FROM dossier_words WHERE dossier_id = $1
ON CONFLICT DO NOTHING";

/// A leg is found by the names of the people of its parent.
pub(super) fn copy_words(conn: &mut PgConnection, parent: DossierId, leg: DossierId) -> QueryResult<usize> {
    diesel::sql_query(COPY_WORDS).bind::<SqlUuid, _>(parent).bind::<SqlUuid, _>(leg).execute(conn)
}

/// Reads the unit that takes a dossier: where the process has legs, it is the one whose leg leads.
pub(in crate::dossiers) fn read_lead<'a>(
    catalogue: &Catalogue,
    (procedure, received_at): (Option<&Procedure>, DateTime<Utc>),
    unit: Option<&'a Unit>,
    faults: &mut Faults,
) -> Option<&'a Unit> {
    let unit = unit?;
    let process = catalogue.process_of(procedure?, unit.id, office_date(received_at));
    let legs = process.and_then(|id| catalogue.process(id)).map(|process| &process.legs);
    let leads = legs.and_then(Legs::lead).is_none_or(|lead| match &lead.unit {
        LegUnit::Named(code) => *code == unit.code,
        LegUnit::OfKind(kind) => *kind == unit.kind,
    });
    let said = Said::new(
        "unit_does_not_lead",
        "Đơn vị này không chủ trì thủ tục liên thông đó",
        "This unit does not lead that group of procedures",
    );
    faults.read("/unit_code", said, leads.then_some(unit))
}
