//! Notices: what they are for, on which channel and in which words, and how an SMS is folded and counted.

use chrono::TimeDelta;

mod daytime;
mod deed;
mod ladder;
mod lint;
mod parameter;
mod sms;
mod sparing;
mod template;
mod text;
mod values;
mod vietnamese;

pub use daytime::{Daytime, Hours};
pub use deed::{DeadReason, NoticeDeed, Settled, SuppressionReason};
pub use ladder::{Before, Ladders, Standby};
pub use lint::Finding;
pub use parameter::{LONGEST_SENDER, LONGEST_URL, Parameter, ParameterKind};
pub use sms::{Plan, fold_sms, gsm7, plan, plan_at_worst, room, shortened};
pub use sparing::Daily;
pub use template::{Fold, Template, TemplateState, Templates, Wording, Worst};
pub(crate) use text::escape_html;
pub use text::{TemplateFault, TemplateText};
pub use values::{Facts, Known, Values};

use super::person::{Mandate, Part};
use super::words::words;

words! {
    /// What a notice is for.
    pub enum Purpose {
        /// A filed dossier was registered.
        Registered = "registered",
        /// A dossier was taken in, with its due date.
        Received = "received",
        /// Papers are missing.
        Supplement = "supplement",
        /// Missing papers have not come yet.
        SupplementReminder = "supplement_reminder",
        /// Money is owed.
        Payment = "payment",
        /// The due date has moved.
        DueChanged = "due_changed",
        /// An apology, with a new date.
        Apology = "apology",
        /// The result is ready before its due date.
        ResultEarly = "result_early",
        /// The result is ready.
        ResultReady = "result_ready",
        /// The request is refused; the answer is ready.
        ResultRefused = "result_refused",
        /// A result announced before was taken back.
        ResultRecalled = "result_recalled",
        /// What was told last was wrong: the dossier goes on.
        Corrected = "corrected",
        /// The result has lain at the counter for some time.
        CollectReminder = "collect_reminder",
        /// Not taken in.
        Declined = "declined",
        /// Taken back by the citizen.
        Withdrawn = "withdrawn",
        /// Stopped.
        Stopped = "stopped",
        /// Handed over or posted.
        Returned = "returned",
        /// A citizen asked to see more of a dossier: six digits that let them.
        OneTimeCode = "one_time_code",
    }
}

words! {
    /// The way a notice takes.
    pub enum NoticeChannel {
        /// SMS.
        Sms = "sms",
        /// E-mail.
        Email = "email",
        /// Zalo.
        Zalo = "zalo",
        /// A push to the citizen's app: that there is news, and of which dossier.
        Push = "push",
    }
}

words! {
    /// Where a notice stands.
    pub enum NoticeStatus {
        /// Stands by for a notice on another channel: it goes out should that one not arrive.
        Standby = "standby",
        /// Waits for its turn.
        Queued = "queued",
        /// Claimed by a worker.
        Sending = "sending",
        /// A crash or garbled answer hides whether it went out.
        InDoubt = "in_doubt",
        /// The gateway has it.
        Sent = "sent",
        /// The phone has it.
        Delivered = "delivered",
        /// Refused for good.
        Failed = "failed",
        /// Tried as often as is sensible.
        GivenUp = "given_up",
        /// Too late to be of use.
        Expired = "expired",
        /// Called back before it went out.
        Cancelled = "cancelled",
    }
}

words! {
    /// How a text travels.
    pub enum Encoding {
        /// The 7-bit alphabet of GSM 03.38: 160 septets, 153 a part.
        Gsm7 = "gsm7",
        /// UTF-16: 70 units, 67 a part.
        Ucs2 = "ucs2",
        /// Mail.
        Mime = "mime",
        /// Plain UTF-8 to a vendor that counts messages, not letters.
        Utf8 = "utf8",
    }
}

impl NoticeChannel {
    /// Whether its vendor keeps the templates and takes their values alone.
    pub fn is_by_vendors_template(self) -> bool {
        self == Self::Zalo
    }

    /// Whether its messages have a subject: a mail, and the title of what an app shows.
    pub fn has_subject(self) -> bool {
        matches!(self, Self::Email | Self::Push)
    }

    /// Returns how a text travels on it, and in how many parts.
    pub fn plan(self, text: &str) -> (Encoding, usize) {
        match self {
            Self::Sms => {
                let plan = plan(text);
                (plan.encoding, plan.segments)
            }
            Self::Email => (Encoding::Mime, 1),
            Self::Zalo | Self::Push => (Encoding::Utf8, 1),
        }
    }
}

impl Purpose {
    /// Whether it speaks of the result, which only who may collect it is told.
    pub fn is_about_the_result(self) -> bool {
        matches!(
            self,
            Self::ResultEarly
                | Self::ResultReady
                | Self::ResultRefused
                | Self::ResultRecalled
                | Self::CollectReminder
                | Self::Returned
        )
    }

    /// Whether the submitter with this mandate is told, beside the applicant.
    pub fn is_for(self, part: Part, mandate: Option<Mandate>) -> bool {
        match (part, mandate) {
            (Part::Submitter, _) if self.is_secret() => false,
            (Part::Applicant, _) | (Part::Submitter, Some(Mandate::SubmitAndCollect)) => true,
            (Part::Submitter, Some(Mandate::Submit)) => !self.is_about_the_result(),
            (Part::Submitter, None) => false,
        }
    }

    /// Whether its words are a secret of who gets them: shown to nobody else, and never sent again.
    pub fn is_secret(self) -> bool {
        self == Self::OneTimeCode
    }

    /// Whether somebody waits for it at this moment, whatever the hour.
    pub fn is_waited_for(self) -> bool {
        self == Self::OneTimeCode
    }

    /// Returns its turn in the queue: the smaller, the sooner.
    pub fn priority(self) -> i16 {
        match self {
            Self::OneTimeCode => WAITED_FOR,
            Self::ResultRecalled | Self::Corrected | Self::Supplement | Self::Apology => URGENT,
            Self::SupplementReminder | Self::CollectReminder | Self::Returned => UNHURRIED,
            _ => NORMAL,
        }
    }

    /// Returns how long it is of use, `longest` being the longest of all: news of intake age sooner.
    pub fn is_of_use_for(self, longest: TimeDelta) -> TimeDelta {
        match self {
            Self::Registered | Self::Received | Self::SupplementReminder => longest / 3,
            Self::OneTimeCode => ONE_TIME_CODE_LASTS,
            _ => longest,
        }
    }
}

/// Every turn in the queue, the most urgent first.
pub const PRIORITIES: [i16; 4] = [WAITED_FOR, URGENT, NORMAL, UNHURRIED];
/// How long a one-time code is good.
pub const ONE_TIME_CODE_LASTS: TimeDelta = TimeDelta::minutes(5);
const WAITED_FOR: i16 = 0;
const URGENT: i16 = 1;
const NORMAL: i16 = 5;
const UNHURRIED: i16 = 9;

impl NoticeStatus {
    /// Returns the status that a delivery receipt leads to; receipts come twice, late and out of order, so a
    /// phone that has the message has it for good, and nothing leads back.
    #[must_use]
    pub fn after_receipt(self, told: Receipt) -> Self {
        match (self, told) {
            (Self::Standby | Self::Cancelled | Self::Delivered, _) => self,
            (_, Receipt::Delivered) => Self::Delivered,
            (Self::Queued | Self::Sending | Self::InDoubt | Self::Sent, Receipt::Failed) => Self::Failed,
            (Self::InDoubt, Receipt::Underway) => Self::Sent,
            _ => self,
        }
    }

    /// Whether a person may have it sent again.
    pub fn may_be_resent(self) -> bool {
        matches!(self, Self::GivenUp | Self::Failed | Self::InDoubt | Self::Expired)
    }
}

words! {
    /// By what a delivery receipt is known to be the gateway's.
    pub enum Proof {
        /// By the secret in the address that it came to.
        Secret = "secret",
        /// By a signature too.
        Signed = "signed",
        /// We asked the gateway ourselves.
        Asked = "asked",
    }
}

/// What a delivery receipt says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receipt {
    /// The gateway has it.
    Underway,
    /// The phone has it.
    Delivered,
    /// It will never get there.
    Failed,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn receipts() -> impl Strategy<Value = Vec<Receipt>> {
        let one = prop_oneof![Just(Receipt::Underway), Just(Receipt::Delivered), Just(Receipt::Failed)];
        prop::collection::vec(one, 0..6)
    }

    proptest! {
        #[test]
        fn what_was_delivered_stays_delivered_in_whatever_order_receipts_come(
            told in receipts(), again in receipts(),
        ) {
            let end = |list: &[Receipt]| list.iter().fold(NoticeStatus::Sent, |at, r| at.after_receipt(*r));
            let all: Vec<_> = told.iter().chain(&again).copied().collect();
            let turned: Vec<_> = again.iter().chain(&told).copied().collect();
            prop_assert_eq!(end(&all), end(&turned));
            prop_assert_eq!(all.contains(&Receipt::Delivered), end(&all) == NoticeStatus::Delivered);
        }
    }

    #[test]
    fn a_submitter_who_may_only_hand_in_hears_nothing_of_the_result() {
        let told = |purpose: Purpose| purpose.is_for(Part::Submitter, Some(Mandate::Submit));
        assert!(told(Purpose::Supplement) && told(Purpose::Received));
        assert!(!told(Purpose::ResultEarly) && !told(Purpose::Returned));
        assert!(Purpose::ALL.iter().all(|purpose| purpose.is_for(Part::Applicant, None)));
    }
}
