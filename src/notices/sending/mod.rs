//! Sends what is in the queue: claim, send, record. Nothing of the database is held while sending.
//!
//! At least once to the gateway, with the notice's id as the request's number. A gateway that knows the number
//! sends it once, and as long as one may have a message no other gets it. Where a repeated request would go out twice,
//! the intent is noted with the claim: what a crash or a lost answer leaves open is in doubt and waits for a receipt, an
//! answer or a person, and is never sent again on its own.

pub mod asking;
mod claim;
mod door;
mod gateway;
pub mod links;
mod low_water;
mod outcome;
mod record;
pub mod silence;
mod standing;
pub mod steer;
pub mod stranded;
mod token_pairs;
pub mod tokens;
mod turns;

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use diesel::PgConnection;
use futures_util::{StreamExt, stream};

use self::claim::{Ask, Claim, Claimed, HeldBack};
use self::door::{Door, LOOPS};
use self::outcome::{Done, Records, Rules};
use self::turns::Turns;
use super::enqueue::context;
use crate::domain::delivery::{Outcome, Reply};
use crate::domain::gateway::resting;
use crate::domain::notice::NoticeChannel;
use crate::error::{AppError, Chain};
use crate::platform::data_keys;
use crate::platform::db::Scope;
use crate::platform::gateways::Message;
use crate::platform::stop::Stop;
use crate::state::AppState;

pub use gateway::Gateway;
pub use outcome::Tick;

/// The way of one channel, through one or several gateways; shared by the loops that serve it.
pub struct Lane {
    channel: NoticeChannel,
    doors: Vec<Door>,
    turns: Turns,
}

impl Lane {
    /// Makes a lane for each channel that has a gateway.
    pub fn all(state: &AppState, gateways: Vec<Gateway>) -> Vec<Self> {
        let of_channel = |channel: &NoticeChannel| {
            let mine: Vec<&Gateway> = gateways.iter().filter(|gateway| gateway.channel() == *channel).collect();
            let weights: Vec<u16> = mine.iter().map(|gateway| gateway.sending().weight).collect();
            let shared = mine.into_iter().zip(resting(&weights));
            let door = |(gateway, share): (&Gateway, u16)| Door::new(&state.config.notices, gateway.clone(), share);
            let doors: Vec<Door> = shared.map(door).collect();
            (!doors.is_empty()).then(|| Self { channel: *channel, doors, turns: Turns::default() })
        };
        NoticeChannel::ALL.iter().filter_map(of_channel).collect()
    }

    /// Returns the channel.
    pub fn channel(&self) -> NoticeChannel {
        self.channel
    }

    /// Returns how many loops may serve it side by side.
    pub fn loops(&self) -> usize {
        self.doors.iter().map(|door| door.gateway.sending().in_flight.min(LOOPS)).sum()
    }

    /// Claims a batch for one of the gateways, sends it and records what came of it. Said to stop, it sends no more and
    /// puts the rest back.
    ///
    /// # Errors
    /// Whatever the database says; then leases run out and the notices come again.
    pub async fn tick(&self, state: &AppState, stop: &Stop) -> Result<Tick, AppError> {
        let mut wait: Option<Duration> = None;
        for door in self.in_turn() {
            if let Some(rest) = door.gateway.wait().await {
                wait = Some(wait.map_or(rest, |known| known.min(rest)));
                continue;
            }
            let (ask, claim) = self.claim(state, door).await?;
            door.mark(&claim);
            match claim.held_back {
                Some(HeldBack::Paused) => return Ok(Tick::default()),
                Some(HeldBack::Waits(rest)) => {
                    let rest = rest.to_std().unwrap_or_default();
                    wait = Some(wait.map_or(rest, |known| known.min(rest)));
                }
                None if claim.taken > 0 => return self.deliver(state, stop, door, (ask, claim)).await,
                None => {}
            }
        }
        Ok(Tick { wait, ..Tick::default() })
    }

    /// The gateways, one drawn by its share first; the others follow in case it may be given nothing.
    fn in_turn(&self) -> impl Iterator<Item = &Door> {
        let weights: Vec<u32> = self.doors.iter().map(|door| u32::from(door.weight().unsigned_abs())).collect();
        let all: u32 = weights.iter().sum::<u32>().max(1);
        let mut luck = rand::random::<u32>() % all;
        let first = weights.iter().position(|weight| match luck.checked_sub(*weight) {
            Some(left) => {
                luck = left;
                false
            }
            None => true,
        });
        self.doors.iter().cycle().skip(first.unwrap_or(0)).take(self.doors.len())
    }

    async fn claim(&self, state: &AppState, door: &Door) -> Result<(Ask, Claim), AppError> {
        let ask = door.ask(self.turns.units());
        let is_known = door.is_known();
        let share = door.share;
        let looks = self.turns.looks_now();
        let (asked, clock, vault) = (ask.clone(), state.clock.clone(), Arc::clone(&state.vault));
        let work = move |conn: &mut PgConnection| {
            if !is_known {
                standing::know(conn, &asked.gateway, asked.channel, share)?;
            }
            let claim = claim::claim(conn, &clock, &asked)?;
            let units = if looks { turns::waiting(conn, &asked, claim.now)? } else { Vec::new() };
            // Another process may have sealed by a key that it made just now.
            data_keys::know(conn, &vault, claim.notices.iter().map(|claimed| claimed.key_id))?;
            Ok::<_, AppError>((claim, units))
        };
        let (claim, units) = state.db.tx(&Scope::system(), work).await?;
        door.is_known_now();
        if looks {
            self.turns.found(units);
        }
        self.turns.note(&ask, &claim);
        Ok((ask, claim))
    }

    async fn deliver(
        &self,
        state: &AppState,
        stop: &Stop,
        door: &Door,
        (ask, mut claim): (Ask, Claim),
    ) -> Result<Tick, AppError> {
        let mut tick = Tick {
            claimed: claim.taken,
            expired: claim.expired,
            in_doubt: claim.in_doubt,
            is_full: claim.is_full || !ask.pace.is_unlimited(),
            ..Tick::default()
        };
        let (now, found) = (claim.now, claim.standing.take());
        if claim.notices.is_empty() {
            return Ok(tick);
        }
        let done = door.send(state, stop, claim).await;
        let names = self.doors.iter().map(|other| other.gateway.name());
        let others: Vec<&str> = names.filter(|name| *name != door.gateway.name()).collect();
        let rules = Rules { retries: &door.retries, others: &others, claimed_at: now };
        let records = Records::judge(&rules, &done, &mut tick);
        let verdict = found.map_or(standing::Verdict::Nothing, |found| door.judge(&found, now, &done));
        let errors = done.iter().filter(|done| done.reply.as_ref().is_some_and(door::is_bad)).count();
        self.record(state, &ask, now, (records, verdict, errors)).await?;
        if tick.in_doubt + tick.given_up > 0 {
            let (channel, in_doubt, given_up) = (self.channel, tick.in_doubt, tick.given_up);
            tracing::warn!(%channel, in_doubt, given_up, "some notices wait for a person to decide");
        }
        Ok(tick)
    }

    /// The messages are out, so this is tried until the lease is nearly over: what is not recorded is sent
    /// again, or in doubt.
    async fn record(
        &self,
        state: &AppState,
        ask: &Ask,
        started_at: DateTime<Utc>,
        what: (Records, standing::Verdict, usize),
    ) -> Result<(), AppError> {
        let what = Arc::new(what);
        let mut wait = Duration::from_millis(200);
        loop {
            let (ask, what) = (ask.clone(), Arc::clone(&what));
            let work = move |conn: &mut PgConnection| {
                let (records, verdict, errors) = &*what;
                records.write(conn, &ask, started_at)?;
                standing::judge(conn, &ask.gateway, verdict, started_at)?;
                Ok::<_, AppError>(standing::count_errors(conn, &ask.gateway, *errors, started_at)?)
            };
            match state.db.tx(&Scope::system(), work).await {
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

impl Door {
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
            let waited = passed(began);
            // It may have to be sent twice, the first time by a token that has ended, and to wait for the next in between.
            let is_late = waited + self.timeout * 3 > self.lease;
            if is_late || stop.is_stopped() || self.is_refused() {
                return Done::untried(claimed, now + waited);
            }
            let reply = match open(state, &claimed, now + waited) {
                Ok(message) => tokens::send(state, &self.gateway, &message).await,
                Err(reply) => reply,
            };
            if reply.outcome == Outcome::Account {
                self.note_refusal(&reply);
            }
            let ended = passed(began);
            Done { claimed, reply: Some(reply), ended_at: now + ended, took: ended - waited }
        });
        stream::iter(sending).buffer_unordered(self.gateway.sending().in_flight.max(1)).collect().await
    }

    async fn write(&self, state: &AppState, claim: Claim) -> Vec<Done> {
        let now = claim.now;
        let done = |claimed, reply| Done { claimed, reply: Some(reply), ended_at: now, took: TimeDelta::zero() };
        let mut all = Vec::new();
        let mut opened = Vec::new();
        for claimed in claim.notices {
            match open(state, &claimed, now) {
                Ok(message) => opened.push((claimed, message)),
                Err(reply) => all.push(done(claimed, reply)),
            }
        }
        let (claimed, messages): (Vec<_>, Vec<_>) = opened.into_iter().unzip();
        let replies = self.gateway.write_all(now, messages).await;
        all.extend(claimed.into_iter().zip(replies).map(|(claimed, reply)| done(claimed, reply)));
        all
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
fn open(state: &AppState, claimed: &Claimed, at: DateTime<Utc>) -> Result<Message, Reply> {
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
        wording: serde_json::from_str(&wording).or(Err(Reply::new(Outcome::Content, "unreadable wording")))?,
        template: claimed.template.clone(),
        written_at: claimed.created_at,
        at,
        expires_at: claimed.expires_at,
    })
}
