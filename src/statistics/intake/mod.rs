//! How intake went: what was filed online and answered in time or late, and papers that were asked for twice. A figure and
//! the dossiers behind it share one classification (`cell`).

pub mod behind;
mod cell;

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{BoxedSqlQuery, SqlQuery};
use diesel::sql_types::{Array, Nullable, Timestamptz, Uuid as SqlUuid};
use serde::Serialize;

use self::cell::CAME_IN;
use super::asked::{AskedPeriod, period_query};
use super::counters::check_counter;
use super::definitions::Topic;
use super::head::FiguresHead;
use super::routes::KeyOut;
use super::sight::{seen_in, units_then};
use super::tally::{Key, unit_key};
use crate::domain::ids::UnitId;
use crate::domain::period::Period;
use crate::error::AppError;
use crate::http::body::Query;
use crate::staff::Signed;
use crate::state::{Act, AppState};

pub use self::behind::{IntakeBehind, intake_behind};
pub use self::cell::{IntakeCell, IntakeCounts};

period_query! {
    /// Which table.
    IntakeQuery {
        /// The code of a unit: it and all below it. Without it, all that one may read.
        unit: Option<String>,
    }
}

/// The counters of a period in the order of their codes, and all of them together.
#[derive(Debug, Clone)]
pub struct IntakeFigures {
    /// A row a counter at which anything came in.
    pub rows: Vec<(Key, IntakeCounts)>,
    /// The sum of the rows.
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
    #[serde(flatten)]
    head: FiguresHead,
    rows: Vec<IntakeRow>,
    total: IntakeCounts,
    /// Where the dossiers behind each count are listed.
    dossiers: &'static str,
}

/// What came in when, and at which counters; `None` is all of them.
struct Wanted {
    bounds: (DateTime<Utc>, DateTime<Utc>),
    units: Option<Vec<UnitId>>,
}

/// Binds $1 to $4, the same in every query here.
fn ask(sql: String, act: &Act<'_>, wanted: &Wanted) -> BoxedSqlQuery<'static, Pg, SqlQuery> {
    diesel::sql_query(sql)
        .into_boxed::<Pg>()
        .bind::<Timestamptz, _>(wanted.bounds.0)
        .bind::<Timestamptz, _>(wanted.bounds.1)
        .bind::<Timestamptz, _>(act.now)
        .bind::<Nullable<Array<SqlUuid>>, _>(wanted.units.clone())
}

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
    signed.may_read_figures()?;
    let asked = query.period().read()?;
    let table = state.figures(&signed.0, move |conn, act| {
        let unit = seen_in(act, query.unit.as_deref(), &asked.period)?;
        Ok(answer(act, &asked, count_intake(conn, act, &asked.period, unit)?))
    });
    Ok(HttpResponse::Ok().json(table.await?))
}

fn answer(act: &Act<'_>, asked: &AskedPeriod, IntakeFigures { rows, total }: IntakeFigures) -> IntakeTable {
    let rows = rows.into_iter().map(|(key, counts)| IntakeRow { key: key.into(), counts }).collect();
    let dossiers = "/api/v1/statistics/intake/dossiers";
    IntakeTable { head: FiguresHead::new(act, asked, Topic::Intake), rows, total, dossiers }
}

/// Counts intake by counter, for a unit and all below it, or for all.
///
/// # Errors
/// As [`check_counter`], and whatever the database says.
pub fn count_intake(
    conn: &mut PgConnection,
    act: &Act<'_>,
    period: &Period,
    unit: Option<UnitId>,
) -> Result<IntakeFigures, AppError> {
    check_counter(conn, act, period, unit)?;
    let units = units_then(act, unit, period);
    let count = |cell: &IntakeCell| format!("count(*) FILTER (WHERE {}) AS {cell}", cell.condition());
    let sql = format!(
        "/* statistics::intake::count_intake */ SELECT unit_id, {} FROM {CAME_IN} GROUP BY unit_id ORDER BY unit_id",
        IntakeCell::ALL.iter().map(count).collect::<Vec<_>>().join(", ")
    );
    let counted: Vec<CountedAt> = ask(sql, act, &Wanted { bounds: period.bounds(), units }).load(conn)?;
    let total = counted.iter().fold(IntakeCounts::default(), |sum, row| sum.plus(row.counts));
    let mut rows = Vec::with_capacity(counted.len());
    for CountedAt { unit_id, counts } in counted {
        rows.push((unit_key(act.catalogue(), unit_id)?, counts));
    }
    rows.sort_by(|(one, _), (other, _)| one.code.cmp(&other.code));
    Ok(IntakeFigures { rows, total })
}
