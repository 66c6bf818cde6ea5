//! Wordings as the API shows them.

use serde::Serialize;

use super::preview::PreviewView;
use super::row::{Row, VendorIds};
use crate::domain::notice::{NoticeChannel, Parameter, Purpose, TemplateState};
use crate::error::Fault;
use crate::http::office_time::OfficeTime;

/// One version of a wording.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = TemplateVersion)]
pub struct VersionView {
    /// What its messages are for.
    #[schema(value_type = String)]
    purpose: Purpose,
    /// `sms`, `email` or `zalo`.
    #[schema(value_type = String)]
    channel: NoticeChannel,
    /// From 1.
    version: i32,
    /// `draft`, `reviewed`, `active` or `retired`.
    #[schema(value_type = String)]
    state: TemplateState,
    /// Whether it came with the program.
    shipped: bool,
    /// Whether messages go out by it: it is active, and has the number that its vendor must give it.
    used: bool,
    /// The subject, for mail.
    subject: Option<String>,
    /// The text, with its parameters.
    text: String,
    /// The HTML part, for mail.
    html: Option<String>,
    /// SMS: `none`, `ascii` or `saving`.
    fold: &'static str,
    /// SMS: the most parts that a message may take.
    max_segments: Option<i16>,
    /// Under which number which gateway's vendor keeps it.
    vendor_ids: VendorIds,
    written_by: String,
    written_at: OfficeTime,
    reviewed_by: Option<String>,
    reviewed_at: Option<OfficeTime>,
    /// Since when it is in use, or last was.
    activated_at: Option<OfficeTime>,
    /// When it went out of use.
    retired_at: Option<OfficeTime>,
}

impl VersionView {
    pub(super) fn new(row: Row, vendor_ids: VendorIds) -> Self {
        let is_usable = !row.channel.is_by_vendors_template() || !vendor_ids.is_empty();
        Self {
            purpose: row.purpose,
            channel: row.channel,
            version: row.version,
            state: row.state,
            shipped: row.is_shipped(),
            used: row.state == TemplateState::Active && is_usable,
            subject: row.subject,
            text: row.body,
            html: row.html,
            fold: row.fold.as_str(),
            max_segments: row.max_segments,
            vendor_ids,
            written_by: row.written_by_name,
            written_at: row.created_at.into(),
            reviewed_by: row.reviewed_by_name,
            reviewed_at: row.reviewed_at.map(OfficeTime),
            activated_at: row.activated_at.map(OfficeTime),
            retired_at: row.retired_at.map(OfficeTime),
        }
    }
}

/// One version with what it makes.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = TemplateShown)]
pub struct ShownView {
    #[serde(flatten)]
    pub(super) version: VersionView,
    /// What messages of it look like; none for one that can't be read.
    pub(super) preview: Option<PreviewView>,
    /// Why it can't be read.
    pub(super) faults: Vec<FaultView>,
}

/// What is wrong with a wording.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = TemplateFaultShown)]
pub struct FaultView {
    /// In which field.
    pointer: String,
    /// What kind, for programs; never changes.
    code: &'static str,
    /// In Vietnamese.
    vi: String,
    /// In English.
    en: String,
}

impl From<Fault> for FaultView {
    fn from(fault: Fault) -> Self {
        Self { pointer: fault.pointer, code: fault.said.code, vi: fault.said.vi, en: fault.said.en }
    }
}

/// The wordings in use.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = TemplateList)]
pub struct ListView {
    /// By purpose and channel.
    pub(super) items: Vec<ItemView>,
    /// What a wording may speak of.
    pub(super) parameters: Vec<ParameterView>,
}

/// The wording in use of a purpose on a channel.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = TemplateItem)]
pub struct ItemView {
    #[serde(flatten)]
    pub(super) version: VersionView,
    /// The newest version that there is; later than `version` where one waits, or the house went back.
    pub(super) newest_version: i32,
    /// What is wrong with it.
    pub(super) faults: Vec<FaultView>,
}

/// What a wording may speak of.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = TemplateParameter)]
pub struct ParameterView {
    /// As it is written: `{code}`.
    name: &'static str,
    /// `code`, `date`, `amount`, `digits`, `url`, `text` or `list`.
    kind: &'static str,
    /// Whether every message knows it; the others stand in optional parts `[[…]]` only.
    always_known: bool,
    /// The most letters that it takes by each channel; a channel that is missing has no place for it.
    longest: std::collections::BTreeMap<&'static str, usize>,
}

impl From<Parameter> for ParameterView {
    fn from(parameter: Parameter) -> Self {
        let longest = |channel: &NoticeChannel| Some((channel.as_str(), parameter.longest(*channel)?));
        Self {
            name: parameter.as_str(),
            kind: parameter.kind().as_str(),
            always_known: parameter.is_always_known(),
            longest: NoticeChannel::ALL.iter().filter_map(longest).collect(),
        }
    }
}
