//! How intake went: what was filed online and answered in time or late, and papers that were asked for twice.

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Timestamptz, Uuid as SqlUuid};
use serde::Serialize;

use super::asked::{AskedPeriod, PeriodOut, period_query};
use super::routes::KeyOut;
use super::sight::seen_in;
use super::tally::{Key, unit_key};
use crate::domain::ids::UnitId;
use crate::domain::role::Deed;
use crate::domain::words::words;
use crate::error::AppError;
use crate::http::body::Query;
use crate::http::office_time::OfficeTime;
use crate::staff::Signed;
use crate::state::{Act, AppState};

period_query! {
    /// Which table.
    IntakeQuery {
        /// The code of a unit: it and all below it. Without it, all that one may read.
        unit: Option<String>,
    }
}

/// What came in at a counter. `filed` is the sum of the four after it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, QueryableByName, utoipa::ToSchema)]
pub struct IntakeCounts {
    /// Filed online or by post in the period, to be answered within 8 working hours (NĐ 45/2020 Đ11).
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
    /// A figure of intake by name.
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

impl IntakeCell {
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

/// The counters of a period in the order of their codes, and all of them together.
pub(crate) struct IntakeFigures {
    pub rows: Vec<(Key, IntakeCounts)>,
    pub total: IntakeCounts,
}

#[derive(QueryableByName)]
struct CountedAt {
    #[diesel(sql_type = SqlUuid)]
    unit_id: UnitId,
    #[diesel(embed)]
    counts: IntakeCounts,
}

/// One counter.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct IntakeRow {
    key: KeyOut,
    #[serde(flatten)]
    counts: IntakeCounts,
}

/// The table of a period, a row a receiving unit.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct IntakeTable {
    period: PeriodOut,
    /// The one instant at which all was counted.
    #[schema(value_type = String, format = DateTime)]
    as_of: OfficeTime,
    rows: Vec<IntakeRow>,
    total: IntakeCounts,
}

impl IntakeCounts {
    fn plus(self, other: Self) -> Self {
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

const COUNT: &str = "-- statistics::intake::count
SELECT unit_id, count(*) FILTER (WHERE due IS NOT NULL) AS filed,
    count(*) FILTER (WHERE answered <= due) AS answered_in_time,
    count(*) FILTER (WHERE answered > due) AS answered_late,
    count(*) FILTER (WHERE answered IS NULL AND due >= $3) AS waiting_in_time,
    count(*) FILTER (WHERE answered IS NULL AND due < $3) AS waiting_late,
    count(*) FILTER (WHERE asked > 1) AS asked_again
FROM (
    SELECT d.receiving_unit_id AS unit_id, d.answer_due_at AS due, d.answered_at AS answered,
        (SELECT count(*) FROM dossier_pauses p
         WHERE p.dossier_id = d.id AND p.kind = 'supplement' AND p.replaces_id IS NULL) AS asked
    FROM dossiers d
    WHERE d.registered_at >= $1 AND d.registered_at < $2 AND d.status <> 'voided' AND NOT d.mirrored
        AND d.parent_id IS NULL AND ($4 IS NULL OR d.receiving_unit_id = ANY ($4))
) counted
GROUP BY unit_id ORDER BY unit_id";

/// Counts intake by counter: answers to what was filed in a period, in time and late, and papers asked for twice.
///
/// # Errors
/// Problems of the query and of who asks.
#[utoipa::path(get, path = "/api/v1/statistics/intake", tag = "statistics",
    security(("bearer" = [])), params(IntakeQuery),
    responses((status = 200, body = IntakeTable), (status = 403), (status = 404), (status = 422)))]
pub async fn read_intake(
    signed: Signed,
    Query(query): Query<IntakeQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    signed.may(Deed::ReadStatistics)?;
    let asked = query.period().read()?;
    let table = state.figures(&signed.0, move |conn, act| {
        let unit = seen_in(act, query.unit.as_deref(), &asked.period)?;
        let IntakeFigures { rows, total } = count_intake(conn, act, &asked, unit)?;
        let rows = rows.into_iter().map(|(key, counts)| IntakeRow { key: key.into(), counts }).collect();
        Ok(IntakeTable { period: (&asked).into(), as_of: act.now.into(), rows, total })
    });
    Ok(HttpResponse::Ok().json(table.await?))
}

/// Counts intake by counter, for a unit and all below it, or for all.
pub(crate) fn count_intake(
    conn: &mut PgConnection,
    act: &Act<'_>,
    asked: &AskedPeriod,
    unit: Option<UnitId>,
) -> Result<IntakeFigures, AppError> {
    let (from, to): (DateTime<Utc>, DateTime<Utc>) = asked.period.bounds();
    let units = unit.map(|unit| act.catalogue().within(unit));
    let counted: Vec<CountedAt> = diesel::sql_query(COUNT)
        .bind::<Timestamptz, _>(from)
        .bind::<Timestamptz, _>(to)
        .bind::<Timestamptz, _>(act.now)
        .bind::<Nullable<Array<SqlUuid>>, _>(units)
        .load(conn)?;
    let total = counted.iter().fold(IntakeCounts::default(), |sum, row| sum.plus(row.counts));
    let mut rows = Vec::with_capacity(counted.len());
    for CountedAt { unit_id, counts } in counted {
        rows.push((unit_key(act.catalogue(), unit_id)?, counts));
    }
    rows.sort_by(|(one, _), (other, _)| one.code.cmp(&other.code));
    Ok(IntakeFigures { rows, total })
}
