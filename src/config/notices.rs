//! Settings of notices: how they are sent, when, how many, and on which channel first.

use std::collections::BTreeMap;

use chrono::{NaiveTime, TimeDelta};
use serde::de::Error;
use serde::{Deserialize, Deserializer};

use crate::domain::notice::{Daily, Daytime, Hours, Ladders, NoticeChannel, Purpose};

/// Sending.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml explains every key")]
pub struct NoticesConfig {
    pub sender: String,
    pub mail_sender: String,
    pub batch: i64,
    pub lease_s: u64,
    pub idle_ms: u64,
    pub retry_s: Vec<u64>,
    #[serde(deserialize_with = "time_of_day")]
    pub day_from: NaiveTime,
    #[serde(deserialize_with = "time_of_day")]
    pub day_to: NaiveTime,
    pub hours: BTreeMap<Purpose, HoursConfig>,
    pub morning_minutes: u16,
    pub per_day: u32,
    pub ladder: Vec<NoticeChannel>,
    pub ladders: BTreeMap<Purpose, Vec<NoticeChannel>>,
    pub ladder_minutes: u16,
    pub expires_h: u32,
    pub no_receipt_h: u16,
    pub two_people_above: i64,
    pub replay_per_second: u32,
}

impl NoticesConfig {
    /// Returns when people may be written to.
    pub fn daytime(&self) -> Daytime {
        let own = self.hours.iter().map(|(purpose, own)| (*purpose, Hours { from: own.from, to: own.to }));
        Daytime {
            usual: Hours { from: self.day_from, to: self.day_to },
            own: own.collect(),
            spread: TimeDelta::minutes(self.morning_minutes.into()),
        }
    }

    /// Returns how many messages of a dossier a number gets a day.
    pub fn daily(&self) -> Daily {
        Daily { most: self.per_day, daytime: self.daytime() }
    }

    /// Returns which channels are tried one after another.
    pub fn ladders(&self) -> Ladders {
        Ladders { usual: self.ladder.clone(), own: self.ladders.clone() }
    }

    /// Returns the key of hours in which what waits for the morning would not be out before the night.
    pub(super) fn upside_down(&self) -> Option<&'static str> {
        let is_too_short = |from: NaiveTime, to: NaiveTime| {
            let day = to - from;
            day != TimeDelta::zero() && day <= TimeDelta::minutes(self.morning_minutes.into())
        };
        if is_too_short(self.day_from, self.day_to) {
            return Some("notices.day_to");
        }
        self.hours.values().any(|own| is_too_short(own.from, own.to)).then_some("notices.hours")
    }
}

/// The hours of one purpose.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoursConfig {
    #[serde(deserialize_with = "time_of_day")]
    pub from: NaiveTime,
    #[serde(deserialize_with = "time_of_day")]
    pub to: NaiveTime,
}

/// A time as it is written on a door: `07:00`.
fn time_of_day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveTime, D::Error> {
    let text = String::deserialize(deserializer)?;
    NaiveTime::parse_from_str(&text, "%H:%M").or(Err(D::Error::custom(format!("`{text}` is no time such as 07:00"))))
}
