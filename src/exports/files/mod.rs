//! Filled layouts as files. The same report is always the same bytes.

pub(crate) mod csv;
mod json;
mod pdf;
pub(in crate::exports) mod xlsx;

use super::filled::Filled;
use super::{ByteOrderMark, ReportFormat};
use crate::config::ExportsConfig;
use crate::error::{AppError, Said};

pub use json::ReportOut;

/// Writes a report.
///
/// # Errors
/// A PDF of more rows than the settings allow; else only faults of ours.
pub(super) fn write(
    report: &Filled,
    (format, mark): (ReportFormat, ByteOrderMark),
    cfg: &ExportsConfig,
) -> Result<Vec<u8>, AppError> {
    match format {
        ReportFormat::Xlsx => xlsx::write(report).map_err(|err| AppError::Internal(err.into())),
        ReportFormat::Csv => csv::write(report, mark).map_err(|err| AppError::Internal(err.into())),
        ReportFormat::Json => {
            serde_json::to_vec(&ReportOut::from(report)).map_err(|err| AppError::Internal(err.into()))
        }
        ReportFormat::Pdf => {
            check_length(report.lines.len(), cfg.pdf_rows)?;
            pdf::write(report)
        }
    }
}

/// A PDF is made whole in memory, and nobody reads thousands of rows on paper.
fn check_length(rows: usize, most: u32) -> Result<(), AppError> {
    match rows <= usize::try_from(most).unwrap_or(usize::MAX) {
        true => Ok(()),
        false => Err(AppError::invalid(
            "?format",
            Said::new(
                "too_long_for_pdf",
                format!("Tệp pdf có nhiều nhất {most} dòng, báo cáo này có {rows}; hãy lấy xlsx hoặc csv"),
                format!("A pdf has {most} rows at most, and this report has {rows}; ask for xlsx or csv"),
            ),
        )),
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
