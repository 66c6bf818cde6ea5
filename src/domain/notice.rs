//! Notices: what they are for, on which channel, and how an SMS is folded and counted.

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
        /// Not taken in.
        Declined = "declined",
        /// Taken back by the citizen.
        Withdrawn = "withdrawn",
        /// Stopped.
        Stopped = "stopped",
        /// Handed over or posted.
        Returned = "returned",
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
    }
}

words! {
    /// Where a notice stands.
    pub enum NoticeStatus {
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
    }
}

use std::collections::HashMap;

use super::ids::TemplateId;

/// One version of a wording.
#[derive(Debug, Clone)]
pub struct Template {
    /// Its key.
    pub id: TemplateId,
    /// The subject, for mail.
    pub subject: Option<String>,
    /// The text.
    pub body: String,
    /// The HTML part, for mail.
    pub html: Option<String>,
}

/// The newest wording of each purpose on each channel.
#[derive(Debug, Clone, Default)]
pub struct Templates(HashMap<(Purpose, NoticeChannel), Template>);

impl Templates {
    /// Puts them together.
    pub fn new(templates: HashMap<(Purpose, NoticeChannel), Template>) -> Self {
        Self(templates)
    }

    /// Returns the wording of a purpose on a channel; not every channel has every purpose.
    pub fn find(&self, purpose: Purpose, channel: NoticeChannel) -> Option<&Template> {
        self.0.get(&(purpose, channel))
    }
}
