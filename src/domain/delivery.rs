//! What follows an attempt to hand a notice to a gateway.

use chrono::{DateTime, TimeDelta, Utc};

use super::notice::NoticeStatus;
use super::words::words;

words! {
    /// How an attempt ended.
    pub enum Outcome {
        /// About to be sent, noted before where a gateway can't be asked afterwards.
        Intent = "intent",
        /// The gateway has taken it.
        Accepted = "accepted",
        /// The gateway will never take it: the number or the content is wrong.
        Refused = "refused",
        /// It surely did not get there.
        NotSent = "not_sent",
        /// Nobody knows: the answer was cut, garbled or too late.
        Ambiguous = "ambiguous",
        /// Asked to come more slowly.
        Throttled = "throttled",
        /// The gateway knows us no more, or we have no money there: no message will get through.
        Account = "account",
    }
}

/// What a gateway said to one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// What it means.
    pub outcome: Outcome,
    /// Its own code, or what went wrong on the way; without numbers, addresses and words of the message.
    pub code: Option<String>,
    /// The gateway's own number.
    pub reference: Option<String>,
    /// How long it asks to wait.
    pub retry_after: Option<TimeDelta>,
}

impl Reply {
    /// Makes a reply with a code.
    pub fn new(outcome: Outcome, code: impl Into<String>) -> Self {
        Self { outcome, code: Some(code.into()), reference: None, retry_after: None }
    }

    /// Makes the reply of a gateway that took the message, under a number if it told one.
    pub fn accepted(reference: Option<String>) -> Self {
        Self { outcome: Outcome::Accepted, code: None, reference, retry_after: None }
    }
}

/// The rules of trying again.
#[derive(Debug, Clone)]
pub struct Retries {
    /// Waits before the second, third … try; after the last the notice is given up.
    pub waits: Vec<TimeDelta>,
    /// Whether the gateway knows a repeated request and sends it once.
    pub deduplicates: bool,
}

/// One ended attempt.
#[derive(Debug, Clone, Copy)]
pub struct Tried {
    /// How it ended.
    pub outcome: Outcome,
    /// Which attempt it was, from 1.
    pub attempt: i16,
    /// When it ended.
    pub at: DateTime<Utc>,
    /// When the notice is of no use any more.
    pub expires_at: DateTime<Utc>,
    /// How long the gateway asks to wait.
    pub retry_after: Option<TimeDelta>,
    /// Any number, so that retries don't come in step.
    pub luck: u32,
}

/// What follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// It is over, this way.
    Ends(NoticeStatus),
    /// Another try at this time.
    Again(DateTime<Utc>),
    /// Another try at this time, this one not counted: it was not the message's fault.
    Later(DateTime<Utc>),
}

/// How long a lane rests when the gateway refuses us as a whole.
const ACCOUNT_REST: TimeDelta = TimeDelta::seconds(60);
/// How long to wait when a gateway says slower but not how much.
const THROTTLE_REST: TimeDelta = TimeDelta::seconds(5);
/// The longest that a gateway may make us wait.
const LONGEST_REST: TimeDelta = TimeDelta::minutes(10);

impl Retries {
    /// Returns what follows an attempt.
    ///
    /// What may have gone out is sent again only where the gateway knows it by its number; elsewhere it is in
    /// doubt and waits for a receipt or a person.
    pub fn next(&self, tried: &Tried) -> Next {
        match tried.outcome {
            Outcome::Accepted => Next::Ends(NoticeStatus::Sent),
            Outcome::Refused => Next::Ends(NoticeStatus::Failed),
            Outcome::Ambiguous | Outcome::Intent if !self.deduplicates => Next::Ends(NoticeStatus::InDoubt),
            Outcome::Account => Next::Later(tried.after(ACCOUNT_REST)),
            Outcome::Throttled => {
                let asked = tried.retry_after.unwrap_or(THROTTLE_REST);
                Next::Later(tried.after(asked.clamp(TimeDelta::seconds(1), LONGEST_REST)))
            }
            Outcome::NotSent | Outcome::Ambiguous | Outcome::Intent => self.again(tried),
        }
    }

    fn again(&self, tried: &Tried) -> Next {
        let index = usize::try_from(tried.attempt.saturating_sub(1)).unwrap_or(0);
        match self.waits.get(index) {
            Some(wait) => Next::Again(tried.after(*wait)),
            None => Next::Ends(NoticeStatus::GivenUp),
        }
    }
}

impl Tried {
    /// The time after a wait of ± 20 %, no later than the notice is of use: then it is found to be too late.
    fn after(&self, wait: TimeDelta) -> DateTime<Utc> {
        let at = self.at + jittered(wait, self.luck);
        at.min(self.expires_at.max(self.at))
    }
}

/// A wait × 0.8 to 1.2, to the thousandth.
fn jittered(wait: TimeDelta, luck: u32) -> TimeDelta {
    let share = 800 + i64::from(luck % 401);
    TimeDelta::milliseconds(wait.num_milliseconds().saturating_mul(share) / 1000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn retries(deduplicates: bool) -> Retries {
        let waits = [10, 30, 120, 600].map(TimeDelta::seconds).to_vec();
        Retries { waits, deduplicates }
    }

    fn tried(outcome: Outcome, attempt: i16, luck: u32) -> Tried {
        Tried {
            outcome,
            attempt,
            at: DateTime::UNIX_EPOCH,
            expires_at: DateTime::UNIX_EPOCH + TimeDelta::hours(72),
            retry_after: None,
            luck,
        }
    }

    proptest! {
        #[test]
        fn a_retry_waits_its_time_give_or_take_a_fifth(attempt in 1..=4_i16, luck: u32) {
            let retries = retries(true);
            let wait = retries.waits[usize::try_from(attempt).unwrap() - 1];
            let Next::Again(at) = retries.next(&tried(Outcome::NotSent, attempt, luck)) else {
                return Err(TestCaseError::fail("no retry"));
            };
            let waited = at - DateTime::UNIX_EPOCH;
            prop_assert!(waited * 10 >= wait * 8 && waited * 10 <= wait * 12, "{waited}");
        }

        #[test]
        fn a_gateway_makes_nobody_wait_for_long(asked in 0..1_000_000_i64, luck: u32) {
            let mut throttled = tried(Outcome::Throttled, 3, luck);
            throttled.retry_after = Some(TimeDelta::seconds(asked));
            let Next::Later(at) = retries(false).next(&throttled) else {
                return Err(TestCaseError::fail("counted"));
            };
            prop_assert!(at - DateTime::UNIX_EPOCH <= TimeDelta::minutes(12));
            prop_assert!(at > DateTime::UNIX_EPOCH);
        }
    }

    #[test]
    fn what_may_have_gone_out_is_never_blindly_resent() {
        let next = |deduplicates| retries(deduplicates).next(&tried(Outcome::Ambiguous, 1, 0));
        assert_eq!(next(false), Next::Ends(NoticeStatus::InDoubt));
        assert!(matches!(next(true), Next::Again(_)));
    }

    #[test]
    fn after_the_last_try_a_notice_is_given_up() {
        let next = retries(true).next(&tried(Outcome::NotSent, 5, 0));
        assert_eq!(next, Next::Ends(NoticeStatus::GivenUp));
    }

    #[test]
    fn no_retry_is_planned_for_when_it_is_too_late() {
        let mut late = tried(Outcome::NotSent, 4, 0);
        late.expires_at = late.at + TimeDelta::seconds(5);
        assert_eq!(retries(true).next(&late), Next::Again(late.expires_at));
    }
}
