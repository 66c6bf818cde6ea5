//! What messages of a wording would look like, how they would travel, and what they would cost.

use chrono::NaiveDate;
use diesel::PgConnection;
use serde::Serialize;
use std::collections::BTreeMap;

use super::row::findings;
use super::view::FaultView;
use crate::costs::{Tariff, tariffs_on};
use crate::domain::cost::{TariffKind, Vnd};
use crate::domain::notice::{
    Facts, Fold, Known, NoticeChannel, Plan, Template, Wording, fold_sms, plan, plan_at_worst,
};
use crate::domain::period::office_date;
use crate::error::AppError;
use crate::state::Act;

/// What a wording makes of a dossier that was made up.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = TemplatePreview)]
pub struct PreviewView {
    /// A message as it would go out.
    example: ExampleView,
    /// How it would travel, and the longest that there can be; SMS alone is charged by letters.
    sms: Option<SmsView>,
    /// What the example would cost, by each tariff in force; none where no tariff says it.
    prices: Vec<PriceView>,
    /// What is wrong with the wording: with a fault it is not reviewed.
    faults: Vec<FaultView>,
}

#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
struct ExampleView {
    /// The subject, for mail.
    subject: Option<String>,
    /// The text.
    text: String,
    /// The HTML part, for mail.
    html: Option<String>,
    /// The values that a vendor is given.
    params: BTreeMap<String, String>,
}

/// How an SMS travels with its marks and without.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
struct SmsView {
    /// The example with its marks.
    accented: TravelView,
    /// And without.
    folded: TravelView,
    /// The longest message with its marks: every value as long as it may be.
    worst_accented: TravelView,
    /// And without.
    worst_folded: TravelView,
    /// The parts of which no message of this wording needs more.
    worst_segments: usize,
    /// The most that it may need.
    max_segments: Option<usize>,
}

#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
struct TravelView {
    /// The text.
    text: String,
    /// `gsm7` or `ucs2`.
    encoding: &'static str,
    /// The parts that are paid for.
    segments: usize,
    /// What is free in the last.
    chars_left: usize,
    /// What it costs, by each tariff in force.
    prices: Vec<PriceView>,
}

/// What a message costs by a tariff, in VND to the hundredth.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = TemplatePrice)]
struct PriceView {
    /// Through which gateway.
    gateway: String,
    /// To which network; `any` for those that have no line of their own.
    telco: String,
    /// A part.
    #[schema(value_type = String)]
    vnd_per_segment: Vnd,
    /// All of it.
    #[schema(value_type = String)]
    vnd: Vnd,
}

/// Shows what a wording makes, at the prices of today.
///
/// # Errors
/// Whatever the database says.
pub(super) fn preview(conn: &mut PgConnection, act: &Act<'_>, template: &Template) -> Result<PreviewView, AppError> {
    let tariffs = tariffs_on(conn, office_date(act.now))?;
    let wording = example(act, template);
    let (encoding, segments) = template.channel.plan(&wording.text);
    Ok(PreviewView {
        sms: (template.channel == NoticeChannel::Sms).then(|| sms(act, template, &tariffs)),
        prices: prices(&tariffs, TariffKind::of(template.channel, encoding), segments),
        example: ExampleView {
            subject: wording.subject,
            text: wording.text,
            html: wording.html,
            params: wording.params,
        },
        faults: findings(template).into_iter().map(FaultView::from).collect(),
    })
}

fn sms(act: &Act<'_>, template: &Template, tariffs: &[Tariff]) -> SmsView {
    let accented = example(act, &Template { fold: Fold::None, ..template.clone() }).text;
    let longest = template.longest_text();
    let travel = |text: &str, plan: fn(&str) -> Plan| TravelView::new(text, plan(text), tariffs);
    SmsView {
        folded: travel(&fold_sms(&accented), plan),
        accented: travel(&accented, plan),
        worst_folded: travel(&fold_sms(&longest), plan_at_worst),
        worst_accented: travel(&longest, plan_at_worst),
        worst_segments: template.worst().segments(),
        max_segments: template.max_segments,
    }
}

impl TravelView {
    fn new(text: &str, plan: Plan, tariffs: &[Tariff]) -> Self {
        Self {
            text: text.to_owned(),
            encoding: plan.encoding.as_str(),
            segments: plan.segments,
            chars_left: plan.chars_left,
            prices: prices(tariffs, TariffKind::of(NoticeChannel::Sms, plan.encoding), plan.segments),
        }
    }
}

fn prices(tariffs: &[Tariff], kind: Option<TariffKind>, segments: usize) -> Vec<PriceView> {
    let fitting = tariffs.iter().filter(|tariff| Some(tariff.kind) == kind);
    let priced = fitting.map(|tariff| PriceView {
        gateway: tariff.gateway.clone(),
        telco: tariff.telco.clone(),
        vnd_per_segment: tariff.vnd_per_segment,
        vnd: tariff.vnd_per_segment.times(segments),
    });
    priced.collect()
}

/// A message about a dossier that was made up, of the unit of who asks.
fn example(act: &Act<'_>, template: &Template) -> Wording {
    let config = &act.office.config;
    let unit = act.catalogue().unit(act.by.unit);
    let known = Known {
        code: "H21.16-261005-0001",
        unit: unit.map_or(&config.notices.sender, |unit| &unit.name),
        lookup_url: &config.server.public_url,
        sender: &config.notices.sender,
    };
    template.render(&known, &example_facts())
}

fn example_facts() -> Facts {
    let day = NaiveDate::from_ymd_opt(2026, 10, 15);
    Facts {
        procedure: Some("Cấp giấy phép xây dựng nhà ở riêng lẻ".to_owned()),
        due: day,
        promised: day,
        answer_by: day,
        reason: Some("Bản vẽ thiếu mặt bằng tầng 2".to_owned()),
        place: Some("Trung tâm Phục vụ hành chính công tỉnh".to_owned()),
        counter: Some("Quầy 5".to_owned()),
        papers: vec!["Bản vẽ thiết kế".to_owned(), "Tờ khai".to_owned()],
        amount_vnd: Some(1_250_000),
        one_time_code: Some("123456".to_owned()),
    }
}
