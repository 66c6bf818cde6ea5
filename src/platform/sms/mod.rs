//! The way of an SMS out of the house: into a file, or to an HTTP gateway described in the settings.

pub mod answer;
mod http;
mod pattern;

use std::path::Path;

use chrono::{DateTime, Utc};

use super::outbox::Outbox;
use crate::config::{SmsConfig, SmsVia};
use crate::domain::delivery::{Outcome, Reply};
use crate::domain::ids::NoticeId;

pub use http::{HttpSms, SmsFault};

/// One SMS.
#[derive(Clone)]
pub struct Sms {
    /// The request's number, the same whenever it is sent.
    pub id: NoticeId,
    /// The number, in E.164.
    pub to: String,
    /// The text, folded.
    pub text: String,
}

/// Where SMS go.
#[derive(Clone)]
pub enum SmsGateway {
    /// Into a file, one a line.
    File(Outbox),
    /// To an HTTP gateway.
    Http(Box<HttpSms>),
}

impl SmsGateway {
    /// Makes the one that the settings describe.
    ///
    /// # Errors
    /// [`SmsFault`], naming the key.
    pub fn new(config: &SmsConfig, sender: &str, data: &Path) -> Result<Self, SmsFault> {
        Ok(match config.via {
            SmsVia::File => Self::file(data),
            SmsVia::Http => Self::Http(Box::new(HttpSms::new(config, sender)?)),
        })
    }

    /// Makes the one that writes to files.
    pub fn file(data: &Path) -> Self {
        Self::File(Outbox::new(data, "sms", "txt"))
    }

    /// Returns the name under which attempts are noted.
    pub fn name(&self) -> &'static str {
        match self {
            Self::File(_) => "file",
            Self::Http(_) => "sms",
        }
    }

    /// Whether a repeated request is known by its number: a line in a file carries it.
    pub fn deduplicates(&self) -> bool {
        match self {
            Self::File(_) => true,
            Self::Http(http) => http.deduplicates(),
        }
    }
}

/// Writes SMS into the day's file: time, number of the request, phone number and text, parted by tabs.
pub async fn write_all(outbox: &Outbox, now: DateTime<Utc>, messages: &[Sms]) -> Vec<Reply> {
    let mut lines = String::new();
    for sms in messages {
        let text = sms.text.replace(['\t', '\r', '\n'], " ");
        let at = now.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        lines.push_str(&format!("{at}\t{}\t{}\t{text}\n", sms.id, sms.to));
    }
    let reply = match outbox.append(now, lines.into_bytes()).await {
        Ok(()) => Reply::accepted(None),
        Err(err) => Reply::new(Outcome::NotSent, format!("file: {}", err.kind())),
    };
    messages.iter().map(|_| reply.clone()).collect()
}
