//! Intake: at the counter, from the post, or from the national portal's side.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use serde_json::json;

use super::access::{check_role, relate};
use super::change::{Change, Recorded};
use super::immediate::{self, Immediate};
use super::intake::{Form, Intake, Outcome};
use super::model::{Dossier, Paper};
use super::numbering::next_code;
use super::papers::PaperRead;
use super::view::Summary;
use super::{deadline, legs, originals, people, steps, supplement};
use crate::domain::dossier::{PaperState, Status, UnitRelation, Verb};
use crate::domain::ids::{DossierId, FieldId, UnitId};
use crate::domain::notice::{Facts, Purpose};
use crate::domain::period::{from_office_time, office_date, office_time};
use crate::domain::procedure::Channel;
use crate::domain::role::Who;
use crate::error::AppError;
use crate::platform::prepared::Prepare;
use crate::platform::secret::Pin;
use crate::schema::{dossier_papers, dossiers};
use crate::state::Act;

/// A dossier that was just taken in, with the pin that is printed on its slip and shown nowhere else.
pub struct Received {
    /// The dossier.
    pub dossier: Dossier,
    /// The pin.
    pub pin: Pin,
}

impl Received {
    /// Returns what the slip says: also the pin, and which originals the office holds.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn slip(&self, conn: &mut PgConnection, act: &Act<'_>, intake: &Intake) -> Result<Summary, AppError> {
        let mut summary = Summary::of(act, &self.dossier);
        summary.lookup_pin = Some(self.pin.printed());
        if intake.give_back.is_some() {
            summary.originals = Some(originals::shown(conn, act, self.dossier.id)?);
        }
        Ok(summary)
    }
}

/// Takes a dossier in at the counter or from the post: accepted, incomplete or refused, each with its code.
///
/// # Errors
/// [`AppError::Invalid`] with every fault; [`AppError::Forbidden`] for a role that does not receive.
pub fn receive(conn: &mut PgConnection, act: &Act<'_>, intake: &Intake) -> Result<Received, AppError> {
    check_role(act, Verb::Receive)?;
    let form = Form::read(act, intake)?;
    match form.outcome.clone() {
        Outcome::Accepted => accepted(conn, act, form, intake.immediate.as_ref()),
        Outcome::Declined { reason } => declined(conn, act, form, reason),
        Outcome::Supplement { missing, reason } => incomplete(conn, act, form, (missing, reason)),
    }
}

/// Registers a dossier that was filed online; a clerk accepts it later.
///
/// # Errors
/// As [`receive`].
pub fn submit(conn: &mut PgConnection, act: &Act<'_>, intake: &Intake) -> Result<Received, AppError> {
    check_role(act, Verb::Submit)?;
    let online = Intake { channel: Some(Channel::Online.to_string()), outcome: None, ..intake.clone() };
    let form = Form::read(act, &online)?;
    let (dossier, pin) = new_dossier(conn, act, &form, Status::Registered)?;
    let recorded = insert(conn, act, dossier, &form, Verb::Submit)?;
    recorded.tell(conn, act, Purpose::Registered, Facts::default())?;
    Ok(Received { dossier: recorded.dossier, pin })
}

fn accepted(
    conn: &mut PgConnection,
    act: &Act<'_>,
    mut form: Form,
    immediate: Option<&Immediate>,
) -> Result<Received, AppError> {
    let (mut dossier, pin) = new_dossier(conn, act, &form, Status::Received)?;
    dossier.accepted_at = Some(form.received_at);
    deadline::start(act, &mut dossier, std::mem::take(&mut form.cases))?;
    let recorded = insert(conn, act, dossier, &form, Verb::Receive)?;
    if let Some(result) = immediate {
        // Who has the result in hand needs no word that the request was received.
        return Ok(Received { dossier: immediate::complete(conn, act, recorded.dossier, result)?, pin });
    }
    legs::begin_all(conn, act, &recorded.dossier)?;
    let facts = Facts { due: recorded.dossier.due_at.map(office_date), ..Facts::default() };
    recorded.tell(conn, act, Purpose::Received, facts)?;
    Ok(Received { dossier: recorded.dossier, pin })
}

fn declined(conn: &mut PgConnection, act: &Act<'_>, form: Form, reason: String) -> Result<Received, AppError> {
    let (dossier, pin) = new_dossier(conn, act, &form, Status::Declined)?;
    let recorded = insert(conn, act, dossier, &form, Verb::Receive)?;
    recorded.tell(conn, act, Purpose::Declined, Facts { reason: Some(reason), ..Facts::default() })?;
    Ok(Received { dossier: recorded.dossier, pin })
}

fn incomplete(
    conn: &mut PgConnection,
    act: &Act<'_>,
    form: Form,
    asked: (Vec<PaperRead>, String),
) -> Result<Received, AppError> {
    let (dossier, pin) = new_dossier(conn, act, &form, Status::AwaitingSupplement)?;
    let recorded = insert(conn, act, dossier, &form, Verb::Receive)?;
    let facts = supplement::open_at_counter(conn, act, &recorded.dossier, asked)?;
    recorded.tell(conn, act, Purpose::Supplement, facts)?;
    Ok(Received { dossier: recorded.dossier, pin })
}

/// Makes a dossier of what was handed in, with the next code of its unit and day; nothing is written but the code.
pub(super) fn new_dossier(
    conn: &mut PgConnection,
    act: &Act<'_>,
    form: &Form,
    status: Status,
) -> Result<(Dossier, Pin), AppError> {
    let unit = act.catalogue().unit(form.unit).ok_or_else(|| AppError::internal("a unit went away"))?;
    let code = next_code(conn, unit, form.received_at)?;
    let pin = Pin::new();
    let receiving = receiving_unit(act, form);
    let dossier = Dossier {
        id: DossierId::new(),
        code: code.to_string(),
        version: 1,
        source: None,
        source_code: None,
        status,
        progress: status.progress(0, 1).unwrap_or(0),
        procedure_version_id: form.procedure,
        process_version_id: form.process,
        field_id: form.field,
        supporting_unit_id: form.supporting,
        receiving_unit_id: receiving,
        resolving_unit_id: form.unit,
        returning_unit_id: form.returning.unwrap_or(receiving),
        place_code: form.place_code.clone(),
        parent_id: None,
        leg: None,
        mirrored: false,
        channel: form.channel,
        result_delivery: form.result_delivery,
        notify_sms: form.notify.sms,
        notify_email: form.notify.email,
        notify_zalo: form.notify.zalo,
        pin_hash: pin.hash(&act.office.vault),
        registered_at: form.received_at,
        accepted_at: None,
        finished_at: None,
        at_counter_at: None,
        returned_at: None,
        ended_at: None,
        due_first: None,
        due_unextended: None,
        due_at: None,
        due_statutory: None,
        provisional: false,
        derivation: None,
        standing: None,
        apologised: false,
        result: None,
        result_number: None,
        result_on: None,
        result_reason: None,
        signer: None,
        shelf_place: None,
        created_by: act.by.principal(),
        answer_due_at: answer_due_at(act, form, status)?,
        answered_at: None,
        collect_reminders: 0,
        standing_statutory: None,
    };
    Ok((dossier, pin))
}

/// Until when a registered dossier is to be answered: 8 working hours from its filing, or from the next opening
/// (NĐ 45/2020 Đ11; NĐ 61/2018 Đ17.2).
fn answer_due_at(act: &Act<'_>, form: &Form, status: Status) -> Result<Option<DateTime<Utc>>, AppError> {
    if status != Status::Registered {
        return Ok(None);
    }
    let calendar = act.catalogue().calendar();
    let hours = TimeDelta::hours(act.office.config.dossiers.answer_hours.into());
    let due = calendar
        .next_opening(office_time(form.received_at))
        .and_then(|from| calendar.add_working_time(from, hours))
        .map_err(|err| deadline::refused(err.into()))?;
    Ok(Some(from_office_time(due)))
}

/// Who receives: the counter of whoever takes it in, else where the resolving unit's dossiers are received.
fn receiving_unit(act: &Act<'_>, form: &Form) -> UnitId {
    let by_a_counter = act.by.who != Who::System && act.by.role.may_use(Verb::Receive);
    if by_a_counter { act.by.unit } else { form.receives_at }
}

/// Writes a new dossier with all that belongs to it, and the first event of its history.
pub(super) fn insert(
    conn: &mut PgConnection,
    act: &Act<'_>,
    mut dossier: Dossier,
    form: &Form,
    verb: Verb,
) -> Result<Recorded, AppError> {
    let id = dossier.id;
    diesel::insert_into(dossiers::table).values(&dossier).execute(conn)?;
    people::write(conn, act, &dossier, &form.participants)?;
    write_papers(conn, id, &form.papers)?;
    if verb != Verb::Receive && !form.originals.is_empty() {
        return Err(originals::nobody_took_it());
    }
    originals::take(conn, act, &dossier, (&form.originals, form.received_at))?;
    let mut units = vec![(dossier.receiving_unit_id, UnitRelation::Received), (form.unit, UnitRelation::Resolves)];
    // Who helps a citizen to file, and who hands the result over, are counters too (phi địa giới, NĐ 118/2025 Đ14).
    let counters = dossier.supporting_unit_id.into_iter().chain([dossier.returning_unit_id]);
    units.extend(counters.map(|unit| (unit, UnitRelation::Received)));
    units.extend(heirs(act, dossier.field_id, &units));
    relate(conn, id, &units)?;
    if dossier.status == Status::Received && !dossier.mirrored {
        steps::enter(conn, act, &mut dossier, 0)?;
    }
    let mut change = Change::first(dossier, verb);
    change.note = match &form.outcome {
        Outcome::Accepted => None,
        Outcome::Declined { reason } | Outcome::Supplement { reason, .. } => Some(reason.clone()),
    };
    change.details = json!({ "channel": form.channel, "due_at": change.dossier.due_at });
    change.record(conn, act)
}

/// What is loaded with its own dates may name units that have ended since: those that follow are to it what those were.
fn heirs(act: &Act<'_>, field: FieldId, units: &[(UnitId, UnitRelation)]) -> Vec<(UnitId, UnitRelation)> {
    let heir = |unit| act.catalogue().successions().in_charge(unit, field, office_date(act.now));
    let ended = units.iter().map(|(unit, why)| (*unit, heir(*unit), *why)).filter(|(unit, heir, _)| unit != heir);
    ended.flat_map(|(_, heir, why)| [(heir, why), (heir, UnitRelation::Successor)]).collect()
}

fn write_papers(conn: &mut PgConnection, dossier: DossierId, papers: &[PaperRead]) -> QueryResult<()> {
    let rows: Vec<Paper> = papers
        .iter()
        .zip(1..)
        .map(|(paper, position)| Paper {
            dossier_id: dossier,
            position,
            code: paper.code.clone(),
            name: paper.name.clone(),
            kind: paper.kind,
            quantity: paper.quantity,
            state: PaperState::HandedIn,
            pause_id: None,
            supplied_at: None,
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    diesel::insert_into(dossier_papers::table).values(&rows).prepared().execute(conn)
}
