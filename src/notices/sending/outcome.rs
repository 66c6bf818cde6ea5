//! What comes of a batch: for each message what follows, and all of it in one record.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::super::devices;
use super::claim::{Ask, Claimed};
use super::record::{self, Again, Attempt, End, Ended};
use crate::domain::delivery::{Next, Outcome, Reply, Retries, Tried};
use crate::domain::ids::NoticeId;
use crate::domain::notice::{NoticeChannel, NoticeStatus};

/// What a tick did.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Tick {
    /// Taken out of the queue.
    pub claimed: usize,
    /// Taken by the gateway.
    pub sent: usize,
    /// Refused for good.
    pub failed: usize,
    /// Put back for another try.
    pub retried: usize,
    /// Put back untried.
    pub released: usize,
    /// Tried as often as is sensible.
    pub given_up: usize,
    /// Too late.
    pub expired: usize,
    /// Nobody knows.
    pub in_doubt: usize,
    /// Whether there may be more at once.
    pub is_full: bool,
    /// For how long the gateways want no more.
    pub wait: Option<Duration>,
}

impl std::ops::AddAssign for Tick {
    fn add_assign(&mut self, other: Self) {
        self.claimed += other.claimed;
        self.sent += other.sent;
        self.failed += other.failed;
        self.retried += other.retried;
        self.released += other.released;
        self.given_up += other.given_up;
        self.expired += other.expired;
        self.in_doubt += other.in_doubt;
        self.is_full = other.is_full;
        self.wait = other.wait;
    }
}

/// A sent notice with what came of it; without a reply it was not tried.
pub(super) struct Done {
    pub(super) claimed: Claimed,
    pub(super) reply: Option<Reply>,
    pub(super) ended_at: DateTime<Utc>,
    /// How long the gateway took.
    pub(super) took: TimeDelta,
}

/// By what it is told what follows.
#[derive(Clone, Copy)]
pub(super) struct Rules<'a> {
    pub(super) retries: &'a Retries,
    /// The other gateways of the channel.
    pub(super) others: &'a [&'a str],
    pub(super) claimed_at: DateTime<Utc>,
}

/// What is to be written down of a batch.
#[derive(Debug, Default)]
pub(super) struct Records {
    attempts: Vec<Attempt>,
    ended: Vec<Ended>,
    again: Vec<Again>,
    released: Vec<Again>,
}

impl Records {
    /// Tells what follows each attempt, and counts it.
    pub(super) fn judge(rules: &Rules<'_>, done: &[Done], tick: &mut Tick) -> Self {
        let mut records = Self::default();
        for done in done {
            let Some(reply) = &done.reply else {
                tick.released += 1;
                records
                    .released
                    .push(Again { attempts: done.claimed.attempt.saturating_sub(1), ..done.again(rules.claimed_at) });
                continue;
            };
            records.attempts.push(done.attempt(reply));
            let next = rules.retries.next(&done.tried(reply, rules.others));
            match next {
                Next::Ends(status) => {
                    tick.count(status);
                    records.ended.push(done.ended(status, reply));
                }
                other => {
                    tick.retried += 1;
                    records.again.push(done.follows(other, rules.claimed_at));
                }
            }
        }
        records
    }

    /// Writes it all, fenced by the token.
    pub(super) fn write(
        &self,
        conn: &mut diesel::PgConnection,
        ask: &Ask,
        started_at: DateTime<Utc>,
    ) -> diesel::QueryResult<()> {
        let by = End { token: ask.token, gateway: &ask.gateway };
        record::note(conn, &ask.gateway, started_at, &self.attempts)?;
        record::end(conn, &by, &self.ended)?;
        record::again(conn, &by, &self.again)?;
        record::again(conn, &by, &self.released)?;
        if ask.channel == NoticeChannel::Push {
            devices::forget(conn, &self.unreached())?;
        }
        let unsent: Vec<_> = self.released.iter().map(|row| row.notice_id).collect();
        record::forget_intents(conn, started_at, &unsent)
    }
}

impl Records {
    /// Those whose recipient can't be reached there.
    fn unreached(&self) -> Vec<NoticeId> {
        let refused = self.attempts.iter().filter(|attempt| attempt.outcome == Outcome::Recipient);
        refused.map(|attempt| attempt.notice_id).collect()
    }
}

impl Done {
    pub(super) fn untried(claimed: Claimed, at: DateTime<Utc>) -> Self {
        Self { claimed, reply: None, ended_at: at, took: TimeDelta::zero() }
    }

    fn tried(&self, reply: &Reply, others: &[&str]) -> Tried {
        let has_others = others.iter().any(|name| !self.claimed.not_by.iter().any(|passed| passed == name));
        Tried {
            outcome: reply.outcome,
            attempt: self.claimed.attempt,
            at: self.ended_at,
            expires_at: self.claimed.expires_at,
            open_since: self.claimed.open_since,
            has_others,
            retry_after: reply.retry_after,
            luck: rand::random(),
        }
    }

    fn attempt(&self, reply: &Reply) -> Attempt {
        Attempt {
            notice_id: self.claimed.notice_id,
            attempt: self.claimed.attempt,
            outcome: reply.outcome,
            ended_at: Some(self.ended_at),
            code: reply.code.clone(),
            reference: reply.reference.clone(),
        }
    }

    fn ended(&self, status: NoticeStatus, reply: &Reply) -> Ended {
        Ended {
            notice_id: self.claimed.notice_id,
            status,
            reason: reply.code.clone().filter(|_| status != NoticeStatus::Sent),
            reference: reply.reference.clone(),
            at: self.ended_at,
            attempts: self.claimed.attempt,
        }
    }

    fn again(&self, at: DateTime<Utc>) -> Again {
        Again {
            notice_id: self.claimed.notice_id,
            at,
            attempts: self.claimed.attempt,
            open_since: self.claimed.open_since,
            elsewhere: false,
        }
    }

    /// What of the queue follows a try that did not end it.
    fn follows(&self, next: Next, claimed_at: DateTime<Utc>) -> Again {
        match next {
            Next::Later(at) => Again { attempts: self.claimed.attempt.saturating_sub(1), ..self.again(at) },
            Next::SameLater(at) => {
                Again { attempts: self.claimed.attempt.saturating_sub(1), ..self.follows(Next::Same(at), claimed_at) }
            }
            Next::Same(at) => Again { open_since: self.claimed.open_since.or(Some(claimed_at)), ..self.again(at) },
            Next::Elsewhere => Again { elsewhere: true, ..self.again(self.ended_at) },
            Next::Again(at) => self.again(at),
            Next::Ends(_) => self.again(self.ended_at),
        }
    }
}

impl Tick {
    fn count(&mut self, status: NoticeStatus) {
        match status {
            NoticeStatus::Sent => self.sent += 1,
            NoticeStatus::Failed => self.failed += 1,
            NoticeStatus::GivenUp => self.given_up += 1,
            NoticeStatus::InDoubt => self.in_doubt += 1,
            _ => {}
        }
    }
}
