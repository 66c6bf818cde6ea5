//! Dead letters as the API shows them.

use serde::Serialize;

use super::dead::{Counted, Found};
use crate::http::office_time::OfficeTime;
use crate::notices::queries::Listed;
use crate::notices::view::NoticeView;

/// Dead letters: how many there are for each reason, and a page of them.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DeadPage {
    /// All that were found.
    total: i64,
    /// By reason, the largest first.
    reasons: Vec<DeadReasonView>,
    /// The newest first.
    items: Vec<DeadView>,
    /// Where the next page begins; `null` on the last.
    next_cursor: Option<String>,
}

/// Dead letters of one reason.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DeadReasonView {
    /// `given_up`, `expired`, `in_doubt`, `account`, `content`, `recipient`, `refused`, `receipt` or
    /// `no_gateway`.
    reason: String,
    /// How many.
    count: i64,
    /// When the oldest was written.
    #[schema(value_type = String, format = DateTime)]
    oldest_at: OfficeTime,
}

/// A dead letter.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DeadView {
    /// Why it is dead.
    dead_reason: String,
    #[serde(flatten)]
    notice: NoticeView,
}

impl DeadView {
    pub(super) fn new(found: Found, listed: Listed) -> Self {
        Self { dead_reason: found.why, notice: NoticeView::from(listed) }
    }
}

impl DeadPage {
    pub(super) fn new(counted: Vec<Counted>, items: Vec<DeadView>, next_cursor: Option<String>) -> Self {
        let total = counted.iter().map(|row| row.count).sum();
        let reasons = counted.into_iter().map(|row| DeadReasonView {
            reason: row.why,
            count: row.count,
            oldest_at: row.oldest_at.into(),
        });
        Self { total, reasons: reasons.collect(), items, next_cursor }
    }
}
