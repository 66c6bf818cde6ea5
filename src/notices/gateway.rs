//! The gateways of this house: one for each channel.

use std::path::Path;

use chrono::{DateTime, Utc};

use crate::config::Config;
use crate::domain::delivery::Reply;
use crate::domain::ids::NoticeId;
use crate::domain::notice::{NoticeChannel, Wording};
use crate::platform::mail::{self, Mail, MailFault, MailGateway};
use crate::platform::sms::{self, Sms, SmsFault, SmsGateway};

/// Where messages leave the house.
#[derive(Clone)]
pub enum Gateway {
    /// SMS.
    Sms(SmsGateway),
    /// E-mail.
    Mail(MailGateway),
}

/// The settings describe no gateway.
#[derive(Debug, thiserror::Error)]
pub enum GatewayFault {
    /// For SMS.
    #[error("the SMS gateway can't be used: {0}")]
    Sms(#[from] SmsFault),
    /// For mail.
    #[error("the mail server can't be used: {0}")]
    Mail(#[from] MailFault),
}

/// A message on its way.
#[derive(Clone)]
pub(super) struct Message {
    pub(super) id: NoticeId,
    pub(super) to: String,
    pub(super) wording: Wording,
    pub(super) written_at: DateTime<Utc>,
}

impl Gateway {
    /// Makes those that the settings describe, and says in the log where messages only land in files.
    ///
    /// # Errors
    /// [`GatewayFault`], naming the key.
    pub fn all(config: &Config) -> Result<Vec<Self>, GatewayFault> {
        let data = &config.data.dir;
        let sms = SmsGateway::new(&config.sms, &config.notices.sender, data)?;
        let gateways = vec![Self::Sms(sms), Self::Mail(MailGateway::new(&config.email, data)?)];
        gateways.iter().for_each(|gateway| gateway.tell(data));
        Ok(gateways)
    }

    /// Makes those that write to files under `data`, whatever the settings say: nothing leaves the house.
    ///
    /// # Errors
    /// [`GatewayFault`] for a sender of mail that is no address.
    pub fn local(config: &Config, data: &Path) -> Result<Vec<Self>, GatewayFault> {
        Ok(vec![Self::Sms(SmsGateway::file(data)), Self::Mail(MailGateway::file(&config.email, data)?)])
    }

    /// Returns the channel that it serves.
    pub fn channel(&self) -> NoticeChannel {
        match self {
            Self::Sms(_) => NoticeChannel::Sms,
            Self::Mail(_) => NoticeChannel::Email,
        }
    }

    /// Returns the name under which attempts are noted.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sms(sms) => sms.name(),
            Self::Mail(mail) => mail.name(),
        }
    }

    /// Whether a repeated request reaches nobody twice: a mail is known by its Message-ID.
    pub fn deduplicates(&self) -> bool {
        match self {
            Self::Sms(sms) => sms.deduplicates(),
            Self::Mail(_) => true,
        }
    }

    fn tell(&self, data: &Path) {
        if self.name() == "file" {
            let (channel, folder) = (self.channel(), data.join("outbox"));
            tracing::info!(
                %channel,
                "no gateway is set for {channel}: messages are written to {}",
                folder.display()
            );
        }
    }

    pub(super) fn is_file(&self) -> bool {
        matches!(self, Self::Sms(SmsGateway::File(_)) | Self::Mail(MailGateway::File(..)))
    }

    /// Hands one message over.
    pub(super) async fn send(&self, message: Message) -> Reply {
        match self {
            Self::Sms(SmsGateway::Http(http)) => http.send(&sms_of(message)).await,
            Self::Mail(gateway @ MailGateway::Smtp(..)) => mail::send(gateway, &mail_of(message)).await,
            Self::Sms(SmsGateway::File(_)) | Self::Mail(MailGateway::File(..)) => {
                let at = message.written_at;
                let replies = self.write_all(at, vec![message]).await;
                replies.into_iter().next().unwrap_or_else(|| Reply::accepted(None))
            }
        }
    }

    /// Writes messages to the day's file, all with one wait for the disk; a reply for each.
    pub(super) async fn write_all(&self, now: DateTime<Utc>, messages: Vec<Message>) -> Vec<Reply> {
        let messages = messages.into_iter();
        match self {
            Self::Sms(SmsGateway::File(outbox)) => {
                sms::write_all(outbox, now, &messages.map(sms_of).collect::<Vec<_>>()).await
            }
            Self::Mail(gateway) => mail::write_all(gateway, now, &messages.map(mail_of).collect::<Vec<_>>()).await,
            Self::Sms(SmsGateway::Http(_)) => Vec::new(),
        }
    }
}

fn sms_of(message: Message) -> Sms {
    Sms { id: message.id, to: message.to, text: message.wording.text }
}

fn mail_of(message: Message) -> Mail {
    Mail { id: message.id, to: message.to, wording: message.wording, at: message.written_at }
}
