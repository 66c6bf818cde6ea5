//! A gateway as a process uses it: how many messages are under way, and what the last ones came to.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::claim::{Ask, Claim};
use super::gateway::Gateway;
use super::low_water::LowWater;
use super::outcome::Done;
use super::standing::{Found, Verdict};
use crate::config::NoticesConfig;
use crate::domain::delivery::{Class, Outcome, Reply, Retries};
use crate::domain::gateway::Window;
use crate::domain::notice::Daytime;

/// How many loops serve each gateway side by side: while one waits for the database, another sends.
pub(super) const LOOPS: usize = 2;
/// How often the whole queue is looked through, whatever the low-water marks: a claim that does steps over all that a
/// long transaction keeps, so it is one in hundreds.
const FULL_LOOK: Duration = Duration::from_secs(60);
/// How long a gateway rests that refuses us as a whole.
const ACCOUNT_REST: TimeDelta = TimeDelta::seconds(60);
/// How long it rests that wants to be spoken to more slowly and does not say how long.
const THROTTLE_REST: TimeDelta = TimeDelta::seconds(1);
const LONGEST_REST: TimeDelta = TimeDelta::minutes(10);

/// The gateway.
pub(super) struct Door {
    pub(super) gateway: Gateway,
    pub(super) retries: Retries,
    pub(super) permits: Arc<Semaphore>,
    pub(super) lease: TimeDelta,
    pub(super) timeout: TimeDelta,
    daytime: Daytime,
    /// Of the channel's messages, when all is well.
    pub(super) share: u16,
    batch: i64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    is_known: bool,
    weight: i16,
    /// What is left of a batch is not sent once the gateway has refused us.
    is_refused: bool,
    low_water: LowWater,
    looked_fully_at: Option<Instant>,
    window: Window,
}

impl Door {
    pub(super) fn new(config: &NoticesConfig, gateway: Gateway, share: u16) -> Self {
        let in_flight = gateway.sending().in_flight.max(1);
        let seconds = |s: &u64| TimeDelta::seconds(i64::try_from(*s).unwrap_or(86_400).min(86_400));
        // Where a repeated request would go out twice, a crash leaves in doubt what all loops have claimed: together no
        // more than may be under way.
        let window = i64::try_from((in_flight / LOOPS).max(1)).unwrap_or(i64::MAX);
        let batch = if gateway.class() == Class::Idempotent { config.batch } else { config.batch.min(window) };
        let timeout_ms = i64::try_from(gateway.sending().timeout_ms).unwrap_or(15_000).min(86_400_000);
        let timeout = TimeDelta::milliseconds(timeout_ms);
        Self {
            retries: Retries {
                waits: config.retry_s.iter().map(seconds).collect(),
                class: gateway.class(),
                known_for: gateway.known_for(),
            },
            daytime: config.daytime(),
            batch,
            permits: Arc::new(Semaphore::new(in_flight)),
            // Of a slow gateway nothing would be sent for fear of a lease that runs out.
            lease: seconds(&config.lease_s).max(timeout * 4),
            timeout,
            gateway,
            share,
            state: Mutex::new(State { weight: i16::try_from(share).unwrap_or(0), ..State::default() }),
        }
    }

    fn with<T: Default>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        self.state.lock().map(|mut state| work(&mut state)).unwrap_or_default()
    }

    /// Whether its row in the database is there.
    pub(super) fn is_known(&self) -> bool {
        self.with(|state| state.is_known)
    }

    pub(super) fn is_known_now(&self) {
        self.with(|state| state.is_known = true);
    }

    /// Returns its share as the last claim found it.
    pub(super) fn weight(&self) -> i16 {
        self.with(|state| state.weight)
    }

    pub(super) fn ask(&self, units: Vec<Uuid>) -> Ask {
        let low_water = self.with(|state| {
            let is_fresh = state.looked_fully_at.is_some_and(|at| at.elapsed() < FULL_LOOK);
            if !is_fresh {
                (state.looked_fully_at, state.low_water) = (Some(Instant::now()), LowWater::default());
            }
            state.low_water
        });
        Ask {
            channel: self.gateway.channel(),
            gateway: self.gateway.name().to_owned(),
            class: self.gateway.class(),
            pace: self.gateway.pace(),
            limit: self.batch,
            lease: self.lease,
            daytime: self.daytime.clone(),
            low_water,
            units,
            token: Uuid::now_v7(),
        }
    }

    /// Keeps what a claim found out.
    pub(super) fn mark(&self, claim: &Claim) {
        self.with(|state| {
            state.is_refused = false;
            if let Some(found) = &claim.standing {
                (state.weight, state.low_water) = (found.weight, claim.low_water);
            }
        });
    }

    /// Whether the gateway refused us since the last claim.
    pub(super) fn is_refused(&self) -> bool {
        self.with(|state| state.is_refused)
    }

    pub(super) fn note_refusal(&self, reply: &Reply) {
        let is_first = self.with(|state| !std::mem::replace(&mut state.is_refused, true));
        if is_first {
            let (gateway, code) = (self.gateway.name(), reply.code.as_deref().unwrap_or(""));
            tracing::error!(
                gateway,
                code,
                "gateway {gateway} takes no message of ours ({code}); it rests, see the settings"
            );
        }
    }

    /// Tells what a batch says of the gateway.
    pub(super) fn judge(&self, found: &Found, now: DateTime<Utc>, done: &[Done]) -> Verdict {
        let mut tried: Vec<(&Done, &Reply)> =
            done.iter().filter_map(|done| Some((done, done.reply.as_ref()?))).collect();
        // In the order in which they began: those without an answer in time end together.
        tried.sort_by_key(|(done, _)| done.ended_at - done.took);
        if tried.is_empty() {
            return Verdict::Nothing;
        }
        let is_tripped = self.with(|state| {
            tried.iter().for_each(|(done, reply)| state.window.note(done.ended_at, done.took, is_bad(reply)));
            state.window.is_tripped(now)
        });
        let verdict = verdict(&tried, now, (found, self), is_tripped);
        if matches!(verdict, Verdict::Rests { .. } | Verdict::IsWell) {
            self.with(|state| state.window.clear());
        }
        self.tell(&verdict);
        verdict
    }

    fn tell(&self, verdict: &Verdict) {
        let gateway = self.gateway.name();
        match verdict {
            Verdict::Nothing => {}
            Verdict::IsWell => tracing::info!(gateway, "gateway {gateway} is well again"),
            Verdict::Rests { why, .. } => tracing::warn!(gateway, why, "gateway {gateway} rests: {why}"),
            Verdict::Slower { per_second, until } => {
                tracing::warn!(gateway, per_second, %until, "gateway {gateway} asks to come more slowly");
            }
        }
    }
}

/// The gateway's own fault, whatever the message.
pub(super) fn is_bad(reply: &Reply) -> bool {
    matches!(reply.outcome, Outcome::NotSent | Outcome::Ambiguous)
}

fn verdict(tried: &[(&Done, &Reply)], now: DateTime<Utc>, (found, door): (&Found, &Door), is_tripped: bool) -> Verdict {
    let code = |is: fn(&Reply) -> bool| {
        let reply = tried.iter().map(|(_, reply)| *reply).find(|reply| is(reply));
        reply.map(|reply| reply.code.clone().unwrap_or_else(|| reply.outcome.to_string()))
    };
    if let Some(why) = code(|reply| reply.outcome == Outcome::Account) {
        return Verdict::Rests { why, until: now + ACCOUNT_REST };
    }
    if tried.iter().any(|(_, reply)| reply.outcome == Outcome::Throttled) {
        let asked = tried.iter().filter_map(|(_, reply)| reply.retry_after).max();
        let until = now + asked.unwrap_or(THROTTLE_REST).clamp(TimeDelta::zero(), LONGEST_REST);
        return Verdict::Slower { per_second: found.standing.slower(door.gateway.pace(), now), until };
    }
    let bad = tried.iter().filter(|(_, reply)| is_bad(reply)).count();
    let nothing_gets_there = tried.iter().all(|(_, reply)| reply.outcome == Outcome::NotSent);
    if nothing_gets_there || is_tripped || (found.standing.is_probed() && bad * 2 >= tried.len()) {
        let why = code(is_bad).unwrap_or_else(|| "slow answers".to_owned());
        return Verdict::Rests { why, until: now };
    }
    match found.standing.is_probed() {
        true => Verdict::IsWell,
        false => Verdict::Nothing,
    }
}
