//! The gateways of this house: one or several for each channel, and a file where none is set.

use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use lettre::message::Mailbox;
use secrecy::ExposeSecret;

use crate::config::{Config, GatewayConfig, SendingConfig, WITH_FILES, Way};
use crate::domain::delivery::{Class, Reply};
use crate::domain::gateway::Pace;
use crate::domain::notice::NoticeChannel;
use crate::platform::gateways::{Asked, FileGateway, GatewayFault, Handed, HttpGateway, Message, SmppGateway};
use crate::platform::mail::{self, MailGateway};

/// Where messages leave the house.
#[derive(Clone)]
pub struct Gateway {
    name: String,
    channel: NoticeChannel,
    class: Class,
    known_for: TimeDelta,
    tells_of_arrival: bool,
    sending: SendingConfig,
    door: Door,
}

#[derive(Clone)]
enum Door {
    File(FileGateway),
    Http(Box<HttpGateway>),
    Mail(Box<MailGateway>),
    Smpp(SmppGateway),
}

impl Gateway {
    /// Makes those that the settings describe, and says in the log where messages only land in files.
    ///
    /// # Errors
    /// [`GatewayFault`], naming the key.
    pub fn all(config: &Config) -> Result<Vec<Self>, GatewayFault> {
        let data = &config.data.dir;
        let mut all = Vec::new();
        for (name, gateway) in &config.gateways {
            all.push(Self::new(config, name, gateway)?);
        }
        for channel in WITH_FILES {
            if !all.iter().any(|gateway: &Self| gateway.channel == channel) {
                let folder = data.join("outbox");
                tracing::info!(
                    %channel,
                    "no gateway is set for {channel}: messages are written to {}",
                    folder.display()
                );
                all.push(Self::file(config, channel, data)?);
            }
        }
        Ok(all)
    }

    /// Makes those that write to files under `data`, whatever the settings say: nothing leaves the house.
    ///
    /// # Errors
    /// [`GatewayFault`] for a sender of mail that is no address.
    pub fn local(config: &Config, data: &Path) -> Result<Vec<Self>, GatewayFault> {
        WITH_FILES.into_iter().map(|channel| Self::file(config, channel, data)).collect()
    }

    fn file(config: &Config, channel: NoticeChannel, data: &Path) -> Result<Self, GatewayFault> {
        Ok(Self {
            name: format!("file-{channel}"),
            channel,
            class: Class::Idempotent,
            known_for: TimeDelta::days(365),
            tells_of_arrival: false,
            sending: SendingConfig::default(),
            door: Door::to_file(config, channel, data)?,
        })
    }

    fn new(config: &Config, name: &str, gateway: &GatewayConfig) -> Result<Self, GatewayFault> {
        let door = match &gateway.way {
            Way::File(file) => Door::to_file(config, file.channel, &config.data.dir)?,
            Way::Smtp(smtp) => Door::to_mail_server(config, name, smtp, &gateway.sending)?,
            Way::Smpp(smpp) => Door::Smpp(SmppGateway::new(name, smpp, &gateway.sending)),
            Way::Http(http) => {
                let made = HttpGateway::new(http, &gateway.sending, &config.notices.sender, callback(config, name));
                Door::Http(Box::new(made.map_err(|fault| fault.of(name))?))
            }
        };
        Ok(Self {
            name: name.to_owned(),
            channel: gateway.channel(),
            class: gateway.class(),
            known_for: TimeDelta::seconds(gateway.known_for_s().into()),
            tells_of_arrival: gateway.tells_of_arrival(),
            sending: gateway.sending.clone(),
            door,
        })
    }

    /// Returns the name under which attempts are noted.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the channel that it serves.
    pub fn channel(&self) -> NoticeChannel {
        self.channel
    }

    /// Returns what becomes of a request that is made twice.
    pub fn class(&self) -> Class {
        self.class
    }

    /// Returns for how long it knows a request.
    pub fn known_for(&self) -> TimeDelta {
        self.known_for
    }

    /// Whether it says, by receipts or when it is asked, that a message has arrived.
    pub fn tells_of_arrival(&self) -> bool {
        self.tells_of_arrival
    }

    /// Returns how much of it is used.
    pub fn sending(&self) -> &SendingConfig {
        &self.sending
    }

    /// Returns how fast it may be spoken to.
    pub fn pace(&self) -> Pace {
        let SendingConfig { per_second, burst, per_day, .. } = self.sending;
        Pace { per_second, burst, per_day }
    }

    /// Returns it where it is spoken to over HTTP.
    pub fn http(&self) -> Option<&HttpGateway> {
        match &self.door {
            Door::Http(http) => Some(http),
            _ => None,
        }
    }

    /// Returns it where it is an SMS centre.
    pub fn smpp(&self) -> Option<&SmppGateway> {
        match &self.door {
            Door::Smpp(smpp) => Some(smpp),
            _ => None,
        }
    }

    /// Says for how long nothing can be handed over, where that is known before: without a link.
    pub(super) async fn wait(&self) -> Option<Duration> {
        self.smpp()?.wait_for_link().await
    }

    pub(super) fn is_file(&self) -> bool {
        matches!(&self.door, Door::File(_)) || matches!(&self.door, Door::Mail(mail) if mail.is_file())
    }

    /// Hands one message over.
    pub(super) async fn send(&self, message: &Message) -> Handed {
        Handed::Replied(match &self.door {
            Door::Http(http) => return http.send(message).await,
            Door::Smpp(smpp) => smpp.send(message).await,
            Door::Mail(mail) if !mail.is_file() => mail::send(mail, message).await,
            _ => {
                let replies = self.write_all(message.written_at, vec![message.clone()]).await;
                replies.into_iter().next().unwrap_or_else(|| Reply::accepted(None))
            }
        })
    }

    /// Writes messages to the day's file, all with one wait for the disk; a reply for each.
    pub(super) async fn write_all(&self, now: DateTime<Utc>, messages: Vec<Message>) -> Vec<Reply> {
        match &self.door {
            Door::File(file) => file.write_all(now, &messages).await,
            Door::Mail(mail) => mail::write_all(mail, now, &messages).await,
            Door::Http(_) | Door::Smpp(_) => Vec::new(),
        }
    }

    /// Hands over a mail that is no notice; `None` where this is no way for mail.
    pub async fn deliver(&self, now: DateTime<Utc>, letter: &mail::Letter) -> Option<Reply> {
        match &self.door {
            Door::Mail(gateway) => Some(mail::deliver(gateway, now, letter).await),
            Door::File(_) | Door::Http(_) | Door::Smpp(_) => None,
        }
    }

    /// Asks what became of a message that it may have.
    pub async fn ask_after(&self, message: &Message, reference: Option<&str>) -> Asked {
        match self.http() {
            Some(http) => http.ask_after(message, reference).await,
            None => Asked::Nothing,
        }
    }
}

impl Door {
    fn to_file(config: &Config, channel: NoticeChannel, data: &Path) -> Result<Self, GatewayFault> {
        Ok(match channel {
            NoticeChannel::Email => Self::Mail(Box::new(MailGateway::file(mail_sender(config)?, data))),
            other => Self::File(FileGateway::new(other, data)),
        })
    }

    fn to_mail_server(
        config: &Config,
        name: &str,
        smtp: &crate::config::EmailConfig,
        sending: &SendingConfig,
    ) -> Result<Self, GatewayFault> {
        let made = MailGateway::smtp(smtp, sending, mail_sender(config)?);
        let fault =
            |fault: mail::MailFault| GatewayFault { name: name.to_owned(), key: fault.key.to_owned(), why: fault.why };
        Ok(Self::Mail(Box::new(made.map_err(fault)?)))
    }
}

fn mail_sender(config: &Config) -> Result<Mailbox, GatewayFault> {
    config.notices.mail_sender.parse().map_err(|err| GatewayFault {
        name: "smtp".to_owned(),
        key: "notices.mail_sender".to_owned(),
        why: format!("is no address: {err}"),
    })
}

/// Where a gateway's delivery receipts are taken; nowhere without a secret.
fn callback(config: &Config, name: &str) -> String {
    let Some(receipts) = config.gateways.get(name).map(|gateway| &gateway.receipts) else {
        return String::new();
    };
    match receipts.secret.expose_secret() {
        "" => String::new(),
        secret => format!("{}/api/v1/callbacks/{name}/{secret}", config.server.public_url.trim_end_matches('/')),
    }
}
