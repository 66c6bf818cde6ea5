//! The index as answers show it.

use serde::Serialize;

use crate::domain::quality::{Indicator, QualityGroup, points, score};
use crate::domain::tally::Rate;
use crate::statistics::routes::{KeyOut, RateOut};
use crate::statistics::{AverageTime, FiguresHead, QualityCell, QualityCounts, Row};

/// The index of a unit with all below it in a period.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct QualityIndex {
    #[serde(flatten)]
    pub(super) head: FiguresHead,
    /// The unit; `null` for the whole province.
    pub(super) unit: Option<KeyOut>,
    /// What the sub-indicators that can be computed score together: never the index itself.
    pub(super) scored: Points,
    pub(super) groups: Vec<GroupOut>,
    /// The reports' own rates, and why they differ.
    pub(super) own_rates: Vec<OwnRate>,
    /// Where the dossiers behind a count are listed.
    pub(super) dossiers: &'static str,
}

/// Points, of how many.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Points {
    /// With two decimals: `19.97`.
    score: String,
    /// The most.
    max: u32,
}

/// A group of the index.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = QualityGroup)]
pub struct GroupOut {
    group: &'static str,
    /// The code of the national portal.
    code: &'static str,
    /// What it is called, in Vietnamese.
    vi: &'static str,
    /// In English.
    en: &'static str,
    /// What it is worth.
    max: u32,
    indicators: Vec<IndicatorOut>,
}

/// A sub-indicator.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = QualityIndicator)]
pub struct IndicatorOut {
    indicator: &'static str,
    /// What it is called, in Vietnamese.
    vi: &'static str,
    /// In English.
    en: &'static str,
    /// The most that it scores; `null` where that is not published.
    max: Option<u32>,
    /// The share that scores the most, in percent; `null` where that is not published, or there is no share.
    threshold_percent: Option<u32>,
    /// What numerator and denominator count: `dossiers`, the different `procedures` of the dossiers behind them, or `petitions`.
    counts: &'static str,
    /// The part; `null` where nothing is counted.
    numerator: Option<i64>,
    /// The count behind the part, for `cell` of the drill-down.
    numerator_cell: Option<&'static str>,
    /// The whole.
    denominator: Option<i64>,
    /// The count behind the whole.
    denominator_cell: Option<&'static str>,
    /// With two decimals; `null` where it can't be computed, or nothing was to be resolved.
    score: Option<String>,
    not_computable: Option<Gap>,
    /// The average by the unit of the term; `null` where the indicator is a share.
    averages: Option<Vec<AverageTime>>,
}

/// Why an indicator has no score.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = QualityGap)]
pub struct Gap {
    /// Stable.
    code: &'static str,
    vi: &'static str,
    en: &'static str,
}

/// A rate of the reports, beside the index.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct OwnRate {
    /// What it is called, in Vietnamese.
    vi: &'static str,
    /// In English.
    en: &'static str,
    rate: RateOut,
    /// Why it differs from the index.
    differs_vi: &'static str,
    differs_en: &'static str,
}

/// What a sub-indicator counts, where the house can.
fn counted(indicator: Indicator, counts: &QualityCounts) -> Option<[(QualityCell, i64); 2]> {
    let punctual = (QualityCell::Punctual, counts.punctual);
    let whole = (QualityCell::ToResolve, counts.to_resolve);
    match indicator {
        // The national portal takes the dossiers on time for those whose people are content, at a threshold of 90 %.
        Indicator::ResolvedOnTime | Indicator::ReceivingSatisfaction => Some([punctual, whole]),
        Indicator::OnlineDossiers => {
            Some([(QualityCell::ReceivedOnline, counts.received_online), (QualityCell::Received, counts.received)])
        }
        Indicator::OnlineProcedures => {
            Some([(QualityCell::ReceivedOnline, counts.procedures_online), (QualityCell::Received, counts.procedures)])
        }
        _ => None,
    }
}

/// What the part and the whole of a sub-indicator count.
const fn counted_in(indicator: Indicator) -> &'static str {
    match indicator {
        Indicator::PublishOnTime
        | Indicator::PublicUpdateOnTime
        | Indicator::PublicContentFull
        | Indicator::OnlineProcedures
        | Indicator::PaidOnlineProcedures
        | Indicator::CitizenDataFormalities => "procedures",
        Indicator::PetitionOnTime | Indicator::PetitionSatisfaction => "petitions",
        _ => "dossiers",
    }
}

fn scored(indicator: Indicator, counts: &QualityCounts) -> Option<u32> {
    let worth = indicator.worth();
    let [(_, part), (_, whole)] = counted(indicator, counts)?;
    score(worth.max.filter(|_| worth.lacks.is_none())?, worth.threshold?, (part, whole))
}

impl IndicatorOut {
    fn new(indicator: Indicator, counts: &QualityCounts, averages: &[AverageTime]) -> Self {
        let worth = indicator.worth();
        let (part, whole) = counted(indicator, counts).map(|[part, whole]| (part, whole)).unzip();
        let gap = worth.lacks.map(|why| Gap { code: why.as_str(), vi: why.vi(), en: why.en() });
        Self {
            indicator: indicator.as_str(),
            vi: indicator.vi(),
            en: indicator.en(),
            max: worth.max,
            threshold_percent: worth.threshold,
            counts: counted_in(indicator),
            numerator: part.map(|(_, count)| count),
            numerator_cell: part.map(|(cell, _)| cell.as_str()),
            denominator: whole.map(|(_, count)| count),
            denominator_cell: whole.map(|(cell, _)| cell.as_str()),
            score: scored(indicator, counts).map(points),
            not_computable: gap,
            averages: (indicator == Indicator::AverageTime).then(|| averages.to_vec()),
        }
    }
}

/// Returns every group with its sub-indicators.
pub(super) fn groups(counts: &QualityCounts, averages: &[AverageTime]) -> Vec<GroupOut> {
    let of = |group: &QualityGroup| {
        let parts = Indicator::ALL.iter().filter(|indicator| indicator.worth().group == *group);
        GroupOut {
            group: group.as_str(),
            code: group.code(),
            vi: group.vi(),
            en: group.en(),
            max: group.most(),
            indicators: parts.map(|indicator| IndicatorOut::new(*indicator, counts, averages)).collect(),
        }
    };
    QualityGroup::ALL.iter().map(of).collect()
}

/// Returns what was scored, of what could be.
pub(super) fn total(counts: &QualityCounts) -> Points {
    let scores = Indicator::ALL.iter().filter_map(|one| Some((scored(*one, counts)?, one.worth().max?)));
    let (score, max) = scores.fold((0, 0), |(score, max), (one, of)| (score + one, max + of));
    Points { score: points(score), max }
}

/// Returns the reports' own rates.
pub(super) fn own_rates(total: &Row) -> Vec<OwnRate> {
    let on_time = &total.on_time_rate;
    let of = |rate: &Rate, (name, vi, en), differs_vi, differs_en| OwnRate {
        vi,
        en,
        rate: RateOut::new(rate.clone(), name),
        differs_vi,
        differs_en,
    };
    vec![
        of(
            on_time,
            ("on_time_rate", "Tỷ lệ giải quyết trước hạn và đúng hạn", "On-time rate"),
            "Chỉ tính hồ sơ đã giải quyết; Bộ chỉ số 766 tính cả hồ sơ đang giải quyết còn hạn và coi hồ sơ yêu cầu bổ sung quá một lần là quá hạn",
            "Counts resolved dossiers alone; the index counts those pending in time too, and takes one whose papers were asked for more than once for late",
        ),
        of(
            &total.early_rate,
            ("early_rate", "Tỷ lệ giải quyết trước hạn", "Early rate"),
            "Bộ chỉ số 766 không tách hồ sơ trước hạn",
            "The index does not tell early ends apart",
        ),
    ]
}
