//! The row of an export.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
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
}
