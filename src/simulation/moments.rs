//! Moments of working days, by the calendar: wall times of Asia/Ho_Chi_Minh.

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};

use crate::domain::calendar::{Calendar, CalendarError};

/// The whole of a share, in basis points.
pub const WHOLE: u32 = 10_000;

/// Returns the moment of a working day at which the share of it is done.
pub fn of_day(calendar: &Calendar, day: NaiveDate, share: u32) -> NaiveDateTime {
    let worked = part(calendar.day_length(), share);
    day.and_time(calendar.time_after(worked))
}

/// Returns the moment so many working minutes later.
pub fn later(calendar: &Calendar, at: NaiveDateTime, minutes: i64) -> Result<NaiveDateTime, CalendarError> {
    calendar.add_working_time(calendar.next_opening(at)?, TimeDelta::minutes(minutes))
}

/// Returns a moment on the n-th working day after; never before `at`.
pub fn days_later(
    calendar: &Calendar,
    at: NaiveDateTime,
    days: u32,
    share: u32,
) -> Result<NaiveDateTime, CalendarError> {
    if days == 0 {
        return later(calendar, at, 45);
    }
    Ok(of_day(calendar, calendar.nth_working_day(at.date(), days)?, share))
}

/// Returns the moment at which the share of the working time between the two has passed.
pub fn on_the_way(
    calendar: &Calendar,
    from: NaiveDateTime,
    to: NaiveDateTime,
    share: u32,
) -> Result<NaiveDateTime, CalendarError> {
    let start = calendar.next_opening(from)?;
    let whole = calendar.working_time_between(start, to)?;
    calendar.add_working_time(start, part(whole, share))
}

/// Returns the share of a stretch of time, to the second.
fn part(whole: TimeDelta, share: u32) -> TimeDelta {
    TimeDelta::seconds(whole.num_seconds().saturating_mul(i64::from(share)) / i64::from(WHOLE))
}
