//! A layout filled with the figures of a period. Everything that a file or an answer prints is taken from here.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::PgConnection;

use super::home::Home;
use super::layouts::{Column, Figures, Layout, Piece, Rows, Shows, Text, Word, share};
use super::{messages, received_at};
use crate::domain::ids::{SealId, UnitId};
use crate::domain::period::{Period, office_date};
use crate::domain::tally::Rate;
use crate::error::AppError;
use crate::state::Act;
use crate::statistics::{
    AskedPeriod, Counting, Group, IntakeFigures, Map, Row, TableForm, check_period, count_intake, tabulate,
    tabulate_groups,
};

/// Which line of a table it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Of all.
    Total,
    /// Of a group of rows.
    Group,
    /// One row.
    Row,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Which it is.
    pub level: Level,
    /// Its number: roman for groups; the total has none.
    pub number: Option<String>,
    /// The code of what it stands for; the total has none.
    pub code: Option<String>,
    /// What it stands for.
    pub name: String,
    /// Its figures.
    pub figures: Figures,
}

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Nothing.
    Blank,
    /// A text.
    Text(String),
    /// A count.
    Count(i64),
    /// A share, with its decimals.
    Rate(Rate, u32),
}

/// What a report is asked for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// In which layout.
    pub layout: Arc<Layout>,
    /// Of which period.
    pub period: AskedPeriod,
    /// Of which unit and all below it; `None` for all.
    pub unit: Option<UnitId>,
}

/// What is known of a report before its figures: what stands above and around a table.
#[derive(Debug, Clone)]
pub struct Caption {
    /// The layout.
    pub layout: Arc<Layout>,
    /// The period.
    pub period: AskedPeriod,
    /// The name and code of the unit as they were then.
    pub unit_name: String,
    /// The code of the unit.
    pub unit_code: Option<String>,
    /// When all was counted.
    pub as_of: DateTime<Utc>,
    /// By which calendar due dates were counted.
    pub calendar_version: i32,
}

/// The filled layout.
#[derive(Debug, Clone)]
pub struct Filled {
    /// What stands around the table.
    pub caption: Caption,
    /// The total first, then the lines.
    pub lines: Vec<Line>,
    total: Figures,
    /// Lines under the table beside those of the layout.
    more: Vec<String>,
    /// Of when the dossiers are to which its lines lead.
    pub(super) home: Home,
}

impl Caption {
    /// Finds out what a report is called, and whether it can be asked for.
    ///
    /// # Errors
    /// As `statistics::check_period`.
    pub fn of(act: &Act<'_>, asked: &Asked) -> Result<Self, AppError> {
        check_period(act, &asked.period.period, (asked.unit, Map::Then))?;
        let named = named_then(act, asked.unit, &asked.period.period);
        let counted = (act.now, act.catalogue().calendar_version());
        Ok(Self::new(Arc::clone(&asked.layout), asked.period.clone(), named, counted))
    }

    /// Says what a report is called: in a layout, of a period and a unit by code and name, counted at a moment by a
    /// calendar.
    pub(super) fn new(
        layout: Arc<Layout>,
        period: AskedPeriod,
        unit: Option<(String, String)>,
        (as_of, calendar_version): (DateTime<Utc>, i32),
    ) -> Self {
        let unit_name = called(unit.as_ref());
        let unit_code = unit.map(|(code, _)| code);
        Self { layout, period, unit_name, unit_code, as_of, calendar_version }
    }

    /// Returns the period by its name, with both dates; of one that is under way also the day until which it was counted, as
    /// it must not look like a final one.
    #[must_use]
    pub fn period_text(&self) -> String {
        let written = |date: NaiveDate| date.format("%d/%m/%Y").to_string();
        let period = &self.period.period;
        let mut dates = format!("từ ngày {} đến ngày {}", written(period.from()), written(period.last_day()));
        if let Some(words) = under_way(period, self.as_of) {
            dates.push_str(&format!("; {words}"));
        }
        match &self.period.name {
            Some(name) => format!("Kỳ báo cáo: {name} ({dates})"),
            None => format!("Kỳ báo cáo: {dates}"),
        }
    }

    /// Returns the day on which its files say that they were made: that of the period's end, and while it is under way that
    /// until which it was counted, as nothing is made in time to come.
    #[must_use]
    pub fn made_on(&self) -> NaiveDate {
        self.period.period.to().min(office_date(self.as_of))
    }

    /// Writes a text, its figures by `figure`.
    pub(super) fn write(&self, text: &Text, figure: impl Fn(&Shows) -> String) -> String {
        let pieces = text.0.iter().map(|piece| match piece {
            Piece::Plain(plain) => plain.clone(),
            Piece::Word(Word::Form) => self.layout.form.clone(),
            Piece::Word(Word::Unit) => self.unit_name.clone(),
            Piece::Word(Word::Period) => self.period_text(),
            Piece::Word(Word::Dates) => self.period.dates_text(),
            Piece::Figure(shows) => figure(shows),
        });
        pieces.collect()
    }

    /// Names a file by form, unit and both dates; codes of units have nothing that a name must not have.
    #[must_use]
    pub fn file_name(&self, ending: &str) -> String {
        let period = &self.period.period;
        let unit = self.unit_code.as_deref().unwrap_or("toan-tinh");
        format!("{}_{unit}_{}_{}.{ending}", self.layout.file, period.from(), period.last_day())
    }
}

impl Filled {
    /// Fills a layout for a unit and all below it, or for all; with where its dossiers were
    /// taken in and the messages of the period, where it wants them.
    ///
    /// # Errors
    /// As `statistics::tabulate`: a report that does not add up is not issued. And what can't be asked for.
    pub fn fill(conn: &mut PgConnection, act: &Act<'_>, asked: &Asked) -> Result<Self, AppError> {
        let caption = Caption::of(act, asked)?;
        let form = |grouping| TableForm {
            counting: Counting::Dossiers,
            map: Map::Then,
            period: asked.period.period,
            within: asked.unit,
            grouping,
        };
        let (total, lines) = match asked.layout.rows {
            Rows::Of(grouping) => {
                let table = tabulate(conn, act, &form(grouping))?;
                (Figures::Dossiers(table.total.cells), numbered(&table.rows))
            }
            Rows::In(outer, inner) => {
                let (groups, total) = tabulate_groups(conn, act, &form(outer), inner)?;
                (Figures::Dossiers(total.cells), grouped(&groups))
            }
            Rows::Counters => {
                let IntakeFigures { rows, total } = count_intake(conn, act, &asked.period.period, asked.unit)?;
                let line = |(number, (key, counts)): (usize, (crate::statistics::Key, _))| {
                    line(Level::Row, number.to_string(), (key.code, key.name), Figures::Intake(counts))
                };
                (Figures::Intake(total), (1..).zip(rows).map(line).collect())
            }
            Rows::Dossiers => return Err(AppError::internal("a register has no figures")),
        };
        let mut more = Vec::new();
        if asked.layout.received_at {
            more.extend(received_at::lines(conn, act, (&asked.period.period, asked.unit))?);
        }
        if asked.layout.messages {
            more.extend(messages::lines(conn, act, (&asked.period.period, asked.unit))?);
        }
        Ok(Self::of_lines(caption, total, lines).with_notes(more))
    }

    /// Puts a total before its lines, under a caption.
    pub(super) fn of_lines(caption: Caption, total: Figures, lines: Vec<Line>) -> Self {
        let all =
            Line { level: Level::Total, number: None, code: None, name: "Tổng cộng".to_owned(), figures: total };
        Self { caption, lines: std::iter::once(all).chain(lines).collect(), total, more: Vec::new(), home: Home::Now }
    }

    /// Returns what stands in a line under a column.
    #[must_use]
    pub fn value(line: &Line, column: &Column) -> Value {
        let text = |text: Option<&String>| text.map_or(Value::Blank, |text| Value::Text(text.clone()));
        match &column.shows {
            Shows::RowNumber => text(line.number.as_ref()),
            Shows::Name => text(Some(&line.name)),
            Shows::Code => text(line.code.as_ref()),
            Shows::Open | Shows::Register(_) => Value::Blank,
            Shows::Count(sum) => Value::Count(sum.of(&line.figures)),
            Shows::Rate(part, whole) => Value::Rate(share(part, whole, &line.figures), column.decimals),
        }
    }

    /// Writes a text of the layout with the figures of the total.
    #[must_use]
    pub fn text(&self, text: &Text) -> String {
        self.caption.write(text, |shows| match shows {
            Shows::Count(sum) => sum.of(&self.total).to_string(),
            Shows::Rate(part, whole) => {
                share(part, whole, &self.total).printed(2).unwrap_or_else(|| "không phát sinh".to_owned())
            }
            _ => String::new(),
        })
    }

    /// Returns the lines printed under the table.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let of_layout = self.caption.layout.notes.iter().map(|note| self.text(note));
        of_layout.chain(self.more.iter().cloned()).collect()
    }

    /// Adds lines under the table.
    #[must_use]
    pub fn with_notes(self, more: Vec<String>) -> Self {
        Self { more, ..self }
    }

    /// Leads to the dossiers that were frozen with a seal.
    #[must_use]
    pub(super) fn frozen_with(self, seal: SealId) -> Self {
        Self { home: Home::Seal(seal), ..self }
    }
}

/// Returns code and name of a unit as they were at the end of a period, or are now in one that is under way.
pub(super) fn named_then(act: &Act<'_>, unit: Option<UnitId>, period: &Period) -> Option<(String, String)> {
    let unit = unit.and_then(|id| act.catalogue().unit(id))?;
    Some(act.catalogue().named_on(unit, office_date(act.now).min(period.last_day())))
}

/// Says of whom figures are, by code and name.
pub(super) fn called(unit: Option<&(String, String)>) -> String {
    unit.map_or_else(|| "Toàn tỉnh".to_owned(), |(code, name)| format!("{name} ({code})"))
}

/// Says until which day was counted in a period that was under way at that moment.
pub(super) fn under_way(period: &Period, as_of: DateTime<Utc>) -> Option<String> {
    let counted_on = office_date(as_of);
    let words = || format!("kỳ chưa kết thúc, số liệu tính đến ngày {}", counted_on.format("%d/%m/%Y"));
    (counted_on < period.to()).then(words)
}

fn line(level: Level, number: String, (code, name): (String, String), figures: Figures) -> Line {
    Line { level, number: Some(number), code: Some(code), name, figures }
}

fn of_row(level: Level, number: String, row: &Row) -> Line {
    line(level, number, (row.key.code.clone(), row.key.name.clone()), Figures::Dossiers(row.cells))
}

/// Numbers the rows of a table.
pub(super) fn numbered(rows: &[Row]) -> Vec<Line> {
    (1..).zip(rows).map(|(number, row): (usize, _)| of_row(Level::Row, number.to_string(), row)).collect()
}

/// Numbers groups, and the rows in each.
pub(super) fn grouped(groups: &[Group]) -> Vec<Line> {
    let mut lines = Vec::new();
    for (number, group) in (1..).zip(groups) {
        lines.push(of_row(Level::Group, roman(number), &group.row));
        lines.extend(numbered(&group.rows));
    }
    lines
}

/// Writes a number as groups of a form are numbered.
fn roman(mut number: usize) -> String {
    let signs = [(100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")];
    let mut written = String::new();
    for (worth, sign) in signs {
        while number >= worth {
            written.push_str(sign);
            number -= worth;
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::roman;

    #[test]
    fn groups_are_numbered_in_roman_numbers() {
        let written: Vec<_> = [1, 4, 9, 14, 49, 155].map(roman).to_vec();
        assert_eq!(written, ["I", "IV", "IX", "XIV", "XLIX", "CLV"]);
    }
}
