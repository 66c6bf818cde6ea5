//! The campaign as the API shows it.

use serde::Serialize;
use uuid::Uuid;

use super::cell::CampaignCounts;
use super::invited::Found;
use super::table::{Row, Table};
use crate::domain::cost::Vnd;
use crate::domain::tally::Rate;
use crate::error::AppError;
use crate::http::office_time::OfficeTime;
use crate::state::Act;
use crate::statistics::routes::{KeyOut, RateOut};
use crate::statistics::{AskedPeriod, FiguresHead, Topic, unit_key};

/// One row of the campaign.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CampaignRow {
    key: KeyOut,
    #[serde(flatten)]
    counts: CampaignCounts,
    /// Reached ÷ invited.
    reached_rate: RateOut,
    /// Came ÷ invited, those left out whose result was taken back.
    came_rate: RateOut,
    /// Came within one, three and five working days ÷ the same.
    came_within_1_rate: RateOut,
    came_within_3_rate: RateOut,
    came_within_5_rate: RateOut,
    /// Working days between invitation and hand-over: half of those who came waited no longer; `null` when nobody came.
    median_wait_days: Option<f64>,
    /// Working days from the result to the due date, of all together.
    saved_days: i64,
    /// Reminders that the result waits.
    reminders: i64,
    /// Parts of messages that left the house, reminders left out.
    segments: i64,
    /// What they cost, as the gateways said or, where they did not, as estimated; with two decimals.
    #[schema(value_type = String)]
    cost_vnd: Vnd,
}

impl From<Row> for CampaignRow {
    fn from(row: Row) -> Self {
        let counts = row.counts;
        let could_come = counts.invited - counts.taken_back;
        Self {
            key: row.key.into(),
            reached_rate: RateOut::new(Rate::new(counts.reached, counts.invited), "reached_rate"),
            came_rate: RateOut::new(Rate::new(counts.came, could_come), "came_rate"),
            came_within_1_rate: RateOut::new(Rate::new(counts.came_within_1, could_come), "came_within_1_rate"),
            came_within_3_rate: RateOut::new(Rate::new(counts.came_within_3, could_come), "came_within_3_rate"),
            came_within_5_rate: RateOut::new(Rate::new(counts.came_within_5, could_come), "came_within_5_rate"),
            counts,
            median_wait_days: row.median_wait_days,
            saved_days: row.saved_days,
            reminders: row.reminders,
            segments: row.segments,
            cost_vnd: row.cost,
        }
    }
}

/// The campaign of a period.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CampaignTable {
    #[serde(flatten)]
    head: FiguresHead,
    rows: Vec<CampaignRow>,
    total: CampaignRow,
}

impl CampaignTable {
    pub(super) fn new(act: &Act<'_>, asked: &AskedPeriod, table: Table) -> Self {
        Self {
            head: FiguresHead::new(act, asked, Topic::Campaign),
            rows: table.rows.into_iter().map(CampaignRow::from).collect(),
            total: table.total.into(),
        }
    }
}

/// A dossier of the campaign.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct InvitedDossier {
    id: Uuid,
    pub(super) code: String,
    pub(super) unit: KeyOut,
    pub(super) procedure_code: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub(super) invited_at: OfficeTime,
    /// The channels of the invitation, parted by spaces.
    pub(super) channels: String,
    /// `delivered`, `told_by_phone`, `handed_over`, `waiting`, `in_doubt`, `failed`, `given_up`, `expired` or `cancelled`.
    pub(super) fate: String,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) finished_at: Option<OfficeTime>,
    /// By which the result was early.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) due_at: Option<OfficeTime>,
    /// Working days from the result to the due date.
    pub(super) saved_days: Option<i32>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) returned_at: Option<OfficeTime>,
    /// Working days from the invitation to the hand-over.
    pub(super) wait_days: Option<i32>,
    pub(super) reminders: i64,
    pub(super) segments: i64,
    /// What the invitation cost; with two decimals.
    #[schema(value_type = String)]
    pub(super) cost_vnd: Vnd,
}

impl InvitedDossier {
    pub(super) fn new(act: &Act<'_>, found: Found) -> Result<Self, AppError> {
        let procedure = act.catalogue().procedure(found.procedure_version_id);
        Ok(Self {
            id: found.id,
            code: found.code,
            unit: unit_key(act.catalogue(), found.unit_id)?.into(),
            procedure_code: procedure.map(|procedure| procedure.code.clone()),
            invited_at: found.invited_at.into(),
            channels: found.channels,
            fate: found.fate,
            finished_at: found.finished_at.map(OfficeTime),
            due_at: found.due_at.map(OfficeTime),
            saved_days: found.saved_days,
            returned_at: found.returned_at.map(OfficeTime),
            wait_days: found.wait_days,
            reminders: found.reminders,
            segments: found.segments,
            cost_vnd: Vnd(found.cost),
        })
    }
}
