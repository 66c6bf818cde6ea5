//! Dossiers as the index of service quality looks at them (QĐ 766/QĐ-TTg, 2.1): of all that were to be resolved in a
//! period, those finished by the promised date or still in time at its end; one whose papers were asked for more than once
//! counts late, whatever its dates. The same classification as every figure here.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use serde::Serialize;

use super::durations::MINUTES;
use super::queries::{self, CHOSEN, Question};
use super::tally::question_within;
use crate::domain::ids::UnitId;
use crate::domain::period::Period;
use crate::domain::procedure::TermUnit;
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
        /// Results with a recorded time, of procedures with a term in working hours.
        TimedWorkingHour = "timed_working_hour",
        /// The same, in working days.
        TimedWorkingDay = "timed_working_day",
        /// The same, in calendar days.
        TimedCalendarDay = "timed_calendar_day",
        /// The same, in months.
        TimedMonth = "timed_month",
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
            Self::TimedWorkingHour => timed(TermUnit::WorkingHour),
            Self::TimedWorkingDay => timed(TermUnit::WorkingDay),
            Self::TimedCalendarDay => timed(TermUnit::CalendarDay),
            Self::TimedMonth => timed(TermUnit::Month),
        }
    }

    /// The results with a recorded time, of procedures with a term in this unit.
    const fn timed_in(unit: TermUnit) -> Self {
        match unit {
            TermUnit::WorkingHour => Self::TimedWorkingHour,
            TermUnit::WorkingDay => Self::TimedWorkingDay,
            TermUnit::CalendarDay => Self::TimedCalendarDay,
            TermUnit::Month => Self::TimedMonth,
        }
    }
}

const RESULT: &str = "ended_in AND status IN ('finished', 'returned')";

fn timed(unit: TermUnit) -> String {
    format!("({RESULT} AND term_unit = '{unit}' AND {MINUTES} IS NOT NULL)")
}

/// Classified dossiers `c` with the code of their procedure and the unit of its term.
fn with_procedure(question: &Question) -> String {
    format!(
        "{} JOIN (SELECT w.id AS version_id, p.code AS procedure_code, w.terms -> 'base' ->> 'unit' AS term_unit \
         FROM procedure_versions w JOIN procedures p ON p.id = w.procedure_id) v \
         ON v.version_id = c.procedure_version_id",
        queries::classified(question)
    )
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
    /// Different procedures of [`QualityCell::Received`].
    #[diesel(sql_type = BigInt)]
    pub procedures: i64,
    /// Different procedures of [`QualityCell::ReceivedOnline`].
    #[diesel(sql_type = BigInt)]
    pub procedures_online: i64,
}

/// The cells that every index shows.
const COUNTED: [QualityCell; 5] = [
    QualityCell::ToResolve,
    QualityCell::Punctual,
    QualityCell::AskedAgain,
    QualityCell::Received,
    QualityCell::ReceivedOnline,
];

/// How long results took on average, by the unit of their term (2.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct AverageTime {
    /// `working_hour`, `working_day`, `calendar_day` or `month`.
    #[schema(value_type = String)]
    term_unit: TermUnit,
    /// The unit of the term in Vietnamese.
    vi: &'static str,
    /// In English.
    en: &'static str,
    /// The count behind it, for `cell` of the drill-down.
    #[schema(value_type = String)]
    cell: QualityCell,
    /// Results of the period whose steps were recorded.
    results: i64,
    /// The mean of their working minutes without pauses, rounded half up; `null` without a result.
    average_minutes: Option<i64>,
}

#[derive(QueryableByName)]
struct Timed {
    #[diesel(sql_type = Text)]
    term_unit: String,
    #[diesel(sql_type = BigInt)]
    results: i64,
    #[diesel(sql_type = BigInt)]
    average_minutes: i64,
}

/// A dossier behind a count of the index; the procedures of a count are those that its dossiers name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, QueryableByName, utoipa::ToSchema)]
pub struct QualityDossier {
    #[diesel(sql_type = Text)]
    code: String,
    /// The code of its procedure.
    #[diesel(sql_type = Text)]
    procedure_code: String,
}

impl QualityDossier {
    /// Returns its code.
    pub fn code(&self) -> &str {
        &self.code
    }
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
    let procedures = |cell: QualityCell| format!("count(DISTINCT procedure_code) FILTER (WHERE {})", cell.condition());
    let sql = format!(
        "/* statistics::punctual::quality_counts */ SELECT {}, {} AS procedures, {} AS procedures_online \
         FROM {} WHERE {CHOSEN}",
        COUNTED.iter().map(count).collect::<Vec<_>>().join(", "),
        procedures(QualityCell::Received),
        procedures(QualityCell::ReceivedOnline),
        with_procedure(&question)
    );
    Ok(queries::ask(sql, &question).get_result(conn)?)
}

/// Returns how long results took on average, for each unit that a term may have.
///
/// # Errors
/// Whatever the database says.
pub fn average_times(
    conn: &mut PgConnection,
    act: &Act<'_>,
    scope: (&Period, Option<UnitId>),
) -> Result<Vec<AverageTime>, AppError> {
    let question = question_within(conn, act, scope)?;
    let sql = format!(
        "/* statistics::punctual::average_times */ SELECT term_unit, count(*) AS results, \
         round(avg(minutes))::bigint AS average_minutes \
         FROM (SELECT term_unit, {MINUTES} AS minutes FROM {} WHERE {CHOSEN} AND {RESULT}) m \
         WHERE term_unit IS NOT NULL AND minutes IS NOT NULL GROUP BY term_unit",
        with_procedure(&question)
    );
    let timed: Vec<Timed> = queries::ask(sql, &question).load(conn)?;
    let of = |unit: &TermUnit| {
        let found = timed.iter().find(|timed| timed.term_unit == unit.as_str());
        AverageTime {
            term_unit: *unit,
            vi: unit.vi(),
            en: unit.en(),
            cell: QualityCell::timed_in(*unit),
            results: found.map_or(0, |timed| timed.results),
            average_minutes: found.map(|timed| timed.average_minutes),
        }
    };
    Ok(TermUnit::ALL.iter().map(of).collect())
}

/// Lists the dossiers behind a count by code, after the one given, one more than `limit`.
///
/// # Errors
/// Whatever the database says.
pub fn behind_quality(
    conn: &mut PgConnection,
    act: &Act<'_>,
    scope: (&Period, Option<UnitId>),
    (cell, after, limit): (QualityCell, Option<&str>, i64),
) -> Result<Vec<QualityDossier>, AppError> {
    let question = question_within(conn, act, scope)?;
    let sql = format!(
        "/* statistics::punctual::behind_quality */ SELECT code, procedure_code FROM {} WHERE {CHOSEN} AND {} \
         AND ($13 IS NULL OR code > $13) ORDER BY code LIMIT $14",
        with_procedure(&question),
        cell.condition()
    );
    let asked =
        queries::ask(sql, &question).bind::<Nullable<Text>, _>(after.map(str::to_owned)).bind::<BigInt, _>(limit + 1);
    Ok(asked.load(conn)?)
}
