//! Reports for programs.

use serde::Serialize;

use crate::domain::tally::Rate;
use crate::exports::filled::{Filled, Level, Value};
use crate::exports::home::addresses;
use crate::exports::layouts::Shows;
use crate::http::office_time::OfficeTime;
use crate::statistics::PeriodOut;

/// A column of a report.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ColumnOut {
    /// Its headings from the outermost inwards.
    headings: Vec<String>,
    /// What it shows, as the layout writes it.
    shows: String,
    /// What it holds: `count`, `rate`, `label` (a number, name or code), or `open` for people to fill in.
    kind: &'static str,
    /// The cells of which its numbers are made: each leads to its dossiers by the address of a line. None where it shows none.
    cells: Vec<&'static str>,
}

/// An exact share; its column says of what.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ShareOut {
    numerator: i64,
    denominator: i64,
    /// Hundredths of a percent; `null` without a whole.
    basis_points: Option<u32>,
    /// The percentage with two decimals; `null` without a whole.
    text: Option<String>,
}

impl From<Rate> for ShareOut {
    fn from(rate: Rate) -> Self {
        let Rate { numerator, denominator, basis_points, text } = rate;
        Self { numerator, denominator, basis_points, text }
    }
}

/// A line of a report.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct LineOut {
    level: Level,
    /// Its number in the form; `null` in the total.
    number: Option<String>,
    /// The code of what it stands for; `null` in the total.
    code: Option<String>,
    name: String,
    /// What stands in the columns of the kind `count`, from the left.
    counts: Vec<i64>,
    /// What stands in the columns of the kind `rate`, from the left.
    rates: Vec<ShareOut>,
    /// Where its dossiers are listed, once the name of a cell is written behind it.
    dossiers: String,
}

/// A filled report.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ReportOut {
    layout: String,
    form: String,
    title: String,
    /// The text that prescribes the form.
    source: String,
    period: PeriodOut,
    period_text: String,
    /// The one instant at which all was counted.
    #[schema(value_type = String, format = DateTime)]
    as_of: OfficeTime,
    /// The number of the calendar in force.
    calendar_version: i32,
    unit: String,
    counted_in: String,
    columns: Vec<ColumnOut>,
    total: Option<LineOut>,
    lines: Vec<LineOut>,
    notes: Vec<String>,
    /// Where the names of figures are explained.
    definitions: String,
}

impl From<&Filled> for ReportOut {
    fn from(report: &Filled) -> Self {
        let (caption, layout) = (&report.caption, &report.caption.layout);
        let columns = layout.columns.iter().map(|column| ColumnOut {
            headings: column.path.clone(),
            shows: column.shows_text.clone(),
            kind: kind(&column.shows),
            cells: column.shows.cells(),
        });
        let mut lines = report.lines.iter().zip(addresses(report)).map(|(line, dossiers)| {
            let mut out = LineOut {
                level: line.level,
                number: line.number.clone(),
                code: line.code.clone(),
                name: line.name.clone(),
                counts: Vec::new(),
                rates: Vec::new(),
                dossiers,
            };
            for column in &layout.columns {
                match Filled::value(line, column) {
                    Value::Count(count) => out.counts.push(count),
                    Value::Rate(rate, _) => out.rates.push(rate.into()),
                    Value::Blank | Value::Text(_) => {}
                }
            }
            out
        });
        Self {
            layout: layout.code.clone(),
            form: layout.form.clone(),
            title: layout.title.clone(),
            source: layout.source.clone(),
            period: PeriodOut::from(&caption.period),
            period_text: caption.period_text(),
            as_of: caption.as_of.into(),
            calendar_version: caption.calendar_version,
            unit: caption.unit_name.clone(),
            counted_in: layout.counted_in.clone(),
            columns: columns.collect(),
            total: lines.next(),
            lines: lines.collect(),
            notes: report.notes(),
            definitions: layout.counts.topic().address(),
        }
    }
}

const fn kind(shows: &Shows) -> &'static str {
    match shows {
        Shows::RowNumber | Shows::Name | Shows::Code | Shows::Register(_) => "label",
        Shows::Open => "open",
        Shows::Count(_) => "count",
        Shows::Rate(..) => "rate",
    }
}
