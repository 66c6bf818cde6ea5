//! What is to be done with notices, why, and on whose word.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::notice::{NoticeChannel, NoticeDeed};
use crate::domain::role::Actor;
use crate::error::Said;
use crate::http::body::Faults;
use crate::http::office_time::read_moment;

/// Why something is done, and what the deed needs beside.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NoticeDeedForm)]
pub struct DeedForm {
    /// Why, or what was said on the telephone: 1–500 characters.
    pub reason: Option<String>,
    /// For `replay_on`: the channel to send it on.
    pub channel: Option<String>,
    /// For `told_by_phone`: when the call was; now when left out.
    pub told_at: Option<String>,
}

/// The same, read; kept in a proposal too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Order {
    pub(super) deed: NoticeDeed,
    /// The channel to send on; with `replay_on` alone.
    pub(super) channel: Option<NoticeChannel>,
    /// When the call was; with `told_by_phone` alone.
    pub(super) told_at: Option<DateTime<Utc>>,
    pub(super) reason: Option<String>,
    /// Who orders it, as histories name them.
    pub(super) principal: String,
    pub(super) name: String,
}

impl Order {
    /// Orders a replay without a word why.
    pub(super) fn replay(by: &Actor) -> Self {
        Self::new(NoticeDeed::Replay, None, by)
    }

    fn new(deed: NoticeDeed, reason: Option<String>, by: &Actor) -> Self {
        Self { deed, channel: None, told_at: None, reason, principal: by.principal(), name: by.name.clone() }
    }
}

impl DeedForm {
    /// Reads the form of a deed that is asked for now, noting what is wrong.
    pub(super) fn read(&self, faults: &mut Faults, deed: NoticeDeed, (by, now): (&Actor, DateTime<Utc>)) -> Order {
        let reason = faults.text("/reason", 500, self.reason.as_deref());
        let channel = match (deed, &self.channel) {
            (NoticeDeed::ReplayOn, word) => {
                faults.required("/channel", word.as_deref()).and_then(|word| faults.word("/channel", word))
            }
            (_, None) => None,
            (_, Some(_)) => not_here(faults, "/channel"),
        };
        let told_at = match (deed, &self.told_at) {
            (NoticeDeed::ToldByPhone, None) => Some(now),
            (NoticeDeed::ToldByPhone, Some(text)) => told_at(faults, text, now),
            (_, None) => None,
            (_, Some(_)) => not_here(faults, "/told_at"),
        };
        Order { channel, told_at, ..Order::new(deed, reason, by) }
    }
}

fn told_at(faults: &mut Faults, text: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let said = Said::new(
        "wrong_moment",
        "Thời điểm viết như 2026-09-25T09:00:00+07:00 và không ở tương lai",
        "A moment is written like 2026-09-25T09:00:00+07:00 and does not lie in the future",
    );
    faults.read("/told_at", said, read_moment(text).filter(|at| *at <= now))
}

fn not_here<T>(faults: &mut Faults, pointer: &str) -> Option<T> {
    let said = Said::new("not_for_this", "Không dùng cho việc này", "Is not for this deed");
    faults.add(pointer, said);
    None
}
