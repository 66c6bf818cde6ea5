//! A line of the suppression list as the API shows it.

use serde::Serialize;

use super::Row;
use crate::domain::ids::SuppressionId;
use crate::http::office_time::OfficeTime;

/// A number or address that gets no messages.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SuppressionOut {
    #[schema(value_type = String, format = Uuid)]
    id: SuppressionId,
    /// `0905***456`, `a***@example.vn`.
    address: String,
    /// `sms`, `email`, `zalo`; `null` for every channel.
    channel: Option<&'static str>,
    /// `wrong_person`, `asked` or `unreachable`.
    reason: &'static str,
    note: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    added_at: OfficeTime,
    added_by: String,
    /// Messages go there again from then on.
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<OfficeTime>,
    #[schema(value_type = Option<String>, format = DateTime)]
    lifted_at: Option<OfficeTime>,
    lifted_by: Option<String>,
}

impl From<Row> for SuppressionOut {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            address: row.address_masked,
            channel: row.channel.map(|channel| channel.as_str()),
            reason: row.reason.as_str(),
            note: row.note,
            added_at: row.added_at.into(),
            added_by: row.added_by_name,
            until: row.until.map(OfficeTime),
            lifted_at: row.lifted_at.map(OfficeTime),
            lifted_by: row.lifted_by_name,
        }
    }
}
