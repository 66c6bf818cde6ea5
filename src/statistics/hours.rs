//! `GET /statistics/hours`: when dossiers come in at each counter, by weekday and hour, so that it can be staffed.

use actix_web::{HttpResponse, web};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, SmallInt, Text};
use serde::Serialize;

use super::asked::{AskedPeriod, PeriodOut, period_query};
use super::queries::{self, Map, Question};
use super::sight::seen_unit;
use super::tally;
use crate::domain::ids::UnitId;
use crate::domain::role::Deed;
use crate::error::AppError;
use crate::http::body::Query;
use crate::http::office_time::OfficeTime;
use crate::staff::Signed;
use crate::state::{Act, AppState};

period_query! {
    /// Which counters.
    HoursQuery {
        /// The code of a unit: the counters of it and all below it. Without it, all that one may read.
        unit: Option<String>,
    }
}

/// How many dossiers came in at a counter in an hour of a weekday.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, QueryableByName, utoipa::ToSchema)]
pub struct BusyHour {
    /// The code of the unit that received them.
    #[diesel(sql_type = Text)]
    counter: String,
    /// 1 for Monday to 7 for Sunday, in Asia/Ho_Chi_Minh.
    #[diesel(sql_type = SmallInt)]
    weekday: i16,
    /// 0 to 23.
    #[diesel(sql_type = SmallInt)]
    hour: i16,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// When dossiers came in.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct BusyHours {
    period: PeriodOut,
    /// The one instant at which all was counted.
    #[schema(value_type = String, format = DateTime)]
    as_of: OfficeTime,
    /// The busiest of each counter first; brought to the counter or posted, as what is filed online needs no window.
    hours: Vec<BusyHour>,
    /// All that are counted.
    total: i64,
}

fn hours(
    conn: &mut PgConnection,
    act: &Act<'_>,
    asked: &AskedPeriod,
    unit: Option<UnitId>,
) -> Result<BusyHours, AppError> {
    let units = unit.map(|unit| act.catalogue().within(unit));
    let question = Question { units, ..tally::question(conn, act, (&asked.period, Map::Then))? };
    // The counters asked for are those that received, whoever resolves.
    let sql = format!(
        "/* statistics::hours::hours */ SELECT u.code AS counter, \
         extract(isodow FROM c.accepted_at AT TIME ZONE INTERVAL '+07:00')::smallint AS weekday, \
         extract(hour FROM c.accepted_at AT TIME ZONE INTERVAL '+07:00')::smallint AS hour, count(*) AS count \
         FROM {} JOIN dossiers r ON r.id = c.id JOIN units u ON u.id = r.receiving_unit_id \
         WHERE c.accepted_in AND c.channel <> 'online' AND ($8 IS NULL OR r.receiving_unit_id = ANY($8)) \
         GROUP BY 1, 2, 3 ORDER BY counter, count DESC, weekday, hour",
        queries::classified(&question)
    );
    let hours: Vec<BusyHour> = queries::ask(sql, &question).load(conn)?;
    let total = hours.iter().map(|hour| hour.count).sum();
    Ok(BusyHours { period: asked.into(), as_of: act.now.into(), hours, total })
}

/// Returns when dossiers came in at each counter, by weekday and hour, the busiest first.
///
/// # Errors
/// 401, 403, 404, 422.
#[utoipa::path(get, path = "/api/v1/statistics/hours", tag = "statistics", security(("bearer" = [])), params(HoursQuery),
    responses((status = 200, body = BusyHours), (status = 403), (status = 404), (status = 422)))]
pub async fn read_hours(
    signed: Signed,
    Query(query): Query<HoursQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    signed.may(Deed::ReadStatistics)?;
    let asked = query.period().read()?;
    let found = state.figures(&signed.0, move |conn, act| {
        let unit = seen_unit(act, query.unit.as_deref())?;
        hours(conn, act, &asked, unit)
    });
    Ok(HttpResponse::Ok().json(found.await?))
}
