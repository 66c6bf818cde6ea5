//! Settings of notices: how they are sent, when, how many, and on which channel first.

use std::collections::BTreeMap;

use chrono::{NaiveTime, TimeDelta};
use serde::de::Error;
use serde::{Deserialize, Deserializer};

use crate::domain::notice::{Daily, Daytime, Ladders, NoticeChannel, Purpose};

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
        let spread = TimeDelta::minutes(self.morning_minutes.into());
        Daytime { from: self.day_from, to: self.day_to, spread }
    }

    /// Returns how many messages of a dossier a number gets a day.
    pub fn daily(&self) -> Daily {
        Daily { most: self.per_day, daytime: self.daytime() }
    }

    /// Returns which channels are tried one after another.
    pub fn ladders(&self) -> Ladders {
        Ladders { usual: self.ladder.clone(), own: self.ladders.clone() }
    }

    /// Whether what waits for the morning would not be out before the night.
    pub(super) fn is_upside_down(&self) -> bool {
        let day = self.day_to - self.day_from;
        day != TimeDelta::zero() && day <= TimeDelta::minutes(self.morning_minutes.into())
    }
}

/// A time as it is written on a door: `07:00`.
fn time_of_day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveTime, D::Error> {
    let text = String::deserialize(deserializer)?;
    NaiveTime::parse_from_str(&text, "%H:%M").or(Err(D::Error::custom(format!("`{text}` is no time such as 07:00"))))
}
