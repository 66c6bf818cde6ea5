//! Reports as files: biểu 06 as XLSX, CSV and JSON. All numbers come from `statistics::tally`, so a file never
//! says anything else than the API.

pub mod command;
pub(crate) mod csv_file;
mod report06;
pub mod routes;
mod xlsx_file;

use diesel::PgConnection;
use serde_json::json;

use crate::audit;
use crate::domain::audit::{Action, Subject};
use crate::domain::period::Period;
use crate::domain::words::words;
use crate::state::Act;

words! {
    /// How a report is written.
    pub enum FileFormat {
        /// A spreadsheet ready for print and signature.
        Xlsx = "xlsx",
        /// Text, in UTF-8.
        Csv = "csv",
        /// For programs.
        Json = "json",
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

/// Records that biểu 06 was handed out: of which unit, of which dates, as what.
fn note_export(
    conn: &mut PgConnection,
    act: &Act<'_>,
    unit: Option<&str>,
    period: &Period,
    format: FileFormat,
) -> diesel::QueryResult<()> {
    let details = json!({"unit": unit, "from": period.from(), "to": period.to(), "format": format});
    audit::note(conn, act, Action::ReportExported, Subject::Report("06"), details)
}
