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
        /// The gateway had it before under this number, and sends it once.
        Duplicate = "duplicate",
        /// The gateway will never take it, and says no more.
        Refused = "refused",
        /// Nobody can be reached there.
        Recipient = "recipient",
        /// It does not take these words.
        Content = "content",
        /// This gateway can't deliver it, another may: a name not registered with that network, an empty package.
        Elsewhere = "elsewhere",
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

words! {
    /// What becomes of a request that is made twice at a gateway.
    pub enum Class {
        /// It knows the number of the request and sends it once.
        Idempotent = "idempotent",
        /// It sends it twice, but can be asked what became of a request.
        Queryable = "queryable",
        /// Neither: what is not known to have failed is never sent again without a person.
        Neither = "neither",
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

/// The rules of trying again at one gateway.
#[derive(Debug, Clone)]
pub struct Retries {
    /// Waits before the second, third … try; after the last the notice is given up.
    pub waits: Vec<TimeDelta>,
    /// What becomes of a repeated request.
    pub class: Class,
    /// For how long the gateway knows a request.
    pub known_for: TimeDelta,
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
    /// Since when the gateway may have it from an attempt before, where one was left open.
    pub open_since: Option<DateTime<Utc>>,
    /// Whether another gateway of the channel may be able to deliver it.
    pub has_others: bool,
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
    /// Another try at this time at the same gateway alone, since it may have it already.
    Same(DateTime<Utc>),
    /// The same, this try not counted.
    SameLater(DateTime<Utc>),
    /// Another try at once, at any gateway but this.
    Elsewhere,
}

/// How long to wait when a gateway refuses us as a whole; it rests meanwhile.
const ACCOUNT_REST: TimeDelta = TimeDelta::seconds(60);
/// How long to wait when a gateway says slower but not how much.
const THROTTLE_REST: TimeDelta = TimeDelta::seconds(5);
/// The longest that a gateway may make us wait.
const LONGEST_REST: TimeDelta = TimeDelta::minutes(10);
/// Repeated requests end so long before the gateway forgets the first: clocks differ, and sending takes time.
const FORGETS_BEFORE: TimeDelta = TimeDelta::hours(1);

impl Retries {
    /// Returns what follows an attempt.
    ///
    /// What may have gone out is sent again only where the gateway knows it by its number, only there and only while
    /// it does; else it is in doubt and waits for a receipt, an answer or a person. What this gateway surely did not
    /// take may go to another.
    pub fn next(&self, tried: &Tried) -> Next {
        match tried.outcome {
            Outcome::Accepted | Outcome::Duplicate => Next::Ends(NoticeStatus::Sent),
            Outcome::Refused | Outcome::Recipient | Outcome::Content => Next::Ends(NoticeStatus::Failed),
            Outcome::Ambiguous | Outcome::Intent => self.after_doubt(tried),
            _ if tried.open_since.is_some() => self.after_doubt(tried),
            Outcome::Account | Outcome::Throttled => Next::Later(tried.after(self.wait(tried))),
            Outcome::Elsewhere if tried.has_others => Next::Elsewhere,
            Outcome::Elsewhere => Next::Ends(NoticeStatus::Failed),
            Outcome::NotSent if self.is_last(tried) => Next::Ends(NoticeStatus::GivenUp),
            Outcome::NotSent => Next::Again(tried.after(self.wait(tried))),
        }
    }

    /// A request was left open, this one or one before.
    fn after_doubt(&self, tried: &Tried) -> Next {
        let at = tried.after(self.wait(tried));
        let forgotten_at = tried.open_since.unwrap_or(tried.at) + self.known_for - FORGETS_BEFORE;
        match self.class {
            Class::Idempotent if at < forgotten_at && !tried.is_counted() => Next::SameLater(at),
            Class::Idempotent if at < forgotten_at && !self.is_last(tried) => Next::Same(at),
            _ => Next::Ends(NoticeStatus::InDoubt),
        }
    }

    fn is_last(&self, tried: &Tried) -> bool {
        tried.index() >= self.waits.len()
    }

    fn wait(&self, tried: &Tried) -> TimeDelta {
        match tried.outcome {
            // Another gateway may take it at once.
            Outcome::Account if tried.has_others => TimeDelta::zero(),
            Outcome::NotSent if tried.has_others && tried.index() == 0 => TimeDelta::zero(),
            Outcome::Account => ACCOUNT_REST,
            Outcome::Throttled => tried.retry_after.unwrap_or(THROTTLE_REST).clamp(TimeDelta::seconds(1), LONGEST_REST),
            _ => self.waits.get(tried.index()).copied().unwrap_or(LONGEST_REST),
        }
    }
}

impl Tried {
    /// Whether it was about this message: that a gateway refuses us or is busy is not.
    fn is_counted(&self) -> bool {
        !matches!(self.outcome, Outcome::Account | Outcome::Throttled)
    }

    /// How many tries came before it.
    fn index(&self) -> usize {
        usize::try_from(self.attempt.saturating_sub(1)).unwrap_or(0)
    }

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

    fn retries(class: Class) -> Retries {
        let waits = [10, 30, 120, 600].map(TimeDelta::seconds).to_vec();
        Retries { waits, class, known_for: TimeDelta::hours(24) }
    }

    fn tried(outcome: Outcome, attempt: i16, luck: u32) -> Tried {
        Tried {
            outcome,
            attempt,
            at: DateTime::UNIX_EPOCH,
            expires_at: DateTime::UNIX_EPOCH + TimeDelta::hours(72),
            open_since: None,
            has_others: false,
            retry_after: None,
            luck,
        }
    }

    proptest! {
        #[test]
        fn a_retry_waits_its_time_give_or_take_a_fifth(attempt in 1..=4_i16, luck: u32) {
            let retries = retries(Class::Idempotent);
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
            let Next::Later(at) = retries(Class::Neither).next(&throttled) else {
                return Err(TestCaseError::fail("counted"));
            };
            prop_assert!(at - DateTime::UNIX_EPOCH <= TimeDelta::minutes(12));
            prop_assert!(at > DateTime::UNIX_EPOCH);
        }

        #[test]
        fn what_may_have_gone_out_goes_to_the_same_gateway_alone_and_only_while_it_knows_it(
            outcome in prop::sample::select(Outcome::ALL), class in prop::sample::select(Class::ALL),
            attempt in 1..9_i16, hours in 0..48_i64, has_others: bool, luck: u32,
        ) {
            let at = DateTime::UNIX_EPOCH + TimeDelta::hours(hours);
            let open_since = Some(DateTime::UNIX_EPOCH);
            match retries(class).next(&Tried { at, open_since, has_others, ..tried(outcome, attempt, luck) }) {
                Next::Same(at) | Next::SameLater(at) => {
                    prop_assert_eq!(class, Class::Idempotent);
                    prop_assert!(at < DateTime::UNIX_EPOCH + TimeDelta::hours(23));
                }
                Next::Ends(NoticeStatus::InDoubt | NoticeStatus::Sent | NoticeStatus::Failed) => {}
                other => return Err(TestCaseError::fail(format!("{other:?}"))),
            }
        }
    }

    #[test]
    fn what_may_have_gone_out_is_never_blindly_resent() {
        let next = |class| retries(class).next(&tried(Outcome::Ambiguous, 1, 0));
        assert_eq!(next(Class::Neither), Next::Ends(NoticeStatus::InDoubt));
        assert_eq!(next(Class::Queryable), Next::Ends(NoticeStatus::InDoubt));
        assert!(matches!(next(Class::Idempotent), Next::Same(_)));
    }

    #[test]
    fn what_this_gateway_alone_cannot_deliver_goes_to_another_where_there_is_one() {
        let mut refused = tried(Outcome::Elsewhere, 1, 0);
        assert_eq!(retries(Class::Neither).next(&refused), Next::Ends(NoticeStatus::Failed));
        refused.has_others = true;
        assert_eq!(retries(Class::Neither).next(&refused), Next::Elsewhere);
    }

    #[test]
    fn after_the_last_try_a_notice_is_given_up_and_in_doubt_if_one_was_left_open() {
        let mut last = tried(Outcome::NotSent, 5, 0);
        assert_eq!(retries(Class::Idempotent).next(&last), Next::Ends(NoticeStatus::GivenUp));
        last.open_since = Some(last.at);
        assert_eq!(retries(Class::Idempotent).next(&last), Next::Ends(NoticeStatus::InDoubt));
    }

    #[test]
    fn no_retry_is_planned_for_when_it_is_too_late() {
        let mut late = tried(Outcome::NotSent, 4, 0);
        late.expires_at = late.at + TimeDelta::seconds(5);
        assert_eq!(retries(Class::Idempotent).next(&late), Next::Again(late.expires_at));
    }
}
