//! The lists inside a dossier, as they are shown.

use chrono::NaiveDate;
use serde::Serialize;

use crate::domain::dossier::PauseKind;
use crate::domain::procedure::PauseEffect;
use crate::dossiers::model::{Paper, PauseRow, Payment, Rescheduled, StepRow};
use crate::http::office_time::OfficeTime;
use crate::state::Act;

/// A paper.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[expect(missing_docs, reason = "the names are those of DESIGN §8")]
pub struct PaperView {
    pub position: i16,
    pub code: Option<String>,
    pub name: String,
    pub kind: String,
    pub quantity: i16,
    /// `handed_in`, `asked` or `supplied`.
    pub state: String,
}

impl From<Paper> for PaperView {
    fn from(paper: Paper) -> Self {
        Self {
            position: paper.position,
            code: paper.code,
            name: paper.name,
            kind: paper.kind.to_string(),
            quantity: paper.quantity,
            state: paper.state.to_string(),
        }
    }
}

/// An interval in which the clock stood.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[expect(missing_docs, reason = "the names are those of DESIGN §6")]
pub struct PauseView {
    #[schema(value_type = String)]
    pub kind: PauseKind,
    #[schema(value_type = String)]
    pub effect: PauseEffect,
    pub opened_at: OfficeTime,
    pub closed_at: Option<OfficeTime>,
    pub answer_by: Option<NaiveDate>,
    pub reason: String,
}

impl From<PauseRow> for PauseView {
    fn from(row: PauseRow) -> Self {
        Self {
            kind: row.kind,
            effect: row.effect,
            opened_at: OfficeTime(row.opened_at),
            closed_at: row.closed_at.map(OfficeTime),
            answer_by: row.answer_by,
            reason: row.reason,
        }
    }
}

/// Money owed.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[expect(missing_docs, reason = "the names are those of the verbs")]
pub struct PaymentView {
    pub notice_number: Option<String>,
    pub amount_vnd: Option<i64>,
    pub pay_by: Option<NaiveDate>,
    pub voucher: Option<String>,
    pub paid_at: Option<OfficeTime>,
}

impl From<Payment> for PaymentView {
    fn from(row: Payment) -> Self {
        Self {
            notice_number: row.notice_number,
            amount_vnd: row.amount_vnd,
            pay_by: row.pay_by,
            voucher: row.voucher,
            paid_at: row.paid_at.map(OfficeTime),
        }
    }
}

/// A hop inside the process: who held it, and for how many working minutes.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[expect(missing_docs, reason = "the names are those of the process")]
#[schema(as = DossierStep)]
pub struct StepView {
    pub number: i16,
    pub does: String,
    pub role: String,
    pub unit: Option<String>,
    pub holder: Option<String>,
    pub budget_minutes: Option<i64>,
    pub entered_at: OfficeTime,
    pub left_at: Option<OfficeTime>,
    pub working_minutes: Option<i64>,
    /// `advanced`, `sent_back`, `skipped`, `finished`, `ended` or `recalled`; `null` while it is open.
    pub outcome: Option<String>,
    pub note: Option<String>,
}

impl StepView {
    pub(super) fn of(act: &Act<'_>, row: StepRow) -> Self {
        Self {
            number: row.number,
            does: row.does,
            role: row.role,
            unit: act.catalogue().unit(row.unit_id).map(|unit| unit.code.clone()),
            holder: row.holder_name,
            budget_minutes: row.budget_minutes,
            entered_at: OfficeTime(row.entered_at),
            left_at: row.left_at.map(OfficeTime),
            working_minutes: row.working_minutes,
            outcome: row.outcome.map(|outcome| outcome.to_string()),
            note: row.note,
        }
    }
}

/// The one second promise, with its letter.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[expect(missing_docs, reason = "the names are those of the verbs")]
pub struct ReschedulingView {
    /// `extend` or `apologise`.
    pub kind: String,
    pub granted_at: OfficeTime,
    pub promised_on: NaiveDate,
    pub reason: String,
    pub letter: String,
}

impl From<Rescheduled> for ReschedulingView {
    fn from(row: Rescheduled) -> Self {
        Self {
            kind: row.kind.to_string(),
            granted_at: OfficeTime(row.granted_at),
            promised_on: row.promised_on,
            reason: row.reason,
            letter: row.letter,
        }
    }
}
