//! Settings of the office: log-ins, rates, rules that may be chosen, sending.

use chrono::TimeDelta;
use serde::Deserialize;

use crate::domain::foresight::Tolerance;
use crate::domain::session::Lasting;

/// Log-ins.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml explains every key")]
pub struct SessionsConfig {
    pub hours: u32,
    pub idle_minutes: u32,
}

impl SessionsConfig {
    /// Returns how long a log-in lasts.
    pub fn lasting(&self) -> Lasting {
        Lasting { idle: TimeDelta::minutes(self.idle_minutes.into()), whole: TimeDelta::hours(self.hours.into()) }
    }
}

/// Rates.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml explains every key")]
pub struct LimitsConfig {
    pub public_per_minute: u32,
    pub sessions_per_minute: u32,
    pub citizens_per_minute: u32,
    pub catalogue_per_second: u32,
}

/// Rules that an office may choose.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml explains every key")]
pub struct DossiersConfig {
    pub apologised_counts_late: bool,
    pub supplement_days: u32,
    pub answer_hours: u32,
    pub supplement_reminder_days: u32,
    pub collect_reminder_days: Vec<u16>,
    pub acknowledge_hours: u32,
    pub sync_minutes: u32,
}

/// However long a result waits, nobody is reminded of it more often.
pub const MOST_COLLECT_REMINDERS: usize = 5;

impl DossiersConfig {
    /// Whether results are called to mind ever later, and not too often.
    pub fn reminders_are_capped(&self) -> bool {
        let days = &self.collect_reminder_days;
        let rises = days.iter().zip(days.iter().skip(1)).all(|(one, next)| one < next);
        rises && days.first() != Some(&0) && days.len() <= MOST_COLLECT_REMINDERS
    }
}

/// Figures.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml explains every key")]
pub struct StatisticsConfig {
    pub public_smallest: u32,
    pub fewest_to_rank: u32,
    pub fewest_to_expect: u32,
    pub expect_days: u32,
}

/// What becomes of dossiers as things stand, and who is warned when.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml explains every key")]
pub struct ForesightConfig {
    pub catch_up_percent: u32,
    pub near_minutes: u32,
    pub warn_percent: Vec<u8>,
}

impl ForesightConfig {
    /// Returns what the office takes for near, and for what can be made up for.
    pub fn tolerance(&self) -> Tolerance {
        Tolerance { catch_up_percent: self.catch_up_percent, near_minutes: self.near_minutes }
    }

    /// Whether the parts are in order, each between 1 and 100.
    pub fn parts_are_in_order(&self) -> bool {
        let within = self.warn_percent.iter().all(|percent| (1..=100).contains(percent));
        within && self.warn_percent.iter().zip(self.warn_percent.iter().skip(1)).all(|(one, next)| one < next)
    }
}
