//! A gateway that is a file: where no other is set, so that what would have gone out can be read.

use std::path::Path;

use chrono::{DateTime, SecondsFormat, Utc};

use super::Message;
use crate::domain::delivery::{Outcome, Reply};
use crate::domain::notice::NoticeChannel;
use crate::platform::outbox::Outbox;

/// One line a message: time, number of the request, address and text, parted by tabs.
#[derive(Clone)]
pub struct FileGateway(Outbox);

impl FileGateway {
    /// Makes the one of a channel.
    pub fn new(channel: NoticeChannel, data: &Path) -> Self {
        Self(Outbox::new(data, channel.as_str(), "txt"))
    }

    /// Writes messages into the day's file, all with one wait for the disk; a reply for each.
    pub async fn write_all(&self, now: DateTime<Utc>, messages: &[Message]) -> Vec<Reply> {
        let at = now.to_rfc3339_opts(SecondsFormat::Secs, true);
        let line = |message: &Message| {
            let text = message.wording.text.replace(['\t', '\r', '\n'], " ");
            format!("{at}\t{}\t{}\t{text}\n", message.id, message.to)
        };
        let lines: String = messages.iter().map(line).collect();
        let reply = match self.0.append(now, lines.into_bytes()).await {
            Ok(()) => Reply::accepted(None),
            Err(err) => Reply::new(Outcome::NotSent, format!("file: {}", err.kind())),
        };
        messages.iter().map(|_| reply.clone()).collect()
    }
}
