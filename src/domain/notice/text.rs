//! How wordings are written: `{code}` stands for a fact, and a part in `[[…]]` is left out where a fact in it
//! is not known. Faults are found when a wording is written or loaded, never when a message is due.

use super::NoticeChannel;
use super::parameter::Parameter;
use super::values::Values;

/// Why a text can't be a wording.
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
    /// A parameter that this channel must not or can't say.
    #[error("{{{0}}} has no place in a message by {1}")]
    NoPlaceHere(Parameter, NoticeChannel),
    /// `[[…]]` where a vendor keeps the template.
    #[error("a template of {0} is kept by its vendor and has no optional parts [[…]]")]
    OptionalPart(NoticeChannel),
}

impl TemplateFault {
    /// Returns the stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownParameter(_) => "unknown_parameter",
            Self::MayBeMissing(_) => "may_be_missing",
            Self::Unbalanced(_) => "unbalanced_bracket",
            Self::NoPlaceHere(..) => "parameter_not_allowed_here",
            Self::OptionalPart(_) => "optional_part_not_allowed",
        }
    }

    /// Says it in Vietnamese.
    pub fn vi(&self) -> String {
        match self {
            Self::UnknownParameter(word) => {
                format!("Không có tham số {{{word}}}; chỉ có {}", Parameter::WORDS.join(", "))
            }
            Self::MayBeMissing(parameter) => {
                format!("{{{parameter}}} có thể không có, phải nằm trong phần tùy chọn: [[… {{{parameter}}} …]]")
            }
            Self::Unbalanced(near) => format!("Ngoặc thiếu nửa kia gần `{near}`"),
            Self::NoPlaceHere(parameter, channel) => format!("Tin {channel} không được có {{{parameter}}}"),
            Self::OptionalPart(channel) => format!("Mẫu {channel} do nhà cung cấp giữ, không có phần tùy chọn [[…]]"),
        }
    }
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

/// How values get into a text.
#[derive(Clone, Copy)]
pub(super) enum Escape {
    /// As they are.
    Nothing,
    /// So that HTML shows them as they are.
    Html,
}

impl TemplateText {
    /// Reads and checks the text of a wording for a channel.
    ///
    /// # Errors
    /// [`TemplateFault`], naming what is wrong.
    pub fn read(channel: NoticeChannel, text: &str) -> Result<Self, TemplateFault> {
        let mut sections = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("[[") {
            let (inside, behind) = after.split_once("]]").ok_or_else(|| unbalanced(after))?;
            if channel.is_by_vendors_template() {
                return Err(TemplateFault::OptionalPart(channel));
            }
            sections.push(Section::required(channel, before)?);
            sections.push(Section { optional: true, pieces: pieces(channel, inside)? });
            rest = behind;
        }
        sections.push(Section::required(channel, rest)?);
        Ok(Self(sections))
    }

    /// Returns the parameters that it names, in their order, each as often as it is named.
    pub fn parameters(&self) -> impl Iterator<Item = Parameter> {
        self.0.iter().flat_map(|section| &section.pieces).filter_map(|piece| match piece {
            Piece::Parameter(parameter) => Some(*parameter),
            Piece::Text(_) => None,
        })
    }

    /// Returns what it says whatever the values.
    pub fn fixed(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flat_map(|section| &section.pieces).filter_map(|piece| match piece {
            Piece::Text(text) => Some(text.as_str()),
            Piece::Parameter(_) => None,
        })
    }

    pub(super) fn render(&self, values: &Values, escape: Escape) -> String {
        let rendered = self.0.iter().filter_map(|section| section.render(values, escape));
        rendered.collect()
    }
}

impl Section {
    fn required(channel: NoticeChannel, text: &str) -> Result<Self, TemplateFault> {
        let section = Self { optional: false, pieces: pieces(channel, text)? };
        let unsure = section.pieces.iter().find_map(|piece| match piece {
            Piece::Parameter(parameter) if !parameter.is_always_known() => Some(*parameter),
            _ => None,
        });
        match unsure.filter(|_| !channel.is_by_vendors_template()) {
            Some(parameter) => Err(TemplateFault::MayBeMissing(parameter)),
            None => Ok(section),
        }
    }

    fn render(&self, values: &Values, escape: Escape) -> Option<String> {
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(plain) => text.push_str(plain),
                Piece::Parameter(parameter) => match values.get(*parameter) {
                    Some(value) => text.push_str(&escaped(value, escape)),
                    None if self.optional => return None,
                    None => text.push_str(parameter.stand_in()),
                },
            }
        }
        Some(text)
    }
}

fn pieces(channel: NoticeChannel, text: &str) -> Result<Vec<Piece>, TemplateFault> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (word, behind) = after.split_once('}').ok_or_else(|| unbalanced(after))?;
        let parameter: Parameter = word.parse().or(Err(TemplateFault::UnknownParameter(word.to_owned())))?;
        if parameter.longest(channel).is_none() {
            return Err(TemplateFault::NoPlaceHere(parameter, channel));
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::notice::{Facts, Known};
    use chrono::NaiveDate;

    const KNOWN: Known<'_> =
        Known {
            code: "H48.24-260921-0099", unit: "Sở Xây dựng", lookup_url: "https://example.vn", sender: "TTPVHCC"
        };

    fn rendered(channel: NoticeChannel, text: &str, facts: &Facts) -> String {
        let escape = if channel == NoticeChannel::Email { Escape::Html } else { Escape::Nothing };
        TemplateText::read(channel, text).unwrap().render(&Values::of(channel, &KNOWN, facts), escape)
    }

    #[test]
    fn a_part_whose_fact_is_not_known_is_left_out() {
        let text = "Hồ sơ {code}.[[ Hẹn trả: {due}.]][[ Nộp {amount} đồng.]]";
        let facts = Facts { due: NaiveDate::from_ymd_opt(2026, 9, 25), ..Facts::default() };
        assert_eq!(rendered(NoticeChannel::Sms, text, &facts), "Hồ sơ H48.24-260921-0099. Hẹn trả: 25/09/2026.");
        let facts = Facts { amount_vnd: Some(1_250_000), ..Facts::default() };
        assert!(rendered(NoticeChannel::Sms, text, &facts).ends_with(". Nộp 1.250.000 đồng."));
    }

    #[test]
    fn a_vendors_template_says_something_for_what_is_not_known() {
        let said = rendered(NoticeChannel::Zalo, "Hồ sơ {code}: mời đến {place}.", &Facts::default());
        assert_eq!(said, "Hồ sơ H48.24-260921-0099: mời đến nơi nộp hồ sơ.");
    }

    #[test]
    fn faults_are_found_when_a_template_is_read() {
        let fault = |channel, text: &str| TemplateText::read(channel, text).unwrap_err();
        let sms = NoticeChannel::Sms;
        assert_eq!(fault(sms, "{codes}"), TemplateFault::UnknownParameter("codes".to_owned()));
        assert_eq!(fault(sms, "{due}"), TemplateFault::MayBeMissing(Parameter::Due));
        for text in ["{code", "code}", "[[{due}", "{due]]", "a ]] b"] {
            assert!(TemplateText::read(sms, text).is_err(), "{text}");
        }
        let zalo = NoticeChannel::Zalo;
        assert_eq!(fault(zalo, "{code}[[ {due}]]"), TemplateFault::OptionalPart(zalo));
    }

    #[test]
    fn what_is_written_for_one_person_goes_by_mail_alone() {
        for channel in [NoticeChannel::Sms, NoticeChannel::Zalo] {
            for parameter in [Parameter::Reason, Parameter::Papers] {
                let read = TemplateText::read(channel, &format!("{{{parameter}}}"));
                assert_eq!(read, Err(TemplateFault::NoPlaceHere(parameter, channel)));
            }
        }
        let code = TemplateText::read(NoticeChannel::Email, "[[{one_time_code}]]");
        assert_eq!(code, Err(TemplateFault::NoPlaceHere(Parameter::OneTimeCode, NoticeChannel::Email)));
    }

    #[test]
    fn a_push_names_the_dossier_and_the_centre_and_can_say_nothing_else() {
        let push = NoticeChannel::Push;
        for parameter in Parameter::ALL {
            let read = TemplateText::read(push, &format!("[[{{{parameter}}}]]"));
            let is_allowed = [Parameter::Code, Parameter::Sender].contains(parameter);
            assert_eq!(read.err(), (!is_allowed).then_some(TemplateFault::NoPlaceHere(*parameter, push)));
        }
    }

    #[test]
    fn what_people_write_is_no_html() {
        let facts = Facts {
            reason: Some("<script>alert('x')</script> {code} [[a]]".to_owned()),
            papers: vec!["A & B".to_owned(), "C".to_owned()],
            ..Facts::default()
        };
        let html = rendered(NoticeChannel::Email, "<p>[[{reason}]]</p>[[{papers}]]", &facts);
        assert_eq!(html, "<p>&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; {code} [[a]]</p>- A &amp; B<br>\n- C");
    }
}
