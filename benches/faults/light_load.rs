//! A mixed light load on the API: look-ups by code, and an intake now and then.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use crate::figures::percentile;
use crate::stock;
use crate::wire::{Wire, get, post};

const CLIENTS: usize = 3;
const LOOK_UP_EVERY: Duration = Duration::from_millis(20);
const INTAKE_EVERY: Duration = Duration::from_millis(500);

/// The load; it ends when this is dropped.
pub struct LightLoad {
    seen: Arc<Mutex<Seen>>,
    clients: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Seen {
    asked: Vec<Asked>,
    acknowledged: Vec<String>,
}

struct Asked {
    at: Instant,
    took_ms: f64,
    is_answered: bool,
}

impl LightLoad {
    /// Asks for the first dossiers of the stock; takes dossiers in with this token.
    pub fn start(api: SocketAddr, clerk: &str) -> Self {
        let seen: Arc<Mutex<Seen>> = Arc::default();
        let mut clients: Vec<_> = (0..CLIENTS).map(|n| tokio::spawn(look_up(api, n, Arc::clone(&seen)))).collect();
        clients.push(tokio::spawn(take_in(api, clerk.to_owned(), Arc::clone(&seen))));
        Self { seen, clients }
    }

    /// Returns p50 and p99 of what was asked between two moments, in ms, and how much of it was not answered with 2xx.
    pub fn between(&self, from: Instant, to: Instant) -> (f64, f64, usize) {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let asked: Vec<&Asked> = seen.asked.iter().filter(|asked| asked.at >= from && asked.at < to).collect();
        let mut times: Vec<f64> = asked.iter().map(|asked| asked.took_ms).collect();
        let failed = asked.iter().filter(|asked| !asked.is_answered).count();
        (percentile(&mut times, 50.0), percentile(&mut times, 99.0), failed)
    }

    /// Ends it; returns the codes of all dossiers whose intake was acknowledged.
    pub async fn end(mut self) -> Vec<String> {
        for client in self.clients.drain(..) {
            client.abort();
            client.await.ok();
        }
        std::mem::take(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner).acknowledged)
    }
}

impl Drop for LightLoad {
    fn drop(&mut self) {
        self.clients.iter().for_each(JoinHandle::abort);
    }
}

async fn look_up(api: SocketAddr, client: usize, seen: Arc<Mutex<Seen>>) {
    let (mut wire, mut turns) = (Wire::to(api), interval(LOOK_UP_EVERY));
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for round in client.. {
        turns.tick().await;
        let code = format!("H21.16-260102-{:06}", 1 + round * 7919 % 1000);
        ask(&mut wire, &get(&format!("/api/v1/public/dossiers/{code}")), &seen).await;
    }
}

async fn take_in(api: SocketAddr, clerk: String, seen: Arc<Mutex<Seen>>) {
    let (mut wire, mut turns) = (Wire::to(api), interval(INTAKE_EVERY));
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for number in 3_000_000.. {
        turns.tick().await;
        let body = stock::intake(number).to_string();
        let Some(answer) = ask(&mut wire, &post("/api/v1/dossiers", &clerk, &body), &seen).await else { continue };
        let answer: serde_json::Value = serde_json::from_slice(&answer).unwrap_or_default();
        if let Some(code) = answer.get("code").and_then(serde_json::Value::as_str) {
            seen.lock().unwrap_or_else(PoisonError::into_inner).acknowledged.push(code.to_owned());
        }
    }
}

/// Asks, and notes how long it took; returns the body of a good answer.
async fn ask(wire: &mut Wire, request: &str, seen: &Mutex<Seen>) -> Option<Vec<u8>> {
    let at = Instant::now();
    let answer = wire.ask(request).await.ok().filter(|answer| (200..300).contains(&answer.status));
    let asked = Asked { at, took_ms: at.elapsed().as_secs_f64() * 1000.0, is_answered: answer.is_some() };
    seen.lock().unwrap_or_else(PoisonError::into_inner).asked.push(asked);
    answer.map(|answer| answer.body)
}
