//! Moments of a register: kept and written into CSV as a text of the office's time, into a workbook as the number that
//! spreadsheets count days by.

use chrono::{NaiveDate, NaiveDateTime};

/// Day 0 of a spreadsheet, from which all days after February 1900 are counted.
const DAY_ZERO: Option<NaiveDate> = NaiveDate::from_ymd_opt(1899, 12, 30);
const MINUTES_OF_A_DAY: u32 = 24 * 60;

/// Writes a moment of the office, to the minute.
pub(super) fn written(at: NaiveDateTime) -> String {
    at.format("%H:%M %d/%m/%Y").to_string()
}

/// Returns what [`written`] wrote as days, and parts of one, since day 0; `None` of any other text.
pub(super) fn serial(text: &str) -> Option<f64> {
    let (time, date) = text.split_once(' ')?;
    let (hours, minutes) = time.split_once(':')?;
    let (day, rest) = date.split_once('/')?;
    let (month, year) = rest.split_once('/')?;
    let date = NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)?;
    let days = i32::try_from(date.signed_duration_since(DAY_ZERO?).num_days()).ok()?;
    let (hours, minutes): (u32, u32) = (hours.parse().ok()?, minutes.parse().ok()?);
    let of_the_day = (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)?;
    Some(f64::from(days) + f64::from(of_the_day) / f64::from(MINUTES_OF_A_DAY))
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Duration};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn days_are_counted_as_spreadsheets_do() {
        assert_eq!(serial("00:00 01/01/2024"), Some(45292.0));
        assert_eq!(serial("12:00 10/05/2024"), Some(45422.5));
        assert_eq!(serial("18:00 01/03/1900"), Some(61.75));
        for other in ["", "the first", "24:00 01/01/2024", "08:60 01/01/2024", "08:00 30/02/2024", "08:00"] {
            assert_eq!(serial(other), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn a_moment_is_read_back_to_the_minute(minute in 0_i64..100_000_000) {
            let at = DateTime::UNIX_EPOCH.naive_utc() + Duration::minutes(minute);
            let days = serial(&written(at)).unwrap();
            // 25569 is the first of January 1970.
            let minutes = ((days - 25569.0) * 1440.0).round();
            prop_assert_eq!(minutes, f64::from(i32::try_from(minute).unwrap()));
        }
    }
}
