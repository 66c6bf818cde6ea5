//! A version as it is stored, and the template that it is read into.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::name::Name;
use crate::domain::ids::TemplateId;
use crate::domain::notice::{Fold, NoticeChannel, Purpose, Template, TemplateFault, TemplateState, TemplateText};
use crate::error::{Fault, Said};
use crate::schema::notice_templates;

/// Who ships wordings.
pub(super) const SHIPPED_BY: &str = "system";

/// One version.
#[derive(Debug, Clone, Insertable, Queryable, Selectable)]
#[diesel(table_name = notice_templates)]
pub(super) struct Row {
    pub(super) id: TemplateId,
    pub(super) purpose: Purpose,
    pub(super) channel: NoticeChannel,
    pub(super) version: i32,
    pub(super) subject: Option<String>,
    pub(super) body: String,
    pub(super) html: Option<String>,
    pub(super) created_at: DateTime<Utc>,
    pub(super) state: TemplateState,
    pub(super) fold: Fold,
    pub(super) max_segments: Option<i16>,
    pub(super) written_by: String,
    pub(super) written_by_name: String,
    pub(super) reviewed_by: Option<String>,
    pub(super) reviewed_by_name: Option<String>,
    pub(super) reviewed_at: Option<DateTime<Utc>>,
    pub(super) activated_at: Option<DateTime<Utc>>,
    pub(super) retired_at: Option<DateTime<Utc>>,
}

/// Under which number which gateway's vendor keeps a version.
pub(super) type VendorIds = BTreeMap<String, String>;

impl Row {
    pub(super) fn name(&self) -> Name {
        Name { purpose: self.purpose, channel: self.channel, version: self.version }
    }

    pub(super) fn key(&self) -> (Purpose, NoticeChannel) {
        (self.purpose, self.channel)
    }

    pub(super) fn is_shipped(&self) -> bool {
        self.written_by == SHIPPED_BY
    }

    /// Whether two versions word every message alike.
    pub(super) fn says_the_same(&self, other: &Self) -> bool {
        let said = |row: &Self| (row.subject.clone(), row.body.clone(), row.html.clone(), row.fold, row.max_segments);
        said(self) == said(other)
    }

    /// Reads it, with the numbers that vendors gave it.
    ///
    /// # Errors
    /// Every text that can't be used, by the field that it was written in.
    pub(super) fn template(&self, vendor_ids: VendorIds) -> Result<Template, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut read = |pointer: &str, text: &str| {
            TemplateText::read(self.channel, text).map_err(|fault| faults.push(told(pointer, &fault))).ok()
        };
        let subject = self.subject.as_deref().and_then(|text| read("/subject", text));
        let body = read("/text", &self.body);
        // Made of the text, so that what is wrong in it is told once.
        let html = self.html.as_deref().filter(|_| body.is_some()).and_then(|text| read("/html", text));
        match body {
            Some(body) if faults.is_empty() => Ok(Template {
                id: self.id,
                purpose: self.purpose,
                channel: self.channel,
                subject,
                body,
                html,
                fold: self.fold,
                max_segments: self.max_segments.and_then(|most| most.try_into().ok()),
                vendor_ids,
            }),
            _ => Err(faults),
        }
    }
}

fn told(pointer: &str, fault: &TemplateFault) -> Fault {
    Fault::new(pointer, Said::new(fault.code(), fault.vi(), fault.to_string()))
}

/// Lists everything that is wrong with a version.
pub(super) fn faults(row: &Row) -> Vec<Fault> {
    match row.template(VendorIds::new()) {
        Ok(template) => findings(&template),
        Err(faults) => faults,
    }
}

/// Lists what is wrong with a template beyond how it is written.
pub(super) fn findings(template: &Template) -> Vec<Fault> {
    let found = template.findings().into_iter();
    found.map(|one| Fault::new(one.pointer(), Said::new(one.code(), one.vi(), one.to_string()))).collect()
}
