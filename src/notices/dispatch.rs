//! Sends what is in the queue: claim, send, record. Nothing of the database is held while sending.
//!
//! At least once to the gateway, with the notice's id as the request's number. A gateway that knows the number
//! sends it once. Where none does, the intent is noted with the claim: what a crash or a lost answer leaves
//! open is in doubt and waits for a receipt or a person, and is never sent again on its own.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use diesel::PgConnection;
use futures_util::{StreamExt, stream};
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::claim::{self, Ask, Claim, Claimed};
use super::enqueue::context;
use super::gateway::{Gateway, Message};
use super::outcome::{Done, Records};
use crate::domain::delivery::{Outcome, Reply, Retries};
use crate::domain::notice::NoticeChannel;
use crate::error::{AppError, Chain};
use crate::platform::data_keys;
use crate::platform::db::Scope;
use crate::platform::stop::Stop;
use crate::state::AppState;

pub use super::outcome::Tick;

/// How often the whole queue is looked through, whatever the low-water mark.
const FULL_LOOK: Duration = Duration::from_secs(5);
/// Longer than any transaction that writes notices may take.
const LOW_WATER: TimeDelta = TimeDelta::seconds(120);
/// How long a lane rests when nothing gets through.
const OUTAGE_REST: TimeDelta = TimeDelta::seconds(5);

/// The way of one channel; shared by the loops that serve it.
pub struct Lane {
    gateway: Gateway,
    retries: Retries,
    batch: i64,
    in_flight: usize,
    permits: Arc<Semaphore>,
    lease: TimeDelta,
    timeout: TimeDelta,
    state: Mutex<LaneState>,
}

#[derive(Default)]
struct LaneState {
    rests_until: Option<DateTime<Utc>>,
    low_water: Option<DateTime<Utc>>,
    looked_fully_at: Option<Instant>,
}

impl Lane {
    /// Makes the lane of a gateway.
    pub fn new(state: &AppState, gateway: Gateway) -> Self {
        let config = &state.config;
        let (in_flight, timeout_ms) = match gateway.channel() {
            NoticeChannel::Email => (config.email.in_flight, config.email.timeout_ms),
            _ => (config.sms.in_flight, config.sms.timeout_ms),
        };
        let in_flight = in_flight.max(1);
        let window = i64::try_from(in_flight).unwrap_or(i64::MAX);
        let seconds = |s: &u64| TimeDelta::seconds(i64::try_from(*s).unwrap_or(86_400).min(86_400));
        // A crash leaves at most this many in doubt where the gateway can't be asked.
        let batch = if gateway.deduplicates() { config.notices.batch } else { config.notices.batch.min(window) };
        Self {
            retries: Retries {
                waits: config.notices.retry_s.iter().map(seconds).collect(),
                deduplicates: gateway.deduplicates(),
            },
            batch,
            in_flight,
            permits: Arc::new(Semaphore::new(in_flight)),
            lease: seconds(&config.notices.lease_s),
            timeout: TimeDelta::milliseconds(i64::try_from(timeout_ms).unwrap_or(15_000)),
            gateway,
            state: Mutex::default(),
        }
    }

    /// Returns the channel.
    pub fn channel(&self) -> NoticeChannel {
        self.gateway.channel()
    }

    /// Returns how many loops may serve it side by side.
    pub fn loops(&self) -> usize {
        self.in_flight.min(2)
    }

    /// Claims a batch, sends it and records what came of it. Said to stop, it sends no more and puts the rest
    /// back.
    ///
    /// # Errors
    /// Whatever the database says; then leases run out and the notices come again.
    pub async fn tick(&self, state: &AppState, stop: &Stop) -> Result<Tick, AppError> {
        let ask = self.ask();
        let claim = self.claim(state, &ask).await?;
        let mut tick = Tick {
            claimed: claim.taken,
            expired: claim.expired,
            in_doubt: claim.in_doubt,
            is_full: i64::try_from(claim.taken).is_ok_and(|taken| taken >= self.batch),
            ..Tick::default()
        };
        self.mark(&ask, &claim);
        if claim.notices.is_empty() {
            return Ok(tick);
        }
        let now = claim.now;
        let done = self.send(state, stop, claim).await;
        self.rest_if_needed(now, &done);
        let records = Records::judge(&self.retries, now, &done, &mut tick);
        self.record(state, &ask, now, records).await?;
        if tick.in_doubt + tick.given_up > 0 {
            let (channel, in_doubt, given_up) = (self.channel(), tick.in_doubt, tick.given_up);
            tracing::warn!(%channel, in_doubt, given_up, "some notices wait for a person to decide");
        }
        Ok(tick)
    }

    fn ask(&self) -> Ask {
        let low_water = self.state.lock().ok().and_then(|state| {
            let is_fresh = state.looked_fully_at.is_some_and(|at| at.elapsed() < FULL_LOOK);
            state.low_water.filter(|_| is_fresh)
        });
        Ask {
            channel: self.channel(),
            gateway: self.gateway.name(),
            deduplicates: self.gateway.deduplicates(),
            limit: self.batch,
            lease: self.lease,
            low_water,
            token: Uuid::now_v7(),
        }
    }

    async fn claim(&self, state: &AppState, ask: &Ask) -> Result<Claim, AppError> {
        if let Some(until) = self.rests_until() {
            let now = state.clock.now();
            if now < until {
                return Ok(Claim::default());
            }
        }
        let (ask, clock, vault) = (ask.clone(), state.clock.clone(), Arc::clone(&state.vault));
        let work = move |conn: &mut PgConnection| {
            let claim = claim::claim(conn, &clock, &ask)?;
            // Another process may have sealed by a key that it made just now.
            data_keys::know(conn, &vault, claim.notices.iter().map(|claimed| claimed.key_id))?;
            Ok(claim)
        };
        state.db.tx(&Scope::system(), work).await
    }

    /// After a look at the whole queue that found room to spare, older rows need not be looked for.
    fn mark(&self, ask: &Ask, claim: &Claim) {
        if ask.low_water.is_some() || claim.is_paused || claim.now == DateTime::<Utc>::default() {
            return;
        }
        let is_full = i64::try_from(claim.taken).is_ok_and(|taken| taken >= ask.limit);
        if let Ok(mut state) = self.state.lock() {
            let oldest = claim.oldest.unwrap_or(claim.now).min(claim.now);
            state.low_water = (!is_full).then_some(oldest - LOW_WATER);
            state.looked_fully_at = Some(Instant::now());
        }
    }

    fn rests_until(&self) -> Option<DateTime<Utc>> {
        self.state.lock().ok().and_then(|state| state.rests_until)
    }

    async fn send(&self, state: &AppState, stop: &Stop, claim: Claim) -> Vec<Done> {
        let began = Instant::now();
        let now = claim.now;
        if self.gateway.is_file() {
            return self.write(state, claim).await;
        }
        let sending = claim.notices.into_iter().map(|claimed| async move {
            let Ok(_permit) = self.permits.acquire().await else {
                return Done::untried(claimed, now);
            };
            let passed = passed(began);
            let is_late = passed + self.timeout * 2 > self.lease;
            if is_late || stop.is_stopped() || self.rests_until().is_some_and(|until| until > now) {
                return Done::untried(claimed, now + passed);
            }
            let reply = match open(state, &claimed) {
                Ok(message) => self.gateway.send(message).await,
                Err(reply) => reply,
            };
            let ended_at = now + self::passed(began);
            if reply.outcome == Outcome::Account {
                self.rest(ended_at + TimeDelta::seconds(60), &reply);
            }
            Done { claimed, reply: Some(reply), ended_at }
        });
        stream::iter(sending).buffer_unordered(self.in_flight).collect().await
    }

    async fn write(&self, state: &AppState, claim: Claim) -> Vec<Done> {
        let now = claim.now;
        let mut done = Vec::new();
        let mut opened = Vec::new();
        for claimed in claim.notices {
            match open(state, &claimed) {
                Ok(message) => opened.push((claimed, message)),
                Err(reply) => done.push(Done { claimed, reply: Some(reply), ended_at: now }),
            }
        }
        let (claimed, messages): (Vec<_>, Vec<_>) = opened.into_iter().unzip();
        let replies = self.gateway.write_all(now, messages).await;
        done.extend(claimed.into_iter().zip(replies).map(|(claimed, reply)| Done {
            claimed,
            reply: Some(reply),
            ended_at: now,
        }));
        done
    }

    fn rest(&self, until: DateTime<Utc>, why: &Reply) {
        let Ok(mut state) = self.state.lock() else {
            return;
        };
        if state.rests_until.is_none_or(|at| at < until) {
            state.rests_until = Some(until);
            let (channel, code) = (self.channel(), why.code.as_deref().unwrap_or(""));
            tracing::error!(
                %channel,
                code,
                "the gateway for {channel} takes no message of ours ({code}); sending rests, see the settings"
            );
        }
    }

    /// When nothing of a batch gets through, the next one waits a little.
    fn rest_if_needed(&self, now: DateTime<Utc>, done: &[Done]) {
        let tried: Vec<&Reply> = done.iter().filter_map(|done| done.reply.as_ref()).collect();
        let is_outage = tried.iter().all(|reply| matches!(reply.outcome, Outcome::NotSent | Outcome::Throttled));
        let asked = tried.iter().filter_map(|reply| reply.retry_after).max();
        let is_throttled = tried.iter().any(|reply| reply.outcome == Outcome::Throttled);
        if tried.is_empty() || !(is_outage || is_throttled) {
            return;
        }
        let rest = asked.unwrap_or(OUTAGE_REST).min(TimeDelta::minutes(10));
        if let Ok(mut state) = self.state.lock() {
            state.rests_until = state.rests_until.max(Some(now + rest));
        }
        let channel = self.channel();
        tracing::warn!(%channel, seconds = rest.num_seconds(), "sending of {channel} rests");
    }

    /// The messages are out, so this is tried until the lease is nearly over: what is not recorded is sent
    /// again, or in doubt.
    async fn record(
        &self,
        state: &AppState,
        ask: &Ask,
        started_at: DateTime<Utc>,
        records: Records,
    ) -> Result<(), AppError> {
        let records = Arc::new(records);
        let mut wait = Duration::from_millis(200);
        loop {
            let (ask, records) = (ask.clone(), Arc::clone(&records));
            let written: Result<(), AppError> = state
                .db
                .tx(&Scope::system(), move |conn| records.write(conn, &ask, started_at).map_err(AppError::from))
                .await;
            match written {
                Err(err @ AppError::Unavailable { .. }) if wait < Duration::from_secs(10) => {
                    tracing::warn!(error = %Chain(&err), "a batch could not be recorded yet");
                    tokio::time::sleep(wait).await;
                    wait *= 2;
                }
                other => return other,
            }
        }
    }
}

/// Sends all that is due, batch after batch; returns what was done in all. For replays and tests.
///
/// # Errors
/// As [`Lane::tick`].
pub async fn drain(state: &AppState, lanes: &[Lane], stop: &Stop) -> Result<Tick, AppError> {
    let mut all = Tick::default();
    for lane in lanes {
        loop {
            let tick = lane.tick(state, stop).await?;
            all += tick;
            if tick.claimed == tick.released {
                break;
            }
        }
    }
    Ok(all)
}

fn passed(since: Instant) -> TimeDelta {
    TimeDelta::from_std(since.elapsed()).unwrap_or(TimeDelta::zero())
}

/// Opens what is sealed; a missing key is no fault of the message, so it waits until somebody brings it back.
fn open(state: &AppState, claimed: &Claimed) -> Result<Message, Reply> {
    let id = claimed.notice_id;
    let opened = |column: &str, sealed: &[u8]| {
        state
            .vault
            .open(claimed.key_id, &context(id, column), sealed)
            .map_err(|err| Reply::new(Outcome::Account, err.to_string()))
    };
    let wording = opened("wording", &claimed.wording)?;
    Ok(Message {
        id,
        to: opened("address", &claimed.address)?,
        wording: serde_json::from_str(&wording).or(Err(Reply::new(Outcome::Refused, "unreadable wording")))?,
        written_at: claimed.created_at,
    })
}
