//! The way of an e-mail out of the house: into a mailbox file, or to a mail server.

use std::path::Path;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use lettre::message::header::ContentType;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, Message, MessageBuilder, MultiPart, SinglePart};
use lettre::transport::smtp::PoolConfig;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use secrecy::ExposeSecret;

use uuid::Uuid;

use super::gateways::Message as Notice;
use super::outbox::Outbox;
use crate::config::{EmailConfig, EmailSecurity, SendingConfig};
use crate::domain::delivery::{Outcome, Reply};

/// The settings describe no way for mail.
#[derive(Debug, thiserror::Error)]
#[error("{key}: {why}")]
pub struct MailFault {
    /// The part of the key.
    pub key: &'static str,
    /// What is wrong.
    pub why: String,
}

/// Where mail goes.
#[derive(Clone)]
pub enum MailGateway {
    /// Into a mailbox file.
    File(Outbox, Mailbox),
    /// To a mail server.
    Smtp(AsyncSmtpTransport<Tokio1Executor>, Mailbox),
}

impl MailGateway {
    /// Makes the one that speaks to a mail server; call it on the runtime, which keeps the connections.
    ///
    /// # Errors
    /// [`MailFault`], naming the key.
    pub fn smtp(config: &EmailConfig, sending: &SendingConfig, from: Mailbox) -> Result<Self, MailFault> {
        Ok(Self::Smtp(transport(config, sending)?, from))
    }

    /// Makes the one that writes to files.
    pub fn file(from: Mailbox, data: &Path) -> Self {
        Self::File(Outbox::new(data, "mail", "mbox"), from)
    }

    /// Whether mail goes into a file.
    pub fn is_file(&self) -> bool {
        matches!(self, Self::File(..))
    }

    fn from(&self) -> &Mailbox {
        match self {
            Self::File(_, from) | Self::Smtp(_, from) => from,
        }
    }

    fn message(&self, mail: &Notice) -> Result<Message, Reply> {
        write(self.from(), mail)
    }
}

fn transport(config: &EmailConfig, sending: &SendingConfig) -> Result<AsyncSmtpTransport<Tokio1Executor>, MailFault> {
    super::tls::install();
    let parameters = || {
        TlsParameters::new(config.host.clone())
            .map_err(|err| MailFault { key: "security", why: format!("TLS could not be set up: {err}") })
    };
    let tls = match config.security {
        EmailSecurity::None => Tls::None,
        EmailSecurity::Starttls => Tls::Required(parameters()?),
        EmailSecurity::Tls => Tls::Wrapper(parameters()?),
    };
    let connections = u32::try_from(sending.in_flight).unwrap_or(1).max(1);
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&config.host)
        .port(config.port)
        .timeout(Some(Duration::from_millis(sending.timeout_ms)))
        .tls(tls)
        .pool_config(PoolConfig::new().max_size(connections));
    if !config.username.is_empty() {
        builder =
            builder.credentials(Credentials::new(config.username.clone(), config.password.expose_secret().to_owned()));
    }
    Ok(builder.build())
}

/// A file that goes with a letter.
#[derive(Debug, Clone)]
pub struct Attached {
    /// Its name.
    pub name: String,
    /// What it is.
    pub media_type: &'static str,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// A mail to somebody who works here: no notice, but a text with a file.
#[derive(Debug, Clone)]
pub struct Letter {
    /// Its number, the same whenever it is sent.
    pub id: Uuid,
    /// The address.
    pub to: String,
    /// What it is about.
    pub subject: String,
    /// What it says.
    pub text: String,
    /// What goes with it.
    pub attached: Attached,
    /// When it was written.
    pub written_at: DateTime<Utc>,
}

/// Hands a letter to the server, or writes it into the day's mailbox file.
pub async fn deliver(gateway: &MailGateway, now: DateTime<Utc>, letter: &Letter) -> Reply {
    let message = match write_letter(gateway.from(), letter) {
        Ok(message) => message,
        Err(refused) => return refused,
    };
    match gateway {
        MailGateway::Smtp(transport, _) => match transport.send(message).await {
            Ok(_) => Reply::accepted(None),
            Err(err) => judge(&err),
        },
        MailGateway::File(outbox, _) => match outbox.append(now, mbox_entry(now, &message.formatted())).await {
            Ok(()) => Reply::accepted(None),
            Err(err) => Reply::new(Outcome::NotSent, format!("file: {}", err.kind())),
        },
    }
}

fn write_letter(from: &Mailbox, letter: &Letter) -> Result<Message, Reply> {
    let content = || Reply::new(Outcome::Content, "content");
    let kind = ContentType::parse(letter.attached.media_type).or(Err(content()))?;
    let file = Attachment::new(letter.attached.name.clone()).body(letter.attached.bytes.clone(), kind);
    let parts = MultiPart::mixed().singlepart(SinglePart::plain(letter.text.clone())).singlepart(file);
    let head = head(from, (&letter.to, &letter.subject), (letter.id, letter.written_at))?;
    head.multipart(parts).or(Err(content()))
}

/// What stands above every mail: the same one is known by its Message-ID whenever it is sent.
fn head(
    from: &Mailbox,
    (to, subject): (&str, &str),
    (id, written_at): (Uuid, DateTime<Utc>),
) -> Result<MessageBuilder, Reply> {
    let to: Mailbox = to.parse().or(Err(Reply::new(Outcome::Recipient, "address")))?;
    Ok(Message::builder()
        .from(from.clone())
        .to(to)
        .subject(subject)
        .date(SystemTime::from(written_at))
        .message_id(Some(format!("<{id}@{}>", from.email.domain())))
        .raw_header(automatic()))
}

/// The same notice is the same message whenever it is sent: mail servers and readers know it by its Message-ID.
fn write(from: &Mailbox, mail: &Notice) -> Result<Message, Reply> {
    let subject = mail.wording.subject.as_deref().unwrap_or_default();
    let builder = head(from, (&mail.to, subject), (mail.id.0, mail.written_at))?;
    let text = mail.wording.text.clone();
    let message = match &mail.wording.html {
        Some(html) => builder.multipart(MultiPart::alternative_plain_html(text, html.clone())),
        None => builder.body(text),
    };
    message.or(Err(Reply::new(Outcome::Content, "content")))
}

/// No out-of-office answers, please (RFC 3834).
fn automatic() -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned())
}

/// Hands one mail to the server.
pub async fn send(gateway: &MailGateway, mail: &Notice) -> Reply {
    let (MailGateway::Smtp(transport, _), message) = (gateway, gateway.message(mail)) else {
        return Reply::new(Outcome::NotSent, "no mail server is set");
    };
    match message {
        Err(refused) => refused,
        Ok(message) => match transport.send(message).await {
            Ok(_) => Reply::accepted(None),
            Err(err) => judge(&err),
        },
    }
}

fn judge(err: &lettre::transport::smtp::Error) -> Reply {
    let status = err.status();
    let code = status.map_or_else(|| plain(err), |code| format!("SMTP {code}"));
    let outcome = match status.map(u16::from) {
        // Sign-in wanted, failed or too weak.
        Some(530 | 534 | 535 | 538) => Outcome::Account,
        Some(421) => Outcome::Throttled,
        // No such mailbox, moved, full, or no name that is allowed there.
        Some(550..=553) => Outcome::Recipient,
        Some(500..=599) => Outcome::Refused,
        Some(_) => Outcome::NotSent,
        None if err.is_tls() || err.to_string().starts_with("Connection error") => Outcome::NotSent,
        None if err.is_client() => Outcome::NotSent,
        None => Outcome::Ambiguous,
    };
    Reply::new(outcome, code)
}

/// The kind of an error, without the server's words: they may quote the address.
fn plain(err: &lettre::transport::smtp::Error) -> String {
    let words = err.to_string();
    words.split(':').next().unwrap_or("error").to_owned()
}

/// Writes mails into the day's mailbox file, each as `mboxrd` has it.
pub async fn write_all(gateway: &MailGateway, now: DateTime<Utc>, mails: &[Notice]) -> Vec<Reply> {
    let MailGateway::File(outbox, _) = gateway else {
        return Vec::new();
    };
    let mut entries = Vec::new();
    let mut replies = Vec::new();
    for mail in mails {
        replies.push(match gateway.message(mail) {
            Ok(message) => {
                entries.extend(mbox_entry(now, &message.formatted()));
                Reply::accepted(None)
            }
            Err(refused) => refused,
        });
    }
    let Err(err) = outbox.append(now, entries).await else {
        return replies;
    };
    let failed = Reply::new(Outcome::NotSent, format!("file: {}", err.kind()));
    mails.iter().map(|_| failed.clone()).collect()
}

/// `From ` begins an entry, so lines that begin so, quoted or not, are quoted once more.
fn mbox_entry(now: DateTime<Utc>, message: &[u8]) -> Vec<u8> {
    let mut entry = format!("From MAILER-DAEMON {}\n", now.format("%a %b %e %H:%M:%S %Y")).into_bytes();
    for line in message.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let quotes = line.iter().take_while(|byte| **byte == b'>').count();
        if line.get(quotes..).is_some_and(|rest| rest.starts_with(b"From ")) {
            entry.push(b'>');
        }
        entry.extend_from_slice(line);
        entry.push(b'\n');
    }
    entry.push(b'\n');
    entry
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::NoticeId;
    use crate::domain::notice::Wording;

    #[test]
    fn no_line_of_a_message_begins_another_in_the_mailbox() {
        let entry = mbox_entry(DateTime::UNIX_EPOCH, b"Subject: x\r\n\r\nFrom here\r\n>From there\r\nfrom");
        assert_eq!(
            String::from_utf8(entry).unwrap(),
            "From MAILER-DAEMON Thu Jan  1 00:00:00 1970\nSubject: x\n\n>From here\n>>From there\nfrom\n\n"
        );
    }

    #[test]
    fn a_mail_has_a_text_and_an_html_part_and_the_name_of_its_notice() {
        let id = NoticeId::new();
        let mail = Notice {
            id,
            to: "a@example.vn".to_owned(),
            wording: Wording {
                subject: Some("Hồ sơ đã có kết quả".to_owned()),
                text: "Kính gửi".to_owned(),
                html: Some("<p>Kính gửi</p>".to_owned()),
                ..Wording::default()
            },
            template: None,
            written_at: DateTime::UNIX_EPOCH,
            at: DateTime::UNIX_EPOCH,
            expires_at: DateTime::UNIX_EPOCH,
        };
        let from = "Trung tâm <no-reply@motcua.invalid>".parse().unwrap();
        let written = String::from_utf8(write(&from, &mail).unwrap().formatted()).unwrap();
        for part in [
            format!("Message-ID: <{id}@motcua.invalid>").as_str(),
            "Auto-Submitted: auto-generated",
            "multipart/alternative",
            "text/plain",
            "text/html",
            "Date: Thu, 01 Jan 1970",
        ] {
            assert!(written.contains(part), "{part} in {written}");
        }
    }
}
