//! Counts of a report and the rates made of them (Biểu 06, TT 01/2020/TT-VPCP).

use serde::{Deserialize, Serialize};
use std::iter::Sum;
use std::ops::Add;

/// The cells of one row; the numbers in brackets are the columns of the form. What was kept before there was a cell holds
/// none of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Cells {
    /// Received online in the period (4).
    pub received_online: i64,
    /// Received at the counter or by post in the period (5).
    pub received_direct_postal: i64,
    /// Of those: by post.
    pub received_postal: i64,
    /// Accepted before the period and not ended before it (6).
    pub carried_over: i64,
    /// Resolved before the due date (8).
    pub early: i64,
    /// Resolved on the due date, or within an extension (9).
    pub on_time: i64,
    /// Resolved after the due date (10).
    pub late: i64,
    /// Pending at the end of the period, in time or standing (12).
    pub pending_in_time: i64,
    /// Pending at the end of the period, after the due date (13).
    pub pending_overdue: i64,
    /// Of the resolved: withdrawn by the citizen.
    pub withdrawn: i64,
    /// Of the resolved: stopped by the office.
    pub stopped: i64,
    /// Of the resolved: finished with a refusal.
    pub refused: i64,
    /// Of the on-time: after the due date but within an extension.
    pub apologised: i64,
    /// Of the late: after the statutory term too, where a shorter one is pledged.
    pub late_statutory: i64,
    /// Of the late: ended with a result, not withdrawn or stopped.
    pub late_with_result: i64,
    /// Of the late: with a letter that apologised and named another date (NĐ 61/2018 Đ19.9).
    pub late_apologised: i64,
    /// Of the pending: standing at the end of the period.
    pub paused: i64,
    /// Of the standing: papers are asked for.
    pub paused_supplement: i64,
    /// Of the standing: a payment is waited for.
    pub paused_payment: i64,
}

/// A report that must not be issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BrokenIdentity {
    /// 3 = 7 + 11 does not hold.
    #[error("received {received} is not resolved {resolved} plus pending {pending}")]
    ReceivedIsNotResolvedAndPending {
        /// Column 3.
        received: i64,
        /// Column 7.
        resolved: i64,
        /// Column 11.
        pending: i64,
    },
    /// A count below nothing.
    #[error("the cell {cell} is below nothing: {count}")]
    Negative {
        /// The name of the cell.
        cell: &'static str,
        /// What it holds.
        count: i64,
    },
    /// A part larger than the whole it is shown under.
    #[error("the cell {cell} counts more than what it is part of")]
    PartAboveWhole {
        /// The name of the part.
        cell: &'static str,
    },
    /// The total row is not the sum of the rows.
    #[error("the total is not the sum of the rows")]
    Total,
}

impl Cells {
    /// Returns column 3: everything to be resolved in the period.
    #[must_use]
    pub const fn received(&self) -> i64 {
        self.received_online + self.received_direct_postal + self.carried_over
    }

    /// Returns column 7: everything resolved in the period.
    #[must_use]
    pub const fn resolved(&self) -> i64 {
        self.early + self.on_time + self.late
    }

    /// Returns column 11: everything pending at the end of the period.
    #[must_use]
    pub const fn pending(&self) -> i64 {
        self.pending_in_time + self.pending_overdue
    }

    /// Returns what was received at the counter in the period.
    #[must_use]
    pub const fn received_direct(&self) -> i64 {
        self.received_direct_postal - self.received_postal
    }

    /// Returns what was resolved with a result: neither withdrawn nor stopped.
    #[must_use]
    pub const fn with_result(&self) -> i64 {
        self.resolved() - self.withdrawn - self.stopped
    }

    /// Returns what ended late without a letter that apologised.
    #[must_use]
    pub const fn late_unapologised(&self) -> i64 {
        self.late - self.late_apologised
    }

    /// Returns (early + on time) ÷ resolved.
    #[must_use]
    pub fn on_time_rate(&self) -> Rate {
        Rate::new(self.early + self.on_time, self.resolved())
    }

    /// Returns early ÷ resolved.
    #[must_use]
    pub fn early_rate(&self) -> Rate {
        Rate::new(self.early, self.resolved())
    }

    /// Returns the share of the resolved that kept the statutory term, whatever shorter one is pledged.
    #[must_use]
    pub fn statutory_rate(&self) -> Rate {
        Rate::new(self.resolved() - self.late_statutory, self.resolved())
    }

    /// Returns the on-time rate of what ended with a result, the withdrawn and stopped left out on both sides.
    #[must_use]
    pub fn on_time_rate_with_result(&self) -> Rate {
        Rate::new(self.with_result() - self.late_with_result, self.with_result())
    }

    /// Checks what every row must keep: 3 = 7 + 11, no cell below nothing, no part above its whole.
    ///
    /// # Errors
    /// Names the first identity that is broken.
    pub fn check(&self) -> Result<(), BrokenIdentity> {
        if let Some((cell, count)) = self.named().into_iter().find(|&(_, count)| count < 0) {
            return Err(BrokenIdentity::Negative { cell, count });
        }
        let (received, resolved, pending) = (self.received(), self.resolved(), self.pending());
        if received != resolved + pending {
            return Err(BrokenIdentity::ReceivedIsNotResolvedAndPending { received, resolved, pending });
        }
        self.check_parts()
    }

    /// Checks that this is the total of the rows.
    ///
    /// # Errors
    /// `Total` when it is not.
    pub fn check_total<'a>(&self, rows: impl IntoIterator<Item = &'a Self>) -> Result<(), BrokenIdentity> {
        if rows.into_iter().copied().sum::<Self>() == *self { Ok(()) } else { Err(BrokenIdentity::Total) }
    }

    fn check_parts(&self) -> Result<(), BrokenIdentity> {
        let ends = self.withdrawn + self.stopped + self.refused;
        let parts = [
            ("withdrawn, stopped and refused", ends, self.resolved()),
            ("withdrawn and stopped", self.withdrawn + self.stopped, self.on_time + self.late),
            ("apologised", self.apologised, self.on_time),
            ("late_statutory", self.late_statutory, self.late),
            ("late_with_result", self.late_with_result, self.late.min(self.with_result())),
            ("late_apologised", self.late_apologised, self.late),
            ("received_postal", self.received_postal, self.received_direct_postal),
            ("paused", self.paused, self.pending()),
            ("paused for papers or a payment", self.paused_supplement + self.paused_payment, self.paused),
        ];
        match parts.into_iter().find(|&(_, part, whole)| part > whole) {
            Some((cell, ..)) => Err(BrokenIdentity::PartAboveWhole { cell }),
            None => Ok(()),
        }
    }

    /// Returns the counts with the names of their cells.
    #[must_use]
    pub const fn named(&self) -> [(&'static str, i64); 19] {
        [
            ("received_online", self.received_online),
            ("received_direct_postal", self.received_direct_postal),
            ("carried_over", self.carried_over),
            ("early", self.early),
            ("on_time", self.on_time),
            ("late", self.late),
            ("pending_in_time", self.pending_in_time),
            ("pending_overdue", self.pending_overdue),
            ("withdrawn", self.withdrawn),
            ("stopped", self.stopped),
            ("refused", self.refused),
            ("apologised", self.apologised),
            ("late_statutory", self.late_statutory),
            ("received_postal", self.received_postal),
            ("late_with_result", self.late_with_result),
            ("late_apologised", self.late_apologised),
            ("paused", self.paused),
            ("paused_supplement", self.paused_supplement),
            ("paused_payment", self.paused_payment),
        ]
    }
}

impl Add for Cells {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            received_online: self.received_online + other.received_online,
            received_direct_postal: self.received_direct_postal + other.received_direct_postal,
            carried_over: self.carried_over + other.carried_over,
            early: self.early + other.early,
            on_time: self.on_time + other.on_time,
            late: self.late + other.late,
            pending_in_time: self.pending_in_time + other.pending_in_time,
            pending_overdue: self.pending_overdue + other.pending_overdue,
            withdrawn: self.withdrawn + other.withdrawn,
            stopped: self.stopped + other.stopped,
            refused: self.refused + other.refused,
            apologised: self.apologised + other.apologised,
            late_statutory: self.late_statutory + other.late_statutory,
            received_postal: self.received_postal + other.received_postal,
            late_with_result: self.late_with_result + other.late_with_result,
            late_apologised: self.late_apologised + other.late_apologised,
            paused: self.paused + other.paused,
            paused_supplement: self.paused_supplement + other.paused_supplement,
            paused_payment: self.paused_payment + other.paused_payment,
        }
    }
}

impl Sum for Cells {
    fn sum<I: Iterator<Item = Self>>(rows: I) -> Self {
        rows.fold(Self::default(), Add::add)
    }
}

/// A share of a whole, exact; basis points and text are for reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rate {
    /// The part.
    pub numerator: i64,
    /// The whole.
    pub denominator: i64,
    /// Hundredths of a percent, rounded half up, but never 10,000 below the whole nor 0 above nothing;
    /// `None` without a whole.
    pub basis_points: Option<u32>,
    /// The percentage with two decimals, `99.96`; `None` without a whole.
    pub text: Option<String>,
}

impl Rate {
    /// Returns `numerator ÷ denominator`; a denominator of 0 or less has no rate, neither 0 nor 100 %.
    #[must_use]
    pub fn new(numerator: i64, denominator: i64) -> Self {
        let basis_points = parts_of(numerator, denominator, 10_000);
        let text = basis_points.map(|points| format!("{}.{:02}", points / 100, points % 100));
        Self { numerator, denominator, basis_points, text }
    }

    /// Returns how many of `whole` equal parts it is, rounded as its basis points are; `None` without a whole.
    #[must_use]
    pub fn in_parts_of(&self, whole: u32) -> Option<u32> {
        parts_of(self.numerator, self.denominator, whole)
    }

    /// Returns the percentage with 0 to 2 decimals as people write it, `99,96 %`; `None` without a whole.
    #[must_use]
    pub fn printed(&self, decimals: u32) -> Option<String> {
        let scale = 10_u32.pow(decimals.min(2));
        let parts = self.in_parts_of(100 * scale)?;
        Some(match decimals {
            0 => format!("{parts} %"),
            1 => format!("{},{:01} %", parts / scale, parts % scale),
            _ => format!("{},{:02} %", parts / scale, parts % scale),
        })
    }
}

fn parts_of(numerator: i64, denominator: i64, parts: u32) -> Option<u32> {
    let (part, whole, parts) = (i128::from(numerator), i128::from(denominator), i128::from(parts));
    if whole <= 0 || part < 0 {
        return None;
    }
    let rounded = (part * 2 * parts + whole) / (whole * 2);
    let honest = match rounded {
        0 if part > 0 => 1,
        points if points >= parts && part < whole => parts - 1,
        points => points,
    };
    u32::try_from(honest).ok()
}
