//! `GET /statistics/hours`: when dossiers come in at each counter, by weekday and hour, so that it can be staffed.

use std::ops::RangeInclusive;

use actix_web::{HttpResponse, web};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, SmallInt, Uuid as SqlUuid};
use serde::Serialize;

use super::asked::{AskedPeriod, period_query};
use super::codes::{CodedDossier, codes_behind};
use super::counters::{check_counter, check_row_counter};
use super::definitions::Topic;
use super::drill::{GroupKey, check_row, chosen};
use super::head::FiguresHead;
use super::queries::{self, Map, Question};
use super::sight::{own_in, seen_in, units_then};
use super::tally;
use crate::domain::ids::UnitId;
use crate::domain::role::Deed;
use crate::error::{AppError, Said};
use crate::http::body::{Faults, Query};
use crate::http::by_code::ByCode;
use crate::http::page::Page;
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct BusyHour {
    /// The code of the unit that received them.
    counter: String,
    /// Its name.
    counter_name: String,
    #[serde(flatten)]
    hour: Hour,
    /// The weekday in Vietnamese.
    weekday_vi: &'static str,
    /// In English.
    weekday_en: &'static str,
}

/// How many dossiers came in, in an hour of a weekday.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, QueryableByName, utoipa::ToSchema)]
pub struct Hour {
    /// 1 for Monday to 7 for Sunday, in Asia/Ho_Chi_Minh.
    #[diesel(sql_type = SmallInt)]
    weekday: i16,
    /// 0 to 23.
    #[diesel(sql_type = SmallInt)]
    hour: i16,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = SqlUuid)]
    counter_id: UnitId,
    #[diesel(embed)]
    hour: Hour,
}

impl BusyHour {
    fn of(act: &Act<'_>, Counted { counter_id, hour }: Counted) -> Result<Self, AppError> {
        let counter = tally::unit_key(act.catalogue(), counter_id)?;
        let (weekday_vi, weekday_en) = match hour.weekday {
            1 => ("Thứ Hai", "Monday"),
            2 => ("Thứ Ba", "Tuesday"),
            3 => ("Thứ Tư", "Wednesday"),
            4 => ("Thứ Năm", "Thursday"),
            5 => ("Thứ Sáu", "Friday"),
            6 => ("Thứ Bảy", "Saturday"),
            _ => ("Chủ nhật", "Sunday"),
        };
        Ok(Self { counter: counter.code, counter_name: counter.name, hour, weekday_vi, weekday_en })
    }
}

/// When dossiers came in.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct BusyHours {
    #[serde(flatten)]
    head: FiguresHead,
    /// The busiest of each counter first; brought to the counter or posted, as what is filed online needs no window.
    hours: Vec<BusyHour>,
    /// All that are counted.
    total: i64,
    /// Where the dossiers behind each hour are listed.
    dossiers: &'static str,
}

/// What came in at a counter, with its weekday and hour: shared by counts and drill-down.
fn came_in(question: &Question) -> String {
    format!(
        "(SELECT c.id, c.code, r.receiving_unit_id AS counter_id, \
           extract(isodow FROM c.accepted_at AT TIME ZONE INTERVAL '+07:00')::smallint AS weekday, \
           extract(hour FROM c.accepted_at AT TIME ZONE INTERVAL '+07:00')::smallint AS hour \
         FROM {} JOIN dossiers r ON r.id = c.id \
         WHERE c.accepted_in AND c.channel <> 'online' AND ($8 IS NULL OR r.receiving_unit_id = ANY($8))) i",
        queries::classified(question)
    )
}

fn question(
    conn: &mut PgConnection,
    act: &Act<'_>,
    asked: &AskedPeriod,
    counters: Option<Vec<UnitId>>,
) -> Result<Question, AppError> {
    Ok(Question { units: counters, ..tally::question(conn, act, (&asked.period, Map::Then))? })
}

fn hours(
    conn: &mut PgConnection,
    act: &Act<'_>,
    asked: &AskedPeriod,
    unit: Option<UnitId>,
) -> Result<BusyHours, AppError> {
    check_counter(conn, act, &asked.period, unit)?;
    let question = question(conn, act, asked, units_then(act, unit, &asked.period))?;
    let sql = format!(
        "/* statistics::hours::hours */ SELECT counter_id, weekday, hour, count(*) AS count \
         FROM {} JOIN units u ON u.id = counter_id \
         GROUP BY 1, 2, 3, u.code ORDER BY u.code, count DESC, weekday, hour",
        came_in(&question)
    );
    let counted: Vec<Counted> = queries::ask(sql, &question).load(conn)?;
    let total = counted.iter().map(|counted| counted.hour.count).sum();
    let hours = counted.into_iter().map(|counted| BusyHour::of(act, counted)).collect::<Result<_, _>>()?;
    let dossiers = "/api/v1/statistics/hours/dossiers";
    Ok(BusyHours { head: FiguresHead::new(act, asked, Topic::Hours), hours, total, dossiers })
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
    signed.may_read_figures()?;
    let asked = query.period().read()?;
    let found = state.figures(&signed.0, move |conn, act| {
        let unit = seen_in(act, query.unit.as_deref(), &asked.period)?;
        hours(conn, act, &asked, unit)
    });
    Ok(HttpResponse::Ok().json(found.await?))
}

period_query! {
    /// Which dossiers; without counter, weekday or hour those of all.
    HourDossiersQuery {
        /// The code of a unit: the counters of it and all below it. Without it, all that one may read.
        unit: Option<String>,
        /// The code of the unit that received them.
        counter: Option<String>,
        /// 1 for Monday to 7 for Sunday.
        weekday: Option<i16>,
        /// 0 to 23.
        hour: Option<i16>,
        /// `next_cursor` of the page before.
        cursor: Option<String>,
        /// 1 to 200; 50 when nothing is said.
        limit: Option<i64>,
    }
}

fn dossiers(
    conn: &mut PgConnection,
    act: &Act<'_>,
    asked: &AskedPeriod,
    (query, page): (&HourDossiersQuery, &ByCode),
) -> Result<Page<CodedDossier>, AppError> {
    let unit = own_in(act, query.unit.as_deref(), &asked.period)?;
    let counter = GroupKey::of_unit(query.counter.as_deref());
    let scope = (unit, Map::Then.day(act.now, &asked.period));
    let (counters, _) = chosen(act, scope, counter.as_ref()).map_err(|err| err.told_of("?counter"))?;
    check_counter(conn, act, &asked.period, unit)?;
    let question = question(conn, act, asked, counters)?;
    let source = came_in(&question);
    let is = |what: &str, value: Option<i16>| value.map_or("true".to_owned(), |value| format!("{what} = {value}"));
    let condition = format!("{} AND {}", is("weekday", query.weekday), is("hour", query.hour));
    let of = (page.after.as_deref(), page.limit);
    let codes = codes_behind(conn, &question, (&source, &condition), of)?;
    if codes.is_empty() {
        let has_any = || Ok(!codes_behind(conn, &question, (&source, "true"), (None, 0))?.is_empty());
        let checked = check_row(act, (&asked.period, Map::Then), question.units.as_deref(), has_any);
        let checked = checked.and_then(|()| check_row_counter(conn, act, &asked.period, query.counter.as_deref()));
        checked.map_err(|err| err.told_of("?counter"))?;
    }
    Ok(CodedDossier::page(page, codes))
}

/// Lists exactly the dossiers that came in at a counter in an hour of a weekday, by code.
///
/// # Errors
/// 401, 403, 404, 422.
#[utoipa::path(get, path = "/api/v1/statistics/hours/dossiers", tag = "statistics", security(("bearer" = [])),
    params(HourDossiersQuery),
    responses((status = 200, body = Page<CodedDossier>), (status = 403), (status = 404), (status = 422)))]
pub async fn list_hour_dossiers(
    signed: Signed,
    Query(query): Query<HourDossiersQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    signed.may(Deed::ReadStatistics)?;
    let page = ByCode::read(query.cursor.as_deref(), query.limit)?;
    let mut faults = Faults::new();
    check_number(&mut faults, "?weekday", (query.weekday, 1..=7));
    check_number(&mut faults, "?hour", (query.hour, 0..=23));
    let asked = query.period().gather(&mut faults);
    let asked = faults.finish(asked)?;
    let listed = state.figures(&signed.0, move |conn, act| dossiers(conn, act, &asked, (&query, &page)));
    Ok(HttpResponse::Ok().json(listed.await?))
}

fn check_number(faults: &mut Faults, pointer: &str, (number, allowed): (Option<i16>, RangeInclusive<i16>)) {
    if number.is_some_and(|number| !allowed.contains(&number)) {
        let (first, last) = allowed.into_inner();
        let (vi, en) = (format!("Phải từ {first} đến {last}"), format!("Must be from {first} to {last}"));
        faults.add(pointer, Said::new("wrong_number", vi, en));
    }
}
