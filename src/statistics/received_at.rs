//! `GET /statistics/received-at`: at which counters the dossiers of an agency were taken in. What a centre took in for
//! departments is told apart from what communes took in themselves, which the tables by resolving unit do not.

use actix_web::{HttpResponse, web};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Uuid as SqlUuid};
use serde::Serialize;

use super::asked::{AskedPeriod, period_query};
use super::codes::{CodedDossier, codes_behind};
use super::definitions::Topic;
use super::drill::{GroupKey, check_row, chosen};
use super::head::FiguresHead;
use super::queries::{self, CHOSEN, Map, Question};
use super::routes::KeyOut;
use super::sight::{own_in, seen_in};
use super::tally::{self, Key, Names, question_within, total_key};
use crate::domain::catalogue::{Catalogue, UnitKind};
use crate::domain::ids::UnitId;
use crate::domain::period::Period;
use crate::domain::role::Deed;
use crate::domain::words::words;
use crate::error::AppError;
use crate::http::body::Query;
use crate::http::by_code::ByCode;
use crate::http::page::Page;
use crate::staff::Signed;
use crate::state::{Act, AppState};

period_query! {
    /// Whose dossiers.
    ReceivedAtQuery {
        /// The code of a unit: it and all below it. Without it, all that one may read.
        unit: Option<String>,
    }
}

period_query! {
    /// Which dossiers.
    ReceivedAtDossiersQuery {
        /// The name of the figure, as in the table.
        cell: Option<String>,
        /// The code of a unit: it and all below it. Without it, all that one may read.
        unit: Option<String>,
        /// The code of one row of the table; without it, the total.
        group_key: Option<String>,
        /// `next_cursor` of the page before.
        cursor: Option<String>,
        /// 1 to 200; 50 when nothing is said.
        limit: Option<i64>,
    }
}

words! {
    /// A figure of a row: what is counted, and what can be drilled down to.
    pub enum ReceivedAtCell {
        /// Received in the period, columns 4 and 5 of biểu 06 together.
        TakenIn = "taken_in",
        /// Of them: at a centre (Trung tâm Phục vụ hành chính công).
        AtCentre = "at_centre",
        /// Of those: filed online.
        AtCentreOnline = "at_centre_online",
        /// Of those: brought to its counters, or sent to it by post.
        AtCentreDirectPostal = "at_centre_direct_postal",
        /// At a commune.
        AtCommune = "at_commune",
        /// At neither.
        Elsewhere = "elsewhere",
    }
}

impl ReceivedAtCell {
    /// Returns the condition on a dossier of [`source`]: counts and drill-down share it.
    const fn condition(self) -> &'static str {
        match self {
            Self::TakenIn => "true",
            Self::AtCentre => "at_centre",
            Self::AtCentreOnline => "(at_centre AND channel = 'online')",
            Self::AtCentreDirectPostal => "(at_centre AND channel <> 'online')",
            Self::AtCommune => "at_commune",
            Self::Elsewhere => "(NOT at_centre AND NOT at_commune)",
        }
    }
}

/// Where dossiers were taken in; `taken_in` is the sum of `at_centre`, `at_commune` and `elsewhere`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, QueryableByName, utoipa::ToSchema)]
pub struct ReceivedAtCounts {
    /// Received in the period, however it was filed.
    #[diesel(sql_type = BigInt)]
    pub taken_in: i64,
    /// Of them: at a centre.
    #[diesel(sql_type = BigInt)]
    pub at_centre: i64,
    /// Of those: filed online.
    #[diesel(sql_type = BigInt)]
    pub at_centre_online: i64,
    /// Of those: brought to its counters, or sent to it by post.
    #[diesel(sql_type = BigInt)]
    pub at_centre_direct_postal: i64,
    /// At a commune.
    #[diesel(sql_type = BigInt)]
    pub at_commune: i64,
    /// At neither.
    #[diesel(sql_type = BigInt)]
    pub elsewhere: i64,
}

/// Where the dossiers of a period were taken in: each unit that resolves, in the order of their codes, and all together.
#[derive(Debug, Clone)]
pub struct ReceivedAtFigures {
    /// A row a unit of which anything was taken in.
    pub rows: Vec<(UnitId, Key, ReceivedAtCounts)>,
    /// The sum of the rows.
    pub total: ReceivedAtCounts,
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = Nullable<SqlUuid>)]
    unit_id: Option<UnitId>,
    #[diesel(embed)]
    counts: ReceivedAtCounts,
}

/// Where the dossiers of a unit were taken in.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ReceivedAtRow {
    key: KeyOut,
    #[serde(flatten)]
    counts: ReceivedAtCounts,
}

/// Where the dossiers of a period were taken in, a row a unit that resolves.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ReceivedAtTable {
    #[serde(flatten)]
    head: FiguresHead,
    rows: Vec<ReceivedAtRow>,
    total: ReceivedAtRow,
    /// Where the dossiers behind each count are listed.
    dossiers: &'static str,
}

/// What was received in the period, with whether a centre or a commune took it in.
fn source(catalogue: &Catalogue, question: &Question) -> String {
    let of_kind = |kind| {
        let units = catalogue.units().into_iter().filter(move |unit| unit.kind == kind);
        let ids: Vec<_> = units.map(|unit| format!("'{}'", unit.id)).collect();
        format!("ARRAY[{}]::uuid[]", ids.join(", "))
    };
    format!(
        "(SELECT c.code, c.unit_id, c.channel, r.receiving_unit_id = ANY ({}) AS at_centre, \
            r.receiving_unit_id = ANY ({}) AS at_commune \
          FROM (SELECT * FROM {} WHERE {CHOSEN} AND accepted_in) c JOIN dossiers r ON r.id = c.id) t",
        of_kind(UnitKind::OneStopCentre),
        of_kind(UnitKind::Commune),
        queries::classified(question)
    )
}

/// Counts where the dossiers of a period were taken in, for a unit that resolves and all below it, or for all.
///
/// # Errors
/// Whatever the database says.
pub fn received_at(
    conn: &mut PgConnection,
    act: &Act<'_>,
    (period, unit): (&Period, Option<UnitId>),
) -> Result<ReceivedAtFigures, AppError> {
    let question = question_within(conn, act, (period, unit))?;
    let count = |cell: &ReceivedAtCell| format!("count(*) FILTER (WHERE {}) AS {cell}", cell.condition());
    let sql = format!(
        "/* statistics::received_at::received_at */ SELECT unit_id, {} FROM {} GROUP BY GROUPING SETS ((unit_id), ())",
        ReceivedAtCell::ALL.iter().map(count).collect::<Vec<_>>().join(", "),
        source(act.catalogue(), &question)
    );
    let counted: Vec<Counted> = queries::ask(sql, &question).load(conn)?;
    let names = Names { catalogue: act.catalogue(), day: question.mapped_on };
    let mut figures = ReceivedAtFigures { rows: Vec::new(), total: ReceivedAtCounts::default() };
    for Counted { unit_id, counts } in counted {
        match unit_id {
            Some(id) => figures.rows.push((id, names.key(id)?, counts)),
            None => figures.total = counts,
        }
    }
    figures.rows.sort_by(|(_, one, _), (_, other, _)| one.code.cmp(&other.code));
    Ok(figures)
}

/// Returns at which counters the dossiers of each unit were taken in: at a centre, at communes or elsewhere.
///
/// # Errors
/// 401, 403, 404, 422.
#[utoipa::path(get, path = "/api/v1/statistics/received-at", tag = "statistics", security(("bearer" = [])),
    params(ReceivedAtQuery),
    responses((status = 200, body = ReceivedAtTable), (status = 403), (status = 404), (status = 422)))]
pub async fn read_received_at(
    signed: Signed,
    Query(query): Query<ReceivedAtQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    signed.may_read_figures()?;
    let asked = query.period().read()?;
    let table = state.figures(&signed.0, move |conn, act| {
        let unit = seen_in(act, query.unit.as_deref(), &asked.period)?;
        Ok(answer(act, &asked, received_at(conn, act, (&asked.period, unit))?))
    });
    Ok(HttpResponse::Ok().json(table.await?))
}

fn answer(act: &Act<'_>, asked: &AskedPeriod, figures: ReceivedAtFigures) -> ReceivedAtTable {
    let row = |key: Key, counts| ReceivedAtRow { key: key.into(), counts };
    ReceivedAtTable {
        head: FiguresHead::new(act, asked, Topic::ReceivedAt),
        rows: figures.rows.into_iter().map(|(_, key, counts)| row(key, counts)).collect(),
        total: row(total_key(), figures.total),
        dossiers: "/api/v1/statistics/received-at/dossiers",
    }
}

/// Lists exactly the dossiers behind a count of where they were taken in, by code.
///
/// # Errors
/// 401, 403, 404, 422.
#[utoipa::path(get, path = "/api/v1/statistics/received-at/dossiers", tag = "statistics", security(("bearer" = [])),
    params(ReceivedAtDossiersQuery),
    responses((status = 200, body = Page<CodedDossier>), (status = 403), (status = 404), (status = 422)))]
pub async fn list_received_at(
    signed: Signed,
    Query(query): Query<ReceivedAtDossiersQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    signed.may(Deed::ReadStatistics)?;
    let page = ByCode::read(query.cursor.as_deref(), query.limit)?;
    let (cell, asked) = query.period().read_with("?cell", query.cell.as_deref())?;
    let listed = state.figures(&signed.0, move |conn, act| {
        let within = own_in(act, query.unit.as_deref(), &asked.period)?;
        let of = (cell, page.after.as_deref(), page.limit);
        let codes = behind(conn, act, (&asked.period, within, query.group_key.as_deref()), of)?;
        Ok(CodedDossier::page(&page, codes))
    });
    Ok(HttpResponse::Ok().json(listed.await?))
}

/// Lists the codes behind a count, after the one given, one more than `limit`; of one row where its code is given.
fn behind(
    conn: &mut PgConnection,
    act: &Act<'_>,
    (period, within, row): (&Period, Option<UnitId>, Option<&str>),
    (cell, after, limit): (ReceivedAtCell, Option<&str>, i64),
) -> Result<Vec<String>, AppError> {
    let asked = tally::question(conn, act, (period, Map::Then))?;
    let (units, _) = chosen(act, (within, asked.mapped_on), GroupKey::of_unit(row).as_ref())?;
    let question = Question { units, ..asked };
    let source = source(act.catalogue(), &question);
    let codes = codes_behind(conn, &question, (&source, cell.condition()), (after, limit))?;
    if codes.is_empty() {
        let has_any = || Ok(!codes_behind(conn, &question, (&source, "true"), (None, 0))?.is_empty());
        check_row(act, (period, Map::Then), question.units.as_deref(), has_any)?;
    }
    Ok(codes)
}
