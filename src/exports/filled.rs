//! Biểu 06 (II.06/VPCP/KSTT, TT 01/2020/TT-VPCP) at the unit that resolves: thirteen columns, a row a field.

use diesel::PgConnection;
use serde::Serialize;

use super::{ByteOrderMark, FileFormat, csv_file, xlsx_file};
use crate::domain::ids::UnitId;
use crate::domain::period::Period;
use crate::domain::tally::{Cells, Rate};
use crate::error::AppError;
use crate::state::Act;
use crate::statistics::{AskedPeriod, Grouping, PeriodOut, Row, tally};

/// The title of the form.
pub(super) const TITLE: &str = "TÌNH HÌNH, KẾT QUẢ GIẢI QUYẾT THỦ TỤC HÀNH CHÍNH";
/// The number of the form.
pub(super) const FORM: &str = "Biểu số II.06/VPCP/KSTT";
/// What is counted.
pub(super) const COUNTED_IN: &str = "Đơn vị tính: số hồ sơ TTHC";
/// The thirteen columns, each in one line.
pub(super) const COLUMNS: [&str; 13] = [
    "TT",
    "Lĩnh vực, công việc giải quyết theo cấp",
    "Tiếp nhận: tổng số",
    "Tiếp nhận trong kỳ: trực tuyến",
    "Tiếp nhận trong kỳ: trực tiếp, dịch vụ bưu chính",
    "Tiếp nhận: từ kỳ trước",
    "Đã giải quyết: tổng số",
    "Đã giải quyết: trước hạn",
    "Đã giải quyết: đúng hạn",
    "Đã giải quyết: quá hạn",
    "Đang giải quyết: tổng số",
    "Đang giải quyết: trong hạn",
    "Đang giải quyết: quá hạn",
];

/// The filled form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report06 {
    pub(super) period: Period,
    /// What people call the period, with both dates.
    pub(super) period_text: String,
    pub(super) unit_name: String,
    pub(super) total: Line,
    pub(super) lines: Vec<Line>,
    pub(super) cells: Cells,
    pub(super) on_time_rate: Rate,
    pub(super) early_rate: Rate,
    pub(super) statutory_rate: Rate,
}

/// One line of the form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Line {
    /// Column 1.
    pub(super) number: Option<usize>,
    /// The code of the field; `null` in the total.
    pub(super) code: Option<String>,
    /// Column 2.
    pub(super) name: String,
    /// Columns 3 to 13.
    pub(super) counts: [i64; 11],
}

impl Line {
    fn new(number: Option<usize>, row: &Row) -> Self {
        let cells = &row.cells;
        Self {
            number,
            code: number.map(|_| row.key.code.clone()),
            name: row.key.name.clone(),
            counts: [
                cells.received(),
                cells.received_online,
                cells.received_direct_postal,
                cells.carried_over,
                cells.resolved(),
                cells.early,
                cells.on_time,
                cells.late,
                cells.pending(),
                cells.pending_in_time,
                cells.pending_overdue,
            ],
        }
    }
}

impl Report06 {
    /// Fills the form for a unit and all below it, or for all.
    ///
    /// # Errors
    /// As `statistics::tally`: a form that does not add up is not issued.
    pub fn fill(
        conn: &mut PgConnection,
        act: &Act<'_>,
        asked: &AskedPeriod,
        unit: Option<UnitId>,
    ) -> Result<Self, AppError> {
        let table = tally(conn, act, &asked.period, unit, Grouping::Field)?;
        let unit = unit.and_then(|id| act.catalogue().unit(id));
        let numbered = (1..).zip(&table.rows);
        Ok(Self {
            period: asked.period,
            period_text: period_text(asked),
            unit_name: unit.map_or_else(|| "Toàn tỉnh".to_owned(), |unit| format!("{} ({})", unit.name, unit.code)),
            total: Line::new(None, &table.total),
            lines: numbered.map(|(number, row)| Line::new(Some(number), row)).collect(),
            cells: table.total.cells,
            on_time_rate: table.total.on_time_rate,
            early_rate: table.total.early_rate,
            statutory_rate: table.total.statutory_rate,
        })
    }

    /// Writes the form as a file.
    ///
    /// # Errors
    /// Only faults of ours.
    pub fn write(&self, format: FileFormat, mark: ByteOrderMark) -> Result<Vec<u8>, AppError> {
        match format {
            FileFormat::Xlsx => xlsx_file::write(self).map_err(|err| AppError::Internal(err.into())),
            FileFormat::Csv => csv_file::write(self, mark).map_err(|err| AppError::Internal(err.into())),
            FileFormat::Json => {
                let out = Report06Out::new(self, None);
                serde_json::to_vec(&out).map_err(|err| AppError::Internal(err.into()))
            }
        }
    }

    /// Returns the lines printed under the table.
    pub(super) fn notes(&self) -> [String; 2] {
        let Cells { withdrawn, stopped, refused, apologised, .. } = self.cells;
        let percent = |rate: &Rate| match &rate.text {
            Some(text) => format!("{} %", text.replace('.', ",")),
            None => "không phát sinh".to_owned(),
        };
        [
            format!(
                "Trong số đã giải quyết: công dân rút {withdrawn}, dừng xử lý {stopped}, từ chối giải quyết {refused}; \
                 đúng hạn nhờ gia hạn {apologised}."
            ),
            format!(
                "Tỷ lệ giải quyết trước hạn và đúng hạn: {} (cột 8 + cột 9 trên cột 7); tỷ lệ trước hạn: {}; \
                 trong thời hạn theo luật, không tính cam kết cắt giảm: {}.",
                percent(&self.on_time_rate),
                percent(&self.early_rate),
                percent(&self.statutory_rate)
            ),
        ]
    }
}

fn period_text(asked: &AskedPeriod) -> String {
    let written = |date: chrono::NaiveDate| date.format("%d/%m/%Y").to_string();
    let dates = format!("từ ngày {} đến ngày {}", written(asked.period.from()), written(asked.period.last_day()));
    match &asked.name {
        Some(name) => format!("Kỳ báo cáo: {name} ({dates})"),
        None => format!("Kỳ báo cáo: {dates}"),
    }
}

/// The filled form for programs.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Report06Out {
    form: &'static str,
    title: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    period: Option<PeriodOut>,
    period_text: String,
    unit: String,
    counted_in: &'static str,
    /// The thirteen columns; a line's `counts` are those from the third on.
    columns: [&'static str; 13],
    total: Line,
    lines: Vec<Line>,
    notes: [String; 2],
}

impl Report06Out {
    pub(super) fn new(report: &Report06, period: Option<PeriodOut>) -> Self {
        Self {
            form: FORM,
            title: TITLE,
            period,
            period_text: report.period_text.clone(),
            unit: report.unit_name.clone(),
            counted_in: COUNTED_IN,
            columns: COLUMNS,
            total: report.total.clone(),
            lines: report.lines.clone(),
            notes: report.notes(),
        }
    }
}
