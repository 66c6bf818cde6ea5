//! How the gateway behaves, and what it does with a request.

use std::time::Duration;

use uuid::Uuid;

use super::journal::Said;

/// How it behaves now.
#[derive(Debug, Clone, Copy)]
pub struct Manners {
    /// How long an answer takes.
    pub latency: Duration,
    /// Whether it knows a repeated number, and sends such a message once.
    pub knows_ids: bool,
    /// In what state it is.
    pub mood: Mood,
    /// How long an answer takes that comes too late.
    pub late: Duration,
    /// By which chance is drawn.
    pub seed: u64,
}

/// In what state it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// As it should be.
    Well,
    /// Every answer comes too late.
    Slow,
    /// Some requests fail (not sent), some answers come too late or not at all (sent): so many of a thousand.
    Clumsy {
        /// Errors.
        failed: u64,
        /// Answers that come too late.
        late: u64,
        /// Dropped connections.
        dropped: u64,
    },
    /// Answers garbage with 200, and sends every other message all the same.
    Mumbles,
    /// Knows us no more: 401.
    KnowsUsNot,
    /// Takes so many a second, and answers 429 beyond, with this `Retry-After`.
    Busy {
        /// Messages a second.
        per_second: u32,
        /// In seconds.
        retry_after_s: u32,
    },
}

/// What is to be done with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fate {
    /// How it is answered.
    pub said: Said,
    /// Whether the message goes on its way.
    pub is_sent: bool,
}

impl Manners {
    /// Draws what is to be done with the `time`-th request of a number, while `in_second` others came in this second.
    pub fn draw(&self, id: Uuid, time: u32, in_second: u32) -> Fate {
        let luck = luck(self.seed, id, time) % 1000;
        let fate = |said, is_sent| Fate { said, is_sent };
        match self.mood {
            Mood::Well => fate(Said::Taken, true),
            Mood::Slow => fate(Said::TooLate, true),
            Mood::Clumsy { failed, .. } if luck < failed => fate(Said::Failed, false),
            Mood::Clumsy { failed, late, .. } if luck < failed + late => fate(Said::TooLate, true),
            Mood::Clumsy { failed, late, dropped } if luck < failed + late + dropped => fate(Said::Dropped, true),
            Mood::Clumsy { .. } => fate(Said::Taken, true),
            Mood::Mumbles => fate(Said::Garbage, luck < 500),
            Mood::KnowsUsNot => fate(Said::NotOurs, false),
            Mood::Busy { per_second, .. } if in_second >= per_second => fate(Said::TooFast, false),
            Mood::Busy { .. } => fate(Said::Taken, true),
        }
    }
}

/// A number that looks like chance and is the same for the same seed and message (SplitMix64).
pub fn luck(seed: u64, id: Uuid, salt: u32) -> u64 {
    let (high, low) = id.as_u64_pair();
    let mut z = seed ^ high.rotate_left(17) ^ low ^ u64::from(salt).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
