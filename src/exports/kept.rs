//! A filled report as it is kept with a seal: the layout as it was written, and what stood in its lines. Files made of it
//! later know neither the layouts nor the figures of their day.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::filled::{Caption, Filled, Level, Line, grouped, numbered};
use super::layouts::{Counts, Figures, Layout, Layouts, Rows, Written};
use super::{ByteOrderMark, ReportFormat, files};
use crate::config::ExportsConfig;
use crate::domain::ids::SealId;
use crate::domain::tally::Cells;
use crate::error::{AppError, Said};
use crate::state::Act;
use crate::statistics::frozen::FrozenTable;
use crate::statistics::{AskedPeriod, Grouping};

/// A report in a layout, as it was sealed.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct KeptReport {
    /// The code of the layout.
    code: String,
    /// What makes a row within a row, where there are two levels.
    #[schema(value_type = Option<String>)]
    pub inner: Option<Grouping>,
    /// The layout as it was written.
    layout: Written,
    /// What stood in its lines, but for the total.
    lines: Vec<KeptLine>,
}

/// A line of a sealed report.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct KeptLine {
    level: Level,
    number: Option<String>,
    code: Option<String>,
    name: String,
    #[schema(value_type = Object)]
    cells: Cells,
}

/// What a kept report is of.
#[derive(Debug, Clone)]
pub struct About {
    /// The period.
    pub period: AskedPeriod,
    /// The code and name of the unit; `None` for the province.
    pub unit: Option<(String, String)>,
    /// When all was counted.
    pub as_of: DateTime<Utc>,
    /// By which calendar due dates were counted.
    pub calendar_version: i32,
    /// The seal that it is kept with.
    pub seal: SealId,
}

/// A layout whose figures can be frozen, by what makes its rows.
#[derive(Debug, Clone)]
pub struct Keepable {
    layout: Arc<Layout>,
    /// What makes a row.
    pub outer: Grouping,
    /// What makes a row within a row.
    pub inner: Option<Grouping>,
}

impl Keepable {
    /// Finds a layout by its code.
    ///
    /// # Errors
    /// [`AppError::NotFound`] that lists those there are; [`AppError::Invalid`] for one that does not count dossiers by the
    /// cells that are frozen.
    pub fn find(act: &Act<'_>, code: &str) -> Result<Self, AppError> {
        let layout = Layouts::of(&act.office.config)?.find(code)?;
        match (layout.counts, layout.rows) {
            (Counts::Dossiers, Rows::Of(outer)) => Ok(Self { layout, outer, inner: None }),
            (Counts::Dossiers, Rows::In(outer, inner)) => Ok(Self { layout, outer, inner: Some(inner) }),
            _ => Err(AppError::invalid("/layout", not_keepable())),
        }
    }

    /// Returns its code.
    pub fn code(&self) -> &str {
        &self.layout.code
    }

    /// Fills it with what was frozen.
    pub fn fill(&self, table: &FrozenTable) -> KeptReport {
        let lines = match self.inner {
            Some(_) => grouped(&table.groups),
            None => numbered(&table.table.rows),
        };
        KeptReport {
            code: self.layout.code.clone(),
            inner: self.inner,
            layout: self.layout.written.clone(),
            lines: lines.into_iter().filter_map(KeptLine::of).collect(),
        }
    }
}

fn not_keepable() -> Said {
    Said::new(
        "layout_not_sealed",
        "Chỉ chốt được mẫu đếm hồ sơ giải quyết (06, 06a, 06b, 06c, progress, provincial …), không chốt sổ và bảng tiếp nhận",
        "Only layouts that count dossiers are sealed (06, 06a, 06b, 06c, progress, provincial …), no registers and no intake",
    )
}

impl KeptReport {
    /// Writes it as a file, with lines more below the table; returns the file and its name. The same report is always the
    /// same bytes.
    ///
    /// # Errors
    /// A PDF of more rows than the settings allow; else only faults of ours: it was readable when it was kept.
    pub fn file(
        self,
        about: About,
        (total, foot): (Cells, Vec<String>),
        (format, mark): (ReportFormat, ByteOrderMark),
        cfg: &ExportsConfig,
    ) -> Result<(Vec<u8>, String), AppError> {
        let layout = Layout::of_written(&self.code, self.layout).map_err(|err| AppError::Internal(err.into()))?;
        let counted = (about.as_of, about.calendar_version);
        let caption = Caption::new(Arc::new(layout), about.period, about.unit, counted);
        let lines = self.lines.into_iter().map(Line::from).collect();
        let report =
            Filled::of_lines(caption, Figures::Dossiers(total), lines).with_notes(foot).frozen_with(about.seal);
        let name = report.caption.file_name(format.as_str());
        Ok((files::write(&report, (format, mark), cfg)?, name))
    }
}

impl KeptLine {
    fn of(line: Line) -> Option<Self> {
        let Figures::Dossiers(cells) = line.figures else { return None };
        Some(Self { level: line.level, number: line.number, code: line.code, name: line.name, cells })
    }
}

impl From<KeptLine> for Line {
    fn from(line: KeptLine) -> Self {
        let figures = Figures::Dossiers(line.cells);
        Self { level: line.level, number: line.number, code: line.code, name: line.name, figures }
    }
}
