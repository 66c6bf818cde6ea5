//! Where the dossiers behind the lines of a report are listed: an address for each line, to which the name of a cell is added.

use reqwest::Url;

use super::filled::{Filled, Level, Line};
use super::layouts::{Counts, Rows};
use crate::domain::ids::SealId;
use crate::statistics::Grouping;

/// Of when the dossiers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Home {
    /// As they count when they are asked for.
    Now,
    /// As they were frozen with a seal.
    Seal(SealId),
}

type Pair<'a> = (&'static str, &'a str);

/// Returns the address of each line, in their order; each ends with `cell=`.
pub(super) fn addresses(report: &Filled) -> Vec<String> {
    let of_all = of_all(report);
    let path = path(report);
    let mut group = None;
    let mut addresses = Vec::with_capacity(report.lines.len());
    for line in &report.lines {
        if line.level != Level::Row {
            group = line.code.as_deref();
        }
        let row = of_line(report, line, group);
        addresses.push(address(&path, of_all.iter().map(|(name, value)| (*name, value.as_str())).chain(row)));
    }
    addresses
}

fn path(report: &Filled) -> String {
    match (report.home, report.caption.layout.counts) {
        (Home::Seal(id), _) => format!("/api/v1/statistics/seals/{id}/dossiers"),
        (Home::Now, Counts::Intake) => "/api/v1/statistics/intake/dossiers".to_owned(),
        (Home::Now, Counts::Dossiers | Counts::Register) => "/api/v1/statistics/dossiers".to_owned(),
    }
}

/// What names the report; a seal knows it.
fn of_all(report: &Filled) -> Vec<(&'static str, String)> {
    if report.home != Home::Now {
        return Vec::new();
    }
    let period = &report.caption.period.period;
    let dates = [("from", period.from().to_string()), ("to", period.to().to_string())];
    dates.into_iter().chain(report.caption.unit_code.clone().map(|code| ("unit", code))).collect()
}

/// What names a line, in the group of the line before it.
fn of_line<'a>(report: &Filled, line: &'a Line, group: Option<&'a str>) -> Vec<Pair<'a>> {
    let says_grouping = report.home == Home::Now;
    let level = |[word, key]: [&'static str; 2], grouping: Grouping, code: Option<&'a str>| {
        let word = says_grouping.then(|| (word, grouping.as_str()));
        code.map(|code| word.into_iter().chain([(key, code)]).collect()).unwrap_or_default()
    };
    let code = line.code.as_deref();
    match (report.caption.layout.rows, line.level) {
        (_, Level::Total) | (Rows::Dossiers, _) => Vec::new(),
        (Rows::Of(grouping), _) | (Rows::In(grouping, _), Level::Group) => {
            level(["group", "group_key"], grouping, code)
        }
        (Rows::In(outer, inner), Level::Row) => {
            let of_group: Vec<_> = level(["group", "group_key"], outer, group);
            of_group.into_iter().chain(level(["row_group", "row_key"], inner, code)).collect()
        }
        (Rows::Counters, _) => code.map(|code| ("group_key", code)).into_iter().collect(),
    }
}

fn address<'a>(path: &str, pairs: impl Iterator<Item = Pair<'a>>) -> String {
    let Ok(mut url) = Url::parse("address:") else { return path.to_owned() };
    url.query_pairs_mut().extend_pairs(pairs.chain([("cell", "")]));
    format!("{path}?{}", url.query().unwrap_or_default())
}
