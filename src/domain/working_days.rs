//! Consecutive years of a calendar as tables: counting working days takes the same time whatever lies between, and
//! however many years there are.

use crate::domain::calendar::DayKind;
use chrono::{Datelike, NaiveDate};

/// Years without a gap between them, and every day of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stretch {
    first: NaiveDate,
    kinds: Vec<DayKind>,
    /// How many days are worked before each day.
    worked_before: Vec<u32>,
    /// The days that are worked.
    worked: Vec<NaiveDate>,
}

impl Stretch {
    /// Starts with the 1 January of a year that no day follows yet.
    pub(super) fn starting(first: NaiveDate) -> Self {
        Self { first, kinds: Vec::new(), worked_before: Vec::new(), worked: Vec::new() }
    }

    /// Adds the days that follow.
    pub(super) fn extend(&mut self, days: impl IntoIterator<Item = (NaiveDate, DayKind)>) {
        for (date, kind) in days {
            self.worked_before.push(u32::try_from(self.worked.len()).unwrap_or(u32::MAX));
            self.kinds.push(kind);
            if kind.is_working() {
                self.worked.push(date);
            }
        }
    }

    /// Returns what the date is, where it lies in here.
    pub(super) fn kind(&self, date: NaiveDate) -> Option<DayKind> {
        self.kinds.get(self.index(date)?).copied()
    }

    /// Returns the n-th working day on or after a date in here, n being above 0; `None` beyond the last year.
    pub(super) fn nth_from(&self, date: NaiveDate, n: u32) -> Option<NaiveDate> {
        let before = self.before(date)?;
        self.worked.get(usize::try_from(before.checked_add(n)?.checked_sub(1)?).ok()?).copied()
    }

    /// Counts the working days from one date to another, both in here and both counted; `None` beyond the last year.
    pub(super) fn count(&self, from: NaiveDate, to: NaiveDate) -> Option<u32> {
        let last = u32::from(self.kind(to)?.is_working());
        Some(self.before(to)? + last - self.before(from)?)
    }

    /// Returns the last working day on or before a date in here; `None` before the first year.
    pub(super) fn last_up_to(&self, date: NaiveDate) -> Option<NaiveDate> {
        let worked = self.before(date)? + u32::from(self.kind(date)?.is_working());
        self.worked.get(usize::try_from(worked.checked_sub(1)?).ok()?).copied()
    }

    /// Returns its first year.
    pub(super) fn first_year(&self) -> i32 {
        self.first.year()
    }

    /// Returns the year after its last one.
    pub(super) fn year_after(&self) -> i32 {
        let days = u64::try_from(self.kinds.len()).unwrap_or(0);
        self.first.checked_add_days(chrono::Days::new(days)).map_or(i32::MAX, |next| next.year())
    }

    fn before(&self, date: NaiveDate) -> Option<u32> {
        self.worked_before.get(self.index(date)?).copied()
    }

    fn index(&self, date: NaiveDate) -> Option<usize> {
        usize::try_from((date - self.first).num_days()).ok()
    }
}
