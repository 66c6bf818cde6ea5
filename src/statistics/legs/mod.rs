//! `GET /statistics/legs`: how soon legs are acknowledged by their units, and begin when what came before is done
//! (NĐ 63/2024/NĐ-CP: within two working hours, and ten minutes). A figure and the legs behind it share one
//! classification (`cell`).

pub mod behind;
mod cell;

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{BoxedSqlQuery, SqlQuery};
use diesel::sql_types::{Array, BigInt, Integer, Nullable, Timestamptz, Uuid as SqlUuid};
use serde::Serialize;
use uuid::Uuid;

use self::cell::{BEGUN, LegCell};
use super::asked::{AskedPeriod, period_query};
use super::definitions::Topic;
use super::head::FiguresHead;
use super::routes::{KeyOut, RateOut};
use super::sight::{seen_in, units_then};
use super::tally::unit_key;
use crate::domain::ids::UnitId;
use crate::domain::tally::Rate;
use crate::error::AppError;
use crate::http::body::Query;
use crate::staff::Signed;
use crate::state::{Act, AppState};

period_query! {
    /// Which legs.
    LegsQuery {
        /// The code of a unit: it and all below it. Without it, all that one may read.
        unit: Option<String>,
    }
}

/// What became of the legs of a unit that began in the period.
#[derive(Debug, Clone, Copy, Default, Serialize, QueryableByName, utoipa::ToSchema)]
pub struct LegCounts {
    /// Legs that began in the period: the sum of the next four.
    #[diesel(sql_type = BigInt)]
    started: i64,
    /// Acknowledged within the working hours set for it.
    #[diesel(sql_type = BigInt)]
    acknowledged_in_time: i64,
    /// Acknowledged after them.
    #[diesel(sql_type = BigInt)]
    acknowledged_late: i64,
    /// Not acknowledged, and not late: there is time left, or it ended before.
    #[diesel(sql_type = BigInt)]
    open_in_time: i64,
    /// Not acknowledged, and the time is over.
    #[diesel(sql_type = BigInt)]
    open_late: i64,
    /// Of the legs that waited for another: begun within the minutes set for it.
    #[diesel(sql_type = BigInt)]
    synced_in_time: i64,
    /// Begun later.
    #[diesel(sql_type = BigInt)]
    synced_late: i64,
}

/// The legs of a unit, or of all.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = LegsRow)]
pub struct LegsRowOut {
    key: KeyOut,
    #[serde(flatten)]
    counts: LegCounts,
    /// Acknowledged in time, of those acknowledged or late.
    acknowledged_rate: RateOut,
    /// Begun in time, of those that waited.
    synced_rate: RateOut,
}

/// How soon legs were taken up.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = LegsTable)]
pub struct LegsOut {
    #[serde(flatten)]
    head: FiguresHead,
    /// Working hours in which a leg is to be acknowledged, as set now; each leg keeps what was set when it began.
    acknowledge_hours: u32,
    /// Minutes in which a leg is to begin when what it waited for is done.
    sync_minutes: u32,
    rows: Vec<LegsRowOut>,
    total: LegsRowOut,
}

#[derive(QueryableByName)]
struct OfUnit {
    #[diesel(sql_type = SqlUuid)]
    unit_id: Uuid,
    #[diesel(embed)]
    counts: LegCounts,
}

/// Of when, and of which units; `None` is all of them.
struct Wanted {
    bounds: (DateTime<Utc>, DateTime<Utc>),
    units: Option<Vec<UnitId>>,
}

type Question = BoxedSqlQuery<'static, Pg, SqlQuery>;

/// Binds $1 to $5, the same in every query here.
fn ask(sql: String, act: &Act<'_>, wanted: &Wanted) -> Question {
    let minutes = i32::try_from(act.office.config.dossiers.sync_minutes).unwrap_or(i32::MAX);
    diesel::sql_query(sql)
        .into_boxed::<Pg>()
        .bind::<Timestamptz, _>(wanted.bounds.0)
        .bind::<Timestamptz, _>(wanted.bounds.1)
        .bind::<Timestamptz, _>(act.now)
        .bind::<Integer, _>(minutes)
        .bind::<Nullable<Array<SqlUuid>>, _>(wanted.units.clone())
}

fn count(conn: &mut PgConnection, act: &Act<'_>, wanted: &Wanted) -> QueryResult<Vec<OfUnit>> {
    let counts: Vec<String> =
        LegCell::ALL.iter().map(|cell| format!("count(*) FILTER (WHERE {}) AS {cell}", cell.condition())).collect();
    let sql =
        format!("/* statistics::legs::count */ SELECT l.unit_id, {} {BEGUN} GROUP BY l.unit_id", counts.join(", "));
    ask(sql, act, wanted).load(conn)
}

impl LegCounts {
    fn plus(self, other: Self) -> Self {
        Self {
            started: self.started + other.started,
            acknowledged_in_time: self.acknowledged_in_time + other.acknowledged_in_time,
            acknowledged_late: self.acknowledged_late + other.acknowledged_late,
            open_in_time: self.open_in_time + other.open_in_time,
            open_late: self.open_late + other.open_late,
            synced_in_time: self.synced_in_time + other.synced_in_time,
            synced_late: self.synced_late + other.synced_late,
        }
    }

    fn row(self, key: KeyOut) -> LegsRowOut {
        let late = self.acknowledged_late + self.open_late;
        let acknowledged = Rate::new(self.acknowledged_in_time, self.acknowledged_in_time + late);
        let synced = Rate::new(self.synced_in_time, self.synced_in_time + self.synced_late);
        LegsRowOut {
            key,
            counts: self,
            acknowledged_rate: RateOut::new(acknowledged, "acknowledged_rate"),
            synced_rate: RateOut::new(synced, "synced_rate"),
        }
    }
}

/// Returns how soon the legs that began in a period were acknowledged and begun, a row a unit, with their total.
///
/// # Errors
/// Problems of the query and of who asks.
#[utoipa::path(get, path = "/api/v1/statistics/legs", tag = "statistics",
    security(("bearer" = [])), params(LegsQuery),
    responses((status = 200, body = LegsOut), (status = 403), (status = 404), (status = 422)))]
pub async fn read_legs(
    signed: Signed,
    Query(query): Query<LegsQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    signed.may_read_figures()?;
    let asked = query.period().read()?;
    let answer = state.figures(&signed.0, move |conn, act| {
        let unit = seen_in(act, query.unit.as_deref(), &asked.period)?;
        let units = units_then(act, unit, &asked.period);
        let counted = count(conn, act, &Wanted { bounds: asked.period.bounds(), units })?;
        answer(act, &asked, counted)
    });
    Ok(HttpResponse::Ok().json(answer.await?))
}

fn answer(act: &Act<'_>, asked: &AskedPeriod, counted: Vec<OfUnit>) -> Result<LegsOut, AppError> {
    let total = counted.iter().fold(LegCounts::default(), |sum, row| sum.plus(row.counts));
    let mut keyed = Vec::new();
    for row in counted {
        keyed.push((unit_key(act.catalogue(), UnitId(row.unit_id))?, row.counts));
    }
    keyed.sort_by(|(a, _), (b, _)| a.code.cmp(&b.code));
    let dossiers = &act.office.config.dossiers;
    Ok(LegsOut {
        head: FiguresHead::new(act, asked, Topic::Legs),
        acknowledge_hours: dossiers.acknowledge_hours,
        sync_minutes: dossiers.sync_minutes,
        rows: keyed.into_iter().map(|(key, counts)| counts.row(key.into())).collect(),
        total: total.row(super::tally::total_key().into()),
    })
}
