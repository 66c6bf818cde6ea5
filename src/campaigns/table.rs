//! The figures of the campaign: a row for each unit, month or kind, and their total.

use diesel::PgConnection;

use super::CampaignGroup;
use super::cell::CampaignCounts;
use super::invited::{self, Counted, Question};
use crate::domain::catalogue::UnitKind;
use crate::domain::cost::Vnd;
use crate::domain::ids::UnitId;
use crate::domain::period::Period;
use crate::error::AppError;
use crate::state::Act;
use crate::statistics::working_days::{WorkingDays, all_counted};
use crate::statistics::{AskedPeriod, Key, PeriodRule, kind_key, no_such_group, total_key, unit_key, units_then};

/// One row.
pub(super) struct Row {
    pub(super) key: Key,
    pub(super) counts: CampaignCounts,
    pub(super) saved_days: i64,
    pub(super) median_wait_days: Option<f64>,
    pub(super) reminders: i64,
    pub(super) segments: i64,
    pub(super) cost: Vnd,
}

/// The rows by their codes, and their total.
pub(super) struct Table {
    pub(super) rows: Vec<Row>,
    pub(super) total: Row,
}

/// Returns what is asked of the invitations of a period, in a unit and all below it, or in all.
///
/// # Errors
/// [`AppError::Conflict`] for a calendar that can't be counted by.
pub(super) fn question(act: &Act<'_>, period: &Period, unit: Option<UnitId>) -> Result<Question, AppError> {
    let working_days = WorkingDays::of(act.catalogue().calendar()).map_err(|err| AppError::Internal(err.into()))?;
    let units = units_then(act, unit, period);
    Ok(Question { bounds: period.bounds(), units, working_days })
}

/// Counts.
///
/// # Errors
/// [`AppError::Conflict`] where the calendar lacks a year that is needed: no figure is better than a wrong one.
pub(super) fn tabulate(
    conn: &mut PgConnection,
    act: &Act<'_>,
    question: &Question,
    group: CampaignGroup,
) -> Result<Table, AppError> {
    let (mut rows, mut total) = (Vec::new(), None);
    for counted in invited::count(conn, question, group)? {
        check(&counted)?;
        match counted.key.clone() {
            Some(key) => rows.push(row(counted, named(act, group, &key)?)),
            None => total = Some(row(counted, total_key())),
        }
    }
    rows.sort_by(|one: &Row, other| one.key.code.cmp(&other.key.code));
    let total = total.ok_or_else(|| AppError::internal("a campaign without a total"))?;
    Ok(Table { rows, total })
}

fn check(counted: &Counted) -> Result<(), AppError> {
    all_counted(counted.uncounted)?;
    match counted.counts.add_up() {
        true => Ok(()),
        false => Err(AppError::internal("the figures of the campaign do not add up")),
    }
}

fn row(counted: Counted, key: Key) -> Row {
    Row {
        key,
        counts: counted.counts,
        saved_days: counted.saved_days,
        median_wait_days: counted.median_wait_days,
        reminders: counted.reminders,
        segments: counted.segments,
        cost: Vnd(counted.cost),
    }
}

/// Turns the key of a row in SQL into what people know it by.
fn named(act: &Act<'_>, group: CampaignGroup, key: &str) -> Result<Key, AppError> {
    let unit = |text: &str| {
        let id = text.parse().map(UnitId).map_err(|err: uuid::Error| AppError::Internal(err.into()))?;
        unit_key(act.catalogue(), id)
    };
    match group {
        CampaignGroup::Unit => unit(key),
        CampaignGroup::Month => Ok(Key { code: key.to_owned(), name: month_name(key) }),
        CampaignGroup::Kind => {
            let kind: Result<UnitKind, _> = key.parse();
            Ok(kind_key(kind.map_err(|err| AppError::Internal(err.into()))?).1)
        }
        CampaignGroup::UnitMonth => {
            let (unit_id, month) = key.split_once(' ').unwrap_or((key, ""));
            let unit = unit(unit_id)?;
            let name = format!("{}, {}", unit.name, month_name(month).to_lowercase());
            Ok(Key { code: format!("{} {month}", unit.code), name })
        }
    }
}

/// 2026-09 → `Tháng 9 năm 2026`.
fn month_name(month: &str) -> String {
    let (year, number) = month.split_once('-').unwrap_or((month, ""));
    format!("Tháng {} năm {year}", number.trim_start_matches('0'))
}

/// Turns what people know a row by into its key in SQL, where the unit is one of those that are read.
///
/// # Errors
/// [`AppError::Invalid`] that names `?group_key` where there can be no such row.
pub(super) fn key_of(
    act: &Act<'_>,
    question: &Question,
    (group, code): (CampaignGroup, &str),
) -> Result<String, AppError> {
    let unit = |code: &str| {
        let unit = act.catalogue().unit_by_code(code).map(|unit| unit.id);
        let is_read = |id: &UnitId| question.units.as_ref().is_none_or(|units| units.contains(id));
        unit.filter(is_read).map(|id| id.to_string()).ok_or_else(no_such_group)
    };
    match group {
        CampaignGroup::Unit => unit(code),
        CampaignGroup::Month => month(question, code),
        CampaignGroup::Kind => code.parse::<UnitKind>().map(|kind| kind.to_string()).or(Err(no_such_group())),
        CampaignGroup::UnitMonth => {
            let (unit_code, month) = code.split_once(' ').ok_or_else(no_such_group)?;
            Ok(format!("{} {}", unit(unit_code)?, self::month(question, month)?))
        }
    }
}

/// Reads a month of the calendar, where the period has a day of it.
fn month(question: &Question, text: &str) -> Result<String, AppError> {
    let asked = AskedPeriod::month(text, PeriodRule::Calendar).or(Err(no_such_group()))?;
    let ((from, to), (first, end)) = (asked.period.bounds(), question.bounds);
    match from < end && first < to {
        true => Ok(asked.period.from().format("%Y-%m").to_string()),
        false => Err(no_such_group()),
    }
}
