//! Report periods, cells and rates.

use super::given::{at, date};
use motcua::domain::period::{Period, PeriodError, office_time, with_office_offset};
use motcua::domain::tally::{BrokenIdentity, Cells, Rate};
use proptest::{prop_assert, prop_assert_eq, proptest};

fn dates(period: Period) -> (String, String) {
    (period.from().to_string(), period.to().to_string())
}

fn pair(from: &str, to: &str) -> (String, String) {
    (from.to_owned(), to.to_owned())
}

#[test]
fn report_months_run_from_the_15th_to_the_14th() {
    let month = |year, month| dates(Period::report_month(year, month).unwrap());
    assert_eq!(month(2026, 10), pair("2026-09-15", "2026-10-15"));
    assert_eq!(month(2026, 1), pair("2025-12-15", "2026-01-15"));
}

#[test]
fn report_quarters_and_years_begin_on_15_december() {
    let quarter = |quarter| dates(Period::report_quarter(2026, quarter).unwrap());
    assert_eq!(quarter(1), pair("2025-12-15", "2026-03-15"));
    assert_eq!(quarter(4), pair("2026-09-15", "2026-12-15"));
    assert_eq!(dates(Period::report_year(2026).unwrap()), pair("2025-12-15", "2026-12-15"));
}

#[test]
fn calendar_periods_follow_the_calendar() {
    let month = Period::calendar_month(2026, 12).unwrap();
    assert_eq!(dates(month), pair("2026-12-01", "2027-01-01"));
    assert_eq!(month.last_day(), date("2026-12-31"));
    let quarter = Period::calendar_quarter(2026, 4).unwrap();
    assert_eq!(dates(quarter), pair("2026-10-01", "2027-01-01"));
    assert_eq!(dates(Period::calendar_year(2026).unwrap()), pair("2026-01-01", "2027-01-01"));
}

#[test]
fn bounds_are_midnights_of_the_office() {
    let (from, to) = Period::report_month(2026, 10).unwrap().bounds();
    assert_eq!(from.to_rfc3339(), "2026-09-14T17:00:00+00:00");
    assert_eq!(with_office_offset(to).to_rfc3339(), "2026-10-15T00:00:00+07:00");
    assert_eq!(office_time(to).date(), date("2026-10-15"));
    let period = Period::report_month(2026, 10).unwrap();
    assert!(period.contains(from) && !period.contains(to));
    assert!(period.contains(at("2026-10-14T23:59:59.999999")));
}

#[test]
fn empty_and_absurd_periods_are_refused() {
    let (from, to) = (date("2026-10-15"), date("2026-10-15"));
    assert_eq!(Period::new(from, to), Err(PeriodError::Empty { from, to }));
    assert_eq!(Period::new(date("0001-01-01"), to), Err(PeriodError::Year { year: 1 }));
    assert_eq!(Period::report_month(i32::MAX, 1), Err(PeriodError::Year { year: i32::MAX }));
    assert_eq!(Period::report_month(2026, 13), Err(PeriodError::Part { number: 13 }));
    assert_eq!(Period::report_quarter(2026, 0), Err(PeriodError::Part { number: 0 }));
}

fn points(numerator: i64, denominator: i64) -> Option<u32> {
    Rate::new(numerator, denominator).basis_points
}

#[test]
fn rates_are_exact_and_rounded_half_up() {
    let rate = Rate::new(107_957, 108_000);
    assert_eq!((rate.basis_points, rate.text.as_deref()), (Some(9996), Some("99.96")));
    assert_eq!(points(1, 3), Some(3333));
    assert_eq!(points(2, 3), Some(6667));
    assert_eq!(points(5, 20_000 * 2), Some(1));
    assert_eq!(points(3, 20_000), Some(2));
    assert_eq!(Rate::new(5, 5).text.as_deref(), Some("100.00"));
    assert_eq!(Rate::new(0, 5).text.as_deref(), Some("0.00"));
}

#[test]
fn a_rate_below_the_whole_is_never_shown_as_the_whole_nor_above_nothing_as_nothing() {
    assert_eq!(points(999_999, 1_000_000), Some(9999));
    assert_eq!(points(1, 1_000_000), Some(1));
}

#[test]
fn nothing_resolved_has_no_rate() {
    assert_eq!((points(0, 0), Rate::new(0, 0).text), (None, None));
    assert_eq!(Cells::default().on_time_rate().basis_points, None);
}

fn row() -> Cells {
    Cells {
        received_online: 6,
        received_direct_postal: 3,
        carried_over: 2,
        early: 5,
        on_time: 2,
        late: 1,
        pending_in_time: 2,
        pending_overdue: 1,
        withdrawn: 1,
        apologised: 1,
        ..Cells::default()
    }
}

#[test]
fn the_cells_of_a_row_add_up() {
    assert_eq!((row().received(), row().resolved(), row().pending()), (11, 8, 3));
    assert_eq!(row().check(), Ok(()));
    assert_eq!(row().on_time_rate(), Rate::new(7, 8));
    assert_eq!(row().early_rate(), Rate::new(5, 8));
    let total: Cells = [row(), row()].into_iter().sum();
    assert_eq!(total.check_total(&[row(), row()]), Ok(()));
    assert_eq!(total.check_total(&[row()]), Err(BrokenIdentity::Total));
}

#[test]
fn a_row_that_breaks_an_identity_is_refused() {
    let broken = Cells { carried_over: 3, ..row() }.check();
    let expected = BrokenIdentity::ReceivedIsNotResolvedAndPending { received: 12, resolved: 8, pending: 3 };
    assert_eq!(broken, Err(expected));
    let negative = Cells { late: -1, ..row() }.check();
    assert_eq!(negative, Err(BrokenIdentity::Negative { cell: "late", count: -1 }));
    let apologised = Cells { apologised: 3, ..row() }.check();
    assert_eq!(apologised, Err(BrokenIdentity::PartAboveWhole { cell: "apologised" }));
}

proptest! {
    #[test]
    fn a_rate_says_all_only_for_all_and_nothing_only_for_nothing(part in 0_i64..i64::MAX, rest in 0_i64..i64::MAX) {
        let whole = part.saturating_add(rest).max(1);
        let points = points(part, whole).unwrap();
        prop_assert!(points <= 10_000);
        prop_assert_eq!(points == 10_000, part == whole);
        prop_assert_eq!(points == 0, part == 0);
    }
}
