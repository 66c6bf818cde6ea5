//! Figures as differences of running totals: what was counted up to a day, carried forward four times a month.
//!
//! Report months begin on the 15th, months of the calendar on the 1st: both are days to which totals are carried, so that
//! no day between has to be summed for them.

use chrono::{Datelike, Days, NaiveDate};

use super::tally::Cells;

/// Days of a month to which totals are carried forward.
const CARRIED_ON: [u32; 4] = [1, 8, 15, 22];

/// Returns the last day up to this one to which totals are carried.
#[must_use]
pub fn carried_before(day: NaiveDate) -> NaiveDate {
    let on = CARRIED_ON.into_iter().rev().find(|on| *on <= day.day());
    on.and_then(|on| day.with_day(on)).unwrap_or(day)
}

/// Returns the first day after this one to which totals are carried.
#[must_use]
pub fn carried_after(day: NaiveDate) -> NaiveDate {
    // No two of them lie further apart than from the 22nd to the 1st: ten days.
    let next = |days| day.checked_add_days(Days::new(days)).filter(|next| CARRIED_ON.contains(&next.day()));
    (1..=10).find_map(next).unwrap_or(NaiveDate::MAX)
}

/// What was counted in a period, and what stood open before it: before it is asked whether an end within an extension counts
/// late.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summed {
    /// Received online.
    pub online: i64,
    /// Received at the counter or by post.
    pub direct: i64,
    /// Ended before the due date.
    pub early: i64,
    /// Ended on it, or within an extension.
    pub on_time: i64,
    /// Ended after it.
    pub late: i64,
    /// Of the ended: withdrawn.
    pub withdrawn: i64,
    /// Of the ended: stopped.
    pub stopped: i64,
    /// Of the ended: refused.
    pub refused: i64,
    /// Of the early: within an extension.
    pub apologised_early: i64,
    /// Of the on-time: within an extension.
    pub apologised_on_time: i64,
    /// Of the late: after the statutory term too.
    pub late_statutory: i64,
    /// Of those within an extension: late by the statutory term, were they late.
    pub apologised_statutory: i64,
    /// Received by post.
    pub postal: i64,
    /// Of the late: with a result.
    pub late_with_result: i64,
    /// Of those within an extension: with a result.
    pub apologised_with_result: i64,
    /// Of the late: a letter named another date.
    pub late_promised: i64,
    /// Of those within an extension: a letter named it.
    pub apologised_promised: i64,
    /// Open when the period began.
    pub carried_over: i64,
    /// Overdue when it ended.
    pub overdue: i64,
    /// Standing when it ended.
    pub paused: i64,
    /// Of the standing: for papers.
    pub paused_supplement: i64,
    /// Of the standing: for a payment.
    pub paused_payment: i64,
}

impl Summed {
    /// Returns the same where an end within an extension counts late.
    #[must_use]
    pub const fn with_apologised_late(self) -> Self {
        Self {
            early: self.early - self.apologised_early,
            on_time: self.on_time - self.apologised_on_time,
            late: self.late + self.apologised_early + self.apologised_on_time,
            apologised_early: 0,
            apologised_on_time: 0,
            late_statutory: self.late_statutory + self.apologised_statutory,
            apologised_statutory: 0,
            late_with_result: self.late_with_result + self.apologised_with_result,
            apologised_with_result: 0,
            late_promised: self.late_promised + self.apologised_promised,
            apologised_promised: 0,
            ..self
        }
    }

    /// Returns the cells of the form.
    #[must_use]
    pub const fn cells(&self) -> Cells {
        let ended = self.early + self.on_time + self.late;
        let pending = self.carried_over + self.online + self.direct - ended;
        Cells {
            received_online: self.online,
            received_direct_postal: self.direct,
            carried_over: self.carried_over,
            early: self.early,
            on_time: self.on_time,
            late: self.late,
            pending_in_time: pending - self.overdue,
            pending_overdue: self.overdue,
            withdrawn: self.withdrawn,
            stopped: self.stopped,
            refused: self.refused,
            apologised: self.apologised_on_time,
            late_statutory: self.late_statutory,
            received_postal: self.postal,
            late_with_result: self.late_with_result,
            late_apologised: self.late_promised,
            paused: self.paused,
            paused_supplement: self.paused_supplement,
            paused_payment: self.paused_payment,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn a_day() -> impl Strategy<Value = NaiveDate> {
        (0..80_000i64).prop_map(|days| NaiveDate::from_ymd_opt(1990, 1, 1).unwrap() + chrono::TimeDelta::days(days))
    }

    fn some_sums() -> impl Strategy<Value = Summed> {
        (prop::array::uniform7(0..50i64), prop::array::uniform6(0..50i64)).prop_map(|(ends, others)| {
            let [early, plain, apologised, late, withdrawn, refused, statutory] = ends;
            let [online, direct, carried, overdue, apologised_early, apologised_statutory] = others;
            let on_time = plain + apologised;
            let ended = early + apologised_early + on_time + late;
            // As much came as went, and something stays.
            let carried_over = carried + ended + overdue;
            Summed {
                online,
                direct,
                early: early + apologised_early,
                on_time,
                late,
                withdrawn: withdrawn.min(plain),
                stopped: 0,
                refused: refused.min(late),
                apologised_early,
                apologised_on_time: apologised,
                late_statutory: statutory.min(late),
                apologised_statutory: apologised_statutory.min(apologised + apologised_early),
                postal: direct / 2,
                late_with_result: late,
                apologised_with_result: apologised,
                late_promised: statutory.min(late),
                apologised_promised: apologised + apologised_early,
                carried_over,
                overdue,
                paused: carried + overdue,
                paused_supplement: carried,
                paused_payment: overdue,
            }
        })
    }

    proptest! {
        #[test]
        fn a_day_lies_between_two_days_to_which_totals_are_carried(day in a_day()) {
            let (before, after) = (carried_before(day), carried_after(day));
            prop_assert!(before <= day && day < after);
            prop_assert!((after - before).num_days() <= 10);
            prop_assert_eq!(carried_before(before), before);
            prop_assert_eq!(carried_before(after), after);
            prop_assert_eq!(carried_after(before), after);
        }

        #[test]
        fn sums_make_cells_that_keep_the_identities(sums in some_sums()) {
            prop_assert_eq!(sums.cells().check(), Ok(()));
            let late = sums.with_apologised_late();
            prop_assert_eq!(late.cells().check(), Ok(()));
            prop_assert_eq!(late.cells().resolved(), sums.cells().resolved());
            prop_assert_eq!(late.cells().apologised, 0);
        }
    }

    #[test]
    fn both_kinds_of_months_begin_on_days_to_which_totals_are_carried() {
        for day in [1, 15] {
            let begins = NaiveDate::from_ymd_opt(2024, 2, day).unwrap();
            assert_eq!(carried_before(begins), begins);
        }
    }
}
