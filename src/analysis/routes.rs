//! `GET /statistics/trend`, `/statistics/ranking`, `/statistics/patterns`.

use actix_web::{HttpResponse, web};
use diesel::PgConnection;

use super::view::{Note, PatternOut, Patterns, Ranking, Trend, TrendPoint, ranked};
use crate::domain::ids::UnitId;
use crate::domain::period::Period;
use crate::domain::role::Deed;
use crate::error::{AppError, Said};
use crate::http::body::{Faults, Query};
use crate::http::by_code::ByCode;
use crate::http::page::Page;
use crate::staff::Signed;
use crate::state::{Act, AppState};
use crate::statistics::routes::KeyOut;
use crate::statistics::{
    AskedPeriod, CodedDossier, FiguresHead, Grouping, Pattern, Topic, behind_pattern, own_in, patterns, period_query,
    seen_in, tally, unit_key,
};

/// The longest trend, in periods.
const LONGEST: usize = 24;

period_query! {
    /// Which trend. The period asked for is the last one.
    TrendQuery {
        /// The code of a unit: it and all below it. Without it, all that one may read.
        unit: Option<String>,
        /// How many periods, 2 to 24; 2 when nothing is said: the comparison with the one before.
        periods: Option<usize>,
    }
}

/// Returns the figures of successive periods of one length, and what changed from each to the next; of the last one it is said
/// where it is under way.
///
/// # Errors
/// 401, 403, 404, 409, 422.
#[utoipa::path(get, path = "/api/v1/statistics/trend", tag = "statistics", security(("bearer" = [])), params(TrendQuery),
    responses((status = 200, body = Trend), (status = 403), (status = 404), (status = 409), (status = 422)))]
pub async fn read_trend(
    signed: Signed,
    Query(query): Query<TrendQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    signed.may_read_figures()?;
    let mut faults = Faults::new();
    let periods = Some(query.periods.unwrap_or(2)).filter(|periods| (2..=LONGEST).contains(periods));
    let said = Said::new("wrong_number", "periods từ 2 đến 24", "periods must be from 2 to 24");
    let periods = faults.read("?periods", said, periods);
    let asked = query.period().gather(&mut faults).zip(periods);
    let (asked, periods) = faults.finish(asked)?;
    let trend = state.figures(&signed.0, move |conn, act| {
        let unit = seen_in(act, query.unit.as_deref(), &asked.period)?;
        trend(conn, act, (&asked, periods), unit)
    });
    Ok(HttpResponse::Ok().json(trend.await?))
}

fn trend(
    conn: &mut PgConnection,
    act: &Act<'_>,
    (asked, count): (&AskedPeriod, usize),
    unit: Option<UnitId>,
) -> Result<Trend, AppError> {
    let mut periods: Vec<Period> =
        std::iter::successors(Some(asked.period), |period| period.before().ok()).take(count).collect();
    periods.reverse();
    let mut points = Vec::with_capacity(count);
    let mut before = None;
    for period in &periods {
        // The last one was checked before: where there are no figures, it was gone back too far.
        let table = tally(conn, act, period, unit, Grouping::Unit).map_err(|err| err.told_of("?periods"))?;
        let total = table.total;
        points.push(TrendPoint::new((period, act.now), &total, before.as_ref()));
        before = Some(total);
    }
    let unit = unit.map(|id| unit_key(act.catalogue(), id)).transpose()?;
    let from = periods.first().map_or(asked.period.from(), Period::from);
    let all = Period::new(from, asked.period.to()).map_err(|err| AppError::Internal(err.into()))?;
    let head = FiguresHead::over(act, (asked, &all), Topic::Trend);
    Ok(Trend { head, unit: unit.map(KeyOut::from), points, note: Note::on(&asked.period, act.now) })
}

period_query! {
    /// Which ranking.
    RankingQuery {}
}

/// Ranks all units by their on-time rate, with the interval in which it likely lies; those with too few dossiers are not
/// ranked.
///
/// # Errors
/// 401, 403, 409, 422.
#[utoipa::path(get, path = "/api/v1/statistics/ranking", tag = "statistics", security(("bearer" = [])),
    params(RankingQuery),
    responses((status = 200, body = Ranking), (status = 403), (status = 409), (status = 422)))]
pub async fn read_ranking(
    signed: Signed,
    Query(query): Query<RankingQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    signed.may_read_figures()?;
    let asked = query.period().read()?;
    let ranking = state.figures(&signed.0, move |conn, act| {
        if !crate::statistics::sees_figures_of(act, None) {
            return Err(own_unit_only());
        }
        let table = tally(conn, act, &asked.period, None, Grouping::Unit)?;
        let fewest = i64::from(act.office.config.statistics.fewest_to_rank);
        let head = FiguresHead::new(act, &asked, Topic::Ranking);
        Ok(Ranking { head, fewest, rows: ranked(table.rows, fewest) })
    });
    Ok(HttpResponse::Ok().json(ranking.await?))
}

fn own_unit_only() -> AppError {
    AppError::Forbidden(Said::new(
        "role_may_not",
        "Vai trò của bạn chỉ xem được số liệu của cơ quan mình",
        "Your role reads the figures of its own unit alone",
    ))
}

period_query! {
    /// Where patterns are looked for.
    PatternsQuery {
        /// The code of a unit: it and all below it. Without it, all that one may read.
        unit: Option<String>,
    }
}

/// Returns patterns that a reviewer should look at: ends bunched before the due moment, pauses opened just before it, many
/// corrections after it. None proves anything by itself.
///
/// # Errors
/// 401, 403, 404, 422.
#[utoipa::path(get, path = "/api/v1/statistics/patterns", tag = "statistics", security(("bearer" = [])),
    params(PatternsQuery),
    responses((status = 200, body = Patterns), (status = 403), (status = 404), (status = 422)))]
pub async fn read_patterns(
    signed: Signed,
    Query(query): Query<PatternsQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    signed.may_read_figures()?;
    let asked = query.period().read()?;
    let found = state.figures(&signed.0, move |conn, act| {
        let unit = seen_in(act, query.unit.as_deref(), &asked.period)?;
        let mut out = Vec::new();
        for pattern in Pattern::ALL {
            let found = patterns(conn, act, (&asked.period, unit), *pattern)?;
            out.push(PatternOut::new(act, *pattern, found)?);
        }
        let dossiers = "/api/v1/statistics/patterns/dossiers";
        let head = FiguresHead::new(act, &asked, Topic::Patterns);
        Ok(Patterns { head, patterns: out, dossiers })
    });
    Ok(HttpResponse::Ok().json(found.await?))
}

period_query! {
    /// Which dossiers.
    PatternDossiersQuery {
        /// The code of a unit: it and all below it. Without it, all that one may read.
        unit: Option<String>,
        /// The pattern.
        pattern: Option<String>,
        /// The code of one of its units, of which alone it is then; without it, all of them.
        group_key: Option<String>,
        /// `next_cursor` of the page before.
        cursor: Option<String>,
        /// 1 to 200; 50 when nothing is said.
        limit: Option<i64>,
    }
}

/// Lists exactly the dossiers in which a pattern was found, by code.
///
/// # Errors
/// 401, 403, 404, 422.
#[utoipa::path(get, path = "/api/v1/statistics/patterns/dossiers", tag = "statistics", security(("bearer" = [])),
    params(PatternDossiersQuery),
    responses((status = 200, body = Page<CodedDossier>), (status = 403), (status = 404), (status = 422)))]
pub async fn list_pattern_dossiers(
    signed: Signed,
    Query(query): Query<PatternDossiersQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    signed.may(Deed::ReadStatistics)?;
    let page = ByCode::read(query.cursor.as_deref(), query.limit)?;
    let (pattern, asked) = query.period().read_with("?pattern", query.pattern.as_deref())?;
    let listed = state.figures(&signed.0, move |conn, act| {
        let unit = own_in(act, query.unit.as_deref(), &asked.period)?;
        let of = (pattern, page.after.as_deref(), page.limit);
        let codes = behind_pattern(conn, act, (&asked.period, unit, query.group_key.as_deref()), of)?;
        Ok(CodedDossier::page(&page, codes))
    });
    Ok(HttpResponse::Ok().json(listed.await?))
}
