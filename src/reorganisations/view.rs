//! Reorganisations as the API shows them.

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::Value;

use super::form::Plan;
use super::model::Reorganisation;
use crate::error::Said;
use crate::http::office_time::OfficeTime;

/// A reorganisation, and how far it is carried out.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ReorganisationView {
    /// Its code.
    code: String,
    /// The decision that it rests on.
    source: String,
    /// The first day of the new map, in Asia/Ho_Chi_Minh.
    on: NaiveDate,
    /// What becomes of which unit, as it was decided.
    #[schema(value_type = Object)]
    plan: Value,
    /// `decided`, `announced`, `refused`, `under_way` or `finished`.
    stage: &'static str,
    /// Why it can't be carried out.
    refused: Option<String>,
    decided_at: OfficeTime,
    /// The name of who confirmed it.
    decided_by: String,
    /// Since when units have ended and their dossiers follow.
    begun_at: Option<OfficeTime>,
    /// Dossiers gone through so far.
    done: i64,
    /// Of them open ones that changed hands.
    moved: i64,
    /// Since when all follow.
    finished_at: Option<OfficeTime>,
}

impl From<Reorganisation> for ReorganisationView {
    fn from(row: Reorganisation) -> Self {
        Self {
            stage: row.stage().as_str(),
            code: row.code,
            source: row.source,
            on: row.effective_on,
            plan: row.plan,
            refused: row.refused,
            decided_at: row.decided_at.into(),
            decided_by: row.decided_by_name,
            begun_at: row.begun_at.map(OfficeTime),
            done: row.done,
            moved: row.moved,
            finished_at: row.finished_at.map(OfficeTime),
        }
    }
}

/// All reorganisations, the latest day first.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ReorganisationList {
    pub(super) items: Vec<ReorganisationView>,
}

/// What should be looked at.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct PlanWarningView {
    /// What kind, for programs; never changes.
    code: &'static str,
    /// In Vietnamese.
    vi: String,
    /// In English.
    en: String,
}

impl From<Said> for PlanWarningView {
    fn from(said: Said) -> Self {
        Self { code: said.code, vi: said.vi, en: said.en }
    }
}

/// What a reorganisation would do.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct WouldReorganiseView {
    /// Units that end.
    ending: usize,
    /// Units that go on under another name or code.
    renamed: usize,
    /// Units that go on below another one, beside those below units that end.
    placed: usize,
    /// Open dossiers that units which end have in hand now.
    open_dossiers: i64,
    /// Dossiers that they ever had to do with: the units that follow will see them.
    dossiers: i64,
    /// Accounts that go elsewhere.
    staff: i64,
    /// What should be looked at first.
    warnings: Vec<PlanWarningView>,
}

/// How much a plan reaches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reach {
    /// Open dossiers that units which end have in hand.
    pub open_dossiers: i64,
    /// Dossiers that they ever had to do with.
    pub dossiers: i64,
    /// Their accounts.
    pub staff: i64,
}

impl WouldReorganiseView {
    pub(super) fn new(plan: Plan, reach: Reach) -> Self {
        let ending: std::collections::HashSet<_> = plan.moves.iter().map(|line| line.from).collect();
        Self {
            ending: ending.len(),
            renamed: plan.renames.len(),
            placed: plan.placings.len(),
            open_dossiers: reach.open_dossiers,
            dossiers: reach.dossiers,
            staff: reach.staff,
            warnings: plan.warnings.into_iter().map(PlanWarningView::from).collect(),
        }
    }
}
