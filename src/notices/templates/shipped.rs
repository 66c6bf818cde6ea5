//! The wordings that come with the program: `config/templates/`, embedded.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::row::{Row, SHIPPED_BY};
use crate::domain::ids::TemplateId;
use crate::domain::notice::{Fold, NoticeChannel, Purpose, TemplateState, escape_html};
use crate::error::AppError;

const SMS: &str = include_str!("../../../config/templates/sms.toml");
const EMAIL: &str = include_str!("../../../config/templates/email.toml");
const ZALO: &str = include_str!("../../../config/templates/zalo.toml");
const PUSH: &str = include_str!("../../../config/templates/push.toml");

/// The most parts of an SMS, where nothing else is said.
pub(super) const MOST_SEGMENTS: i16 = 2;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MailFile {
    layout: Layout,
    messages: BTreeMap<Purpose, Mail>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PushFile {
    title: String,
    messages: BTreeMap<Purpose, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Layout {
    text: String,
    html: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mail {
    subject: String,
    text: String,
}

/// Returns them all, each as the first version of its wording and in use.
pub(super) fn shipped(now: DateTime<Utc>) -> Result<Vec<Row>, AppError> {
    let sms: BTreeMap<Purpose, String> = read("sms.toml", SMS)?;
    let zalo: BTreeMap<Purpose, String> = read("zalo.toml", ZALO)?;
    let push: PushFile = read("push.toml", PUSH)?;
    let mail: MailFile = read("email.toml", EMAIL)?;
    let sms = sms.into_iter().map(|(purpose, body)| row((purpose, NoticeChannel::Sms), body, now));
    let zalo = zalo.into_iter().map(|(purpose, body)| row((purpose, NoticeChannel::Zalo), body, now));
    let mail = mail.messages.into_iter().map(|(purpose, message)| {
        let text = message.text.trim();
        let body = mail.layout.text.replace("<content/>", text);
        Row {
            subject: Some(message.subject),
            html: Some(mail.layout.html.replace("<content/>", &paragraphs(text))),
            ..row((purpose, NoticeChannel::Email), body, now)
        }
    });
    let push = push.messages.into_iter().map(|(purpose, body)| Row {
        subject: Some(push.title.clone()),
        ..row((purpose, NoticeChannel::Push), body, now)
    });
    Ok(sms.chain(zalo).chain(push).chain(mail).collect())
}

fn row((purpose, channel): (Purpose, NoticeChannel), body: String, now: DateTime<Utc>) -> Row {
    let is_sms = channel == NoticeChannel::Sms;
    Row {
        id: TemplateId::new(),
        purpose,
        channel,
        version: 1,
        subject: None,
        body,
        html: None,
        created_at: now,
        state: TemplateState::Active,
        fold: if is_sms { Fold::Ascii } else { Fold::None },
        max_segments: is_sms.then_some(MOST_SEGMENTS),
        written_by: SHIPPED_BY.to_owned(),
        written_by_name: "motcua".to_owned(),
        reviewed_by: None,
        reviewed_by_name: None,
        reviewed_at: Some(now),
        activated_at: Some(now),
        retired_at: None,
    }
}

fn read<T: serde::de::DeserializeOwned>(name: &str, text: &str) -> Result<T, AppError> {
    use figment::providers::{Format, Toml};
    figment::Figment::from(Toml::string(text))
        .extract()
        .map_err(|err| AppError::internal(format!("config/templates/{name}: {err}")))
}

/// The HTML of a text whose paragraphs are parted by empty lines.
pub(super) fn paragraphs(text: &str) -> String {
    let paragraphs: Vec<_> = text
        .split("\n\n")
        .map(|paragraph| format!("<p>{}</p>", escape_html(paragraph.trim()).replace('\n', "<br>\n")))
        .collect();
    paragraphs.join("\n")
}
