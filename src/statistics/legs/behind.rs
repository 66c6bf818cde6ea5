//! `GET /statistics/legs/dossiers`: the legs behind a figure, exactly as many as it counts.

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde::Serialize;
use uuid::Uuid;

use super::cell::{BEGUN, LegCell};
use super::{Wanted, ask};
use crate::domain::ids::{ProcedureVersionId, UnitId};
use crate::domain::period::Period;
use crate::domain::role::Deed;
use crate::error::AppError;
use crate::http::body::{Faults, Query};
use crate::http::office_time::OfficeTime;
use crate::http::page::{self, Cursor, Page};
use crate::staff::Signed;
use crate::state::{Act, AppState};
use crate::statistics::drill::{GroupKey, check_row, chosen};
use crate::statistics::routes::KeyOut;
use crate::statistics::sight::own_in;
use crate::statistics::tally::unit_key;
use crate::statistics::{AskedPeriod, Map, period_query};

period_query! {
    /// Which figure.
    LegsBehindQuery {
        /// The name of the figure, as in the table.
        cell: Option<String>,
        /// The code of a unit: it and all below it. Without it, all that one may read.
        unit: Option<String>,
        /// The code of one row of the table; without it, the total.
        group_key: Option<String>,
        /// Where the page begins.
        cursor: Option<String>,
        /// How long the page is, 1 to 200.
        limit: Option<i64>,
    }
}

/// A leg behind a figure.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = LegBehind)]
pub struct LegBehindOut {
    /// The key of its dossier.
    id: Uuid,
    code: String,
    /// The code of the dossier of which it is a leg.
    parent: String,
    /// What is done in it.
    does: String,
    /// The unit that has it.
    unit: KeyOut,
    procedure_code: Option<String>,
    /// The status of now.
    status: String,
    /// When the last leg that it waited for was granted; `null` where it waited for none.
    #[schema(value_type = Option<String>, format = DateTime)]
    ready_at: Option<OfficeTime>,
    #[schema(value_type = String, format = DateTime)]
    started_at: OfficeTime,
    #[schema(value_type = String, format = DateTime)]
    acknowledge_by: OfficeTime,
    #[schema(value_type = Option<String>, format = DateTime)]
    acknowledged_at: Option<OfficeTime>,
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Text)]
    parent: String,
    #[diesel(sql_type = Text)]
    does: String,
    #[diesel(sql_type = SqlUuid)]
    unit_id: UnitId,
    #[diesel(sql_type = SqlUuid)]
    procedure_version_id: ProcedureVersionId,
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    ready_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Timestamptz)]
    started_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    acknowledge_by: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    acknowledged_at: Option<DateTime<Utc>>,
}

/// A page of the legs behind a figure.
struct Asked {
    cell: LegCell,
    after: Option<Cursor>,
    limit: i64,
}

/// Lists exactly the legs that a figure counts, by their beginning.
///
/// # Errors
/// Problems of the query and of who asks.
#[utoipa::path(get, path = "/api/v1/statistics/legs/dossiers", tag = "statistics",
    security(("bearer" = [])), params(LegsBehindQuery),
    responses((status = 200, body = Page<LegBehindOut>), (status = 403), (status = 404), (status = 422)))]
pub async fn list_legs_behind(
    signed: Signed,
    Query(query): Query<LegsBehindQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    signed.may(Deed::ReadStatistics)?;
    let (period, asked) = read(&query)?;
    let page = state.figures(&signed.0, move |conn, act| {
        let within = own_in(act, query.unit.as_deref(), &period.period)?;
        let row = GroupKey::of_unit(query.group_key.as_deref());
        let (units, _) = chosen(act, (within, Map::Then.day(act.now, &period.period)), row.as_ref())?;
        page_of(conn, act, (&period.period, units), &asked)
    });
    Ok(HttpResponse::Ok().json(page.await?))
}

fn read(query: &LegsBehindQuery) -> Result<(AskedPeriod, Asked), AppError> {
    let after = query.cursor.as_deref().map(Cursor::read).transpose()?;
    let limit = page::limit(query.limit)?;
    let mut faults = Faults::new();
    let cell = faults.required("?cell", query.cell.as_deref()).and_then(|word| faults.word("?cell", word));
    let period = query.period().gather(&mut faults);
    let (cell, period) = faults.finish(cell.zip(period))?;
    Ok((period, Asked { cell, after, limit }))
}

fn page_of(
    conn: &mut PgConnection,
    act: &Act<'_>,
    (period, units): (&Period, Option<Vec<UnitId>>),
    asked: &Asked,
) -> Result<Page<LegBehindOut>, AppError> {
    let wanted = Wanted { bounds: period.bounds(), units };
    let found = behind(conn, act, &wanted, asked)?;
    if found.is_empty() {
        let any = Asked { cell: LegCell::Started, after: None, limit: 0 };
        let has_any = || Ok(!behind(conn, act, &wanted, &any)?.is_empty());
        check_row(act, (period, Map::Then), wanted.units.as_deref(), has_any)?;
    }
    let page = Page::cut(found, asked.limit, |leg| Cursor { at: leg.started_at, id: leg.id });
    let items = page.items.into_iter().map(|leg| shown(act, leg)).collect::<Result<_, _>>()?;
    Ok(Page { items, next_cursor: page.next_cursor })
}

/// Lists the legs of a figure after the cursor, one more than the page has.
fn behind(conn: &mut PgConnection, act: &Act<'_>, wanted: &Wanted, asked: &Asked) -> QueryResult<Vec<Found>> {
    let sql = format!(
        "/* statistics::legs::behind */ SELECT d.id, d.code, d.status, l.does, l.unit_id, d.procedure_version_id, \
         (SELECT p.code FROM dossiers p WHERE p.id = l.parent_id) AS parent, \
         l.ready_at, l.started_at, l.acknowledge_by, l.acknowledged_at {BEGUN} AND {} \
         AND ($6 IS NULL OR (l.started_at, d.id) > ($6, $7)) ORDER BY l.started_at, d.id LIMIT $8",
        asked.cell.condition()
    );
    ask(sql, act, wanted)
        .bind::<Nullable<Timestamptz>, _>(asked.after.map(|cursor| cursor.at))
        .bind::<Nullable<SqlUuid>, _>(asked.after.map(|cursor| cursor.id))
        .bind::<BigInt, _>(asked.limit + 1)
        .load(conn)
}

fn shown(act: &Act<'_>, leg: Found) -> Result<LegBehindOut, AppError> {
    let procedure = act.catalogue().procedure(leg.procedure_version_id);
    Ok(LegBehindOut {
        id: leg.id,
        code: leg.code,
        parent: leg.parent,
        does: leg.does,
        unit: unit_key(act.catalogue(), leg.unit_id)?.into(),
        procedure_code: procedure.map(|procedure| procedure.code.clone()),
        status: leg.status,
        ready_at: leg.ready_at.map(OfficeTime),
        started_at: leg.started_at.into(),
        acknowledge_by: leg.acknowledge_by.into(),
        acknowledged_at: leg.acknowledged_at.map(OfficeTime),
    })
}
