//! Which channels are tried one after another: the next one only where the one before did not reach the person.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::{NoticeChannel, NoticeStatus, Purpose, Settled};

/// The channels of each purpose, the first one tried first. Others go beside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ladders {
    /// Of every purpose that has none of its own.
    pub usual: Vec<NoticeChannel>,
    /// Of single purposes.
    pub own: BTreeMap<Purpose, Vec<NoticeChannel>>,
}

impl Ladders {
    /// Returns the rung of a channel, the first one 0; none for what goes beside, as what is just being waited for does on
    /// every channel.
    pub fn rung(&self, purpose: Purpose, channel: NoticeChannel) -> Option<usize> {
        if purpose.is_waited_for() {
            return None;
        }
        let ladder = self.own.get(&purpose).unwrap_or(&self.usual);
        ladder.iter().position(|rung| *rung == channel)
    }
}

/// How the notice before stands, of one that stands by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Before {
    /// Its status.
    pub status: NoticeStatus,
    /// What an operator did about it.
    pub settled: Option<Settled>,
    /// When it went out, or was last tried.
    pub tried_at: Option<DateTime<Utc>>,
    /// Whether its gateway tells of arrivals.
    pub is_told_of: bool,
}

/// What becomes of a notice that stands by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standby {
    /// It stands by.
    Stands,
    /// It is sent.
    Goes,
    /// The person knows, or shall not be told: it is not needed.
    Falls,
}

impl Before {
    /// How long after an attempt of which nobody knows what became a receipt may still tell.
    pub const DOUBT_TAKES: TimeDelta = TimeDelta::minutes(15);

    /// Tells what becomes of the notice that stands by for it. `patience` is how long a message may take to arrive.
    pub fn next(&self, now: DateTime<Utc>, patience: TimeDelta) -> Standby {
        let is_over = |wait: TimeDelta| self.tried_at.is_some_and(|at| at + wait <= now);
        match self.status {
            _ if self.settled.is_some() => Standby::Falls,
            NoticeStatus::Delivered | NoticeStatus::Cancelled => Standby::Falls,
            NoticeStatus::Failed | NoticeStatus::GivenUp | NoticeStatus::Expired => Standby::Goes,
            // Who never hears of arrivals can't wait for one.
            NoticeStatus::Sent if !self.is_told_of => Standby::Falls,
            NoticeStatus::Sent if is_over(patience) => Standby::Goes,
            NoticeStatus::InDoubt if is_over(Self::DOUBT_TAKES) => Standby::Goes,
            _ => Standby::Stands,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn before(status: NoticeStatus, minutes: i64, is_told_of: bool) -> Before {
        let tried_at = Some(DateTime::UNIX_EPOCH - TimeDelta::minutes(minutes));
        Before { status, settled: None, tried_at, is_told_of }
    }

    proptest! {
        #[test]
        fn the_next_channel_is_never_tried_before_the_one_before_has_failed_or_was_silent_for_long(
            status in prop::sample::select(NoticeStatus::ALL), minutes in 0..60_i64, is_told_of: bool,
        ) {
            let next = before(status, minutes, is_told_of).next(DateTime::UNIX_EPOCH, TimeDelta::minutes(30));
            let has_failed =
                matches!(status, NoticeStatus::Failed | NoticeStatus::GivenUp | NoticeStatus::Expired);
            let was_silent = match status {
                NoticeStatus::Sent => is_told_of && minutes >= 30,
                NoticeStatus::InDoubt => minutes >= 15,
                _ => false,
            };
            prop_assert_eq!(next == Standby::Goes, has_failed || was_silent);
        }

        #[test]
        fn whom_an_operator_has_told_is_not_told_on_the_next_channel(
            status in prop::sample::select(NoticeStatus::ALL), minutes in 0..60_i64,
        ) {
            let told = Before { settled: Some(Settled::ToldByPhone), ..before(status, minutes, true) };
            prop_assert_eq!(told.next(DateTime::UNIX_EPOCH, TimeDelta::minutes(30)), Standby::Falls);
        }
    }

    #[test]
    fn a_one_time_code_waits_for_no_other_channel() {
        let ladders = Ladders { usual: vec![NoticeChannel::Zalo, NoticeChannel::Sms], own: BTreeMap::new() };
        assert_eq!(ladders.rung(Purpose::ResultEarly, NoticeChannel::Sms), Some(1));
        assert_eq!(ladders.rung(Purpose::ResultEarly, NoticeChannel::Email), None);
        assert_eq!(ladders.rung(Purpose::OneTimeCode, NoticeChannel::Sms), None);
    }
}
