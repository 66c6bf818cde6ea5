//! One due date: a term of 20 working days, with calendars of 7 and of 100 years.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::Context;
use chrono::{NaiveTime, TimeDelta, Weekday};
use motcua::domain::calendar::{Calendar, CalendarYear, YearState};
use motcua::domain::deadline::{Question, due_at};
use motcua::domain::procedure::{Amount, Channel, Cutoff, Term, TermUnit};

const CALLS: u32 = 1_000_000;
/// The aim for one.
const AIM: Duration = Duration::from_micros(2);

/// Measures and prints.
pub fn measure() -> anyhow::Result<()> {
    for years in [7, 100] {
        let each = mean(&calendar(years)?)?;
        let ratio = each.as_secs_f64() / AIM.as_secs_f64();
        println!("a due date        {} ns with {years} years, {ratio:.2} of the aim", each.as_nanos());
    }
    Ok(())
}

/// Years of weekdays alone: the count does the same whatever the days off are.
fn calendar(years: i32) -> anyhow::Result<Calendar> {
    let time = |hour| NaiveTime::MIN + TimeDelta::minutes(hour);
    let row = CalendarYear {
        state: YearState::Published,
        off: Default::default(),
        work: Default::default(),
        source: String::new(),
    };
    let rows: BTreeMap<i32, CalendarYear> = (2023..2023 + years).map(|year| (year, row.clone())).collect();
    let weekdays = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
    Ok(Calendar::new(&weekdays, vec![(time(420), time(690)), (time(810), time(1020))], rows)?)
}

fn mean(calendar: &Calendar) -> anyhow::Result<Duration> {
    let amount = Amount::from_hundredths(2000).context("no amount")?;
    let term = Term::new(amount, TermUnit::WorkingDay)?;
    let first = chrono::DateTime::from_timestamp(1_704_160_000, 0).unwrap_or_default();
    let begun = Instant::now();
    for call in 0..CALLS {
        // Receipts through two years, at any hour.
        let received_at = first + TimeDelta::minutes(i64::from(call % 1_000_000));
        let question = Question { received_at, channel: Channel::Online, term, cutoff: Cutoff::LastHour, pauses: &[] };
        black_box(due_at(calendar, black_box(&question))?);
    }
    Ok(begun.elapsed() / CALLS)
}
