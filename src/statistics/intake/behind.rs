//! `GET /statistics/intake/dossiers`: the dossiers behind a figure of intake, exactly as many as it counts.

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz};
use serde::Serialize;

use super::cell::{CAME_IN, IntakeCell};
use super::{Wanted, ask};
use crate::domain::ids::UnitId;
use crate::domain::period::Period;
use crate::domain::role::Deed;
use crate::error::AppError;
use crate::http::body::Query;
use crate::http::by_code::ByCode;
use crate::http::office_time::OfficeTime;
use crate::http::page::Page;
use crate::staff::Signed;
use crate::state::{Act, AppState};
use crate::statistics::counters::{check_counter, check_row_counter};
use crate::statistics::drill::{GroupKey, check_row, chosen};
use crate::statistics::sight::own_in;
use crate::statistics::{AskedPeriod, Map, period_query};

period_query! {
    /// Which figure.
    IntakeBehindQuery {
        /// The name of the figure, as in the table.
        cell: Option<String>,
        /// The code of a unit: the counters of it and all below it. Without it, all that one may read.
        unit: Option<String>,
        /// The code of one row of the table; without it, the total.
        group_key: Option<String>,
        /// `next_cursor` of the page before.
        cursor: Option<String>,
        /// 1 to 200; 50 when nothing is said.
        limit: Option<i64>,
    }
}

/// Which dossiers are looked for.
#[derive(Debug, Clone)]
pub struct IntakeBehind {
    /// The figure.
    pub cell: IntakeCell,
    /// The period.
    pub period: Period,
    /// The unit with all below it; `None` for all.
    pub within: Option<UnitId>,
    /// The code of one row of the table; `None` for the total.
    pub row: Option<String>,
    /// Which page.
    pub page: ByCode,
}

/// A dossier behind a figure of intake.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct IntakeDossier {
    code: String,
    /// When it came in.
    #[schema(value_type = String, format = DateTime)]
    registered_at: OfficeTime,
    /// By when it was to be answered; `null` for what was brought to the counter.
    #[schema(value_type = Option<String>, format = DateTime)]
    answer_due_at: Option<OfficeTime>,
    /// When it was accepted, not taken in, or asked for more papers.
    #[schema(value_type = Option<String>, format = DateTime)]
    answered_at: Option<OfficeTime>,
    /// How often papers were asked for.
    requests: i64,
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Timestamptz)]
    registered_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    due: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    answered: Option<DateTime<Utc>>,
    #[diesel(sql_type = BigInt)]
    asked: i64,
}

impl From<Found> for IntakeDossier {
    fn from(found: Found) -> Self {
        Self {
            code: found.code,
            registered_at: found.registered_at.into(),
            answer_due_at: found.due.map(OfficeTime),
            answered_at: found.answered.map(OfficeTime),
            requests: found.asked,
        }
    }
}

/// Lists exactly the dossiers behind a figure of intake, by code.
///
/// # Errors
/// 401, 403, 404, 422.
#[utoipa::path(get, path = "/api/v1/statistics/intake/dossiers", tag = "statistics", security(("bearer" = [])),
    params(IntakeBehindQuery),
    responses((status = 200, body = Page<IntakeDossier>), (status = 403), (status = 404), (status = 422)))]
pub async fn list_intake_behind(
    signed: Signed,
    Query(query): Query<IntakeBehindQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    signed.may(Deed::ReadStatistics)?;
    let page = ByCode::read(query.cursor.as_deref(), query.limit)?;
    let (cell, AskedPeriod { period, .. }) = query.period().read_with("?cell", query.cell.as_deref())?;
    let listed = state.figures(&signed.0, move |conn, act| {
        let within = own_in(act, query.unit.as_deref(), &period)?;
        intake_behind(conn, act, &IntakeBehind { cell, period, within, row: query.group_key, page })
    });
    Ok(HttpResponse::Ok().json(listed.await?))
}

/// Lists a page of the dossiers that a figure counts.
///
/// # Errors
/// [`AppError::Invalid`] when the row asked for is none of the table, and as [`check_counter`].
pub fn intake_behind(
    conn: &mut PgConnection,
    act: &Act<'_>,
    form: &IntakeBehind,
) -> Result<Page<IntakeDossier>, AppError> {
    let row = GroupKey::of_unit(form.row.as_deref());
    let (units, _) = chosen(act, (form.within, Map::Then.day(act.now, &form.period)), row.as_ref())?;
    check_counter(conn, act, &form.period, form.within)?;
    let wanted = Wanted { bounds: form.period.bounds(), units };
    let found = behind(conn, act, &wanted, (form.cell.condition(), form.page.after.clone(), form.page.limit))?;
    if found.is_empty() {
        let has_any = || Ok(!behind(conn, act, &wanted, ("true", None, 0))?.is_empty());
        check_row(act, (&form.period, Map::Then), wanted.units.as_deref(), has_any)?;
        check_row_counter(conn, act, &form.period, form.row.as_deref()).map_err(|err| err.told_of("?group_key"))?;
    }
    Ok(form.page.cut(found.into_iter().map(IntakeDossier::from).collect(), |item: &IntakeDossier| item.code.as_str()))
}

/// Lists what came in and fulfils a condition, after the code given, one more than `limit`.
fn behind(
    conn: &mut PgConnection,
    act: &Act<'_>,
    wanted: &Wanted,
    (condition, after, limit): (&str, Option<String>, i64),
) -> QueryResult<Vec<Found>> {
    let sql = format!(
        "/* statistics::intake::behind */ SELECT code, registered_at, due, answered, asked FROM {CAME_IN} \
         WHERE {condition} AND ($5 IS NULL OR code > $5) ORDER BY code LIMIT $6"
    );
    ask(sql, act, wanted).bind::<Nullable<Text>, _>(after).bind::<BigInt, _>(limit + 1).load(conn)
}

impl IntakeDossier {
    /// Returns its code.
    pub fn code(&self) -> &str {
        &self.code
    }
}
