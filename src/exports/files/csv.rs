//! Reports as CSV.

use crate::exports::ByteOrderMark;
use crate::exports::filled::{Filled, Value};

const MARK: &[u8] = "\u{feff}".as_bytes();

/// Writes a report: its head, the columns with their numbers, the total, the lines.
pub(super) fn write(report: &Filled, mark: ByteOrderMark) -> Result<Vec<u8>, csv::Error> {
    let (caption, layout) = (&report.caption, &report.caption.layout);
    let mut writer = writer(mark);
    let unit = format!("Đơn vị báo cáo: {}", caption.unit_name);
    for line in [&layout.form, &layout.title, &caption.period_text(), &unit, &layout.counted_in] {
        writer.write_record([plain(line)])?;
    }
    writer.write_record(layout.columns.iter().map(|column| plain(&column.heading())))?;
    writer.write_record((1..=layout.columns.len()).map(|number| format!("({number})")))?;
    for line in &report.lines {
        writer.write_record(layout.columns.iter().map(|column| text(Filled::value(line, column))))?;
    }
    for note in report.notes() {
        writer.write_record([plain(&note)])?;
    }
    writer.flush()?;
    writer.into_inner().map_err(|err| err.into_error().into())
}

/// Returns a writer of lines as spreadsheets read them.
pub(in crate::exports) fn writer(mark: ByteOrderMark) -> csv::Writer<Vec<u8>> {
    let start = match mark {
        ByteOrderMark::Written => MARK.to_vec(),
        ByteOrderMark::LeftOut => Vec::new(),
    };
    csv::WriterBuilder::new().flexible(true).terminator(csv::Terminator::CRLF).from_writer(start)
}

fn text(value: Value) -> String {
    match value {
        Value::Blank => String::new(),
        Value::Text(text) => plain(&text),
        Value::Count(count) => count.to_string(),
        Value::Rate(rate, decimals) => rate.printed(decimals).unwrap_or_default(),
    }
}

/// Spreadsheets take a text that begins so for a formula, some of them the wide signs too; a quote keeps it text.
pub(crate) fn plain(text: &str) -> String {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}
