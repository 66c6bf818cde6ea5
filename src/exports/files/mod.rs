//! Filled layouts as files. The same report is always the same bytes.

pub(crate) mod csv;
mod json;
mod pdf;
pub(in crate::exports) mod xlsx;

use super::filled::Filled;
use super::{ByteOrderMark, ReportFormat};
use crate::error::AppError;

pub use json::ReportOut;

/// Writes a report.
///
/// # Errors
/// Only faults of ours.
pub(super) fn write(report: &Filled, format: ReportFormat, mark: ByteOrderMark) -> Result<Vec<u8>, AppError> {
    match format {
        ReportFormat::Xlsx => xlsx::write(report).map_err(|err| AppError::Internal(err.into())),
        ReportFormat::Csv => csv::write(report, mark).map_err(|err| AppError::Internal(err.into())),
        ReportFormat::Json => {
            serde_json::to_vec(&ReportOut::from(report)).map_err(|err| AppError::Internal(err.into()))
        }
        ReportFormat::Pdf => pdf::write(report),
    }
}
