//! Trend, ranking and patterns as answers show them.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use crate::domain::period::{Period, office_date};
use crate::domain::ranking::{places, wilson};
use crate::error::AppError;
use crate::state::Act;
use crate::statistics::routes::{KeyOut, RateOut};
use crate::statistics::{FiguresHead, Found, Pattern, Row, unit_key};

/// The same figures of successive periods; `period` is the last of them.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Trend {
    #[serde(flatten)]
    pub(super) head: FiguresHead,
    /// The unit counted with all below it; `null` for the whole province.
    pub(super) unit: Option<KeyOut>,
    /// The earliest first; the last is the one asked for.
    pub(super) points: Vec<TrendPoint>,
    /// Said where the last period is under way: it has fewer days than those before it; `null` where all are over.
    pub(super) note: Option<Note>,
}

/// What must be kept in mind of figures.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = TrendNote)]
pub struct Note {
    /// Stable.
    code: &'static str,
    vi: String,
    en: String,
}

impl Note {
    /// Says of a period that is under way until which day it was counted.
    pub(super) fn on(period: &Period, now: DateTime<Utc>) -> Option<Self> {
        let until = counted_until(period, now)?;
        Some(Self {
            code: "period_under_way",
            vi: format!(
                "Kỳ cuối chưa kết thúc, số liệu tính đến ngày {}; chênh lệch là so với trọn kỳ trước, chỉ để tham khảo",
                until.format("%d/%m/%Y")
            ),
            en: format!(
                "The last period is under way and was counted until {until}; its change is against the whole of the one before"
            ),
        })
    }
}

/// The day until which a period was counted that is under way.
fn counted_until(period: &Period, now: DateTime<Utc>) -> Option<NaiveDate> {
    Some(office_date(now)).filter(|today| *today < period.to())
}

/// One period of a trend.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TrendPoint {
    from: NaiveDate,
    /// The first date after it.
    to: NaiveDate,
    /// Whether it has not ended yet, so that more may come.
    under_way: bool,
    /// The day until which it was counted, while it is under way; `null` once it is over.
    counted_until: Option<NaiveDate>,
    received: i64,
    resolved: i64,
    late: i64,
    pending: i64,
    pending_overdue: i64,
    on_time_rate: RateOut,
    early_rate: RateOut,
    /// Against the period before; `null` for the first.
    change: Option<Change>,
}

/// What changed from one period to the next.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = TrendChange)]
pub struct Change {
    /// Whether the later of the two has not ended yet: a part of a period is held against a whole one.
    under_way: bool,
    received: i64,
    resolved: i64,
    late: i64,
    pending: i64,
    /// In basis points; `null` where one of the two has no rate.
    on_time_basis_points: Option<i64>,
    early_basis_points: Option<i64>,
}

impl TrendPoint {
    /// Shows a period as it was counted at a moment, against the one before.
    pub(super) fn new((period, now): (&Period, DateTime<Utc>), row: &Row, before: Option<&Row>) -> Self {
        let cells = &row.cells;
        let counted_until = counted_until(period, now);
        let under_way = counted_until.is_some();
        Self {
            from: period.from(),
            to: period.to(),
            under_way,
            counted_until,
            received: cells.received(),
            resolved: cells.resolved(),
            late: cells.late,
            pending: cells.pending(),
            pending_overdue: cells.pending_overdue,
            on_time_rate: RateOut::new(row.on_time_rate.clone(), "on_time_rate"),
            early_rate: RateOut::new(row.early_rate.clone(), "early_rate"),
            change: before.map(|before| Change { under_way, ..Change::new(row, before) }),
        }
    }
}

impl Change {
    fn new(row: &Row, before: &Row) -> Self {
        let (now, then) = (&row.cells, &before.cells);
        let points =
            |now: Option<u32>, then: Option<u32>| now.zip(then).map(|(now, then)| i64::from(now) - i64::from(then));
        Self {
            under_way: false,
            received: now.received() - then.received(),
            resolved: now.resolved() - then.resolved(),
            late: now.late - then.late,
            pending: now.pending() - then.pending(),
            on_time_basis_points: points(row.on_time_rate.basis_points, before.on_time_rate.basis_points),
            early_basis_points: points(row.early_rate.basis_points, before.early_rate.basis_points),
        }
    }
}

/// Units by their on-time rate.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Ranking {
    #[serde(flatten)]
    pub(super) head: FiguresHead,
    /// Units that resolved fewer are not ranked.
    pub(super) fewest: i64,
    /// By the lowest share that is likely, the best first; those too few to rank at the end.
    pub(super) rows: Vec<RankedUnit>,
}

/// A unit in the ranking.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RankedUnit {
    key: KeyOut,
    on_time_rate: RateOut,
    /// The share that is likely at 95 % (Wilson), from, in basis points; `null` where nothing was resolved.
    likely_from: Option<u32>,
    /// To.
    likely_to: Option<u32>,
    /// The best place that it may hold; `null` where it is too few to rank.
    best_place: Option<usize>,
    /// The worst: units whose intervals overlap share places.
    worst_place: Option<usize>,
    too_few_to_rank: bool,
}

/// Ranks the rows of a table.
pub(super) fn ranked(rows: Vec<Row>, fewest: i64) -> Vec<RankedUnit> {
    let share = |row: &Row| (row.on_time_rate.numerator, row.on_time_rate.denominator);
    let shares: Vec<_> = rows.iter().map(share).collect();
    let mut found: Vec<RankedUnit> = rows
        .into_iter()
        .zip(places(&shares, fewest))
        .map(|(row, place)| {
            let likely = wilson(row.on_time_rate.numerator, row.on_time_rate.denominator);
            RankedUnit {
                key: row.key.into(),
                on_time_rate: RateOut::new(row.on_time_rate, "on_time_rate"),
                likely_from: likely.map(|interval| interval.low),
                likely_to: likely.map(|interval| interval.high),
                best_place: place.map(|place| place.best),
                worst_place: place.map(|place| place.worst),
                too_few_to_rank: place.is_none(),
            }
        })
        .collect();
    found.sort_by(|one, other| {
        let by = |unit: &RankedUnit| (unit.too_few_to_rank, std::cmp::Reverse(unit.likely_from));
        by(one).cmp(&by(other)).then_with(|| one.key.code.cmp(&other.key.code))
    });
    found
}

/// What a reviewer should look at.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Patterns {
    #[serde(flatten)]
    pub(super) head: FiguresHead,
    pub(super) patterns: Vec<PatternOut>,
    /// Where the dossiers are listed.
    pub(super) dossiers: &'static str,
}

/// A pattern, and where it was found. It proves nothing by itself.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SuspiciousPattern)]
pub struct PatternOut {
    pattern: &'static str,
    vi: &'static str,
    en: &'static str,
    /// How often in all.
    count: i64,
    /// The most often first.
    units: Vec<PatternOfUnit>,
}

/// How often a pattern was found in a unit.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PatternOfUnit {
    key: KeyOut,
    count: i64,
    /// Among how many dossiers.
    among: i64,
}

impl PatternOut {
    pub(super) fn new(act: &Act<'_>, pattern: Pattern, found: Vec<Found>) -> Result<Self, AppError> {
        let mut units = Vec::with_capacity(found.len());
        for Found { unit, count, among } in found {
            units.push(PatternOfUnit { key: unit_key(act.catalogue(), unit)?.into(), count, among });
        }
        units.sort_by(|one, other| (other.count, &one.key.code).cmp(&(one.count, &other.key.code)));
        let count = units.iter().map(|unit| unit.count).sum();
        Ok(Self { pattern: pattern.as_str(), vi: pattern.vi(), en: pattern.en(), count, units })
    }
}
