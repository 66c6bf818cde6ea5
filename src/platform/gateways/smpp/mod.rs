//! An SMS centre that is spoken to by SMPP 3.4: one link in each process, kept open for receipts.

mod link;
mod pdu;
mod receipt;
mod wire;
mod words;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use self::link::{Asked, Link, NoLink};
use self::pdu::{Address, Pdu, Submit, id, status};
use self::words::Written;
use super::Message;
use crate::config::{SendingConfig, SmppConfig, read_status};
use crate::domain::delivery::{Outcome, Reply};

pub use self::link::Delivered;
pub use self::receipt::SmppReceipt;

/// Waits before the next try for a link: doubled each time, up to the second.
const WAITS: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));
/// Receipts that wait to be written down; more are asked for again later.
const MOST_RECEIPTS: usize = 1000;
/// What a part of several is marked by.
const HAS_HEADER: u8 = 0x40;

/// The centre.
#[derive(Clone)]
pub struct SmppGateway(Arc<Inner>);

struct Inner {
    name: String,
    config: SmppConfig,
    answered_within: Duration,
    held: tokio::sync::Mutex<Held>,
    receipts: mpsc::Sender<Delivered>,
    delivered: Mutex<mpsc::Receiver<Delivered>>,
}

#[derive(Default)]
struct Held {
    link: Option<Arc<Link>>,
    /// When there may be another try, and how long was waited for this one.
    next: Option<(Instant, Duration)>,
}

impl SmppGateway {
    /// Makes it; the first who needs a link opens it.
    pub fn new(name: &str, config: &SmppConfig, sending: &SendingConfig) -> Self {
        let (receipts, delivered) = mpsc::channel(MOST_RECEIPTS);
        Self(Arc::new(Inner {
            name: name.to_owned(),
            config: config.clone(),
            answered_within: Duration::from_millis(sending.timeout_ms),
            held: tokio::sync::Mutex::default(),
            receipts,
            delivered: Mutex::new(delivered),
        }))
    }

    /// Opens a link if there is none; says how long to wait where there can be none yet.
    pub async fn wait_for_link(&self) -> Option<Duration> {
        self.link().await.err()
    }

    /// Returns the receipts that came and are not taken yet.
    pub fn take_receipts(&self) -> Vec<Delivered> {
        let Ok(mut delivered) = self.0.delivered.lock() else {
            return Vec::new();
        };
        std::iter::from_fn(|| delivered.try_recv().ok()).take(MOST_RECEIPTS).collect()
    }

    /// Hands one message over. Parts go one after another, and the last brings the receipt; when one of them is lost
    /// after the first, nobody knows what the phone shows.
    pub async fn send(&self, message: &Message) -> Reply {
        let luck = message.id.luck().to_be_bytes();
        let [.., high, low] = luck;
        let Some(written) = words::write(&self.0.config, &message.wording.text, low) else {
            return Reply::new(Outcome::Content, "too long");
        };
        let Ok(link) = self.link().await else {
            return Reply::new(Outcome::NotSent, "no link");
        };
        let bodies = self.bodies(message, &written, u16::from_be_bytes([high, low]));
        let mut reference = None;
        for (sent, body) in bodies.into_iter().enumerate() {
            match link.ask(id::SUBMIT_SM, body).await {
                Asked::Answered(answer) if answer.status == status::OK => {
                    reference = answer.message_id().map(|id| receipt::reference(&id, self.0.config.receipt_ids));
                }
                other => return self.refused(other, sent),
            }
        }
        Reply::accepted(reference)
    }

    fn bodies(&self, message: &Message, written: &Written, reference: u16) -> Vec<Vec<u8>> {
        let config = &self.0.config;
        let source = Address { ton: config.source_ton, npi: config.source_npi, text: config.source.clone() };
        let to = message.to.trim_start_matches('+').to_owned();
        let destination = Address { ton: config.destination_ton, npi: config.destination_npi, text: to };
        let count = written.parts.len();
        let body = |(number, words): (usize, &Vec<u8>)| {
            let submit = Submit {
                source: &source,
                destination: &destination,
                esm_class: if count > 1 { HAS_HEADER } else { 0 },
                registered_delivery: u8::from(number == count),
                data_coding: written.data_coding,
                words,
                reference,
            };
            submit.body()
        };
        (1..).zip(&written.parts).map(body).collect()
    }

    /// Tells what it means that a part was not taken, after so many that were.
    fn refused(&self, asked: Asked, sent: usize) -> Reply {
        let (outcome, code) = match asked {
            Asked::Answered(answer) => (self.meaning(&answer), format!("SMPP 0x{:02x}", answer.status)),
            Asked::NotWritten => (Outcome::NotSent, "link lost".to_owned()),
            Asked::Unknown(why) => (Outcome::Ambiguous, why.to_owned()),
        };
        match sent {
            0 => Reply::new(outcome, code),
            sent => Reply::new(Outcome::Ambiguous, format!("after {sent} parts: {code}")),
        }
    }

    fn meaning(&self, answer: &Pdu) -> Outcome {
        let own = self.0.config.codes.iter().find(|(code, _)| read_status(code) == Some(answer.status));
        own.map_or_else(|| meaning(answer.status), |(_, outcome)| *outcome)
    }

    /// Returns the link that is open, or opens one; the wait until the next try where there is none.
    async fn link(&self) -> Result<Arc<Link>, Duration> {
        let mut held = self.0.held.lock().await;
        if let Some(link) = held.link.as_ref().filter(|link| link.is_open()) {
            return Ok(Arc::clone(link));
        }
        let now = Instant::now();
        if let Some((at, _)) = held.next.filter(|(at, _)| *at > now) {
            return Err(at - now);
        }
        match Link::open(&self.0.config, self.0.answered_within, self.0.receipts.clone()).await {
            Ok(link) => {
                tracing::info!(gateway = self.0.name, "gateway {} is linked", self.0.name);
                *held = Held { link: Some(Arc::clone(&link)), next: None };
                Ok(link)
            }
            Err(why) => {
                let wait = self.wait_after(&why, held.next.map(|(_, wait)| wait));
                held.next = Some((Instant::now() + wait, wait));
                Err(wait)
            }
        }
    }

    /// Says in the log why there is no link, and tells how long to wait.
    fn wait_after(&self, why: &NoLink, before: Option<Duration>) -> Duration {
        let gateway = &self.0.name;
        let wait = before.map_or(WAITS.0, |before| (before * 2).min(WAITS.1));
        match why {
            NoLink::Refused(status) if meaning(*status) == Outcome::Account => {
                tracing::error!(
                    gateway,
                    status,
                    "gateway {gateway} refuses our log-in (0x{status:02x}), see the settings"
                );
                WAITS.1
            }
            NoLink::Refused(status) => {
                tracing::warn!(gateway, status, "gateway {gateway} takes no link now (0x{status:02x})");
                wait
            }
            NoLink::NotConnected => {
                tracing::warn!(gateway, "gateway {gateway} can't be reached");
                wait
            }
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(link) = self.held.get_mut().link.take() {
            link.close();
        }
    }
}

/// What a status of the specification means (SMPP 3.4, 5.1.3); of others it is only known that the message was not taken.
fn meaning(status: u32) -> Outcome {
    match status {
        // Wrong destination.
        0x0b => Outcome::Recipient,
        // Source, log-in, password, account, kinds of numbers, services that we may not use.
        0x0a | 0x0d | 0x0e | 0x0f | 0x15 | 0x48 | 0x49 | 0x50 | 0x51 => Outcome::Account,
        // Too long, or what the words are written in.
        0x01 => Outcome::Content,
        // Its queue is full, or we come too fast.
        0x14 | 0x58 => Outcome::Throttled,
        // Not logged in any more, a fault of its own, for now.
        0x04 | 0x08 | 0x64 => Outcome::NotSent,
        _ => Outcome::Refused,
    }
}
