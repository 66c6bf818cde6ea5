//! The result: signed, or taken back before it is handed over.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Deserialize;
use serde_json::json;

use super::accept::{self, Reason};
use super::access::is_ours;
use super::change::{Ask, Change, Recorded};
use super::hand_over::{self, HandOver};
use super::model::Dossier;
use super::{deadline, legs, steps};
use crate::domain::deadline::{Ended, Standing};
use crate::domain::dossier::{Outcome, ResultDelivery, Status, StepOutcome, Verb};
use crate::domain::dossier_kind::DossierKind;
use crate::domain::notice::{Facts, Purpose};
use crate::domain::period::office_date;
use crate::domain::process;
use crate::domain::role::{Role, Who};
use crate::error::{AppError, Said};
use crate::http::body::Faults;
use crate::notices;
use crate::state::Act;

/// The invitations to collect, of which one may be under way.
pub const INVITATIONS: [Purpose; 3] = [Purpose::ResultEarly, Purpose::ResultReady, Purpose::ResultRefused];

/// What the result is; only `result` must be said.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Finish {
    /// `granted` or `refused`.
    pub result: Option<String>,
    /// Why, when refused.
    pub reason: Option<String>,
    /// The number of the decision.
    pub number: Option<String>,
    /// Its date; today when left out.
    pub date: Option<NaiveDate>,
    /// Who signed, when records enter it.
    pub signer: Option<String>,
    /// Whether the result is made at the counter, so that it lies there already.
    pub at_counter: Option<bool>,
    /// Hands the result over in the same call; then nobody is invited to collect it.
    pub hand_over: Option<HandOver>,
}

/// What was decided.
pub(super) struct Decision {
    /// A grant or a refusal.
    pub outcome: Outcome,
    /// Why, when refused.
    pub reason: Option<String>,
    /// The number of the decision.
    pub number: Option<String>,
    /// Its date; today where none is said.
    pub on: Option<NaiveDate>,
    /// Who signed; who acts where nobody is named.
    pub signer: Option<String>,
}

impl Finish {
    fn read(&self, act: &Act<'_>) -> Result<Decision, AppError> {
        let mut faults = Faults::new();
        let word = faults.required("/result", self.result.as_deref());
        let outcome = word.and_then(|word| faults.word("/result", word));
        let reason = if outcome == Some(Outcome::Refused) {
            faults.text("/reason", 1000, self.reason.as_deref())
        } else {
            faults.optional_text("/reason", 1000, self.reason.as_deref())
        };
        let number = faults.optional_text("/number", 100, self.number.as_deref());
        let signer = if act.by.role == Role::Records && act.by.who != Who::System {
            faults.text("/signer", 200, self.signer.as_deref())
        } else {
            faults.optional_text("/signer", 200, self.signer.as_deref())
        };
        if self.date.is_some_and(|date| date > office_date(act.now)) {
            let said = Said::new("in_the_future", "Ngày ký ở tương lai", "The date lies in the future");
            faults.add("/date", said);
        }
        faults.finish(outcome.map(|outcome| Decision { outcome, reason, number, on: self.date, signer }))
    }
}

/// Books the signed result: the dossier is ready, early, on time or late.
pub fn finish(conn: &mut PgConnection, act: &Act<'_>, ask: &Ask, form: &Finish) -> Result<Dossier, AppError> {
    let result = form.read(act)?;
    let change = Change::begin(conn, act, ask, Verb::Finish)?;
    check_signs(act, &change.dossier)?;
    if change.kind == DossierKind::Leg && form.hand_over.is_some() {
        return Err(AppError::invalid("/hand_over", with_the_parent()));
    }
    book(conn, act, change, (form, result))
}

/// Books a result that was made while the citizen waited, in the call that took the dossier in.
///
/// # Errors
/// [`AppError::Invalid`] when something is missing.
pub(super) fn at_intake(
    conn: &mut PgConnection,
    act: &Act<'_>,
    dossier: Dossier,
    form: &Finish,
) -> Result<Dossier, AppError> {
    let result = form.read(act)?;
    let dossier = accept::hand_on(conn, act, Change::next(dossier, Verb::Transfer), None)?;
    book(conn, act, Change::next(dossier, Verb::Finish), (form, result))
}

fn book(
    conn: &mut PgConnection,
    act: &Act<'_>,
    mut change: Change,
    (form, decision): (&Finish, Decision),
) -> Result<Dossier, AppError> {
    let dossier = &mut change.dossier;
    let ended = decide(act, dossier, decision)?;
    if form.at_counter == Some(true) {
        dossier.at_counter_at = Some(act.now);
    }
    end_steps(conn, act, dossier)?;
    change.note = dossier.result_reason.clone();
    change.details = json!({ "result": dossier.result, "standing": ended.standing, "apologised": ended.apologised });
    let recorded = change.record(conn, act)?;
    match &form.hand_over {
        Some(to) => hand_over::returned(conn, act, Change::next(recorded.dossier, Verb::HandOver), to),
        None => {
            invite_when_ready(conn, act, &recorded)?;
            Ok(recorded.dossier)
        }
    }
}

/// Ends a dossier with its result, now.
///
/// # Errors
/// As [`deadline::standing_of_result`].
pub(super) fn decide(act: &Act<'_>, dossier: &mut Dossier, decision: Decision) -> Result<Ended, AppError> {
    let ended = deadline::standing_of_result(dossier, act.now)?;
    dossier.status = Status::Finished;
    dossier.finished_at = Some(act.now);
    dossier.ended_at = Some(act.now);
    dossier.standing = Some(ended.standing);
    dossier.apologised = ended.apologised;
    dossier.standing_statutory = deadline::statutory_standing_of_result(dossier, act.now)?;
    dossier.result = Some(decision.outcome);
    dossier.result_reason = decision.reason;
    dossier.result_number = decision.number;
    dossier.result_on = Some(decision.on.unwrap_or_else(|| office_date(act.now)));
    dossier.signer = Some(decision.signer.unwrap_or_else(|| act.by.name.clone()));
    Ok(ended)
}

/// Takes a result out of a dossier again.
pub(super) fn take_back(dossier: &mut Dossier) {
    dossier.status = Status::Processing;
    (dossier.finished_at, dossier.ended_at, dossier.at_counter_at) = (None, None, None);
    (dossier.standing, dossier.standing_statutory, dossier.apologised) = (None, None, false);
    dossier.result = None;
    (dossier.result_number, dossier.result_on, dossier.result_reason) = (None, None, None);
    (dossier.signer, dossier.shelf_place) = (None, None);
}

fn with_the_parent() -> Said {
    Said::new(
        "with_the_parent",
        "Kết quả của nhánh được trả cùng hồ sơ liên thông chung",
        "The result of a leg is handed over with the parent",
    )
}

/// Takes a wrong result back: what was not sent is cancelled, what was sent is corrected, and the clock ran on.
pub fn recall(conn: &mut PgConnection, act: &Act<'_>, ask: &Ask, form: &Reason) -> Result<Dossier, AppError> {
    let reason = form.read()?;
    let mut change = Change::begin(conn, act, ask, Verb::Recall)?;
    legs::check_recall(conn, act, &change.dossier)?;
    let sent = notices::cancel_unsent(conn, act, change.dossier.id, &INVITATIONS)?;
    steps::leave(conn, act, &change.dossier, StepOutcome::Recalled, Some(&reason))?;
    let dossier = &mut change.dossier;
    take_back(dossier);
    deadline::catch_up(act, dossier)?;
    let signing = signing_step(act, dossier)?;
    steps::enter(conn, act, dossier, signing)?;
    change.note = Some(reason.clone());
    let recorded = change.record(conn, act)?;
    if !sent.is_empty() {
        recorded.tell(conn, act, Purpose::ResultRecalled, Facts { reason: Some(reason), ..Facts::default() })?;
    }
    Ok(recorded.dossier)
}

/// Invites to collect, once there is something to collect: paper at the counter, or an electronic result. A
/// posted result is announced when it is posted.
pub(super) fn invite_when_ready(conn: &mut PgConnection, act: &Act<'_>, recorded: &Recorded) -> Result<(), AppError> {
    let dossier = &recorded.dossier;
    let ready = match dossier.result_delivery {
        ResultDelivery::Counter => dossier.at_counter_at.is_some(),
        ResultDelivery::Online => true,
        ResultDelivery::Postal => false,
    };
    if !ready {
        return Ok(());
    }
    let purpose = match (dossier.result, dossier.standing) {
        (Some(Outcome::Refused), _) => Purpose::ResultRefused,
        (_, Some(Standing::Early)) => Purpose::ResultEarly,
        _ => Purpose::ResultReady,
    };
    let counter = act.catalogue().unit(dossier.returning_unit_id).map(|unit| unit.name.clone());
    let facts = Facts {
        due: dossier.due_at.map(office_date),
        place: counter,
        counter: dossier.shelf_place.clone(),
        reason: dossier.result_reason.clone(),
        ..Facts::default()
    };
    recorded.tell(conn, act, purpose, facts)?;
    Ok(())
}

/// The step in which the result is signed: the last one of a leader or chair.
fn signing_step(act: &Act<'_>, dossier: &Dossier) -> Result<usize, AppError> {
    let process = steps::process_of(act, dossier)?;
    let signs = |role: &str| role == Role::Leader.as_str() || role == Role::Chair.as_str();
    let last = process.steps.iter().rposition(|step| signs(&step.role.0));
    Ok(last.unwrap_or_else(|| process::first_inside(&process.steps)))
}

/// Signs who leads or chairs the unit of the signing step. Who leads the resolving unit, or keeps its records, may
/// book what was decided above it.
fn check_signs(act: &Act<'_>, dossier: &Dossier) -> Result<(), AppError> {
    let process = steps::process_of(act, dossier)?;
    let step = process.steps.get(signing_step(act, dossier)?);
    let signing = step.map_or(dossier.resolving_unit_id, |step| steps::unit_of(act, dossier, step));
    if is_ours(act, signing) || is_ours(act, dossier.resolving_unit_id) {
        return Ok(());
    }
    let unit = act.catalogue().unit(signing).map_or("?", |unit| unit.name.as_str());
    Err(AppError::Forbidden(Said::new(
        "signed_elsewhere",
        format!("Kết quả của hồ sơ này do {unit} ký"),
        format!("The result of this dossier is signed at {unit}"),
    )))
}

/// Ends the step under way and enters the handing over, where the process has one.
fn end_steps(conn: &mut PgConnection, act: &Act<'_>, dossier: &mut Dossier) -> Result<(), AppError> {
    let signing = signing_step(act, dossier)?;
    let open = steps::current(conn, dossier)?;
    let at = open.map_or(0, |step| usize::try_from(step.step).unwrap_or(0));
    let outcome = if at >= signing { StepOutcome::Finished } else { StepOutcome::Skipped };
    steps::leave(conn, act, dossier, outcome, None)?;
    // What a leg results in is handed over with the parent.
    if dossier.parent_id.is_some() {
        return Ok(());
    }
    let process = steps::process_of(act, dossier)?;
    if process::after_result(&process.steps) < process.steps.len() {
        steps::enter(conn, act, dossier, process.steps.len() - 1)?;
    }
    Ok(())
}
