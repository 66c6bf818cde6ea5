//! Biểu 06 as CSV.

use super::ByteOrderMark;
use super::report06::{COLUMNS, COUNTED_IN, FORM, Line, Report06, TITLE};

const MARK: &[u8] = "\u{feff}".as_bytes();

/// Writes the form: its head, the columns with their numbers, the total, the lines.
pub(super) fn write(report: &Report06, mark: ByteOrderMark) -> Result<Vec<u8>, csv::Error> {
    let start = match mark {
        ByteOrderMark::Written => MARK.to_vec(),
        ByteOrderMark::LeftOut => Vec::new(),
    };
    let mut writer = csv::WriterBuilder::new().flexible(true).terminator(csv::Terminator::CRLF).from_writer(start);
    let unit = format!("Đơn vị báo cáo: {}", report.unit_name);
    for line in [FORM, TITLE, &report.period_text, &unit, COUNTED_IN] {
        writer.write_record([line])?;
    }
    writer.write_record(COLUMNS)?;
    writer.write_record((1..=13).map(|number| format!("({number})")))?;
    for line in std::iter::once(&report.total).chain(&report.lines) {
        writer.write_record(cells(line))?;
    }
    for note in report.notes() {
        writer.write_record([note])?;
    }
    writer.flush()?;
    writer.into_inner().map_err(|err| err.into_error().into())
}

fn cells(line: &Line) -> Vec<String> {
    let number = line.number.map(|number| number.to_string());
    let mut cells = vec![number.unwrap_or_default(), plain(&line.name)];
    cells.extend(line.counts.iter().map(i64::to_string));
    cells
}

/// Spreadsheets take a text that begins so for a formula; a quote keeps it text.
pub(crate) fn plain(text: &str) -> String {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}
