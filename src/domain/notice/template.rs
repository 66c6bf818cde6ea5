//! One version of a wording: how a message is made of it, and how long one may get.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::text::{Escape, TemplateText};
use super::values::{Facts, Known, Values};
use super::{NoticeChannel, Plan, Purpose, fold_sms, plan, plan_at_worst};
use crate::domain::ids::TemplateId;
use crate::domain::words::words;

words! {
    /// Where a version of a wording stands.
    pub enum TemplateState {
        /// Written; nobody else has read it.
        Draft = "draft",
        /// A second person has read it; it may come into use.
        Reviewed = "reviewed",
        /// Messages are worded by it.
        Active = "active",
        /// It was in use, and another is now.
        Retired = "retired",
    }
}

words! {
    /// Whether an SMS goes with its marks.
    pub enum Fold {
        /// With all of them.
        None = "none",
        /// Without any.
        Ascii = "ascii",
        /// Without, where this saves a part; with them otherwise.
        Saving = "saving",
    }
}

/// A message as it goes out, kept sealed as evidence.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wording {
    /// The subject, for mail.
    pub subject: Option<String>,
    /// The text.
    pub text: String,
    /// The HTML part, for mail.
    pub html: Option<String>,
    /// The values by name, for vendors that keep the template and take the values alone.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<String, String>,
}

/// One version of a wording.
#[derive(Debug, Clone)]
pub struct Template {
    /// Its key.
    pub id: TemplateId,
    /// What its messages are for.
    pub purpose: Purpose,
    /// The channel, which decides how it is written.
    pub channel: NoticeChannel,
    /// The subject, for mail.
    pub subject: Option<TemplateText>,
    /// The text.
    pub body: TemplateText,
    /// The HTML part, for mail.
    pub html: Option<TemplateText>,
    /// Whether marks stay.
    pub fold: Fold,
    /// The most parts of a message, for SMS.
    pub max_segments: Option<usize>,
    /// Under which number which gateway's vendor keeps it.
    pub vendor_ids: BTreeMap<String, String>,
}

impl Template {
    /// Makes a message of it.
    pub fn render(&self, known: &Known<'_>, facts: &Facts) -> Wording {
        self.fill(&Values::of(self.channel, known, facts))
    }

    /// Makes a message of it, of values at hand.
    pub fn fill(&self, values: &Values) -> Wording {
        let plain = |text: &TemplateText| text.render(values, Escape::Nothing);
        let text = plain(&self.body);
        let is_folded = self.channel == NoticeChannel::Sms && self.fold.folds(&text);
        let written = |text: &str| if is_folded { fold_sms(text) } else { text.to_owned() };
        let subject = self.subject.as_ref().map(plain);
        Wording {
            // A line break would end the header.
            subject: subject.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")),
            params: self.params(values).map(|(name, value)| (name.to_owned(), written(value))).collect(),
            text: written(&text),
            html: self.html.as_ref().map(|html| html.render(values, Escape::Html)),
        }
    }

    /// The values that a vendor puts into the template that it keeps.
    fn params<'a>(&self, values: &'a Values) -> impl Iterator<Item = (&'static str, &'a str)> {
        let is_kept_there = self.channel.is_by_vendors_template() || !self.vendor_ids.is_empty();
        let named = self.body.parameters().filter(move |_| is_kept_there);
        named.filter_map(move |parameter| {
            let stand_in = Some(parameter.stand_in()).filter(|_| self.channel.is_by_vendors_template());
            Some((parameter.as_str(), values.get(parameter).or(stand_in)?))
        })
    }

    /// Whether messages can go out by it: one that a vendor keeps needs its number there.
    pub fn is_usable(&self) -> bool {
        !self.channel.is_by_vendors_template() || !self.vendor_ids.is_empty()
    }

    /// Returns a text that takes as much room as the longest message made of it, with its marks.
    pub fn longest_text(&self) -> String {
        self.body.render(&Values::longest(self.channel), Escape::Nothing)
    }

    /// Returns how the longest SMS made of it would travel: no message needs more parts.
    pub fn worst(&self) -> Worst {
        let text = self.longest_text();
        Worst { accented: plan_at_worst(&text), folded: plan_at_worst(&fold_sms(&text)), fold: self.fold }
    }
}

impl Fold {
    /// Whether a text goes without its marks.
    pub fn folds(self, text: &str) -> bool {
        match self {
            Self::None => false,
            Self::Ascii => true,
            Self::Saving => plan(&fold_sms(text)).segments < plan(text).segments,
        }
    }
}

/// How the longest message of a wording would travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Worst {
    /// With its marks.
    pub accented: Plan,
    /// Without.
    pub folded: Plan,
    fold: Fold,
}

impl Worst {
    /// Returns the parts of which no message needs more, as the wording folds.
    pub fn segments(&self) -> usize {
        match self.fold {
            Fold::None => self.accented.segments,
            Fold::Ascii => self.folded.segments,
            Fold::Saving => self.accented.segments.min(self.folded.segments),
        }
    }
}

/// The wording in use of each purpose on each channel.
#[derive(Debug, Clone, Default)]
pub struct Templates(HashMap<(Purpose, NoticeChannel), Template>);

impl Templates {
    /// Puts them together; what can't go out is left out.
    pub fn new(templates: impl IntoIterator<Item = Template>) -> Self {
        let usable = templates.into_iter().filter(Template::is_usable);
        Self(usable.map(|template| ((template.purpose, template.channel), template)).collect())
    }

    /// Returns the wording of a purpose on a channel; not every channel has every purpose.
    pub fn find(&self, purpose: Purpose, channel: NoticeChannel) -> Option<&Template> {
        self.0.get(&(purpose, channel))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::notice::{Encoding, Parameter, room};
    use chrono::NaiveDate;
    use proptest::prelude::*;

    fn template(channel: NoticeChannel, fold: Fold, body: &str) -> Template {
        Template {
            id: TemplateId::new(),
            purpose: Purpose::ResultReady,
            channel,
            subject: None,
            body: TemplateText::read(channel, body).unwrap(),
            html: None,
            fold,
            max_segments: None,
            vendor_ids: BTreeMap::new(),
        }
    }

    /// What an office and its citizens write: Vietnamese, signs of two septets, letters that fold to several.
    fn said(most: usize) -> impl Strategy<Value = String> {
        let letters = "[a-zA-Zà-ỹĐđ0-9 .,…–½\\[\\]{}€🙂]";
        prop::string::string_regex(&format!("{letters}{{0,{most}}}")).unwrap()
    }

    fn facts() -> impl Strategy<Value = Facts> {
        let date = (2020..2040_i32, 1..=12_u32, 1..=28_u32).prop_map(|(y, m, d)| NaiveDate::from_ymd_opt(y, m, d));
        let texts = (prop::option::of(said(200)), prop::option::of(said(200)), prop::option::of(said(90)));
        (date, texts, prop::option::of(any::<i64>())).prop_map(|(due, (procedure, place, counter), amount_vnd)| Facts {
            procedure,
            due,
            promised: due,
            answer_by: due,
            place,
            counter,
            amount_vnd,
            one_time_code: Some("123456".to_owned()),
            ..Facts::default()
        })
    }

    /// A wording of parts: words with and without marks, and any parameter of an SMS, optional where it may be missing.
    fn body() -> impl Strategy<Value = String> {
        let parameter = prop::sample::select(Parameter::ALL).prop_map(|parameter| match parameter {
            Parameter::Reason | Parameter::Papers => " ".to_owned(),
            known if known.is_always_known() => format!("{{{known}}}"),
            other => format!("[[ ({{{other}}})]]"),
        });
        let words = prop_oneof!["[a-z .]{1,30}", "[a-zà-ỹ ]{1,30}", "[\\^~|€]{1,4}"];
        prop::collection::vec(prop_oneof![parameter, words], 1..9).prop_map(|parts| parts.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        #[test]
        fn no_message_is_longer_than_the_worst_case_of_its_wording(
            body in body(), facts in facts(), unit in said(120), sender in said(60),
            code in "[A-Z0-9.-]{5,64}", lookup_url in "https://[a-z./]{1,60}",
        ) {
            let known = Known { code: &code, unit: &unit, lookup_url: &lookup_url, sender: &sender };
            for fold in Fold::ALL {
                let template = template(NoticeChannel::Sms, *fold, &body);
                let text = template.render(&known, &facts).text;
                let (planned, worst) = (plan(&text), template.worst());
                prop_assert!(planned.segments <= worst.segments(), "{fold}: {planned:?} {worst:?} {text}");
                prop_assert!(*fold != Fold::Ascii || planned.encoding == Encoding::Gsm7);
            }
        }

        #[test]
        fn folding_to_save_never_costs_more_than_either_way(body in body(), facts in facts(), unit in said(120)) {
            let known = Known { code: "H21.16-261005-0001", unit: &unit, lookup_url: "https://a.vn", sender: "TT" };
            let segments = |fold| {
                plan(&template(NoticeChannel::Sms, fold, &body).render(&known, &facts).text).segments
            };
            prop_assert_eq!(segments(Fold::Saving), segments(Fold::None).min(segments(Fold::Ascii)));
        }

        #[test]
        fn a_vendor_gets_a_value_for_each_parameter_and_no_more(facts in facts(), sender in said(60)) {
            let known = Known { code: "H21.16-261005-0001", unit: "Sở", lookup_url: "https://a.vn", sender: &sender };
            let zalo = template(NoticeChannel::Zalo, Fold::None, "{sender} {code} {due} {place} {code} {amount}.");
            let wording = zalo.render(&known, &facts);
            let names: Vec<&str> = wording.params.keys().map(String::as_str).collect();
            prop_assert_eq!(names, ["amount", "code", "due", "place", "sender"]);
            for (name, value) in &wording.params {
                prop_assert!(wording.text.contains(value.as_str()));
                let longest = name.parse::<Parameter>().unwrap().longest(NoticeChannel::Zalo).unwrap();
                prop_assert!(room(value) <= longest, "{name}: {value}");
            }
        }
    }

    #[test]
    fn marks_go_where_this_saves_a_part_and_stay_otherwise() {
        let said = |body: &str| {
            let known = Known { code: "H21.16-261005-0001", unit: "Sở", lookup_url: "https://a.vn", sender: "TT" };
            template(NoticeChannel::Sms, Fold::Saving, body).render(&known, &Facts::default()).text
        };
        assert_eq!(said("Hồ sơ {code} đã xong."), "Hồ sơ H21.16-261005-0001 đã xong.");
        let long = "Hồ sơ {code} đã có kết quả, mời Ông/Bà đến nhận trong giờ hành chính.";
        assert!(said(long).starts_with("Ho so H21.16-261005-0001 da co"));
    }

    #[test]
    fn what_a_vendor_keeps_is_used_once_it_has_its_number_there() {
        let mut zalo = template(NoticeChannel::Zalo, Fold::None, "{code}");
        assert!(Templates::new([zalo.clone()]).find(Purpose::ResultReady, NoticeChannel::Zalo).is_none());
        zalo.vendor_ids.insert("zalo".to_owned(), "342518".to_owned());
        assert!(Templates::new([zalo]).find(Purpose::ResultReady, NoticeChannel::Zalo).is_some());
    }
}
