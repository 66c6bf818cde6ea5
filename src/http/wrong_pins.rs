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
    /// Lets the address try a pin for this code, which counts as wrong until it is [forgiven](Self::forgive) or
    /// [taken back](Self::take_back): however many come at once, no more are tried than one after the other.
    ///
    /// # Errors
    /// [`AppError::TooMany`] with the time to wait.
    pub fn attempt(&self, address: IpAddr, code: &str, now: DateTime<Utc>) -> Result<(), AppError> {
        let mut held = self.held();
        let wrong = held.get(&key(address, code)).copied();
        let until = wrong.map(|wrong| wrong.last_at + wrong.wait());
        match until {
            Some(until) if until > now => Err(AppError::TooMany {
                retry_after_seconds: u64::try_from((until - now).num_seconds()).unwrap_or(0) + 1,
            }),
            _ => {
                blame(&mut held, key(address, code), now);
                Ok(())
            }
        }
    }

    /// Takes back what was no attempt in the end: the pin was not looked at.
    pub fn take_back(&self, address: IpAddr, code: &str) {
        if let Some(wrong) = self.held().get_mut(&key(address, code)) {
            wrong.count = wrong.count.saturating_sub(1);
        }
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

fn blame(held: &mut HashMap<Key, Wrong>, key: Key, now: DateTime<Utc>) {
    if held.len() >= MOST {
        make_room(held, now);
    }
    let wrong = held.entry(key).or_insert(Wrong { count: 0, last_at: now });
    if wrong.is_forgotten(now) {
        wrong.count = 0;
    }
    wrong.count = wrong.count.saturating_add(1);
    wrong.last_at = now;
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

    fn tried(pins: &WrongPins, address: &str, seconds: i64) -> Option<u64> {
        match pins.attempt(address.parse().unwrap(), CODE, at(seconds)) {
            Err(AppError::TooMany { retry_after_seconds }) => Some(retry_after_seconds),
            _ => None,
        }
    }

    #[test]
    fn waits_grow_and_stay_with_the_address() {
        let pins = WrongPins::default();
        let here: IpAddr = "203.0.113.1".parse().unwrap();
        // All at once, none of them answered yet.
        for _ in 0..FREE {
            assert_eq!(tried(&pins, "203.0.113.1", 0), None);
        }
        assert_eq!(tried(&pins, "203.0.113.1", 0), Some(61));
        assert_eq!(tried(&pins, "203.0.113.2", 0), None);
        assert!(pins.attempt(here, &CODE.to_lowercase(), at(60)).is_ok());
        assert_eq!(tried(&pins, "203.0.113.1", 60), Some(121));
        pins.take_back(here, CODE);
        assert_eq!(tried(&pins, "203.0.113.1", 61), Some(60));
        pins.forgive(here, CODE);
        assert_eq!(tried(&pins, "203.0.113.1", 61), None);
    }

    #[test]
    fn the_memory_is_bounded() {
        let pins = WrongPins::default();
        for number in 0..u32::try_from(MOST).unwrap() + 10 {
            let second = i64::from(number / 100);
            pins.attempt(IpAddr::from(number.to_be_bytes()), CODE, at(second)).unwrap();
        }
        assert!(pins.held().len() <= MOST);
    }
}
