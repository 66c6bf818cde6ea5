//! What each figure means: every answer with figures names where its own are explained, and none is shown that is not.
//!
//! A name has one meaning in a topic: `received` are all dossiers to be resolved in biểu 06, and those newly accepted in the
//! index of service quality.

mod analysis;
mod campaign;
mod costs;
mod dossiers;
mod early;
mod intake;
mod legs;
mod quality;
mod received_at;
pub mod routes;
mod times;

use data_encoding::HEXLOWER;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::domain::words::words;
use crate::error::AppError;

words! {
    /// What figures are about.
    pub enum Topic {
        /// Cells and rates of biểu 06.
        Dossiers = "dossiers",
        /// What comes in at counters.
        Intake = "intake",
        /// At which counters dossiers were taken in.
        ReceivedAt = "received_at",
        /// The index of service quality.
        Quality = "quality",
        /// Working times of results.
        Durations = "durations",
        /// How long what is pending has been there.
        Ageing = "ageing",
        /// When a result may be expected.
        Expected = "expected",
        /// What comes of being early.
        EarlyResults = "early_results",
        /// When dossiers come in.
        Hours = "hours",
        /// What a reviewer should look at.
        Patterns = "patterns",
        /// Successive periods.
        Trend = "trend",
        /// Units side by side.
        Ranking = "ranking",
        /// Legs of dossiers that several agencies resolve.
        Legs = "legs",
        /// Invitations to collect early.
        Campaign = "campaign",
        /// What messages cost.
        Costs = "costs",
        /// What anybody may know.
        Public = "public",
    }
}

/// What a figure means.
#[derive(Debug, Clone, Copy, Serialize, utoipa::ToSchema)]
pub struct Definition {
    /// The name of the figure in answers.
    pub name: &'static str,
    /// The column of biểu 06, where it has one.
    pub column: Option<u8>,
    /// In Vietnamese.
    pub vi: &'static str,
    /// In English.
    pub en: &'static str,
    /// How it is computed, in terms of other figures.
    pub formula: Option<&'static str>,
    /// The text that asks for it, where there is one.
    pub source: Option<&'static str>,
}

const fn figure(name: &'static str, vi: &'static str, en: &'static str) -> Definition {
    Definition { name, column: None, vi, en, formula: None, source: None }
}

impl Definition {
    const fn column(self, column: u8) -> Self {
        Self { column: Some(column), ..self }
    }

    const fn formula(self, formula: &'static str) -> Self {
        Self { formula: Some(formula), ..self }
    }

    const fn by(self, source: &'static str) -> Self {
        Self { source: Some(source), ..self }
    }
}

impl Topic {
    /// Returns where its figures are explained.
    #[must_use]
    pub fn address(self) -> String {
        format!("/api/v1/statistics/definitions?topic={self}")
    }

    /// Returns what its figures mean: its own, and those of biểu 06 where it shows them too.
    #[must_use]
    pub fn definitions(self) -> Vec<(Self, Definition)> {
        let is_own = |name: &str| self.own().any(|definition| definition.name == name);
        let drawn = Self::Dossiers.own().filter(|one| self.draws_on_dossiers() && !is_own(one.name));
        let own = self.own().map(|definition| (self, *definition));
        own.chain(drawn.map(|definition| (Self::Dossiers, *definition))).collect()
    }

    /// Returns what every figure means, each under its topic.
    #[must_use]
    pub fn all_definitions() -> Vec<(Self, Definition)> {
        Self::ALL.iter().flat_map(|topic| topic.own().map(|definition| (*topic, *definition))).collect()
    }

    /// Returns the share that a topic calls by a name: its part and its whole, as `early / resolved`.
    pub(crate) fn share(self, name: &str) -> Option<&'static str> {
        let named = self.own().find(|definition| definition.name == name);
        named.and_then(|definition| definition.formula).filter(|formula| formula.contains('/'))
    }

    fn own(self) -> impl Iterator<Item = &'static Definition> {
        self.parts().iter().copied().flatten()
    }

    const fn draws_on_dossiers(self) -> bool {
        matches!(self, Self::Quality | Self::Ageing | Self::Trend | Self::Ranking | Self::Public)
    }

    const fn parts(self) -> &'static [&'static [Definition]] {
        match self {
            Self::Dossiers => &[&dossiers::CELLS, &dossiers::RATES],
            Self::Intake => &[&intake::COUNTS],
            Self::ReceivedAt => &[&received_at::COUNTS],
            Self::Quality => &[&quality::SCORES, &quality::COUNTS, &quality::INDICATORS],
            Self::Durations => &[&times::DURATIONS],
            Self::Ageing => &[&times::AGEING],
            Self::Expected => &[&times::EXPECTED],
            Self::EarlyResults => &[&early::COUNTS, &early::DAYS, &early::RATES],
            Self::Hours => &[&analysis::HOURS],
            Self::Patterns => &[&analysis::PATTERNS],
            Self::Trend => &[&analysis::TREND],
            Self::Ranking => &[&analysis::RANKING],
            Self::Legs => &[&legs::COUNTS, &legs::RATES],
            Self::Campaign => &[&campaign::COUNTS, &campaign::SUMS, &campaign::RATES],
            Self::Costs => &[&costs::COSTS],
            Self::Public => &[&analysis::PUBLIC],
        }
    }
}

/// Returns what the figures of biểu 06 mean: these cells, and every rate that a row prints.
pub(crate) fn of_rows(is_shown: impl Fn(&str) -> bool) -> Vec<Definition> {
    let cells = dossiers::CELLS.into_iter().filter(|cell| is_shown(cell.name));
    cells.chain(dossiers::RATES).collect()
}

/// Returns a word that changes exactly when what these definitions say does.
///
/// # Errors
/// Only faults of ours.
pub fn version_of(definitions: &[Definition]) -> Result<String, AppError> {
    let text = serde_json::to_vec(definitions).map_err(|err| AppError::Internal(err.into()))?;
    Ok(Sha256::digest(text).get(..8).map_or_else(String::new, |short| HEXLOWER.encode(short)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_meaning_in_a_topic_and_says_it_in_both_languages() {
        for topic in Topic::ALL {
            let mut names: Vec<_> = topic.definitions().into_iter().map(|(_, one)| one.name).collect();
            let count = names.len();
            names.sort_unstable();
            names.dedup();
            assert!(count > 0 && count == names.len(), "{topic}: {names:?}");
            for (_, one) in topic.definitions() {
                assert!(one.vi.len() > 10 && one.en.len() > 10 && one.vi != one.en, "{topic} {}", one.name);
            }
        }
    }

    #[test]
    fn a_formula_is_made_of_figures_of_its_topic() {
        for topic in Topic::ALL.iter().filter(|topic| **topic != Topic::Costs) {
            let defined: Vec<_> = topic.definitions().into_iter().map(|(_, one)| one.name).collect();
            for (_, one) in topic.definitions() {
                let is_word = |part: &&str| part.starts_with(|first: char| first.is_ascii_lowercase());
                let parts = one.formula.unwrap_or_default().split([' ', '(', ')', ',']).filter(is_word);
                for part in parts.filter(|part| !["min", "of", "the", "period", "before", "procedures"].contains(part))
                {
                    assert!(defined.contains(&part), "{topic} {}: {part}", one.name);
                }
            }
        }
    }
}
