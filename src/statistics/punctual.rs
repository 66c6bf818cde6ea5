//! Dossiers as the index of service quality looks at them (QĐ 766/QĐ-TTg, 2.1): of all that were to be resolved in a
//! period, those finished by the promised date or still in time at its end; one whose papers were asked for more than once
//! counts late, whatever its dates. The same classification as every figure here.

use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::codes::codes_behind;
use super::queries::{self, CHOSEN};
use super::tally::question_within;
use crate::domain::ids::UnitId;
use crate::domain::period::Period;
use crate::domain::words::words;
use crate::error::AppError;
use crate::state::Act;

words! {
    /// What the index counts, and what can be drilled down to.
    pub enum QualityCell {
        /// Received or carried over: the whole.
        ToResolve = "to_resolve",
        /// Finished on time or pending in time, papers asked for once at most.
        Punctual = "punctual",
        /// On time by its dates, but its papers were asked for more than once.
        AskedAgain = "asked_again",
        /// Received in the period.
        Received = "received",
        /// Of those: filed online.
        ReceivedOnline = "received_online",
    }
}

const IN_TIME: &str = "(CASE WHEN ended_in THEN standing <> 'late' ELSE NOT overdue END)";
const ASKED: &str = "(SELECT count(*) FROM dossier_pauses a WHERE a.dossier_id = c.id AND a.kind = 'supplement' \
     AND a.replaces_id IS NULL AND a.opened_at < $3)";

impl QualityCell {
    fn condition(self) -> String {
        match self {
            Self::ToResolve => "true".to_owned(),
            Self::Punctual => format!("({IN_TIME} AND {ASKED} <= 1)"),
            Self::AskedAgain => format!("({IN_TIME} AND {ASKED} > 1)"),
            Self::Received => "accepted_in".to_owned(),
            Self::ReceivedOnline => "(accepted_in AND channel = 'online')".to_owned(),
        }
    }
}

/// What the index counts of a unit and all below it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, QueryableByName)]
pub struct QualityCounts {
    /// [`QualityCell::ToResolve`].
    #[diesel(sql_type = BigInt)]
    pub to_resolve: i64,
    /// [`QualityCell::Punctual`].
    #[diesel(sql_type = BigInt)]
    pub punctual: i64,
    /// [`QualityCell::AskedAgain`].
    #[diesel(sql_type = BigInt)]
    pub asked_again: i64,
    /// [`QualityCell::Received`].
    #[diesel(sql_type = BigInt)]
    pub received: i64,
    /// [`QualityCell::ReceivedOnline`].
    #[diesel(sql_type = BigInt)]
    pub received_online: i64,
}

/// Counts what the index is made of.
///
/// # Errors
/// Whatever the database says.
pub fn quality_counts(
    conn: &mut PgConnection,
    act: &Act<'_>,
    scope: (&Period, Option<UnitId>),
) -> Result<QualityCounts, AppError> {
    let question = question_within(conn, act, scope)?;
    let count = |cell: &QualityCell| format!("count(*) FILTER (WHERE {}) AS {cell}", cell.condition());
    let sql = format!(
        "/* statistics::punctual::quality_counts */ SELECT {} FROM {} WHERE {CHOSEN}",
        QualityCell::ALL.iter().map(count).collect::<Vec<_>>().join(", "),
        queries::classified(&question)
    );
    Ok(queries::ask(sql, &question).get_result(conn)?)
}

/// Lists the codes of the dossiers behind a count, after the one given, one more than `limit`.
///
/// # Errors
/// Whatever the database says.
pub fn behind_quality(
    conn: &mut PgConnection,
    act: &Act<'_>,
    scope: (&Period, Option<UnitId>),
    (cell, after, limit): (QualityCell, Option<&str>, i64),
) -> Result<Vec<String>, AppError> {
    let question = question_within(conn, act, scope)?;
    let condition = format!("{CHOSEN} AND {}", cell.condition());
    Ok(codes_behind(conn, &question, (&queries::classified(&question), &condition), (after, limit))?)
}
