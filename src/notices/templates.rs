//! The shipped wordings, and their versions in the database: what was once used is never changed.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Deserialize;
use serde_json::json;

use crate::audit::{self, Doer, Noted};
use crate::domain::audit::{Action, Subject};
use crate::domain::ids::TemplateId;
use crate::domain::notice::{NoticeChannel, Purpose, Template, TemplateText, Templates, escape_html};
use crate::error::AppError;
use crate::schema::{catalogue_version, notice_templates};

const SMS: &str = include_str!("../../config/templates/sms.toml");
const EMAIL: &str = include_str!("../../config/templates/email.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MailFile {
    layout: Layout,
    messages: BTreeMap<Purpose, Mail>,
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

#[derive(Clone, Insertable, Queryable, Selectable)]
#[diesel(table_name = notice_templates)]
struct Row {
    id: TemplateId,
    purpose: Purpose,
    channel: NoticeChannel,
    version: i32,
    subject: Option<String>,
    body: String,
    html: Option<String>,
    created_at: DateTime<Utc>,
}

impl Row {
    fn says_the_same(&self, other: &Self) -> bool {
        (&self.subject, &self.body, &self.html) == (&other.subject, &other.body, &other.html)
    }

    fn check(&self) -> Result<Template, AppError> {
        let read = |text: &str| {
            TemplateText::read(text)
                .map_err(|fault| AppError::internal(format!("template {} {}: {fault}", self.purpose, self.channel)))
        };
        Ok(Template {
            id: self.id,
            channel: self.channel,
            subject: self.subject.as_deref().map(read).transpose()?,
            body: read(&self.body)?,
            html: self.html.as_deref().map(read).transpose()?,
        })
    }
}

/// Brings the shipped wordings into the database: each that differs from the newest becomes a new version.
/// Returns how many did.
///
/// # Errors
/// A shipped wording that can't be used, or whatever the database says.
pub fn sync(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<usize, AppError> {
    // Two processes that start at once must not both write the same version.
    let _version: i64 = catalogue_version::table.select(catalogue_version::version).for_update().first(conn)?;
    let newest = newest(conn)?;
    let mut changed = Vec::new();
    for mut row in shipped(now)? {
        row.check()?;
        let known = newest.get(&(row.purpose, row.channel));
        if known.is_some_and(|known| known.says_the_same(&row)) {
            continue;
        }
        row.version = known.map_or(1, |known| known.version + 1);
        changed.push(row);
    }
    if changed.is_empty() {
        return Ok(0);
    }
    diesel::insert_into(notice_templates::table).values(&changed).execute(conn)?;
    diesel::update(catalogue_version::table)
        .set(catalogue_version::version.eq(catalogue_version::version + 1))
        .execute(conn)?;
    note_changes(conn, now, &changed)?;
    Ok(changed.len())
}

fn note_changes(conn: &mut PgConnection, now: DateTime<Utc>, changed: &[Row]) -> QueryResult<()> {
    let named =
        changed.iter().map(|row| json!({"purpose": row.purpose, "channel": row.channel, "version": row.version}));
    let details = json!({"wordings": named.collect::<Vec<_>>()});
    let noted = Noted { action: Action::TemplatesChanged, subject: Subject::Templates, details };
    audit::note_by(conn, &Doer::house(), now, &noted)
}

/// Loads the newest wording of each purpose on each channel.
///
/// # Errors
/// A wording that can't be used, or whatever the database says.
pub fn load(conn: &mut PgConnection) -> Result<Templates, AppError> {
    let checked = newest(conn)?
        .into_iter()
        .map(|(key, row)| Ok((key, row.check()?)))
        .collect::<Result<HashMap<_, _>, AppError>>()?;
    Ok(Templates::new(checked))
}

fn newest(conn: &mut PgConnection) -> QueryResult<HashMap<(Purpose, NoticeChannel), Row>> {
    let rows: Vec<Row> = notice_templates::table
        .distinct_on((notice_templates::purpose, notice_templates::channel))
        .order((notice_templates::purpose, notice_templates::channel, notice_templates::version.desc()))
        .select(Row::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(|row| ((row.purpose, row.channel), row)).collect())
}

fn shipped(now: DateTime<Utc>) -> Result<Vec<Row>, AppError> {
    let row = |purpose, channel, body: String| Row {
        id: TemplateId::new(),
        purpose,
        channel,
        version: 1,
        subject: None,
        body,
        html: None,
        created_at: now,
    };
    let sms: BTreeMap<Purpose, String> = read("sms.toml", SMS)?;
    let mail: MailFile = read("email.toml", EMAIL)?;
    let mut rows: Vec<Row> = sms.into_iter().map(|(purpose, body)| row(purpose, NoticeChannel::Sms, body)).collect();
    rows.extend(mail.messages.into_iter().map(|(purpose, message)| {
        let text = message.text.trim();
        Row {
            subject: Some(message.subject),
            html: Some(mail.layout.html.replace("<content/>", &paragraphs(text))),
            ..row(purpose, NoticeChannel::Email, mail.layout.text.replace("<content/>", text))
        }
    }));
    Ok(rows)
}

fn read<T: serde::de::DeserializeOwned>(name: &str, text: &str) -> Result<T, AppError> {
    use figment::providers::{Format, Toml};
    figment::Figment::from(Toml::string(text))
        .extract()
        .map_err(|err| AppError::internal(format!("config/templates/{name}: {err}")))
}

/// The HTML of a text whose paragraphs are parted by empty lines.
fn paragraphs(text: &str) -> String {
    let paragraphs: Vec<_> = text
        .split("\n\n")
        .map(|paragraph| format!("<p>{}</p>", escape_html(paragraph.trim()).replace('\n', "<br>\n")))
        .collect();
    paragraphs.join("\n")
}
