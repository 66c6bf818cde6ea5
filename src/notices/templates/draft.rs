//! A wording is written: as a draft, which nobody is sent.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Deserialize;
use serde_json::json;

use super::queries;
use super::row::{Row, VendorIds};
use super::shipped::{MOST_SEGMENTS, paragraphs};
use crate::audit;
use crate::domain::audit::{Action, Subject};
use crate::domain::ids::TemplateId;
use crate::domain::notice::{Fold, NoticeChannel, Purpose, Template, TemplateState};
use crate::domain::role::Actor;
use crate::error::{AppError, Said};
use crate::http::body::Faults;
use crate::schema::notice_templates;
use crate::state::Act;

const LONGEST_SUBJECT: usize = 200;
const LONGEST_TEXT: usize = 10_000;
/// As the database has it.
const SEGMENTS: std::ops::RangeInclusive<i16> = 1..=6;

/// A wording as somebody writes it.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftForm {
    /// What its messages are for: `received`, `result_ready` …
    purpose: Option<String>,
    /// `sms`, `email` or `zalo`.
    channel: Option<String>,
    /// The subject; e-mail alone has one.
    subject: Option<String>,
    /// The text: `{code}` stands for a value, `[[…]]` is left out where a value in it is not known. The HTML part of an
    /// e-mail is made of it: empty lines part paragraphs.
    text: Option<String>,
    /// SMS: `ascii` (the default), `none`, or `saving`, which takes marks off only where that saves a part.
    fold: Option<String>,
    /// SMS: the most parts that a message may take, 1 to 6; 2 when nothing is said.
    max_segments: Option<i16>,
}

/// A wording that can be read, with what may still be wrong with it.
pub(super) struct Draft {
    pub(super) row: Row,
    pub(super) template: Template,
}

impl DraftForm {
    /// Reads it.
    ///
    /// # Errors
    /// [`AppError::Invalid`] with all that is wrong, a parameter that there is not as well as a text that may not be.
    pub(super) fn read(&self, by: &Actor, now: DateTime<Utc>) -> Result<Draft, AppError> {
        let mut faults = Faults::new();
        let purpose = faults.required("/purpose", self.purpose.as_deref());
        let purpose = purpose.and_then(|word| faults.word("/purpose", word));
        let channel = faults.required("/channel", self.channel.as_deref());
        let channel = channel.and_then(|word| faults.word("/channel", word));
        let text = faults.text("/text", LONGEST_TEXT, self.text.as_deref());
        let Some((key, text)) = purpose.zip(channel).zip(text) else {
            return Err(refused(faults));
        };
        let row = self.row(&mut faults, key, text, (by, now));
        let template = row.template(VendorIds::new()).map_err(|wrong| {
            wrong.into_iter().for_each(|fault| faults.add(fault.pointer, fault.said));
        });
        let Ok(template) = template else {
            return Err(refused(faults));
        };
        for finding in template.findings().into_iter().filter(|finding| !finding.may_stand_in_a_draft()) {
            faults.add(finding.pointer(), Said::new(finding.code(), finding.vi(), finding.to_string()));
        }
        faults.finish(Some(Draft { row, template }))
    }

    fn row(
        &self,
        faults: &mut Faults,
        (purpose, channel): (Purpose, NoticeChannel),
        body: String,
        (by, now): (&Actor, DateTime<Utc>),
    ) -> Row {
        let is_mail = channel == NoticeChannel::Email;
        Row {
            id: TemplateId::new(),
            purpose,
            channel,
            version: 0,
            subject: self.subject(faults, channel),
            html: is_mail.then(|| document(&body)),
            body,
            created_at: now,
            state: TemplateState::Draft,
            fold: self.fold(faults, channel),
            max_segments: self.max_segments(faults, channel),
            written_by: by.principal(),
            written_by_name: by.name.clone(),
            reviewed_by: None,
            reviewed_by_name: None,
            reviewed_at: None,
            activated_at: None,
            retired_at: None,
        }
    }

    fn subject(&self, faults: &mut Faults, channel: NoticeChannel) -> Option<String> {
        if channel.has_subject() {
            return faults.text("/subject", LONGEST_SUBJECT, self.subject.as_deref());
        }
        if self.subject.is_some() {
            faults.add(
                "/subject",
                Said::new(
                    "no_subject_here",
                    "Chỉ thư điện tử và thông báo trên ứng dụng có tiêu đề",
                    "Only an e-mail and a push have a subject",
                ),
            );
        }
        None
    }

    fn fold(&self, faults: &mut Faults, channel: NoticeChannel) -> Fold {
        let default = if channel == NoticeChannel::Sms { Fold::Ascii } else { Fold::None };
        let asked = self.fold.as_deref().and_then(|word| faults.word("/fold", word)).unwrap_or(default);
        if channel != NoticeChannel::Sms && asked != Fold::None {
            faults.add("/fold", sms_only());
        }
        asked
    }

    fn max_segments(&self, faults: &mut Faults, channel: NoticeChannel) -> Option<i16> {
        match (channel, self.max_segments) {
            (NoticeChannel::Sms, None) => Some(MOST_SEGMENTS),
            (NoticeChannel::Sms, Some(most)) if SEGMENTS.contains(&most) => Some(most),
            (NoticeChannel::Sms, Some(_)) => {
                faults.add("/max_segments", Said::new("wrong_number", "Cần từ 1 đến 6", "Must be from 1 to 6"));
                None
            }
            (_, None) => None,
            (_, Some(_)) => {
                faults.add("/max_segments", sms_only());
                None
            }
        }
    }
}

fn sms_only() -> Said {
    Said::new("sms_only", "Chỉ dùng cho SMS", "Only an SMS has this")
}

fn refused(faults: Faults) -> AppError {
    faults.finish(None::<()>).err().unwrap_or_else(|| AppError::internal("a wording was refused without a fault"))
}

/// The HTML part of a text.
fn document(text: &str) -> String {
    let body = paragraphs(text);
    format!(
        "<!DOCTYPE html>\n<html lang=\"vi\">\n<head><meta charset=\"utf-8\"></head>\n\
         <body style=\"font-family: sans-serif; line-height: 1.5; color: #222\">\n{body}\n</body>\n</html>\n"
    )
}

/// Writes a wording down as the next version of its purpose and channel.
///
/// # Errors
/// As [`DraftForm::read`].
pub(super) fn write(conn: &mut PgConnection, act: &Act<'_>, form: &DraftForm) -> Result<Row, AppError> {
    let Draft { mut row, .. } = form.read(act.by, act.now)?;
    queries::lock(conn)?;
    row.version = queries::highest(conn)?.get(&row.key()).map_or(1, |version| version + 1);
    diesel::insert_into(notice_templates::table).values(&row).execute(conn)?;
    let name = row.name().to_string();
    audit::note(conn, act, Action::TemplateDrafted, Subject::Template(&name), json!({}))?;
    Ok(row)
}
