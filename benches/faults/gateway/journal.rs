//! What the gateway has seen: the truth by which everything else is judged. It is kept by this process, which is
//! never killed.

use std::collections::HashMap;
use std::time::Duration;

use uuid::Uuid;

/// What was done with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Said {
    /// Sent, and said so.
    Taken,
    /// Known from before, and said so.
    Repeated,
    /// Sent, answered after the other side had given up.
    TooLate,
    /// Sent, and the connection dropped.
    Dropped,
    /// An answer that nobody can read.
    Garbage,
    /// An error of its own; not sent.
    Failed,
    /// Unknown account; not sent.
    NotOurs,
    /// Too fast; not sent.
    TooFast,
}

/// One request.
#[derive(Debug, Clone, Copy)]
pub struct Request {
    /// When, since the gateway began.
    pub at: Duration,
    /// Its number.
    pub id: Uuid,
    /// What was done.
    pub said: Said,
}

/// What becomes of a message on its way to the phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The phone has it.
    Delivered,
    /// It will never get there.
    Failed,
}

/// One message, by the number of its requests.
#[derive(Debug, Clone)]
pub struct Message {
    /// The phone.
    pub to: u64,
    /// How often it was asked for.
    pub asked: u32,
    /// How often it went on its way to the phone.
    pub sent: u32,
    /// When it did first.
    pub sent_at: Option<Duration>,
    /// The gateway's own number.
    pub reference: u64,
    /// What became of it, where receipts are sent.
    pub end: Option<End>,
    /// Whether a receipt that said so was answered with 200.
    pub is_told: bool,
}

/// All of it.
#[derive(Debug, Default)]
pub struct Journal {
    /// In the order in which they came.
    pub requests: Vec<Request>,
    /// By number.
    pub messages: HashMap<Uuid, Message>,
    /// How many of them went on their way.
    pub sent: usize,
    /// How often it was asked what became of a message.
    pub questions: usize,
}

impl Journal {
    /// Finds a message, or begins one.
    pub fn message(&mut self, id: Uuid, to: u64) -> &mut Message {
        let reference = u64::try_from(self.messages.len()).unwrap_or(0) + 1;
        self.messages.entry(id).or_insert(Message {
            to,
            asked: 0,
            sent: 0,
            sent_at: None,
            reference,
            end: None,
            is_told: false,
        })
    }

    /// Returns when the first and the last message went on its way.
    pub fn span(&self) -> (Duration, Duration) {
        let times = || self.messages.values().filter_map(|message| message.sent_at);
        (times().min().unwrap_or_default(), times().max().unwrap_or_default())
    }

    /// Counts requests of a time that were answered so.
    pub fn answered(&self, said: Said, (from, to): (Duration, Duration)) -> usize {
        self.requests.iter().filter(|asked| asked.said == said && asked.at >= from && asked.at < to).count()
    }

    /// Counts phones that got more than one message, by whatever numbers.
    pub fn phones_told_twice(&self) -> usize {
        let mut phones: HashMap<u64, u32> = HashMap::new();
        self.messages.values().for_each(|message| *phones.entry(message.to).or_default() += message.sent);
        phones.values().filter(|times| **times > 1).count()
    }
}
