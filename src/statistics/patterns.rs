//! Patterns that a reviewer should look at: none proves anything, each leads to its dossiers. The same classification as
//! every figure here.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Uuid as SqlUuid};

use super::codes::codes_behind;
use super::drill::{GroupKey, check_row, chosen};
use super::queries::{self, CHOSEN, Map, Question};
use super::tally::{self, question_within};
use crate::domain::ids::UnitId;
use crate::domain::period::Period;
use crate::domain::words::words;
use crate::error::AppError;
use crate::state::Act;

words! {
    /// What is looked for.
    pub enum Pattern {
        /// Results made ready in the last ten minutes before the due moment.
        BunchedAtDue = "bunched_at_due",
        /// A pause that was opened on the due date, before the due moment.
        PausedBeforeLate = "paused_before_late",
        /// Corrected twice or more after the due date.
        CorrectedAfterDue = "corrected_after_due",
    }
}

const FINISHED: &str = "(ended_in AND status IN ('finished', 'returned'))";

impl Pattern {
    /// Says it in Vietnamese.
    pub const fn vi(self) -> &'static str {
        match self {
            Self::BunchedAtDue => "Kết quả xong trong 10 phút cuối trước giờ hẹn",
            Self::PausedBeforeLate => "Tạm dừng được mở trong ngày hẹn, trước giờ hẹn",
            Self::CorrectedAfterDue => "Sửa từ hai lần trở lên sau ngày hẹn",
        }
    }

    /// Says it in English.
    pub const fn en(self) -> &'static str {
        match self {
            Self::BunchedAtDue => "Results made ready in the last ten minutes before they were due",
            Self::PausedBeforeLate => "A pause opened on the due date, before the due moment",
            Self::CorrectedAfterDue => "Corrected twice or more after the due date",
        }
    }

    /// Among which dossiers it is looked for.
    const fn among(self) -> &'static str {
        match self {
            Self::BunchedAtDue => FINISHED,
            Self::PausedBeforeLate | Self::CorrectedAfterDue => "true",
        }
    }

    const fn condition(self) -> &'static str {
        match self {
            Self::BunchedAtDue => {
                "coalesce(ended_in AND status IN ('finished', 'returned') AND finished_at <= due_at \
                 AND finished_at > due_at - interval '10 minutes', false)"
            }
            Self::PausedBeforeLate => {
                "EXISTS (SELECT FROM dossier_pauses a \
                   JOIN dossier_states b ON b.dossier_id = a.dossier_id AND NOT b.paused AND b.valid_to = a.opened_at \
                   WHERE a.dossier_id = c.id AND a.replaces_id IS NULL AND a.opened_at >= $1 AND a.opened_at < $3 \
                     AND a.opened_at <= b.due_at AND (a.opened_at AT TIME ZONE INTERVAL '+07:00')::date \
                         = (b.due_at AT TIME ZONE INTERVAL '+07:00')::date)"
            }
            Self::CorrectedAfterDue => {
                "(SELECT count(*) > 1 FROM dossier_events v WHERE v.dossier_id = c.id AND v.verb = 'correct' \
                   AND v.happened_at > c.due_at AND v.happened_at < $3)"
            }
        }
    }
}

/// How often a pattern was found in a unit.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Found {
    /// The unit.
    #[diesel(sql_type = SqlUuid)]
    pub unit: UnitId,
    /// How often.
    #[diesel(sql_type = BigInt)]
    pub count: i64,
    /// Among how many dossiers.
    #[diesel(sql_type = BigInt)]
    pub among: i64,
}

/// Counts a pattern by unit, where it was found.
///
/// # Errors
/// Whatever the database says.
pub fn patterns(
    conn: &mut PgConnection,
    act: &Act<'_>,
    scope: (&Period, Option<UnitId>),
    pattern: Pattern,
) -> Result<Vec<Found>, AppError> {
    let question = question_within(conn, act, scope)?;
    let sql = format!(
        "/* statistics::patterns::patterns */ SELECT unit_id AS unit, count(*) FILTER (WHERE is_found) AS count, \
         count(*) FILTER (WHERE {}) AS among \
         FROM (SELECT c.*, {} AS is_found FROM {} WHERE {CHOSEN}) c \
         GROUP BY unit_id HAVING count(*) FILTER (WHERE is_found) > 0",
        pattern.among(),
        pattern.condition(),
        queries::classified(&question)
    );
    Ok(queries::ask(sql, &question).load(conn)?)
}

/// Lists the codes of the dossiers in which a pattern was found, after the one given, one more than `limit`; of one unit alone
/// where the code of a row is given.
///
/// # Errors
/// [`AppError::Invalid`] when the row asked for is none.
pub fn behind_pattern(
    conn: &mut PgConnection,
    act: &Act<'_>,
    (period, within, row): (&Period, Option<UnitId>, Option<&str>),
    (pattern, after, limit): (Pattern, Option<&str>, i64),
) -> Result<Vec<String>, AppError> {
    let (units, _) = chosen(act, (within, Map::Then.day(act.now, period)), GroupKey::of_unit(row).as_ref())?;
    let question = Question { units, ..tally::question(conn, act, (period, Map::Then))? };
    let source = queries::classified(&question);
    let condition = format!("{CHOSEN} AND {}", pattern.condition());
    let codes = codes_behind(conn, &question, (&source, &condition), (after, limit))?;
    if codes.is_empty() {
        let has_any = || Ok(!codes_behind(conn, &question, (&source, CHOSEN), (None, 0))?.is_empty());
        check_row(act, (period, Map::Then), question.units.as_deref(), has_any)?;
    }
    Ok(codes)
}
