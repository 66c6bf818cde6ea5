//! The figures of early results by name, and which results each one counts.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Nullable};
use serde::Serialize;

use crate::domain::tally::Rate;
use crate::domain::words::words;
use crate::statistics::Key;
use crate::statistics::routes::{KeyOut, RateOut};

words! {
    /// A figure of a row: what is counted, and what can be drilled down to.
    pub enum EarlyCell {
        /// Results that became ready in the period.
        Results = "results",
        /// Of them: before the due date.
        Early = "early",
        /// Of the early: to be fetched at a counter.
        AtCounter = "at_counter",
        /// Of those: their people were reached with an invitation.
        Told = "told",
        /// Of the told: fetched.
        ToldCollected = "told_collected",
        /// Of the told: fetched within three working days after it could be.
        ToldWithin3 = "told_within_3",
        /// Of the told: fetched before the due date.
        ToldBeforeDue = "told_before_due",
        /// Early, to be fetched at a counter, and nobody was reached.
        Untold = "untold",
        /// Of the untold: fetched.
        UntoldCollected = "untold_collected",
        /// Of the untold: fetched within three working days after it could be.
        UntoldWithin3 = "untold_within_3",
        /// Of the untold: fetched before the due date.
        UntoldBeforeDue = "untold_before_due",
    }
}

impl EarlyCell {
    /// Returns the condition on a result of `source`: counts and drill-down share it.
    pub(super) const fn condition(self) -> &'static str {
        match self {
            Self::Results => "true",
            Self::Early => "early",
            Self::AtCounter => "at_counter",
            Self::Told => "(at_counter AND told)",
            Self::ToldCollected => "(at_counter AND told AND returned_at IS NOT NULL)",
            Self::ToldWithin3 => "(at_counter AND told AND coalesce(wait_days <= 3, false))",
            Self::ToldBeforeDue => "(at_counter AND told AND before_due)",
            Self::Untold => "(at_counter AND NOT told)",
            Self::UntoldCollected => "(at_counter AND NOT told AND returned_at IS NOT NULL)",
            Self::UntoldWithin3 => "(at_counter AND NOT told AND coalesce(wait_days <= 3, false))",
            Self::UntoldBeforeDue => "(at_counter AND NOT told AND before_due)",
        }
    }
}

/// What came of being early; `EarlyCell` says what each counts. `at_counter` is `told` and `untold`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, QueryableByName, utoipa::ToSchema)]
pub struct EarlyCounts {
    #[diesel(sql_type = BigInt)]
    results: i64,
    #[diesel(sql_type = BigInt)]
    early: i64,
    #[diesel(sql_type = BigInt)]
    at_counter: i64,
    #[diesel(sql_type = BigInt)]
    told: i64,
    #[diesel(sql_type = BigInt)]
    told_collected: i64,
    #[diesel(sql_type = BigInt)]
    told_within_3: i64,
    #[diesel(sql_type = BigInt)]
    told_before_due: i64,
    #[diesel(sql_type = BigInt)]
    untold: i64,
    #[diesel(sql_type = BigInt)]
    untold_collected: i64,
    #[diesel(sql_type = BigInt)]
    untold_within_3: i64,
    #[diesel(sql_type = BigInt)]
    untold_before_due: i64,
    /// Working days from the early results to their due dates, all together.
    #[diesel(sql_type = BigInt)]
    saved_days: i64,
    /// Half of the early results were ready by no more working days before their date.
    #[diesel(sql_type = Nullable<Integer>)]
    median_saved_days: Option<i32>,
    /// Half of the told who came waited no more working days.
    #[diesel(sql_type = Nullable<Integer>)]
    median_told_wait_days: Option<i32>,
    /// Half of the untold who came waited no more working days.
    #[diesel(sql_type = Nullable<Integer>)]
    median_untold_wait_days: Option<i32>,
}

/// What came of being early, in a unit.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct EarlyRow {
    key: KeyOut,
    #[serde(flatten)]
    counts: EarlyCounts,
    /// early ÷ results; the `early_rate` of the tables is of all that was resolved.
    early_of_results_rate: RateOut,
    /// told ÷ at_counter.
    told_rate: RateOut,
    /// told_before_due ÷ told.
    told_before_due_rate: RateOut,
    /// untold_before_due ÷ untold.
    untold_before_due_rate: RateOut,
    /// told_within_3 ÷ told.
    told_within_3_rate: RateOut,
    /// untold_within_3 ÷ untold.
    untold_within_3_rate: RateOut,
}

impl EarlyRow {
    pub(super) fn new(key: Key, counts: EarlyCounts) -> Self {
        let rate = |(part, whole), name| RateOut::new(Rate::new(part, whole), name);
        Self {
            key: key.into(),
            early_of_results_rate: rate((counts.early, counts.results), "early_of_results_rate"),
            told_rate: rate((counts.told, counts.at_counter), "told_rate"),
            told_before_due_rate: rate((counts.told_before_due, counts.told), "told_before_due_rate"),
            untold_before_due_rate: rate((counts.untold_before_due, counts.untold), "untold_before_due_rate"),
            told_within_3_rate: rate((counts.told_within_3, counts.told), "told_within_3_rate"),
            untold_within_3_rate: rate((counts.untold_within_3, counts.untold), "untold_within_3_rate"),
            counts,
        }
    }
}
