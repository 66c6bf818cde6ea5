//! Reports: the figures of a period in the layouts that are prescribed, as XLSX, CSV, JSON and PDF. All numbers come from
//! `statistics`, so a file never says anything else than the API.

pub mod charts;
pub mod command;
pub(crate) mod files;
mod filled;
mod home;
pub mod jobs;
pub mod kept;
pub mod layouts;
pub mod mailing;
mod messages;
mod received_at;
pub mod routes;
mod year;

use diesel::PgConnection;
use serde_json::json;

use crate::audit;
use crate::domain::audit::{Action, Subject};
use crate::domain::period::Period;
use crate::domain::words::words;
use crate::state::Act;

words! {
    /// How a report is written.
    pub enum ReportFormat {
        /// A spreadsheet ready for print and signature.
        Xlsx = "xlsx",
        /// Text, in UTF-8.
        Csv = "csv",
        /// For programs.
        Json = "json",
        /// To read and to print.
        Pdf = "pdf",
    }
}

impl ReportFormat {
    /// Returns what it is to a browser.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Json => "application/json",
            Self::Pdf => "application/pdf",
        }
    }
}

/// Whether a CSV file begins with the mark by which spreadsheets recognise UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByteOrderMark {
    /// It does.
    Written,
    /// It does not.
    LeftOut,
}

impl From<bool> for ByteOrderMark {
    fn from(is_written: bool) -> Self {
        match is_written {
            true => Self::Written,
            false => Self::LeftOut,
        }
    }
}

/// Records that a report was handed out: in which layout, of which unit, of which dates, as what.
fn note_export(
    conn: &mut PgConnection,
    act: &Act<'_>,
    (layout, unit): (&str, Option<&str>),
    period: &Period,
    format: ReportFormat,
) -> diesel::QueryResult<()> {
    audit::note(conn, act, Action::ReportExported, Subject::Report(layout), details(unit, period, format))
}

/// What the audit says of a report, whether it is asked for or handed out.
fn details(unit: Option<&str>, period: &Period, format: ReportFormat) -> serde_json::Value {
    json!({"unit": unit, "from": period.from(), "to": period.to(), "format": format})
}
