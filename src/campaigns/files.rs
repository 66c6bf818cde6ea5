//! The campaign as CSV and XLSX: the table, or the dossiers behind a figure.

use rust_xlsxwriter::{Format, Workbook, XlsxError};

use super::cell::CampaignCell;
use super::table::{Row, Table};
use super::view::InvitedDossier;
use crate::domain::cost::Vnd;
use crate::domain::words::words;
use crate::error::AppError;
use crate::exports::files::csv::plain;
use crate::exports::{ByteOrderMark, ReportFormat};

words! {
    /// How the campaign is answered.
    pub enum FileFormat {
        /// A spreadsheet.
        Xlsx = "xlsx",
        /// Text, in UTF-8.
        Csv = "csv",
        /// For programs.
        Json = "json",
    }
}

impl From<FileFormat> for ReportFormat {
    fn from(format: FileFormat) -> Self {
        match format {
            FileFormat::Xlsx => Self::Xlsx,
            FileFormat::Csv => Self::Csv,
            FileFormat::Json => Self::Json,
        }
    }
}

/// A cell of a file.
enum Value {
    Text(String),
    Number(f64),
    Nothing,
}

/// A table ready to be written.
pub(super) struct Sheet {
    title: String,
    headings: Vec<&'static str>,
    lines: Vec<Vec<Value>>,
}

impl Sheet {
    /// The figures, the total first.
    pub(super) fn of_table(title: String, table: &Table) -> Self {
        let mut headings = vec!["Mã", "Tên"];
        headings.extend(CampaignCell::ALL.iter().map(|cell| cell.vi()));
        headings.extend([
            "Số ngày chờ trung vị",
            "Ngày làm việc sớm hơn hạn",
            "Lần nhắc",
            "Số phần tin",
            "Chi phí (đồng)",
        ]);
        let lines = std::iter::once(&table.total).chain(&table.rows).map(line);
        Self { title, headings, lines: lines.collect() }
    }

    /// The dossiers behind a figure.
    pub(super) fn of_dossiers(title: String, dossiers: &[InvitedDossier]) -> Self {
        let headings = vec![
            "Mã hồ sơ",
            "Cơ quan",
            "Thủ tục",
            "Mời lúc",
            "Kênh",
            "Kết quả báo",
            "Xong lúc",
            "Hạn trả",
            "Sớm (ngày làm việc)",
            "Nhận lúc",
            "Chờ (ngày làm việc)",
            "Lần nhắc",
            "Số phần tin",
            "Chi phí (đồng)",
        ];
        Self { title, headings, lines: dossiers.iter().map(dossier).collect() }
    }

    /// Writes it.
    ///
    /// # Errors
    /// What the writer meets.
    pub(super) fn write(&self, format: FileFormat, mark: ByteOrderMark) -> Result<Vec<u8>, AppError> {
        match format {
            FileFormat::Xlsx => self.xlsx().map_err(|err| AppError::Internal(err.into())),
            FileFormat::Csv | FileFormat::Json => self.csv(mark).map_err(|err| AppError::Internal(err.into())),
        }
    }

    fn csv(&self, mark: ByteOrderMark) -> Result<Vec<u8>, csv::Error> {
        let start = match mark {
            ByteOrderMark::Written => "\u{feff}".as_bytes().to_vec(),
            ByteOrderMark::LeftOut => Vec::new(),
        };
        let mut writer = csv::WriterBuilder::new().flexible(true).terminator(csv::Terminator::CRLF).from_writer(start);
        writer.write_record([&self.title])?;
        writer.write_record(&self.headings)?;
        for line in &self.lines {
            writer.write_record(line.iter().map(|value| match value {
                Value::Text(text) => plain(text),
                Value::Number(number) => number.to_string(),
                Value::Nothing => String::new(),
            }))?;
        }
        writer.flush()?;
        writer.into_inner().map_err(|err| err.into_error().into())
    }

    fn xlsx(&self) -> Result<Vec<u8>, XlsxError> {
        let mut workbook = Workbook::new();
        let (bold, head) = (Format::new().set_bold(), Format::new().set_bold().set_text_wrap());
        let sheet = workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name("Kết quả sớm")?;
        sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
        sheet.set_freeze_panes(2, 1)?;
        sheet.write_string_with_format(0, 0, &self.title, &bold)?;
        for (column, heading) in (0_u16..).zip(&self.headings) {
            sheet.write_string_with_format(1, column, *heading, &head)?;
        }
        for (row, line) in (2_u32..).zip(&self.lines) {
            for (column, value) in (0_u16..).zip(line) {
                match value {
                    Value::Text(text) => drop(sheet.write_string(row, column, text)?),
                    Value::Number(number) => drop(sheet.write_number(row, column, *number)?),
                    Value::Nothing => {}
                }
            }
        }
        workbook.save_to_buffer()
    }
}

fn line(row: &Row) -> Vec<Value> {
    let mut line = vec![text(&row.key.code), text(&row.key.name)];
    line.extend(CampaignCell::ALL.iter().map(|cell| number(row.counts.of(*cell))));
    line.push(row.median_wait_days.map_or(Value::Nothing, Value::Number));
    line.extend([row.saved_days, row.reminders, row.segments].map(number));
    line.push(amount(row.cost));
    line
}

fn dossier(one: &InvitedDossier) -> Vec<Value> {
    let moment =
        |at: Option<crate::http::office_time::OfficeTime>| at.map_or(Value::Nothing, |at| text(&at.to_string()));
    let days = |days: Option<i32>| days.map_or(Value::Nothing, |days| Value::Number(days.into()));
    vec![
        text(&one.code),
        text(&one.unit.name),
        one.procedure_code.as_deref().map_or(Value::Nothing, text),
        moment(Some(one.invited_at)),
        text(&one.channels),
        text(fate(&one.fate)),
        moment(one.finished_at),
        moment(one.due_at),
        days(one.saved_days),
        moment(one.returned_at),
        days(one.wait_days),
        number(one.reminders),
        number(one.segments),
        amount(one.cost_vnd),
    ]
}

/// An amount has few digits enough for a cell's number.
fn amount(vnd: Vnd) -> Value {
    vnd.to_string().parse().map_or(Value::Nothing, Value::Number)
}

/// What became of the invitation, by the name of its figure.
fn fate(word: &str) -> &str {
    word.parse().map(CampaignCell::vi).unwrap_or(word)
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// A count that no sheet can hold is none that a province has.
fn number(count: i64) -> Value {
    Value::Number(i32::try_from(count).map_or(f64::NAN, f64::from))
}
