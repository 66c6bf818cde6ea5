//! How wordings are written: `{code}` stands for a fact, and a part in `[[…]]` is left out where a fact in it
//! is not known. Faults are found when a template is loaded, never when a message is due.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{NoticeChannel, Purpose, fold_sms};
use crate::domain::ids::TemplateId;
use crate::domain::words::words;

words! {
    /// What a wording may speak of.
    pub enum Parameter {
        /// The dossier's code.
        Code = "code",
        /// The unit that speaks.
        Unit = "unit",
        /// The procedure.
        Procedure = "procedure",
        /// The date on the slip.
        Due = "due",
        /// The new date after an extension or apology.
        Promised = "promised",
        /// Until when the citizen may answer.
        AnswerBy = "answer_by",
        /// Why.
        Reason = "reason",
        /// Where to go.
        Place = "place",
        /// The counter there, or the shelf.
        Counter = "counter",
        /// The papers asked for.
        Papers = "papers",
        /// What is to be paid.
        Amount = "amount",
        /// Six digits that a citizen asked for.
        OneTimeCode = "one_time_code",
        /// Where the public status is shown.
        LookupUrl = "lookup_url",
        /// How the centre is named.
        Sender = "sender",
    }
}

impl Parameter {
    /// Whether every message knows it; the others stand in optional parts only.
    fn is_always_known(self) -> bool {
        matches!(self, Self::Code | Self::Unit | Self::LookupUrl | Self::Sender)
    }
}

/// What a message speaks of; what is not known stays empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// The procedure's name.
    pub procedure: Option<String>,
    /// The due date.
    pub due: Option<NaiveDate>,
    /// The new date after an extension or apology.
    pub promised: Option<NaiveDate>,
    /// Until when the citizen may answer or pay.
    pub answer_by: Option<NaiveDate>,
    /// Why, as the office writes it; e-mail only.
    pub reason: Option<String>,
    /// Where to go.
    pub place: Option<String>,
    /// The counter or shelf there.
    pub counter: Option<String>,
    /// The papers asked for; e-mail only.
    pub papers: Vec<String>,
    /// What is to be paid, in whole VND.
    pub amount_vnd: Option<i64>,
    /// Six digits that a citizen asked for.
    pub one_time_code: Option<String>,
}

/// What every message knows.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The dossier's code.
    pub code: &'a str,
    /// The unit that speaks.
    pub unit: &'a str,
    /// Where the public status is shown.
    pub lookup_url: &'a str,
    /// How the centre is named.
    pub sender: &'a str,
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
}

/// Why a template can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateFault {
    /// `{…}` with a word that is no parameter.
    #[error("{{{0}}} is no parameter; there are {all}", all = Parameter::WORDS.join(", "))]
    UnknownParameter(String),
    /// A parameter that may be missing, outside `[[…]]`.
    #[error("{{{0}}} may be missing, so it must stand in an optional part: [[… {{{0}}} …]]")]
    MayBeMissing(Parameter),
    /// A bracket without its other half.
    #[error("a bracket without its other half near `{0}`")]
    Unbalanced(String),
}

/// A checked text with its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateText(Vec<Section>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Section {
    optional: bool,
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Parameter(Parameter),
}

#[derive(Clone, Copy)]
enum Escape {
    Nothing,
    Html,
}

impl TemplateText {
    /// Reads and checks a template.
    ///
    /// # Errors
    /// [`TemplateFault`], naming what is wrong.
    pub fn read(text: &str) -> Result<Self, TemplateFault> {
        let mut sections = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("[[") {
            let (inside, behind) = after.split_once("]]").ok_or_else(|| unbalanced(after))?;
            sections.push(Section::required(before)?);
            sections.push(Section::optional(inside)?);
            rest = behind;
        }
        sections.push(Section::required(rest)?);
        Ok(Self(sections))
    }

    fn render(&self, known: &Known<'_>, facts: &Facts, escape: Escape) -> String {
        let rendered = self.0.iter().filter_map(|section| section.render(known, facts, escape));
        rendered.collect()
    }
}

impl Section {
    fn required(text: &str) -> Result<Self, TemplateFault> {
        let section = Self { optional: false, pieces: pieces(text)? };
        let unsure = section.pieces.iter().find_map(|piece| match piece {
            Piece::Parameter(parameter) if !parameter.is_always_known() => Some(*parameter),
            _ => None,
        });
        unsure.map_or(Ok(section), |parameter| Err(TemplateFault::MayBeMissing(parameter)))
    }

    fn optional(text: &str) -> Result<Self, TemplateFault> {
        Ok(Self { optional: true, pieces: pieces(text)? })
    }

    fn render(&self, known: &Known<'_>, facts: &Facts, escape: Escape) -> Option<String> {
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(plain) => text.push_str(plain),
                Piece::Parameter(parameter) => match value(*parameter, known, facts) {
                    Some(value) => text.push_str(&escaped(&value, escape)),
                    None if self.optional => return None,
                    None => {}
                },
            }
        }
        Some(text)
    }
}

fn pieces(text: &str) -> Result<Vec<Piece>, TemplateFault> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (word, behind) = after.split_once('}').ok_or_else(|| unbalanced(after))?;
        let parameter = word.parse().or(Err(TemplateFault::UnknownParameter(word.to_owned())))?;
        pieces.push(plain(before)?);
        pieces.push(Piece::Parameter(parameter));
        rest = behind;
    }
    pieces.push(plain(rest)?);
    Ok(pieces)
}

fn plain(text: &str) -> Result<Piece, TemplateFault> {
    if text.contains('}') || text.contains("]]") {
        return Err(unbalanced(text));
    }
    Ok(Piece::Text(text.to_owned()))
}

fn unbalanced(text: &str) -> TemplateFault {
    TemplateFault::Unbalanced(text.chars().take(30).collect())
}

fn value(parameter: Parameter, known: &Known<'_>, facts: &Facts) -> Option<String> {
    let date = |date: Option<NaiveDate>| date.map(|date| date.format("%d/%m/%Y").to_string());
    match parameter {
        Parameter::Code => Some(known.code.to_owned()),
        Parameter::Unit => Some(known.unit.to_owned()),
        Parameter::LookupUrl => Some(known.lookup_url.to_owned()),
        Parameter::Sender => Some(known.sender.to_owned()),
        Parameter::Procedure => facts.procedure.clone(),
        Parameter::Due => date(facts.due),
        Parameter::Promised => date(facts.promised),
        Parameter::AnswerBy => date(facts.answer_by),
        Parameter::Reason => facts.reason.clone(),
        Parameter::Place => facts.place.clone(),
        Parameter::Counter => facts.counter.clone(),
        Parameter::Papers => (!facts.papers.is_empty()).then(|| listed(&facts.papers)),
        Parameter::Amount => facts.amount_vnd.map(dong),
        Parameter::OneTimeCode => facts.one_time_code.clone(),
    }
}

fn listed(papers: &[String]) -> String {
    let lines: Vec<_> = papers.iter().map(|paper| format!("- {paper}")).collect();
    lines.join("\n")
}

/// 1250000 → `1.250.000`.
fn dong(amount: i64) -> String {
    let digits = amount.unsigned_abs().to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push('.');
        }
        grouped.push(digit);
    }
    let sign = if amount < 0 { "-" } else { "" };
    format!("{sign}{grouped}")
}

fn escaped(value: &str, escape: Escape) -> String {
    match escape {
        Escape::Nothing => value.to_owned(),
        Escape::Html => escape_html(value).replace('\n', "<br>\n"),
    }
}

/// Writes a text so that HTML shows it as it is.
pub(crate) fn escape_html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

/// One version of a wording.
#[derive(Debug, Clone)]
pub struct Template {
    /// Its key.
    pub id: TemplateId,
    /// The channel, which decides how it is written.
    pub channel: NoticeChannel,
    /// The subject, for mail.
    pub subject: Option<TemplateText>,
    /// The text.
    pub body: TemplateText,
    /// The HTML part, for mail.
    pub html: Option<TemplateText>,
}

impl Template {
    /// Makes a message of it.
    pub fn render(&self, known: &Known<'_>, facts: &Facts) -> Wording {
        let plain = |text: &TemplateText| text.render(known, facts, Escape::Nothing);
        if self.channel == NoticeChannel::Sms {
            return Wording { subject: None, text: fold_sms(&plain(&self.body)), html: None };
        }
        let subject = self.subject.as_ref().map(plain);
        Wording {
            // A line break would end the header.
            subject: subject.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")),
            text: plain(&self.body),
            html: self.html.as_ref().map(|html| html.render(known, facts, Escape::Html)),
        }
    }
}

/// The newest wording of each purpose on each channel.
#[derive(Debug, Clone, Default)]
pub struct Templates(HashMap<(Purpose, NoticeChannel), Template>);

impl Templates {
    /// Puts them together.
    pub fn new(templates: HashMap<(Purpose, NoticeChannel), Template>) -> Self {
        Self(templates)
    }

    /// Returns the wording of a purpose on a channel; not every channel has every purpose.
    pub fn find(&self, purpose: Purpose, channel: NoticeChannel) -> Option<&Template> {
        self.0.get(&(purpose, channel))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: Known<'_> =
        Known {
            code: "H48.24-260921-0099", unit: "Sở Xây dựng", lookup_url: "https://example.vn", sender: "TTPVHCC"
        };

    fn rendered(text: &str, facts: &Facts, escape: Escape) -> String {
        TemplateText::read(text).unwrap().render(&KNOWN, facts, escape)
    }

    #[test]
    fn a_part_whose_fact_is_not_known_is_left_out() {
        let text = "Hồ sơ {code}.[[ Hẹn trả: {due}.]][[ Nộp {amount} đồng.]]";
        let facts = Facts { due: NaiveDate::from_ymd_opt(2026, 9, 25), ..Facts::default() };
        assert_eq!(rendered(text, &facts, Escape::Nothing), "Hồ sơ H48.24-260921-0099. Hẹn trả: 25/09/2026.");
        let facts = Facts { amount_vnd: Some(1_250_000), ..Facts::default() };
        assert!(rendered(text, &facts, Escape::Nothing).ends_with(". Nộp 1.250.000 đồng."));
    }

    #[test]
    fn faults_are_found_when_a_template_is_read() {
        let fault = |text: &str| TemplateText::read(text).unwrap_err();
        assert_eq!(fault("{codes}"), TemplateFault::UnknownParameter("codes".to_owned()));
        assert_eq!(fault("{due}"), TemplateFault::MayBeMissing(Parameter::Due));
        for text in ["{code", "code}", "[[{due}", "{due]]", "a ]] b"] {
            assert!(TemplateText::read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_people_write_is_no_html() {
        let facts = Facts {
            reason: Some("<script>alert('x')</script> {code} [[a]]".to_owned()),
            papers: vec!["A & B".to_owned(), "C".to_owned()],
            ..Facts::default()
        };
        let html = rendered("<p>[[{reason}]]</p>[[{papers}]]", &facts, Escape::Html);
        assert_eq!(html, "<p>&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; {code} [[a]]</p>- A &amp; B<br>\n- C");
    }
}
