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

/// Writes a count as people do: 108.000.
pub(super) fn printed(count: i64) -> String {
    let digits = count.unsigned_abs().to_string();
    let mut written = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            written.push('.');
        }
        written.push(digit);
    }
    if count < 0 { format!("-{written}") } else { written }
}

#[cfg(test)]
mod tests {
    use super::printed;

    #[test]
    fn thousands_are_parted_by_dots() {
        assert_eq!([0, 999, 1000, 108_000, 1_234_567].map(printed), ["0", "999", "1.000", "108.000", "1.234.567"]);
    }
}
