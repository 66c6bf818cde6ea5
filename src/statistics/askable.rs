//! What figures can be asked of: periods that have begun and that the calendar knows, and units that were there then.

use crate::domain::ids::UnitId;
use crate::domain::period::office_date;
use crate::error::{AppError, Said};
use crate::http::body::Faults;
use crate::state::Act;

use super::asked::AskedPeriod;

/// Checks that a report of the period and the unit can be made: a table of nothing would look like zero.
///
/// # Errors
/// [`AppError::Invalid`]: `period_in_future`, `beyond_calendar` where a year of the period has no calendar,
/// `unit_not_there_then` where the unit did not exist on any day of it.
pub(crate) fn check_asked(act: &Act<'_>, asked: &AskedPeriod, unit: Option<UnitId>) -> Result<(), AppError> {
    let period = asked.period;
    let today = office_date(act.now);
    let mut faults = Faults::new();
    if period.from() > today {
        faults.add(
            "?",
            Said::new(
                "period_in_future",
                format!("Kỳ báo cáo {} chưa bắt đầu", asked.dates_text()),
                format!("The period {} has not begun", asked.dates_text()),
            ),
        );
    }
    let calendar = act.catalogue().calendar();
    let is_unknown = |day| calendar.kind(day).is_err();
    // A house without any calendar counts no due dates, but what was brought into it can be counted.
    if !is_unknown(today) && (is_unknown(period.from()) || is_unknown(period.last_day())) {
        faults.add(
            "?",
            Said::new(
                "beyond_calendar",
                format!("Lịch làm việc không có năm của kỳ {}", asked.dates_text()),
                format!("The calendar has no year for the period {}", asked.dates_text()),
            ),
        );
    }
    let named = unit.and_then(|id| act.catalogue().unit(id));
    let was_there = |from, to: Option<_>| from < period.to() && to.is_none_or(|end| end > period.from());
    if let Some(unit) = named.filter(|unit| !was_there(unit.valid_from, unit.valid_to)) {
        faults.add(
            "?unit",
            Said::new(
                "unit_not_there_then",
                format!("{} không tồn tại trong kỳ {}", unit.name, asked.dates_text()),
                format!("{} did not exist in the period {}", unit.name, asked.dates_text()),
            ),
        );
    }
    let fine = faults.is_empty().then_some(());
    faults.finish(fine)
}
