//! What the counter or the portal hands in, read against the catalogue: every fault told at once.

use chrono::{DateTime, FixedOffset, Utc};
use serde::{Deserialize, Serialize};

use super::immediate::Immediate;
use super::legs;
use super::named_units::{read_counter, read_place, read_resolving};
use super::originals::{self, Brought};
use super::papers::{PaperForm, PaperRead, read_papers};
use super::people::{Participant, PersonForm};
use crate::domain::catalogue::{Catalogue, Procedure, ProcedureState};
use crate::domain::dossier::ResultDelivery;
use crate::domain::ids::{FieldId, ProcedureVersionId, ProcessVersionId, UnitId};
use crate::domain::period::office_date;
use crate::domain::person::{Mandate, Part};
use crate::domain::procedure::{Amount, Channel, ChosenCase};
use crate::domain::role::{Deed, Who};
use crate::error::{AppError, Said};
use crate::http::body::Faults;
use crate::state::Act;

/// A dossier as it is handed in.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Intake {
    /// The procedure (TTHC), `1.001193` say.
    pub procedure_code: Option<String>,
    /// The unit that resolves; may be left out where only one does.
    pub unit_code: Option<String>,
    /// The counter that helped to file it, where that is another one (phi địa giới).
    pub supporting_unit_code: Option<String>,
    /// The counter that hands the result over; the receiving one when left out.
    pub returning_unit_code: Option<String>,
    /// `direct` (the default), `online` or `postal`.
    pub channel: Option<String>,
    /// Where the matter lies: a commune's code; decides the terms of hard areas.
    pub place_code: Option<String>,
    /// `accepted` (the default), `supplement` or `declined`.
    pub outcome: Option<String>,
    /// Why, when declined or incomplete.
    pub reason: Option<String>,
    /// The papers that are missing, when incomplete.
    pub missing: Option<Vec<PaperForm>>,
    /// Lawful other terms that apply from the start.
    pub cases: Option<Vec<CaseForm>>,
    /// Whom it is for.
    pub applicant: Option<PersonForm>,
    /// Who brings it, when somebody else.
    pub submitter: Option<PersonForm>,
    /// What is handed in.
    pub papers: Option<Vec<PaperForm>>,
    /// Positions (from 1) of the papers that are originals, taken for comparison and to be given back.
    pub give_back: Option<Vec<i16>>,
    /// `counter` (the default), `postal` or `online`.
    pub result_delivery: Option<String>,
    /// The channels on which messages are allowed.
    pub notify: Option<Notify>,
    /// The result, where it was made while the citizen waited: then the dossier is finished and handed over at once.
    pub immediate: Option<Immediate>,
    /// When it was received, for those with the right to import; else now.
    pub received_at: Option<DateTime<FixedOffset>>,
}

/// The channels on which messages are allowed.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Notify {
    /// SMS.
    pub sms: bool,
    /// E-mail.
    pub email: bool,
    /// Zalo.
    pub zalo: bool,
}

impl Default for Notify {
    fn default() -> Self {
        Self { sms: true, email: true, zalo: false }
    }
}

/// A case as a body brings it.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseForm {
    /// Its code in the procedure version.
    pub code: String,
    /// What it adds, where the version leaves that open.
    #[schema(value_type = Option<f64>)]
    pub amount: Option<Amount>,
}

/// What becomes of it at the counter.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// Complete: the clock starts.
    Accepted,
    /// Incomplete: these papers are missing.
    Supplement {
        /// What is missing.
        missing: Vec<PaperRead>,
        /// Why, in words.
        reason: String,
    },
    /// Refused.
    Declined {
        /// Why.
        reason: String,
    },
}

/// An intake, read.
pub struct Form {
    /// The procedure version in force.
    pub procedure: ProcedureVersionId,
    /// Its process.
    pub process: ProcessVersionId,
    /// Its field.
    pub field: FieldId,
    /// Who resolves.
    pub unit: UnitId,
    /// Where the unit's dossiers are received.
    pub receives_at: UnitId,
    /// Who helped to file it.
    pub supporting: Option<UnitId>,
    /// Who hands the result over, where that is not who receives.
    pub returning: Option<UnitId>,
    /// How it came.
    pub channel: Channel,
    /// Where the matter lies.
    pub place_code: Option<String>,
    /// What becomes of it.
    pub outcome: Outcome,
    /// Cases from the start.
    pub cases: Vec<ChosenCase>,
    /// The people.
    pub participants: Vec<Participant>,
    /// The papers.
    pub papers: Vec<PaperRead>,
    /// Those of them that are to be given back.
    pub originals: Vec<Brought>,
    /// How the result goes.
    pub result_delivery: ResultDelivery,
    /// The channels allowed.
    pub notify: Notify,
    /// When it was received.
    pub received_at: DateTime<Utc>,
}

impl Form {
    /// Reads an intake against the catalogue of now.
    ///
    /// # Errors
    /// [`AppError::Invalid`] with every fault; [`AppError::Forbidden`] for a `received_at` without the right to it.
    pub fn read(act: &Act<'_>, intake: &Intake) -> Result<Self, AppError> {
        let mut faults = Faults::new();
        let received_at = read_received_at(act, intake, &mut faults)?;
        let procedure = read_procedure(act.catalogue(), received_at, intake, &mut faults);
        let unit = read_resolving(act.catalogue(), (procedure, received_at), intake, &mut faults);
        let unit = legs::read_lead(act.catalogue(), (procedure, received_at), unit, &mut faults);
        let channel = word_or(&mut faults, "/channel", intake.channel.as_deref(), Channel::Direct);
        let delivery =
            word_or(&mut faults, "/result_delivery", intake.result_delivery.as_deref(), ResultDelivery::Counter);
        let supporting =
            read_counter(act, ("/supporting_unit_code", intake.supporting_unit_code.as_deref()), &mut faults);
        let returning = read_counter(act, ("/returning_unit_code", intake.returning_unit_code.as_deref()), &mut faults);
        let place_code = read_place(act.catalogue(), intake, &mut faults);
        let outcome = read_outcome(intake, &mut faults);
        let participants = read_people(intake, &mut faults);
        let papers = read_papers(&mut faults, "/papers", intake.papers.as_deref().unwrap_or_default());
        let marked = intake.give_back.as_deref().unwrap_or_default();
        let originals = papers.as_deref().map(|papers| originals::read_marked(&mut faults, marked, papers));
        let read = || {
            let procedure = procedure?;
            let unit = unit?;
            Some(Self {
                procedure: procedure.id,
                process: act.catalogue().process_of(procedure, unit.id, office_date(received_at))?,
                field: procedure.field_id,
                unit: unit.id,
                receives_at: unit.receives_at,
                supporting,
                returning,
                channel: channel?,
                place_code,
                outcome: outcome?,
                cases: chosen(intake.cases.as_deref().unwrap_or_default()),
                participants: participants?,
                papers: papers?,
                originals: originals?,
                result_delivery: delivery?,
                notify: intake.notify.unwrap_or_default(),
                received_at,
            })
        };
        let form = read();
        faults.finish(form)
    }
}

/// Reads cases.
pub fn chosen(cases: &[CaseForm]) -> Vec<ChosenCase> {
    cases.iter().map(|case| ChosenCase { code: case.code.clone(), amount: case.amount }).collect()
}

/// Reads a word, or takes the default when there is none.
pub fn word_or<T>(faults: &mut Faults, pointer: &str, word: Option<&str>, default: T) -> Option<T>
where
    T: std::str::FromStr<Err = crate::domain::words::UnknownWord>,
{
    match word {
        Some(word) => faults.word(pointer, word),
        None => Some(default),
    }
}

fn read_received_at(act: &Act<'_>, intake: &Intake, faults: &mut Faults) -> Result<DateTime<Utc>, AppError> {
    let Some(received_at) = intake.received_at else { return Ok(act.now) };
    if act.by.who != Who::System && !act.by.may(Deed::ImportDossiers) {
        return Err(AppError::Forbidden(Said::new(
            "may_not_set_received_at",
            "Chỉ người có quyền nhập dữ liệu cũ mới được ghi received_at",
            "Only those with the right to import may set received_at",
        )));
    }
    let received_at = received_at.to_utc();
    if received_at > act.now {
        faults.add(
            "/received_at",
            Said::new("in_the_future", "Thời điểm tiếp nhận ở tương lai", "The moment of receipt lies in the future"),
        );
    }
    Ok(received_at)
}

fn read_procedure<'a>(
    catalogue: &'a Catalogue,
    at: DateTime<Utc>,
    intake: &Intake,
    faults: &mut Faults,
) -> Option<&'a Procedure> {
    let code = faults.required("/procedure_code", intake.procedure_code.as_deref())?;
    let found = catalogue.procedure_on(code, office_date(at));
    let said = Said::new(
        "no_such_procedure",
        "Không có thủ tục này vào ngày tiếp nhận; xem /api/v1/procedures",
        "There is no such procedure on the day of receipt; see /api/v1/procedures",
    );
    let procedure = faults.read("/procedure_code", said, found)?;
    let received = procedure.state == ProcedureState::Published && procedure.terms.is_some();
    let said = Said::new(
        "procedure_is_draft",
        "Thủ tục này còn là dự thảo (chưa rõ thời hạn), chưa nhận hồ sơ được",
        "This procedure is still a draft (its term is not known), so it can't be received",
    );
    faults.read("/procedure_code", said, received.then_some(procedure))
}

fn read_outcome(intake: &Intake, faults: &mut Faults) -> Option<Outcome> {
    match intake.outcome.as_deref().unwrap_or("accepted") {
        "accepted" => Some(Outcome::Accepted),
        "declined" => faults.text("/reason", 1000, intake.reason.as_deref()).map(|reason| Outcome::Declined { reason }),
        "supplement" => {
            let reason = faults.text("/reason", 1000, intake.reason.as_deref());
            let listed = intake.missing.as_deref().filter(|missing| !missing.is_empty());
            let missing = faults.required("/missing", listed);
            let missing = missing.and_then(|missing| read_papers(faults, "/missing", missing));
            Some(Outcome::Supplement { missing: missing?, reason: reason? })
        }
        _ => {
            let allowed = "accepted, supplement, declined";
            let said = Said::new("unknown_word", format!("Chỉ nhận: {allowed}"), format!("Must be one of: {allowed}"));
            faults.read("/outcome", said, None)
        }
    }
}

fn read_people(intake: &Intake, faults: &mut Faults) -> Option<Vec<Participant>> {
    let applicant = faults.required("/applicant", intake.applicant.as_ref());
    let applicant = applicant.and_then(|form| form.read(faults, "/applicant"));
    let submitter = match &intake.submitter {
        None => None,
        Some(form) => {
            let mandate = word_or(faults, "/submitter/mandate", form.mandate.as_deref(), Mandate::Submit);
            let person = form.read(faults, "/submitter");
            Some(Participant { part: Part::Submitter, person: person?, mandate: Some(mandate?) })
        }
    };
    let applicant = Participant { part: Part::Applicant, person: applicant?, mandate: None };
    Some(std::iter::once(applicant).chain(submitter).collect())
}
