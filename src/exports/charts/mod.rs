//! Charts of the figures: rates by unit, their trend by month, how old what is pending is. One picture, as SVG or as PNG made
//! of it with the embedded font.

mod draw;
pub mod routes;

use chrono::{Datelike, Months};
use diesel::PgConnection;

use crate::domain::ids::UnitId;
use crate::domain::period::Period;
use crate::domain::tally::Rate;
use crate::domain::words::words;
use crate::error::{AppError, Said};
use crate::exports::filled::{called, named_then, under_way};
use crate::state::Act;
use crate::statistics::ageing::ageing;
use crate::statistics::{AskedPeriod, Grouping, Map, PeriodRule, check_period, tally};

pub(crate) use draw::png;

words! {
    /// What a chart shows.
    pub enum Chart {
        /// The on-time and early rates of units.
        Rates = "rates",
        /// The on-time and early rates month by month.
        Trend = "trend",
        /// How long what is pending has been there.
        Ageing = "ageing",
    }
}

words! {
    /// How a chart is written.
    pub enum ChartFormat {
        /// As lines and letters.
        Svg = "svg",
        /// As dots.
        Png = "png",
    }
}

/// Months that a trend may have.
const MOST_MONTHS: usize = 24;

/// The on-time and early rates of something.
pub(super) struct Rates {
    pub name: String,
    pub on_time: Rate,
    pub early: Rate,
}

/// Draws a chart as SVG.
///
/// # Errors
/// As `statistics::check_period` and `statistics::tabulate`; a trend of no month or of too many.
pub fn chart(
    conn: &mut PgConnection,
    act: &Act<'_>,
    chart: Chart,
    (asked, unit): (&AskedPeriod, Option<UnitId>),
) -> Result<String, AppError> {
    check_period(act, &asked.period, (unit, Map::Then))?;
    let dates = asked.dates_text();
    let whose = called(named_then(act, unit, &asked.period).as_ref());
    let whose = [Some(whose), under_way(&asked.period, act.now)].into_iter().flatten().collect::<Vec<_>>().join("; ");
    match chart {
        Chart::Rates => {
            let table = tally(conn, act, &asked.period, unit, Grouping::Unit)?;
            let rows = table.rows.into_iter().filter(|row| row.cells.resolved() > 0);
            let rates = rows.map(|row| Rates { name: row.key.name, on_time: row.on_time_rate, early: row.early_rate });
            let title = format!("Tỷ lệ giải quyết đúng hạn và trước hạn theo đơn vị ({dates})");
            draw::bars([&title, &whose], &rates.collect::<Vec<_>>())
        }
        Chart::Trend => {
            let mut rates = Vec::new();
            // A year under way has months to come, and a unit may be younger than the year.
            let has_figures = |period: &Period| check_period(act, period, (unit, Map::Then)).is_ok();
            for (name, period) in months(asked)?.into_iter().filter(|(_, period)| has_figures(period)) {
                let total = tally(conn, act, &period, unit, Grouping::Unit)?.total;
                rates.push(Rates { name, on_time: total.on_time_rate, early: total.early_rate });
            }
            let title = format!("Tỷ lệ giải quyết đúng hạn và trước hạn theo tháng ({dates})");
            draw::lines([&title, &whose], &rates)
        }
        Chart::Ageing => {
            let ages = ageing(conn, act, (&asked.period, unit))?;
            draw::columns([&format!("Hồ sơ đang giải quyết theo tuổi ({dates})"), &whose], &ages)
        }
    }
}

/// The months that begin in a period, of the calendar or of the decree as the period is.
fn months(asked: &AskedPeriod) -> Result<Vec<(String, Period)>, AppError> {
    let whole = asked.period;
    let mut months = Vec::new();
    // A report month is called by the month in which it ends.
    let mut day = whole.from().with_day(1).unwrap_or(whole.from());
    while day < whole.to() + Months::new(1) && months.len() <= MOST_MONTHS {
        let (year, month) = (day.year(), day.month());
        let period = match asked.rule {
            PeriodRule::Decree092019 => Period::report_month(year, month),
            PeriodRule::Calendar | PeriodRule::Dates => Period::calendar_month(year, month),
        };
        if let Ok(period) = period
            && period.from() >= whole.from()
            && period.to() <= whole.to()
        {
            months.push((format!("{month:02}/{year}"), period));
        }
        day = day + Months::new(1);
    }
    if (1..=MOST_MONTHS).contains(&months.len()) {
        return Ok(months);
    }
    let said = Said::new(
        "no_trend",
        format!("Xu hướng cần kỳ có từ 1 đến {MOST_MONTHS} tháng trọn"),
        format!("A trend needs a period with 1 to {MOST_MONTHS} whole months in it"),
    );
    Err(AppError::invalid("?", said))
}
