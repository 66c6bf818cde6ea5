//! The rows of a dossier.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde_json::Value;

use crate::domain::deadline::Standing;
use crate::domain::dossier::{
    Outcome, PaperKind, PaperState, PauseKind, ReschedulingKind, ResultDelivery, Status, StepOutcome, Verb,
};
use crate::domain::ids::{DossierId, EventId, FieldId, PauseId, ProcedureVersionId, ProcessVersionId, StaffId, UnitId};
use crate::domain::procedure::{Channel, PauseEffect};
use crate::schema::{
    dossier_events, dossier_papers, dossier_pauses, dossier_payments, dossier_reschedulings, dossier_steps, dossiers,
};

/// A dossier as it stands. Times are UTC; the columns are explained in the migration.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, Identifiable, AsChangeset)]
#[diesel(table_name = dossiers, treat_none_as_null = true)]
#[expect(missing_docs, reason = "the migration explains every column")]
pub struct Dossier {
    pub id: DossierId,
    pub code: String,
    pub version: i64,
    pub source: Option<String>,
    pub source_code: Option<String>,
    pub status: Status,
    pub progress: i16,
    pub procedure_version_id: ProcedureVersionId,
    pub process_version_id: ProcessVersionId,
    pub field_id: FieldId,
    pub supporting_unit_id: Option<UnitId>,
    pub receiving_unit_id: UnitId,
    pub resolving_unit_id: UnitId,
    pub returning_unit_id: UnitId,
    pub place_code: Option<String>,
    pub parent_id: Option<DossierId>,
    pub leg: Option<i16>,
    pub mirrored: bool,
    pub channel: Channel,
    pub result_delivery: ResultDelivery,
    pub notify_sms: bool,
    pub notify_email: bool,
    pub notify_zalo: bool,
    pub pin_hash: Vec<u8>,
    pub registered_at: DateTime<Utc>,
    pub accepted_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
    pub at_counter_at: Option<DateTime<Utc>>,
    pub returned_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    pub due_first: Option<DateTime<Utc>>,
    pub due_unextended: Option<DateTime<Utc>>,
    pub due_at: Option<DateTime<Utc>>,
    pub due_statutory: Option<DateTime<Utc>>,
    pub provisional: bool,
    pub derivation: Option<Value>,
    pub standing: Option<Standing>,
    pub apologised: bool,
    pub result: Option<Outcome>,
    pub result_number: Option<String>,
    pub result_on: Option<NaiveDate>,
    pub result_reason: Option<String>,
    pub signer: Option<String>,
    pub shelf_place: Option<String>,
    pub created_by: String,
    pub answer_due_at: Option<DateTime<Utc>>,
    pub answered_at: Option<DateTime<Utc>>,
    pub collect_reminders: i16,
    pub standing_statutory: Option<Standing>,
}

/// One event of the history.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = dossier_events)]
pub(super) struct Event {
    pub id: EventId,
    pub dossier_id: DossierId,
    pub number: i32,
    pub verb: Verb,
    pub from_status: Option<Status>,
    pub to_status: Status,
    pub happened_at: DateTime<Utc>,
    pub recorded_at: DateTime<Utc>,
    pub actor: String,
    pub actor_name: String,
    pub unit_id: Option<UnitId>,
    pub note: Option<String>,
    pub details: Value,
    pub key_id: Option<i16>,
    pub sealed: Option<Vec<u8>>,
}

/// What the figures look at: a row of `dossier_states` lasts as long as it stays the same.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct InForce {
    pub status: Status,
    pub unit: UnitId,
    pub due_unextended: Option<DateTime<Utc>>,
    pub due_at: Option<DateTime<Utc>>,
}

impl InForce {
    /// What is in force of a dossier.
    pub(super) fn of(dossier: &Dossier) -> Self {
        Self {
            status: dossier.status,
            unit: dossier.resolving_unit_id,
            due_unextended: dossier.due_unextended,
            due_at: dossier.due_at,
        }
    }
}

/// What is in force of a dossier from now on.
#[derive(Debug, Clone)]
pub(super) struct State {
    pub dossier_id: DossierId,
    pub paused: bool,
    pub in_force: InForce,
}

/// An interval in which the clock stands.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = dossier_pauses)]
pub(super) struct PauseRow {
    pub id: PauseId,
    pub dossier_id: DossierId,
    pub kind: PauseKind,
    pub effect: PauseEffect,
    pub back_to: Status,
    pub opened_at: DateTime<Utc>,
    pub closed_at: Option<DateTime<Utc>>,
    pub answer_by: Option<NaiveDate>,
    pub reason: String,
    pub replaces_id: Option<PauseId>,
    pub reminded_at: Option<DateTime<Utc>>,
}

/// Money owed.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = dossier_payments)]
pub(super) struct Payment {
    pub id: uuid::Uuid,
    pub dossier_id: DossierId,
    pub pause_id: PauseId,
    pub notice_number: Option<String>,
    pub amount_vnd: Option<i64>,
    pub pay_by: Option<NaiveDate>,
    pub voucher: Option<String>,
    pub paid_at: Option<DateTime<Utc>>,
}

/// The one second promise.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = dossier_reschedulings)]
pub(super) struct Rescheduled {
    pub dossier_id: DossierId,
    pub kind: ReschedulingKind,
    pub granted_at: DateTime<Utc>,
    pub promised_on: NaiveDate,
    pub reason: String,
    pub letter: String,
}

/// Who holds a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The account.
    pub id: StaffId,
    /// Its name.
    pub name: String,
}

/// A step that begins.
#[derive(Debug, Clone)]
pub(super) struct EnteredStep<'a> {
    pub dossier_id: DossierId,
    pub step: i16,
    pub unit_id: UnitId,
    pub role: &'a str,
    pub does: &'a str,
    pub holder: Option<&'a Holder>,
    /// What it may use together with the steps that share its budget.
    pub budget_minutes: Option<i64>,
    /// The numbers of those steps: what was used of the budget before is no longer there.
    pub sharing: Vec<i16>,
    pub entered_at: DateTime<Utc>,
}

/// One hop inside the process.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = dossier_steps)]
pub(super) struct StepRow {
    pub id: uuid::Uuid,
    pub dossier_id: DossierId,
    pub number: i16,
    pub step: i16,
    pub unit_id: UnitId,
    pub role: String,
    pub does: String,
    pub holder_id: Option<StaffId>,
    pub holder_name: Option<String>,
    pub budget_minutes: Option<i64>,
    pub entered_at: DateTime<Utc>,
    pub left_at: Option<DateTime<Utc>>,
    pub working_minutes: Option<i64>,
    pub outcome: Option<StepOutcome>,
    pub note: Option<String>,
    pub choice: Option<String>,
}

/// A paper.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = dossier_papers)]
pub(super) struct Paper {
    pub dossier_id: DossierId,
    pub position: i16,
    pub code: Option<String>,
    pub name: String,
    pub kind: PaperKind,
    pub quantity: i16,
    pub state: PaperState,
    pub pause_id: Option<PauseId>,
    pub supplied_at: Option<DateTime<Utc>>,
}
