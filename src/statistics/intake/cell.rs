//! The figures of intake by name, and which dossiers each one counts.

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use serde::Serialize;

use crate::domain::words::words;

/// What came in at a counter. `filed` is the sum of the four after it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, QueryableByName, utoipa::ToSchema)]
pub struct IntakeCounts {
    /// Filed online in the period, to be answered within 8 working hours (NĐ 45/2020 Đ11).
    #[diesel(sql_type = BigInt)]
    filed: i64,
    /// Answered in time: accepted, not taken in, or asked for more papers.
    #[diesel(sql_type = BigInt)]
    answered_in_time: i64,
    /// Answered late (chậm tiếp nhận).
    #[diesel(sql_type = BigInt)]
    answered_late: i64,
    /// Not answered, and still in time.
    #[diesel(sql_type = BigInt)]
    waiting_in_time: i64,
    /// Not answered, and late.
    #[diesel(sql_type = BigInt)]
    waiting_late: i64,
    /// Of all that came in the period, those whose papers were asked for more than once (QĐ 766/QĐ-TTg counts them late).
    #[diesel(sql_type = BigInt)]
    asked_again: i64,
}

words! {
    /// A figure of intake by name: what is counted, and what can be drilled down to.
    pub enum IntakeCell {
        /// To be answered within 8 working hours.
        Filed = "filed",
        /// Answered in time.
        AnsweredInTime = "answered_in_time",
        /// Answered late.
        AnsweredLate = "answered_late",
        /// Not answered, and still in time.
        WaitingInTime = "waiting_in_time",
        /// Not answered, and late.
        WaitingLate = "waiting_late",
        /// Papers were asked for more than once.
        AskedAgain = "asked_again",
    }
}

/// What came in at a counter from `$1` on and before `$2`, at the counters `$4` or at all: by when it was to be answered, when
/// it was, and how often papers were asked for.
pub(super) const CAME_IN: &str = "(
    SELECT d.code, d.receiving_unit_id AS unit_id, d.registered_at, d.answer_due_at AS due, d.answered_at AS answered,
        (SELECT count(*) FROM dossier_pauses p
         WHERE p.dossier_id = d.id AND p.kind = 'supplement' AND p.replaces_id IS NULL) AS asked
    FROM dossiers d
    WHERE d.registered_at >= $1 AND d.registered_at < $2 AND d.status <> 'voided' AND NOT d.mirrored
        AND d.parent_id IS NULL AND ($4 IS NULL OR d.receiving_unit_id = ANY ($4))
) i";

impl IntakeCell {
    /// Returns the condition on what came in, at the moment `$3`: counts and drill-down share it.
    pub(super) const fn condition(self) -> &'static str {
        match self {
            Self::Filed => "due IS NOT NULL",
            Self::AnsweredInTime => "answered <= due",
            Self::AnsweredLate => "answered > due",
            Self::WaitingInTime => "answered IS NULL AND due >= $3",
            Self::WaitingLate => "answered IS NULL AND due < $3",
            Self::AskedAgain => "asked > 1",
        }
    }

    /// Returns what the figure is for a counter.
    #[must_use]
    pub const fn of(self, counts: &IntakeCounts) -> i64 {
        match self {
            Self::Filed => counts.filed,
            Self::AnsweredInTime => counts.answered_in_time,
            Self::AnsweredLate => counts.answered_late,
            Self::WaitingInTime => counts.waiting_in_time,
            Self::WaitingLate => counts.waiting_late,
            Self::AskedAgain => counts.asked_again,
        }
    }
}

impl IntakeCounts {
    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            filed: self.filed + other.filed,
            answered_in_time: self.answered_in_time + other.answered_in_time,
            answered_late: self.answered_late + other.answered_late,
            waiting_in_time: self.waiting_in_time + other.waiting_in_time,
            waiting_late: self.waiting_late + other.waiting_late,
            asked_again: self.asked_again + other.asked_again,
        }
    }
}
