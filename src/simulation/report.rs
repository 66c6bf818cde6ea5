//! The table of the yearly report, as the centre prints it: computed from what happened, never from a target.

use std::fmt;

use super::queries::sms_by_purpose;
use super::{SimulationError, actor};
use crate::domain::catalogue::UnitKind;
use crate::domain::ids::UnitId;
use crate::domain::notice::Purpose;
use crate::domain::period::Period;
use crate::domain::role::Role;
use crate::domain::tally::Rate;
use crate::state::AppState;
use crate::statistics::{Grouping, Row, Table, tally};

/// SMS written in a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Messages {
    /// Invitations to collect early.
    pub early: i64,
    /// All others.
    pub other: i64,
}

/// A year in figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YearReport {
    /// The year of the calendar.
    pub period: Period,
    /// A row an agency.
    pub agencies: Table,
    /// A row a kind of agencies.
    pub kinds: Table,
    /// The SMS.
    pub sms: Messages,
}

/// Reports on a year of the calendar.
///
/// # Errors
/// As `statistics::tally`.
pub fn of_year(state: &AppState, year: i32) -> Result<YearReport, SimulationError> {
    let period = Period::calendar_year(year)?;
    let by = actor(Role::Controller, UnitId(uuid::Uuid::nil()));
    let report = state.act_here(&by, state.clock.now(), |conn, act| {
        let counted = sms_by_purpose(conn, period.bounds())?;
        let sum = |early: bool| {
            let of = counted.iter().filter(|(purpose, _)| (*purpose == Purpose::ResultEarly) == early);
            of.map(|(_, count)| count).sum()
        };
        Ok(YearReport {
            period,
            agencies: tally(conn, act, &period, None, Grouping::Unit)?,
            kinds: tally(conn, act, &period, None, Grouping::Kind)?,
            sms: Messages { early: sum(true), other: sum(false) },
        })
    })?;
    Ok(report)
}

impl YearReport {
    /// Returns the row of a kind of agencies.
    pub fn kind(&self, kind: UnitKind) -> Option<&Row> {
        self.kinds.rows.iter().find(|row| row.key.code == kind.as_str())
    }
}

impl fmt::Display for YearReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "KẾT QUẢ TIẾP NHẬN, GIẢI QUYẾT HỒ SƠ từ {} đến {}\n",
            self.period.from().format("%d/%m/%Y"),
            self.period.last_day().format("%d/%m/%Y"),
        )?;
        let heads = ["tiếp nhận", "đã giải quyết", "trước hạn", "đúng hạn", "quá hạn", "đang xử lý", "% đúng hạn"];
        write!(f, "{:<48}", "Cơ quan")?;
        heads.iter().try_for_each(|head| write!(f, "{head:>14}"))?;
        writeln!(f)?;
        self.agencies.rows.iter().try_for_each(|row| line(f, row))?;
        line(f, &self.agencies.total)?;
        writeln!(f)?;
        for kind in [UnitKind::Department, UnitKind::LandOffice, UnitKind::Vertical] {
            if let Some(row) = self.kind(kind) {
                writeln!(
                    f,
                    "{:<48}{:>10} % đúng hạn {:>10} % trước hạn",
                    row.key.name,
                    text(&row.on_time_rate),
                    text(&row.early_rate)
                )?;
            }
        }
        writeln!(f, "{:<48}{:>10} % trước hạn", "Toàn bộ", text(&self.agencies.total.early_rate))?;
        writeln!(f, "{:<48}{:>10} tin", "SMS mời nhận kết quả sớm", self.sms.early)?;
        write!(f, "{:<48}{:>10} tin", "SMS khác", self.sms.other)
    }
}

fn line(f: &mut fmt::Formatter<'_>, row: &Row) -> fmt::Result {
    let cells = &row.cells;
    let name: String = row.key.name.chars().take(46).collect();
    write!(f, "{name:<48}")?;
    let received = cells.received_online + cells.received_direct_postal;
    let counts = [received, cells.resolved(), cells.early, cells.on_time, cells.late, cells.pending()];
    counts.iter().try_for_each(|count| write!(f, "{count:>14}"))?;
    writeln!(f, "{:>14}", text(&row.on_time_rate))
}

/// A rate without a whole is a dash.
fn text(rate: &Rate) -> &str {
    rate.text.as_deref().unwrap_or("–")
}
