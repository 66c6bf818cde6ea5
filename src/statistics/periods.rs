//! For which periods there are figures, and by which calendars their due dates were counted: a table of nothing must never
//! look like a table of zeros.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use serde::Serialize;

use super::queries::Map;
use crate::domain::calendars::Calendars;
use crate::domain::ids::UnitId;
use crate::domain::period::{Period, office_date};
use crate::error::{AppError, Said};
use crate::http::body::Faults;
use crate::state::Act;

/// The calendars behind the figures of a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct CalendarOut {
    /// The number of the calendar in force at `as_of`.
    version: i32,
    /// The numbers of all that were in force in the period, so that due dates were counted by them; the one in force now
    /// where none was yet.
    versions: Vec<i32>,
    /// Whether days of the period are provisional: the calendar of their year was not announced yet.
    provisional: bool,
}

impl CalendarOut {
    /// Names the calendars of a period, as they were at a moment.
    pub fn of(calendars: &Calendars, period: &Period, as_of: DateTime<Utc>) -> Self {
        let in_force = calendars.in_force_at(as_of);
        let (from, to) = period.bounds();
        let mut versions = calendars.in_force_between((from, to.min(as_of + TimeDelta::microseconds(1))));
        if versions.is_empty() {
            versions.push(in_force.number);
        }
        let provisional = in_force.calendar.is_provisional(period.from(), period.last_day());
        Self { version: in_force.number, versions, provisional }
    }
}

/// Checks that there are figures for a period: it has begun, the calendar knows its days, and the unit asked for, with all
/// below it, was there in it. By the map of now a unit also shows what those did that it follows, before it was there.
///
/// # Errors
/// [`AppError::Invalid`] with all that is wrong.
pub fn check_period(act: &Act<'_>, period: &Period, (within, map): (Option<UnitId>, Map)) -> Result<(), AppError> {
    let mut faults = Faults::new();
    if period.from() > office_date(act.now) {
        let said = Said::new(
            "period_in_the_future",
            format!("Kỳ báo cáo bắt đầu ngày {}, chưa đến", written(period.from())),
            format!("The period begins on {}, which has not come yet", period.from()),
        );
        faults.add("?from", said);
    }
    if let Some(said) = beyond_calendar(act, period) {
        faults.add("?to", said);
    }
    if let Some(said) = within.filter(|_| map == Map::Then).and_then(|unit| not_there(act, period, unit)) {
        faults.add("?unit", said);
    }
    faults.finish(Some(()))
}

fn beyond_calendar(act: &Act<'_>, period: &Period) -> Option<Said> {
    let years = act.catalogue().calendar().years();
    let (first, last) = (*years.keys().next()?, *years.keys().next_back()?);
    // The report year of the first one begins in the December before (NĐ 09/2019/NĐ-CP).
    let begins_with_it = period.from().year() == first - 1
        && NaiveDate::from_ymd_opt(first - 1, 12, 15).is_some_and(|begin| period.from() >= begin);
    let mut asked = period.from().year()..=period.last_day().year();
    let are_known = asked.all(|year| years.contains_key(&year) || (begins_with_it && year == first - 1));
    (!are_known).then(|| {
        Said::new(
            "period_beyond_calendar",
            format!("Lịch làm việc chỉ có từ năm {first} đến năm {last}"),
            format!("The calendar only goes from {first} to {last}"),
        )
    })
}

/// Says that a unit was not there in a period, where it was not.
pub(super) fn not_there(act: &Act<'_>, period: &Period, unit: UnitId) -> Option<Said> {
    let unit = act.catalogue().unit(unit)?;
    let ended = unit.valid_to.filter(|end| *end <= period.from());
    if unit.valid_from < period.to() && ended.is_none() {
        return None;
    }
    let (code, from) = (&unit.code, written(unit.valid_from));
    Some(match ended {
        Some(end) => Said::new(
            "unit_not_in_period",
            format!("{code} đã kết thúc hoạt động trước kỳ báo cáo, từ ngày {}; hãy xem đơn vị kế thừa", written(end)),
            format!("{code} ended on {end}, before the period; ask for the unit that follows it"),
        ),
        None => Said::new(
            "unit_not_in_period",
            format!(
                "{code} chưa có trong kỳ báo cáo, hoạt động từ ngày {from}; \
                 GET /statistics/units với map=now tính cả đơn vị trước đó"
            ),
            format!(
                "{code} was not there in the period but from {} on; \
                 GET /statistics/units with map=now counts what it follows",
                unit.valid_from
            ),
        ),
    })
}

fn written(date: NaiveDate) -> String {
    date.format("%d/%m/%Y").to_string()
}
