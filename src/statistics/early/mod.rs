//! `GET /statistics/early-results`: what comes of being early. How many results were ready before their date and by how many
//! working days, and whether their people had them before it too: those who were told at once beside those who were not.
//!
//! It compares, and proves nothing by itself: whoever left no phone number is among those who were not told.

mod cell;

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde::Serialize;

use self::cell::{EarlyCell, EarlyCounts, EarlyRow};
use super::asked::{AskedPeriod, period_query};
use super::definitions::Topic;
use super::drill::{GroupKey, check_row, chosen};
use super::head::FiguresHead;
use super::queries::{self, Asked, CHOSEN, Map, Question};
use super::sight::{own_in, seen_in};
use super::tally::{self, question_within, total_key, unit_key};
use super::working_days::{WorkingDays, all_counted};
use crate::domain::ids::UnitId;
use crate::domain::role::Deed;
use crate::error::AppError;
use crate::http::body::Query;
use crate::http::by_code::ByCode;
use crate::http::office_time::OfficeTime;
use crate::http::page::Page;
use crate::staff::Signed;
use crate::state::{Act, AppState};

period_query! {
    /// Which results.
    EarlyQuery {
        /// The code of a unit: it and all below it. Without it, all that one may read.
        unit: Option<String>,
    }
}

period_query! {
    /// Which dossiers.
    EarlyDossiersQuery {
        /// The name of the figure, as in the table.
        cell: Option<String>,
        /// The code of a unit: it and all below it. Without it, all that one may read.
        unit: Option<String>,
        /// The code of one row; without it, the total.
        group_key: Option<String>,
        /// `next_cursor` of the page before.
        cursor: Option<String>,
        /// 1 to 200; 50 when nothing is said.
        limit: Option<i64>,
    }
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = Nullable<SqlUuid>)]
    unit_id: Option<UnitId>,
    #[diesel(sql_type = BigInt)]
    uncounted: i64,
    #[diesel(embed)]
    counts: EarlyCounts,
}

/// What came of being early in a period, a row a unit.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct EarlyTable {
    #[serde(flatten)]
    head: FiguresHead,
    rows: Vec<EarlyRow>,
    total: EarlyRow,
    /// Where the dossiers behind each count are listed.
    dossiers: &'static str,
}

/// Results of the period. `wait_days` goes from when the result could be fetched to when it was. Whether somebody was
/// reached is told as for the campaign: a phone or server has it, a gateway took it, or somebody called.
fn source(question: &Question) -> String {
    format!(
        "(SELECT x.*, early AND delivery = 'counter' AS at_counter, coalesce( \
             (returned_at AT TIME ZONE INTERVAL '+07:00')::date < (due AT TIME ZONE INTERVAL '+07:00')::date, false) \
               AS before_due, \
           ($13)[(due AT TIME ZONE INTERVAL '+07:00')::date - $14 + 1] \
               - ($13)[(finished_at AT TIME ZONE INTERVAL '+07:00')::date - $14 + 1] AS saved_days, \
           ($13)[(returned_at AT TIME ZONE INTERVAL '+07:00')::date - $14 + 1] \
               - ($13)[(ready_at AT TIME ZONE INTERVAL '+07:00')::date - $14 + 1] AS wait_days \
         FROM (SELECT c.code, c.unit_id, c.finished_at, d.due_unextended AS due, d.returned_at, \
             d.result_delivery AS delivery, coalesce(d.at_counter_at, d.finished_at) AS ready_at, \
             c.standing = 'early' AS early, EXISTS ( \
               SELECT FROM notices n WHERE n.dossier_id = c.id AND n.purpose = 'result_early' \
                 AND n.created_at >= c.finished_at \
                 AND (n.status IN ('delivered', 'sent') OR n.settled = 'told_by_phone')) AS told \
           FROM (SELECT * FROM {} WHERE {CHOSEN} AND ended_in AND status IN ('finished', 'returned')) c \
           JOIN dossiers d ON d.id = c.id) x) e",
        queries::classified(question)
    )
}

/// Binds $1 to $14.
fn ask(sql: String, question: &Question, days: &WorkingDays) -> Asked {
    queries::ask(sql, question).bind::<Array<Integer>, _>(days.worked.clone()).bind::<Date, _>(days.first)
}

fn working_days(act: &Act<'_>) -> Result<WorkingDays, AppError> {
    WorkingDays::of(act.catalogue().calendar()).map_err(|err| AppError::Internal(err.into()))
}

fn early(
    conn: &mut PgConnection,
    act: &Act<'_>,
    asked: &AskedPeriod,
    unit: Option<UnitId>,
) -> Result<EarlyTable, AppError> {
    let question = question_within(conn, act, (&asked.period, unit))?;
    let count = |cell: &EarlyCell| format!("count(*) FILTER (WHERE {}) AS {cell}", cell.condition());
    let wait = |cell: EarlyCell, name: &str| {
        format!("percentile_disc(0.5) WITHIN GROUP (ORDER BY wait_days) FILTER (WHERE {}) AS {name}", cell.condition())
    };
    let sql = format!(
        "/* statistics::early::early */ SELECT unit_id, {}, coalesce(sum(saved_days) FILTER (WHERE early), 0) AS saved_days, \
         percentile_disc(0.5) WITHIN GROUP (ORDER BY saved_days) FILTER (WHERE early) AS median_saved_days, {}, {}, \
         count(*) FILTER (WHERE early AND saved_days IS NULL OR at_counter AND returned_at IS NOT NULL AND wait_days IS NULL) \
           AS uncounted \
         FROM {} GROUP BY GROUPING SETS ((unit_id), ())",
        EarlyCell::ALL.iter().map(count).collect::<Vec<_>>().join(", "),
        wait(EarlyCell::ToldCollected, "median_told_wait_days"),
        wait(EarlyCell::UntoldCollected, "median_untold_wait_days"),
        source(&question)
    );
    let counted: Vec<Counted> = ask(sql, &question, &working_days(act)?).load(conn)?;
    let (mut rows, mut total) = (Vec::new(), None);
    for Counted { unit_id, uncounted, counts } in counted {
        all_counted(uncounted)?;
        match unit_id {
            Some(unit) => rows.push((unit_key(act.catalogue(), unit)?, counts)),
            None => total = Some(EarlyRow::new(total_key(), counts)),
        }
    }
    rows.sort_by(|(one, _), (other, _)| one.code.cmp(&other.code));
    Ok(EarlyTable {
        head: FiguresHead::new(act, asked, Topic::EarlyResults),
        rows: rows.into_iter().map(|(key, counts)| EarlyRow::new(key, counts)).collect(),
        total: total.ok_or_else(|| AppError::internal("early results without a total"))?,
        dossiers: "/api/v1/statistics/early-results/dossiers",
    })
}

/// Returns what came of being early in a period: how much sooner results were ready, and how soon they were fetched by those
/// who were told and by those who were not.
///
/// # Errors
/// 401, 403, 404, 409, 422.
#[utoipa::path(get, path = "/api/v1/statistics/early-results", tag = "statistics", security(("bearer" = [])),
    params(EarlyQuery),
    responses((status = 200, body = EarlyTable), (status = 403), (status = 404), (status = 409), (status = 422)))]
pub async fn read_early(
    signed: Signed,
    Query(query): Query<EarlyQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    signed.may_read_figures()?;
    let asked = query.period().read()?;
    let table = state.figures(&signed.0, move |conn, act| {
        let unit = seen_in(act, query.unit.as_deref(), &asked.period)?;
        early(conn, act, &asked, unit)
    });
    Ok(HttpResponse::Ok().json(table.await?))
}

/// A dossier behind a figure.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct EarlyDossier {
    code: String,
    #[schema(value_type = String, format = DateTime)]
    finished_at: OfficeTime,
    /// By which it was early or not.
    #[schema(value_type = Option<String>, format = DateTime)]
    due_at: Option<OfficeTime>,
    /// Working days from the result to the due date; below 0 for a late one.
    saved_days: Option<i32>,
    /// Whether its people were reached with an invitation.
    told: bool,
    #[schema(value_type = Option<String>, format = DateTime)]
    returned_at: Option<OfficeTime>,
    /// Working days from when it could be fetched to when it was.
    wait_days: Option<i32>,
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Timestamptz)]
    finished_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    due: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Integer>)]
    saved_days: Option<i32>,
    #[diesel(sql_type = Bool)]
    told: bool,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    returned_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Integer>)]
    wait_days: Option<i32>,
}

impl From<Found> for EarlyDossier {
    fn from(found: Found) -> Self {
        Self {
            code: found.code,
            finished_at: found.finished_at.into(),
            due_at: found.due.map(OfficeTime),
            saved_days: found.saved_days,
            told: found.told,
            returned_at: found.returned_at.map(OfficeTime),
            wait_days: found.wait_days,
        }
    }
}

fn dossiers(
    conn: &mut PgConnection,
    act: &Act<'_>,
    asked: &AskedPeriod,
    (query, cell, page): (&EarlyDossiersQuery, EarlyCell, &ByCode),
) -> Result<Page<EarlyDossier>, AppError> {
    let unit = own_in(act, query.unit.as_deref(), &asked.period)?;
    let row = GroupKey::of_unit(query.group_key.as_deref());
    let (units, _) = chosen(act, (unit, Map::Then.day(act.now, &asked.period)), row.as_ref())?;
    let question = Question { units, ..tally::question(conn, act, (&asked.period, Map::Then))? };
    let days = working_days(act)?;
    let found = behind(conn, (&question, &days), cell, (page.after.clone(), page.limit))?;
    if found.is_empty() {
        let has_any = || Ok(!behind(conn, (&question, &days), EarlyCell::Results, (None, 0))?.is_empty());
        check_row(act, (&asked.period, Map::Then), question.units.as_deref(), has_any)?;
    }
    Ok(page.cut(found.into_iter().map(EarlyDossier::from).collect(), |item: &EarlyDossier| item.code.as_str()))
}

/// Lists the results of a figure after the code given, one more than `limit`.
fn behind(
    conn: &mut PgConnection,
    (question, days): (&Question, &WorkingDays),
    cell: EarlyCell,
    (after, limit): (Option<String>, i64),
) -> QueryResult<Vec<Found>> {
    let sql = format!(
        "/* statistics::early::behind */ SELECT code, finished_at, due, saved_days, told, returned_at, wait_days \
         FROM {} WHERE {} AND ($15 IS NULL OR code > $15) ORDER BY code LIMIT $16",
        source(question),
        cell.condition()
    );
    ask(sql, question, days).bind::<Nullable<Text>, _>(after).bind::<BigInt, _>(limit + 1).load(conn)
}

/// Lists exactly the dossiers behind a figure of early results, by code.
///
/// # Errors
/// 401, 403, 404, 422.
#[utoipa::path(get, path = "/api/v1/statistics/early-results/dossiers", tag = "statistics", security(("bearer" = [])),
    params(EarlyDossiersQuery),
    responses((status = 200, body = Page<EarlyDossier>), (status = 403), (status = 404), (status = 422)))]
pub async fn list_early_dossiers(
    signed: Signed,
    Query(query): Query<EarlyDossiersQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    signed.may(Deed::ReadStatistics)?;
    let page = ByCode::read(query.cursor.as_deref(), query.limit)?;
    let (cell, asked) = query.period().read_with("?cell", query.cell.as_deref())?;
    let listed = state.figures(&signed.0, move |conn, act| dossiers(conn, act, &asked, (&query, cell, &page)));
    Ok(HttpResponse::Ok().json(listed.await?))
}
