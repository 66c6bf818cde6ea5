//! Early, on time, late.

use super::given::at;
use motcua::domain::deadline::{Ended, Standing, standing, standing_without_result};
use motcua::domain::procedure::TermUnit::{WorkingDay, WorkingHour};

fn ended(finished: &str) -> (Standing, bool) {
    let (unextended, due) = (at("2026-10-19T15:00"), at("2026-10-23T17:00"));
    let Ended { standing, apologised } = standing(WorkingDay, unextended, due, at(finished));
    (standing, apologised)
}

#[test]
fn days_are_compared_by_date() {
    assert_eq!(ended("2026-10-18T23:59"), (Standing::Early, false));
    assert_eq!(ended("2026-10-19T00:00"), (Standing::OnTime, false));
    assert_eq!(ended("2026-10-19T23:59"), (Standing::OnTime, false));
}

#[test]
fn within_an_extension_it_is_on_time_with_the_flag() {
    assert_eq!(ended("2026-10-20T00:00"), (Standing::OnTime, true));
    assert_eq!(ended("2026-10-23T23:59"), (Standing::OnTime, true));
    assert_eq!(ended("2026-10-24T00:00"), (Standing::Late, false));
}

#[test]
fn hours_are_compared_by_minute() {
    let due = at("2026-10-19T15:00");
    let ended = |finished| standing(WorkingHour, due, due, at(finished)).standing;
    assert_eq!(ended("2026-10-19T14:59:59.999999"), Standing::Early);
    assert_eq!(ended("2026-10-19T15:00:59.999999"), Standing::OnTime);
    assert_eq!(ended("2026-10-19T15:01"), Standing::Late);
}

#[test]
fn what_is_withdrawn_is_on_time_unless_already_late() {
    let due = Some(at("2026-10-19T17:00"));
    let withdrawn = |due, ended| standing_without_result(WorkingDay, due, at(ended));
    assert_eq!(withdrawn(due, "2026-10-06T09:00"), Standing::OnTime);
    assert_eq!(withdrawn(due, "2026-10-20T09:00"), Standing::Late);
    assert_eq!(withdrawn(None, "2026-10-20T09:00"), Standing::OnTime);
}
