//! How a dossier is shown to those who may see it.

mod parts;

pub use parts::{PaperView, PauseView, PaymentView, ReschedulingView, StepView};

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::access::Relations;
use super::change::no_such_dossier;
use super::deadline::{self, Derivation};
use super::identity::reads;
use super::legs::{self, LegView, ParentView};
use super::model::Dossier;
use super::originals::{self, OriginalView};
use super::people::PersonView;
use super::queries;
use crate::domain::code::DossierCode;
use crate::domain::deadline::{Left, Line, Standing};
use crate::domain::dossier::{Outcome, ResultDelivery, Status};
use crate::domain::ids::DossierId;
use crate::domain::person::{Part, ShownIn};
use crate::domain::procedure::Channel;
use crate::domain::role::Deed;
use crate::error::AppError;
use crate::http::office_time::OfficeTime;
use crate::schema::dossier_events;
use crate::state::Act;

/// A dossier without its people and papers: what verbs and lists answer.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[expect(missing_docs, reason = "the names are those of DESIGN §5 and the columns")]
pub struct Summary {
    pub id: Uuid,
    pub code: String,
    pub version: i64,
    #[schema(value_type = String)]
    pub status: Status,
    /// The national code 1–10; `null` when voided.
    pub status_code: Option<u8>,
    pub status_text: &'static str,
    pub progress: i16,
    pub procedure_code: Option<String>,
    pub procedure_name: Option<String>,
    pub receiving_unit: Option<String>,
    pub resolving_unit: Option<String>,
    pub returning_unit: Option<String>,
    /// Who helped to file it, where that is another counter.
    pub supporting_unit: Option<String>,
    pub place_code: Option<String>,
    /// Whether a ministry's own system resolves it; then it is here to be read.
    pub mirrored: bool,
    /// Which leg of another dossier it is, from 1; `null` for most.
    pub leg: Option<i16>,
    pub source: Option<String>,
    pub source_code: Option<String>,
    #[schema(value_type = String)]
    pub channel: Channel,
    #[schema(value_type = String)]
    pub result_delivery: ResultDelivery,
    pub registered_at: OfficeTime,
    /// Until when a registered dossier is to be accepted or answered; kept when it was.
    pub answer_due_at: Option<OfficeTime>,
    /// When it was first answered: accepted, not taken in, or asked for more papers.
    pub answered_at: Option<OfficeTime>,
    pub accepted_at: Option<OfficeTime>,
    /// The first due date, printed on the slip; never moves.
    pub due_first: Option<OfficeTime>,
    /// By term, case, pauses and calendar.
    pub due_unextended: Option<OfficeTime>,
    /// The same with an extension; `null` while the clock stands.
    pub due_at: Option<OfficeTime>,
    /// By the statutory term, where another one is pledged.
    pub due_statutory: Option<OfficeTime>,
    /// Whether a year up to the due date is not announced yet.
    pub provisional: bool,
    pub finished_at: Option<OfficeTime>,
    pub at_counter_at: Option<OfficeTime>,
    pub returned_at: Option<OfficeTime>,
    #[schema(value_type = Option<String>)]
    pub standing: Option<Standing>,
    /// By the statutory term, where another one is pledged.
    #[schema(value_type = Option<String>)]
    pub standing_statutory: Option<Standing>,
    pub apologised: bool,
    #[schema(value_type = Option<String>)]
    pub result: Option<Outcome>,
    pub result_number: Option<String>,
    pub result_on: Option<NaiveDate>,
    pub result_reason: Option<String>,
    pub signer: Option<String>,
    pub shelf_place: Option<String>,
    /// The pin of the public page, shown once: when the dossier is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lookup_pin: Option<String>,
    /// Originals that were taken to be given back: on the slip, and in the dossier whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub originals: Option<Vec<OriginalView>>,
}

impl Summary {
    /// Shows a dossier.
    pub fn of(act: &Act<'_>, dossier: &Dossier) -> Self {
        let unit = |id| act.catalogue().unit(id).map(|unit| unit.code.clone());
        let procedure = act.catalogue().procedure(dossier.procedure_version_id);
        let time = |at: Option<chrono::DateTime<chrono::Utc>>| at.map(OfficeTime);
        let dossier = dossier.clone();
        Self {
            id: dossier.id.0,
            code: dossier.code,
            version: dossier.version,
            status: dossier.status,
            status_code: dossier.status.national_code(),
            status_text: dossier.status.vi(),
            progress: dossier.progress,
            procedure_code: procedure.map(|procedure| procedure.code.clone()),
            procedure_name: procedure.map(|procedure| procedure.name.clone()),
            receiving_unit: unit(dossier.receiving_unit_id),
            resolving_unit: unit(dossier.resolving_unit_id),
            returning_unit: unit(dossier.returning_unit_id),
            supporting_unit: dossier.supporting_unit_id.and_then(unit),
            place_code: dossier.place_code,
            mirrored: dossier.mirrored,
            leg: dossier.leg,
            source: dossier.source,
            source_code: dossier.source_code,
            channel: dossier.channel,
            result_delivery: dossier.result_delivery,
            registered_at: OfficeTime(dossier.registered_at),
            answer_due_at: time(dossier.answer_due_at),
            answered_at: time(dossier.answered_at),
            accepted_at: time(dossier.accepted_at),
            due_first: time(dossier.due_first),
            due_unextended: time(dossier.due_unextended),
            due_at: time(dossier.due_at),
            due_statutory: time(dossier.due_statutory),
            provisional: dossier.provisional,
            finished_at: time(dossier.finished_at),
            at_counter_at: time(dossier.at_counter_at),
            returned_at: time(dossier.returned_at),
            standing: dossier.standing,
            standing_statutory: dossier.standing_statutory,
            apologised: dossier.apologised,
            result: dossier.result,
            result_number: dossier.result_number,
            result_on: dossier.result_on,
            result_reason: dossier.result_reason,
            signer: dossier.signer,
            shelf_place: dossier.shelf_place,
            lookup_pin: None,
            originals: None,
        }
    }
}

/// A dossier whole.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct DossierView {
    /// What lists show too.
    #[serde(flatten)]
    pub summary: Summary,
    /// Whom it is for.
    pub applicant: Option<PersonView>,
    /// Who brought it.
    pub submitter: Option<PersonView>,
    /// What was handed in, asked for and supplied.
    pub papers: Vec<PaperView>,
    /// When the clock stood.
    pub pauses: Vec<PauseView>,
    /// What is or was owed.
    pub payments: Vec<PaymentView>,
    /// Each hop inside the process.
    pub steps: Vec<StepView>,
    /// The one second promise.
    pub rescheduling: Option<ReschedulingView>,
    /// The time left while the clock stands.
    #[schema(value_type = Option<Object>)]
    pub left: Option<Left>,
    /// What several agencies do for it, each with its own clock; most dossiers have none.
    pub legs: Vec<LegView>,
    /// The dossier of which it is a leg.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<ParentView>,
}

/// Finds a dossier that who asks may know of.
///
/// # Errors
/// [`AppError::NotFound`], the same for one that is not there and one that may not be known.
pub fn visible(conn: &mut PgConnection, act: &Act<'_>, code: &DossierCode) -> Result<Dossier, AppError> {
    let dossier = queries::find(conn, code)?.ok_or_else(no_such_dossier)?;
    let seen = Relations::load(conn, dossier.id)?.are_seen_by(act);
    if seen { Ok(dossier) } else { Err(no_such_dossier()) }
}

/// Shows a dossier whole, and notes that its people were shown where they are shown in clear.
///
/// # Errors
/// As [`visible`].
pub fn show(conn: &mut PgConnection, act: &Act<'_>, code: &DossierCode) -> Result<DossierView, AppError> {
    let dossier = visible(conn, act, code)?;
    let (mut applicant, mut submitter) = (None, None);
    for participant in legs::people_of(conn, act, &dossier)? {
        let view = Some(PersonView::of(act, &participant));
        match participant.part {
            Part::Applicant => applicant = view,
            Part::Submitter => submitter = view,
        }
    }
    if act.by.may(Deed::ReadIdentity) {
        reads::note(conn, act, &[legs::shown_with(&dossier)], (ShownIn::Dossier, None))?;
    }
    let stands = dossier.derivation.is_some() && dossier.status.is_open() && dossier.due_at.is_none();
    Ok(DossierView {
        applicant,
        submitter,
        papers: queries::papers(conn, dossier.id)?.into_iter().map(PaperView::from).collect(),
        pauses: queries::pauses(conn, dossier.id)?.into_iter().map(PauseView::from).collect(),
        payments: queries::payments(conn, dossier.id)?.into_iter().map(PaymentView::from).collect(),
        steps: queries::steps(conn, dossier.id)?.into_iter().map(|row| StepView::of(act, row)).collect(),
        rescheduling: queries::rescheduling(conn, dossier.id)?.map(ReschedulingView::from),
        left: if stands { deadline::left(act, &dossier)? } else { None },
        legs: legs::legs_of(conn, act, &dossier)?,
        parent: legs::parent_of(conn, act, &dossier)?,
        summary: Summary { originals: Some(originals::shown(conn, act, dossier.id)?), ..Summary::of(act, &dossier) },
    })
}

/// One event as shown.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[expect(missing_docs, reason = "the names are those of the columns")]
pub struct EventView {
    pub number: i32,
    pub verb: String,
    pub from: Option<String>,
    pub to: String,
    pub happened_at: OfficeTime,
    pub recorded_at: OfficeTime,
    pub by: String,
    pub unit: Option<String>,
    pub note: Option<String>,
    #[schema(value_type = Object)]
    pub details: Value,
}

/// Shows the history of a dossier, oldest first.
///
/// # Errors
/// As [`visible`].
pub fn events(conn: &mut PgConnection, act: &Act<'_>, code: &DossierCode) -> Result<Vec<EventView>, AppError> {
    let dossier = visible(conn, act, code)?;
    events_of(conn, act, dossier.id)
}

/// Loads the history of a dossier that who acts may know of, oldest first.
pub(super) fn events_of(
    conn: &mut PgConnection,
    act: &Act<'_>,
    dossier: DossierId,
) -> Result<Vec<EventView>, AppError> {
    let rows: Vec<super::model::Event> = dossier_events::table
        .filter(dossier_events::dossier_id.eq(dossier))
        .order(dossier_events::number)
        .select(super::model::Event::as_select())
        .load(conn)?;
    let shown = rows.into_iter().map(|row| EventView {
        number: row.number,
        verb: row.verb.to_string(),
        from: row.from_status.map(|status| status.to_string()),
        to: row.to_status.to_string(),
        happened_at: OfficeTime(row.happened_at),
        recorded_at: OfficeTime(row.recorded_at),
        by: row.actor_name,
        unit: row.unit_id.and_then(|unit| act.catalogue().unit(unit)).map(|unit| unit.code.clone()),
        note: row.note,
        details: row.details,
    });
    Ok(shown.collect())
}

/// A due date with all that it came from.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct DeadlineView {
    /// The first due date; never moves.
    pub due_first: Option<OfficeTime>,
    /// By term, case, pauses and calendar.
    pub due_unextended: Option<OfficeTime>,
    /// The same with an extension; `null` while the clock stands.
    pub due_at: Option<OfficeTime>,
    /// By the statutory term.
    pub due_statutory: Option<OfficeTime>,
    /// Whether a year up to the due date is not announced yet.
    pub provisional: bool,
    /// Term, cases, cutoff, calendar, pauses, extension.
    #[schema(value_type = Object)]
    pub derivation: Derivation,
    /// The time left while the clock stands.
    #[schema(value_type = Option<Object>)]
    pub left: Option<Left>,
    /// What each day was; the last line is the due date.
    #[schema(value_type = Vec<Object>)]
    pub explanation: Vec<Line>,
}

/// Explains the due date of a dossier; `None` before it is accepted, and where another system counts it.
///
/// # Errors
/// As [`visible`].
pub fn explained(conn: &mut PgConnection, act: &Act<'_>, code: &DossierCode) -> Result<Option<DeadlineView>, AppError> {
    let dossier = visible(conn, act, code)?;
    if dossier.derivation.is_none() {
        return Ok(None);
    }
    let (derivation, answer) = deadline::explain(act, &dossier)?;
    let time = |at: Option<chrono::DateTime<chrono::Utc>>| at.map(OfficeTime);
    Ok(Some(DeadlineView {
        due_first: time(dossier.due_first),
        due_unextended: time(dossier.due_unextended),
        due_at: time(dossier.due_at),
        due_statutory: time(dossier.due_statutory),
        provisional: dossier.provisional,
        derivation,
        left: answer.left,
        explanation: answer.explanation,
    }))
}
