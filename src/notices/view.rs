//! Notices as the API shows them.

use serde::Serialize;
use uuid::Uuid;

use super::deeds::history::DeedRow;
use super::evidence::{Proof, Words};
use super::queries::{AttemptRow, Counted, Listed, ReceiptRow, Row, Waiting};
use crate::domain::cost::Vnd;
use crate::domain::notice::{NoticeStatus, Wording};
use crate::domain::period::Period;
use crate::http::office_time::OfficeTime;

/// A notice; the address is masked.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct NoticeView {
    /// Its key.
    id: Uuid,
    /// The dossier's code.
    dossier: String,
    /// What for.
    purpose: &'static str,
    /// `sms` or `email`.
    channel: &'static str,
    /// `applicant` or `submitter`.
    recipient: &'static str,
    /// The number or address, masked.
    address: String,
    /// Where it stands.
    status: &'static str,
    /// Why it stands there, where it is not as it should be.
    reason: Option<String>,
    /// How the text travels.
    encoding: &'static str,
    /// In how many parts.
    segments: i16,
    /// How often it was tried.
    attempts: i16,
    /// The gateway that was spoken to last.
    gateway: Option<String>,
    /// The gateway's own number.
    gateway_ref: Option<String>,
    /// When it was written.
    created_at: OfficeTime,
    /// When the next try is due.
    next_try_at: Option<OfficeTime>,
    /// When it is of no use any more.
    expires_at: OfficeTime,
    /// When the gateway took it.
    sent_at: Option<OfficeTime>,
    /// When it was over.
    final_at: Option<OfficeTime>,
    /// How an operator saw to it that who should know knows: `told_by_phone` or `other_channel`.
    settled: Option<&'static str>,
    /// The notice in whose place it went out, on another channel.
    parent: Option<Uuid>,
}

/// Returns where a notice stands: one that a worker has claimed is on its way, which its row says only once it is over.
pub(super) fn status_of(row: &Row, waiting: Option<&Waiting>) -> NoticeStatus {
    match row.status {
        NoticeStatus::Queued if waiting.is_some_and(|at| at.lease_token.is_some()) => NoticeStatus::Sending,
        status => status,
    }
}

impl From<Listed> for NoticeView {
    fn from((row, dossier, waiting): Listed) -> Self {
        let is_claimed = waiting.as_ref().is_some_and(|at| at.lease_token.is_some());
        let status = status_of(&row, waiting.as_ref());
        Self {
            id: row.id.0,
            dossier,
            purpose: row.purpose.as_str(),
            channel: row.channel.as_str(),
            recipient: row.recipient.as_str(),
            address: row.address_masked,
            status: status.as_str(),
            reason: row.reason,
            encoding: row.encoding.as_str(),
            segments: row.segments,
            attempts: waiting.as_ref().map_or(row.attempts, |at| at.attempt),
            gateway: row.gateway,
            gateway_ref: row.gateway_ref,
            created_at: row.created_at.into(),
            next_try_at: waiting.filter(|_| !is_claimed).map(|at| at.run_at.into()),
            expires_at: row.expires_at.into(),
            sent_at: row.sent_at.map(OfficeTime),
            final_at: row.final_at.map(OfficeTime),
            settled: row.settled.map(|how| how.as_str()),
            parent: row.parent_id.map(|id| id.0),
        }
    }
}

/// A notice with all that proves it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Evidence {
    #[serde(flatten)]
    notice: NoticeView,
    /// What it says, word for word; of a one-time code nothing, and none once it is erased.
    wording: Option<WordingView>,
    /// The version of the template that it was made of.
    template_version: i32,
    /// Every attempt.
    tries: Vec<AttemptView>,
    /// Every delivery receipt.
    receipts: Vec<ReceiptView>,
    /// What operators did with it.
    deeds: Vec<DeedView>,
    /// What it costs by the tariff of the day on which a gateway took it, in VND; none where no tariff says it.
    #[schema(value_type = Option<String>)]
    cost_estimated_vnd: Option<Vnd>,
    /// What the gateway says that it charged, in VND.
    #[schema(value_type = Option<String>)]
    cost_billed_vnd: Option<Vnd>,
}

#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
struct WordingView {
    /// The subject, for mail.
    subject: Option<String>,
    /// The text.
    text: String,
    /// The HTML part, for mail.
    html: Option<String>,
    /// The values that a vendor got who keeps the template.
    params: std::collections::BTreeMap<String, String>,
}

#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
struct AttemptView {
    /// Which one, from 1.
    attempt: i16,
    /// Through which gateway.
    gateway: String,
    /// When it began.
    started_at: OfficeTime,
    /// When it ended.
    ended_at: Option<OfficeTime>,
    /// How it ended.
    outcome: &'static str,
    /// The gateway's code.
    code: Option<String>,
    /// The gateway's own number.
    gateway_ref: Option<String>,
}

#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
struct ReceiptView {
    /// The gateway's code.
    code: String,
    /// When it came.
    received_at: OfficeTime,
}

/// What an operator did with a notice.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
struct DeedView {
    /// `replay`, `replay_on`, `cancel` or `told_by_phone`.
    what: &'static str,
    /// When.
    done_at: OfficeTime,
    /// The account, key or part of the house.
    principal: String,
    /// The name of who did it.
    name: String,
    /// The name of who confirmed it, where that took two people.
    confirmed_by: Option<String>,
    /// Why; none once it is erased.
    reason: Option<String>,
    /// When the call was.
    told_at: Option<OfficeTime>,
    /// The notice on the other channel.
    child: Option<Uuid>,
}

impl From<DeedRow> for DeedView {
    fn from(row: DeedRow) -> Self {
        Self {
            what: row.what.as_str(),
            done_at: row.done_at.into(),
            principal: row.principal,
            name: row.actor_name,
            confirmed_by: row.confirmed_by_name,
            reason: row.reason,
            told_at: row.told_at.map(OfficeTime),
            child: row.child_id.map(|id| id.0),
        }
    }
}

impl From<Proof> for Evidence {
    fn from(proof: Proof) -> Self {
        let wording = match proof.words {
            Words::Said(wording) => Some(wording.into()),
            Words::Secret => Some(WordingView::from(Wording { text: "***".to_owned(), ..Wording::default() })),
            Words::Erased => None,
        };
        Self {
            notice: NoticeView::from(proof.listed),
            wording,
            template_version: proof.version,
            tries: proof.attempts.into_iter().map(AttemptView::from).collect(),
            receipts: proof.receipts.into_iter().map(ReceiptView::from).collect(),
            deeds: proof.deeds.into_iter().map(DeedView::from).collect(),
            cost_estimated_vnd: proof.paid.estimated,
            cost_billed_vnd: proof.paid.billed,
        }
    }
}

impl From<Wording> for WordingView {
    fn from(wording: Wording) -> Self {
        Self { subject: wording.subject, text: wording.text, html: wording.html, params: wording.params }
    }
}

impl From<AttemptRow> for AttemptView {
    fn from(row: AttemptRow) -> Self {
        Self {
            attempt: row.attempt,
            gateway: row.gateway,
            started_at: row.started_at.into(),
            ended_at: row.ended_at.map(OfficeTime),
            outcome: row.outcome.as_str(),
            code: row.code,
            gateway_ref: row.gateway_ref,
        }
    }
}

impl From<ReceiptRow> for ReceiptView {
    fn from(row: ReceiptRow) -> Self {
        Self { code: row.code, received_at: row.received_at.into() }
    }
}

/// How many notices of a period stand where.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = NoticeSummary)]
pub struct Summary {
    /// The first date.
    #[schema(value_type = String, format = Date)]
    from: chrono::NaiveDate,
    /// The first date after the period.
    #[schema(value_type = String, format = Date)]
    to: chrono::NaiveDate,
    /// All of them.
    total: i64,
    /// By purpose, channel and status.
    rows: Vec<SummaryRow>,
}

#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
struct SummaryRow {
    /// What for.
    purpose: &'static str,
    /// `sms` or `email`.
    channel: &'static str,
    /// Where they stand.
    status: &'static str,
    /// How many.
    count: i64,
    /// In how many parts.
    segments: i64,
}

impl Summary {
    pub(super) fn new(period: &Period, counted: Vec<Counted>) -> Self {
        Self {
            from: period.from(),
            to: period.to(),
            total: counted.iter().map(|(.., count, _)| count).sum(),
            rows: counted.into_iter().map(SummaryRow::from).collect(),
        }
    }
}

impl From<Counted> for SummaryRow {
    fn from((purpose, channel, status, count, segments): Counted) -> Self {
        Self {
            purpose: purpose.as_str(),
            channel: channel.as_str(),
            status: status.as_str(),
            count,
            segments: segments.unwrap_or(0),
        }
    }
}

/// Whether messages go out.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Paused {
    /// Whether they don't.
    paused: bool,
    /// Why.
    reason: Option<String>,
}

impl Paused {
    pub(super) fn new(reason: Option<String>) -> Self {
        Self { paused: reason.is_some(), reason }
    }
}
