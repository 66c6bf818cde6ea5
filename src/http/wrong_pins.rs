//! Wrong pins: after a few from one address for one dossier, each further one makes that address wait longer.
//!
//! Kept in this process and bounded. A right pin from another address always works, so nobody can lock a
//! citizen out.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use super::limit::network;
use crate::error::AppError;

/// Wrong pins that cost nothing.
const FREE: u32 = 5;
/// The first wait, which doubles with each further wrong pin.
const FIRST_WAIT_S: i64 = 60;
/// The longest wait, after which all is forgotten too.
const LONGEST_WAIT_S: i64 = 3600;
/// How many pairs of address and dossier are remembered.
const MOST: usize = 20_000;
/// Longer codes than any real one are cut before they are remembered.
const LONGEST_CODE: usize = 64;

type Key = (IpAddr, String);

#[derive(Debug, Clone, Copy)]
struct Wrong {
    count: u32,
    last_at: DateTime<Utc>,
}

impl Wrong {
    /// How long the address waits after its last wrong pin.
    fn wait(self) -> TimeDelta {
        let beyond = self.count.saturating_sub(FREE);
        let seconds = match self.count < FREE {
            true => 0,
            false => FIRST_WAIT_S.saturating_mul(1 << beyond.min(10)),
        };
        TimeDelta::seconds(seconds.min(LONGEST_WAIT_S))
    }

    fn is_forgotten(self, now: DateTime<Utc>) -> bool {
        now - self.last_at > TimeDelta::seconds(LONGEST_WAIT_S)
    }
}

/// The wrong pins of late.
#[derive(Debug, Default)]
pub struct WrongPins(Mutex<HashMap<Key, Wrong>>);

impl WrongPins {
    /// Checks whether the address may try a pin for this code.
    ///
    /// # Errors
    /// [`AppError::TooMany`] with the time to wait.
    pub fn check(&self, address: IpAddr, code: &str, now: DateTime<Utc>) -> Result<(), AppError> {
        let wrong = self.held().get(&key(address, code)).copied();
        let until = wrong.map(|wrong| wrong.last_at + wrong.wait());
        match until {
            Some(until) if until > now => Err(AppError::TooMany {
                retry_after_seconds: u64::try_from((until - now).num_seconds()).unwrap_or(0) + 1,
            }),
            _ => Ok(()),
        }
    }

    /// Notes a wrong pin.
    pub fn blame(&self, address: IpAddr, code: &str, now: DateTime<Utc>) {
        let mut held = self.held();
        if held.len() >= MOST {
            make_room(&mut held, now);
        }
        let wrong = held.entry(key(address, code)).or_insert(Wrong { count: 0, last_at: now });
        if wrong.is_forgotten(now) {
            wrong.count = 0;
        }
        wrong.count = wrong.count.saturating_add(1);
        wrong.last_at = now;
    }

    /// Forgets the wrong pins after a right one.
    pub fn forgive(&self, address: IpAddr, code: &str) {
        self.held().remove(&key(address, code));
    }

    fn held(&self) -> MutexGuard<'_, HashMap<Key, Wrong>> {
        // No code panics while it holds the lock; were it so, the counts would still be sound.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(address: IpAddr, code: &str) -> Key {
    let code = code.trim().chars().take(LONGEST_CODE);
    (network(address), code.map(|c| c.to_ascii_uppercase()).collect())
}

/// Drops what is forgotten, and when that is nothing the older half: it has waited longest.
fn make_room(held: &mut HashMap<Key, Wrong>, now: DateTime<Utc>) {
    held.retain(|_, wrong| !wrong.is_forgotten(now));
    if held.len() < MOST {
        return;
    }
    let mut times: Vec<_> = held.values().map(|wrong| wrong.last_at).collect();
    times.sort_unstable();
    let middle = times.get(times.len() / 2).copied().unwrap_or(now);
    held.retain(|_, wrong| wrong.last_at > middle);
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: &str = "H21.16-261012-0001";

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000 + seconds, 0).unwrap()
    }

    fn wait(pins: &WrongPins, address: &str, seconds: i64) -> Option<u64> {
        match pins.check(address.parse().unwrap(), CODE, at(seconds)) {
            Err(AppError::TooMany { retry_after_seconds }) => Some(retry_after_seconds),
            _ => None,
        }
    }

    #[test]
    fn waits_grow_and_stay_with_the_address() {
        let pins = WrongPins::default();
        let here: IpAddr = "203.0.113.1".parse().unwrap();
        for _ in 0..4 {
            pins.blame(here, CODE, at(0));
        }
        assert_eq!(wait(&pins, "203.0.113.1", 0), None);
        pins.blame(here, CODE, at(0));
        assert_eq!(wait(&pins, "203.0.113.1", 0), Some(61));
        assert_eq!(wait(&pins, "203.0.113.2", 0), None);
        pins.blame(here, &CODE.to_lowercase(), at(60));
        assert_eq!(wait(&pins, "203.0.113.1", 60), Some(121));
        pins.forgive(here, CODE);
        assert_eq!(wait(&pins, "203.0.113.1", 60), None);
    }

    #[test]
    fn the_memory_is_bounded() {
        let pins = WrongPins::default();
        for number in 0..u32::try_from(MOST).unwrap() + 10 {
            let second = i64::from(number / 100);
            pins.blame(IpAddr::from(number.to_be_bytes()), CODE, at(second));
        }
        assert!(pins.held().len() <= MOST);
    }
}
