//! Delivery receipts: shuffled, tripled, some before the answer, some lost, some of messages that nobody knows.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use uuid::Uuid;

use super::Shared;
use super::journal::End;
use super::manners::luck;
use crate::wire::{Wire, get};

/// Connections over which receipts are sent.
const CONNECTIONS: usize = 8;
/// How often each receipt is sent.
const TIMES: u32 = 3;
/// Of a hundred messages no receipt comes for so many, and so many never reach the phone.
const LOST: u64 = 10;
const FAILED: u64 = 5;
/// Of a hundred, so many have their first receipt before the answer to the request.
const BEFORE_THE_ANSWER: u64 = 5;
/// Of a thousand, so many come with a receipt of a message that nobody knows.
const STRANGERS: u64 = 10;
/// Within this time all of them are sent.
const SPREAD_MS: u64 = 6_000;

/// The receipts of a gateway.
pub struct Receipts {
    path: String,
    seed: u64,
    queue: UnboundedSender<Receipt>,
    waiting: Mutex<Option<UnboundedReceiver<Receipt>>>,
    /// How they were taken.
    pub taken: Arc<Taken>,
}

/// How receipts were taken.
#[derive(Default)]
pub struct Taken {
    /// Planned and not yet answered.
    pub under_way: AtomicUsize,
    /// Answered with anything but 200.
    pub refused: AtomicUsize,
    /// Of messages that nobody knows, answered with 200.
    pub strangers: AtomicUsize,
    /// How long each answer took, in ms.
    pub times: Mutex<Vec<f64>>,
}

/// What becomes of one message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    pub(super) end: End,
    id: Uuid,
    reference: u64,
    is_lost: bool,
    luck: u64,
}

#[derive(Debug)]
struct Receipt {
    query: String,
    /// Whose end it tells.
    tells: Option<Uuid>,
    is_stranger: bool,
}

impl Receipts {
    /// Makes receipts for the gateway `sms`, with this secret.
    pub fn new(secret: &str, seed: u64) -> Self {
        let (queue, waiting) = unbounded_channel();
        Self {
            path: format!("/api/v1/callbacks/sms/{secret}"),
            seed,
            queue,
            waiting: Mutex::new(Some(waiting)),
            taken: Arc::default(),
        }
    }

    /// Draws what becomes of a message.
    pub(super) fn plan(&self, id: Uuid, reference: u64) -> Plan {
        let luck = luck(self.seed, id, 4711);
        let end = if luck % 100 < FAILED { End::Failed } else { End::Delivered };
        Plan { end, id, reference, is_lost: luck / 100 % 100 < LOST, luck }
    }

    /// Sends the receipts of a message, each in its own time.
    pub(super) fn send(&self, plan: Plan, shared: &Arc<Shared>) {
        let underway = [Some("8"), Some("8"), Some("8")];
        let end = if plan.end == End::Delivered { "1" } else { "2" };
        let ends = [Some(end), Some(end), Some(end)].map(|code| code.filter(|_| !plan.is_lost));
        let mut number = 0;
        for code in underway.into_iter().chain(ends).flatten() {
            number += 1;
            let luck = luck(plan.luck, plan.id, number);
            let is_first_end = code == end && number == TIMES + 1;
            let is_early = is_first_end && plan.luck / 10_000 % 100 < BEFORE_THE_ANSWER;
            let wait = if is_early { 0 } else { luck % SPREAD_MS };
            // Some gateways repeat our number, some tell their own only; what is early can only be known by ours.
            let by = match luck / SPREAD_MS % 2 {
                0 if !is_early => format!("reference={}", plan.reference),
                _ => format!("id={}", plan.id),
            };
            let tells = Some(plan.id).filter(|_| code == end);
            self.send_later(wait, Receipt { query: format!("{by}&status={code}"), tells, is_stranger: false }, shared);
        }
        if plan.luck / 1_000_000 % 1000 < STRANGERS {
            let query = format!("id={}&status=1", Uuid::now_v7());
            self.send_later(plan.luck % SPREAD_MS, Receipt { query, tells: None, is_stranger: true }, shared);
        }
    }

    fn send_later(&self, wait_ms: u64, receipt: Receipt, shared: &Arc<Shared>) {
        self.taken.under_way.fetch_add(1, Ordering::Relaxed);
        let (queue, shared) = (self.queue.clone(), Arc::downgrade(shared));
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(wait_ms)).await;
            // Whoever has gone wants no receipts.
            if shared.strong_count() > 0 {
                queue.send(receipt).ok();
            }
        });
    }

    fn waiting(&self) -> Option<UnboundedReceiver<Receipt>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl super::Gateway {
    /// Begins to send receipts to the API; they wait until then.
    pub fn send_receipts_to(&self, api: SocketAddr) {
        let Some(receipts) = self.receipts() else { return };
        let Some(waiting) = receipts.waiting() else { return };
        let waiting = Arc::new(tokio::sync::Mutex::new(waiting));
        for _ in 0..CONNECTIONS {
            tokio::spawn(deliver(api, receipts.path.clone(), Arc::clone(&waiting), Arc::downgrade(&self.shared)));
        }
    }
}

async fn deliver(
    api: SocketAddr,
    path: String,
    waiting: Arc<tokio::sync::Mutex<UnboundedReceiver<Receipt>>>,
    shared: Weak<Shared>,
) {
    let mut wire = Wire::to(api);
    let next = || async { waiting.lock().await.recv().await };
    while let Some(receipt) = next().await {
        let asked = Instant::now();
        let answer = wire.ask(&get(&format!("{path}?{}", receipt.query))).await;
        let took = asked.elapsed().as_secs_f64() * 1000.0;
        let is_taken = answer.is_ok_and(|answer| answer.status == 200);
        let Some(shared) = shared.upgrade() else { return };
        let Some(receipts) = &shared.receipts else { return };
        receipts.taken.note(&receipt, is_taken, took);
        let mut journal = shared.journal();
        if let Some(message) = receipt.tells.filter(|_| is_taken).and_then(|id| journal.messages.get_mut(&id)) {
            message.is_told = true;
        }
    }
}

impl Taken {
    fn note(&self, receipt: &Receipt, is_taken: bool, took_ms: f64) {
        self.times.lock().unwrap_or_else(PoisonError::into_inner).push(took_ms);
        self.refused.fetch_add(usize::from(!is_taken), Ordering::Relaxed);
        self.strangers.fetch_add(usize::from(receipt.is_stranger && is_taken), Ordering::Relaxed);
        self.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}
