//! The row of an export.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::Serialize;
use uuid::Uuid;

use crate::domain::ids::{ExportId, UnitId};
use crate::domain::words::words;
use crate::schema::exports;

words! {
    /// How an export stands.
    pub enum ExportState {
        /// Nobody has begun.
        Waiting = "waiting",
        /// It is being made.
        Running = "running",
        /// It can be fetched.
        Done = "done",
        /// It could not be made.
        Failed = "failed",
        /// It is not wanted any more.
        Cancelled = "cancelled",
        /// Its time was over.
        Erased = "erased",
    }
}

/// An export as the table keeps it.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = exports, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the migration explains every column")]
pub struct Export {
    pub id: ExportId,
    pub layout: String,
    pub format: String,
    pub bom: bool,
    pub period_from: NaiveDate,
    pub period_to: NaiveDate,
    pub period_rule: String,
    pub period_name: Option<String>,
    pub unit_id: Option<UnitId>,
    pub asked_by: String,
    pub asked_by_name: String,
    pub asked_at: DateTime<Utc>,
    pub state: String,
    pub rows_expected: Option<i64>,
    pub rows_done: i64,
    pub after_at: Option<DateTime<Utc>>,
    pub after_id: Option<Uuid>,
    pub file_name: Option<String>,
    pub size_bytes: Option<i64>,
    pub failed_why: Option<String>,
    pub lost_leases: i16,
    pub lease: Option<Uuid>,
    pub leased_until: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    pub layout_written: Option<serde_json::Value>,
    pub slow_tries: i16,
    pub not_before: Option<DateTime<Utc>>,
}

/// What may be done about an export that could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Advice {
    /// In Vietnamese.
    vi: &'static str,
    /// In English.
    en: &'static str,
}

impl Advice {
    /// Returns it for the code of what went wrong.
    pub(super) fn on(failed_why: &str) -> Self {
        let (vi, en) = match failed_why {
            "took_too_long" => (
                "Đã thử nhiều lần, lần nào cũng lâu hơn mức cho phép; hãy chọn kỳ ngắn hơn hoặc một cơ quan",
                "It was tried a few times and took longer than it may each time; ask for a shorter period or one unit",
            ),
            "killed" => (
                "Tiến trình lập tệp nhiều lần dừng giữa chừng; hãy chọn kỳ ngắn hơn hoặc báo quản trị",
                "Processes died over it several times; ask for a shorter period, or tell the administrator",
            ),
            "disk_full" => (
                "Ổ đĩa đã đầy; hãy báo quản trị rồi yêu cầu lại",
                "The disk is full; tell the administrator, and ask again",
            ),
            "unit_has_no_counter" => (
                "Cơ quan này không có nơi tiếp nhận hồ sơ riêng; hãy yêu cầu cho nơi tiếp nhận hồ sơ của cơ quan này",
                "This unit has no counter of its own; ask for the unit that takes its dossiers in",
            ),
            "too_long_for_pdf" => {
                ("Quá dài để in thành PDF; hãy chọn xlsx hoặc csv", "It is too long for PDF; ask for xlsx or csv")
            }
            _ => (
                "Hãy yêu cầu lại; nếu vẫn lỗi thì báo quản trị mã này",
                "Ask again; if it fails once more, tell the administrator this code",
            ),
        };
        Self { vi, en }
    }
}
