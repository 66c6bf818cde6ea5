//! What a gateway's answer means.

use chrono::TimeDelta;
use serde_json::Value;

use super::xml;
use crate::config::AnswerConfig;
use crate::domain::delivery::{Outcome, Reply};
use crate::domain::notice::Receipt;

/// The longest number of a gateway's own that is kept.
const LONGEST_REFERENCE: usize = 200;
/// The longest code that is kept.
const LONGEST_CODE: usize = 60;

/// An answer, read as far as it came.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// When the gateway wants to be asked again, in seconds.
    pub retry_after: Option<i64>,
    /// As much of the body as was read.
    pub body: String,
    /// Whether that is all of it.
    pub is_whole: bool,
}

/// Where in an answer something stands.
#[derive(Debug, Clone)]
pub struct Places(Vec<String>);

impl Places {
    /// Takes the places from a description: JSON pointers, or names of XML elements in angle brackets.
    pub fn new(places: &[String]) -> Self {
        Self(places.iter().filter(|place| !place.is_empty()).cloned().collect())
    }

    /// Finds what stands there, joined by `/`; the whole text without any place, nothing when all are empty.
    pub fn find(&self, body: &str) -> Option<String> {
        if self.0.is_empty() {
            return Some(body.trim().to_owned());
        }
        let json: Option<Value> = serde_json::from_str(body).ok();
        let find = |place: &String| match place.strip_prefix('<').and_then(|name| name.strip_suffix('>')) {
            Some(name) => xml::text_of(body, name),
            None => json.as_ref().and_then(|json| json.pointer(place)).and_then(plain),
        };
        let found: Vec<Option<String>> = self.0.iter().map(find).collect();
        found.iter().any(Option::is_some).then(|| {
            let parts: Vec<&str> = found.iter().map(|part| part.as_deref().unwrap_or("")).collect();
            parts.join("/")
        })
    }
}

/// A text or a number; long numbers keep their digits.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(yes.to_string()),
        _ => None,
    }
}

/// Codes that mean the same; each may begin or end with `*`.
#[derive(Debug, Clone)]
pub struct Codes(Vec<String>);

impl Codes {
    /// Takes them from a description.
    pub fn new(codes: &[String]) -> Self {
        Self(codes.to_vec())
    }

    /// Whether the code is one of them.
    pub fn hold(&self, code: &str) -> bool {
        self.0.iter().any(|known| match (known.strip_prefix('*'), known.strip_suffix('*')) {
            (Some(""), _) => true,
            (Some(_), Some(_)) => code.contains(known.trim_matches('*')),
            (Some(end), None) => code.ends_with(end),
            (None, Some(start)) => code.starts_with(start),
            (None, None) => code == known,
        })
    }
}

/// Tells what a code of a receipt means: a code named outright goes before one that a `*` holds, and of two of the same
/// kind a failure before an arrival.
pub fn meant(code: &str, delivered: &[String], failed: &[String]) -> Receipt {
    let is_named = |codes: &[String]| codes.iter().any(|known| known == code);
    let is_held = |codes: &[String]| Codes::new(codes).hold(code);
    match () {
        () if is_named(failed) => Receipt::Failed,
        () if is_named(delivered) => Receipt::Delivered,
        () if is_held(delivered) && !is_held(failed) => Receipt::Delivered,
        () if is_held(failed) => Receipt::Failed,
        () => Receipt::Underway,
    }
}

/// By what an answer is known.
#[derive(Debug, Clone)]
pub struct Marks {
    code: Places,
    reference: Option<Places>,
    taken: [(Outcome, Codes); 2],
    refused: [(Outcome, Codes); 7],
}

impl Marks {
    /// Takes the marks from a description.
    pub fn new(config: &AnswerConfig) -> Self {
        let of = |outcome, codes: &Vec<String>| (outcome, Codes::new(codes));
        let reference = Some(config.reference.clone()).filter(|place| !place.is_empty());
        Self {
            code: Places::new(&config.code),
            reference: reference.map(|place| Places::new(&[place])),
            taken: [of(Outcome::Duplicate, &config.duplicate), of(Outcome::Accepted, &config.accepted)],
            refused: [
                of(Outcome::Account, &config.account),
                of(Outcome::Throttled, &config.throttled),
                of(Outcome::Recipient, &config.recipient),
                of(Outcome::Content, &config.content),
                of(Outcome::Elsewhere, &config.elsewhere),
                of(Outcome::Refused, &config.refused),
                of(Outcome::NotSent, &config.not_sent),
            ],
        }
    }

    /// Returns the code of an answer.
    pub fn code_of(&self, answer: &Answer) -> Option<String> {
        self.code.find(&answer.body)
    }

    /// Tells what an answer means: only what is surely a refusal counts as one, only what is surely a success
    /// too; in between nobody knows whether the message went out.
    pub fn judge(&self, answer: &Answer) -> Reply {
        let code = self.code_of(answer);
        let is = |(outcome, codes): &(Outcome, Codes)| {
            code.as_ref().is_some_and(|code| codes.hold(code)).then_some(*outcome)
        };
        let told = written(answer.status, code.as_deref());
        if let Some(outcome) = self.refused.iter().find_map(is) {
            return Reply { retry_after: answer.wait(), ..Reply::new(outcome, told) };
        }
        if let Some(outcome) = self.taken.iter().find_map(is).filter(|_| answer.is_success()) {
            return Reply { reference: self.reference(&answer.body), ..Reply::new(outcome, told) };
        }
        Reply { retry_after: answer.wait(), ..Reply::new(answer.by_status(), told) }
    }

    fn reference(&self, body: &str) -> Option<String> {
        let found = self.reference.as_ref()?.find(body)?;
        (1..=LONGEST_REFERENCE).contains(&found.len()).then(|| found.replace('\0', ""))
    }
}

/// What is kept of an answer: its status, and its code where that is short enough to be one and no words of a message.
fn written(status: u16, code: Option<&str>) -> String {
    let is_code = |code: &&str| {
        let shape = |c: char| c.is_ascii_alphanumeric() || "-_./:".contains(c);
        (1..=LONGEST_CODE).contains(&code.len()) && code.chars().all(shape)
    };
    match code.filter(is_code) {
        Some(code) => format!("HTTP {status}: {code}"),
        None => format!("HTTP {status}"),
    }
}

impl Answer {
    fn is_success(&self) -> bool {
        (200..=299).contains(&self.status) && self.is_whole
    }

    fn wait(&self) -> Option<TimeDelta> {
        self.retry_after.map(|seconds| TimeDelta::seconds(seconds.clamp(0, 86_400)))
    }

    fn by_status(&self) -> Outcome {
        match self.status {
            429 => Outcome::Throttled,
            503 if self.retry_after.is_some() => Outcome::Throttled,
            // Nobody's message will get through: the key, the address of the gateway or a proxy is wrong.
            300..=399 | 401..=407 => Outcome::Account,
            408 => Outcome::Ambiguous,
            400..=499 => Outcome::Refused,
            _ => Outcome::Ambiguous,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks() -> Marks {
        let one = |code: &str| vec![code.to_owned()];
        Marks::new(&AnswerConfig {
            code: one("/code"),
            reference: "/id".to_owned(),
            accepted: one("100"),
            duplicate: one("124"),
            recipient: one("99"),
            account: vec!["103".to_owned(), "AUTH*".to_owned()],
            ..AnswerConfig::default()
        })
    }

    fn judged(status: u16, body: &str) -> Reply {
        marks().judge(&Answer { status, retry_after: None, body: body.to_owned(), is_whole: true })
    }

    #[test]
    fn what_is_neither_a_success_nor_a_refusal_is_in_doubt() {
        let of = |status, body| judged(status, body).outcome;
        assert_eq!(of(200, r#"{"code":"100","id":7}"#), Outcome::Accepted);
        assert_eq!(of(200, r#"{"code":100}"#), Outcome::Accepted);
        assert_eq!(of(200, r#"{"code":"124"}"#), Outcome::Duplicate);
        assert_eq!(of(200, r#"{"code":"99"}"#), Outcome::Recipient);
        assert_eq!(of(200, r#"{"code":"103"}"#), Outcome::Account);
        assert_eq!(of(200, r#"{"code":"AUTH: IP"}"#), Outcome::Account);
        assert_eq!(of(200, r#"{"code":"1000"}"#), Outcome::Ambiguous);
        assert_eq!(of(500, r#"{"code":"100"}"#), Outcome::Ambiguous);
        assert_eq!(of(200, "<html>welcome</html>"), Outcome::Ambiguous);
        assert_eq!(of(500, ""), Outcome::Ambiguous);
        assert_eq!(of(502, ""), Outcome::Ambiguous);
        assert_eq!(of(422, ""), Outcome::Refused);
        assert_eq!(of(401, ""), Outcome::Account);
        assert_eq!(of(302, ""), Outcome::Account);
        assert_eq!(of(429, ""), Outcome::Throttled);
        assert_eq!(judged(200, r#"{"code":"100","id":7}"#).reference.as_deref(), Some("7"));
    }

    #[test]
    fn an_answer_that_was_cut_proves_nothing() {
        let cut = Answer { status: 200, retry_after: None, body: r#"{"code":"100","id""#.to_owned(), is_whole: false };
        assert_eq!(marks().judge(&cut).outcome, Outcome::Ambiguous);
    }

    #[test]
    fn codes_are_found_in_json_and_xml_and_plain_text() {
        let find = |places: &[&str], body: &str| {
            Places::new(&places.iter().map(|place| (*place).to_owned()).collect::<Vec<_>>()).find(body)
        };
        let soap = "<S:Envelope><S:Body><return><message>Insert MT_QUEUE: OK</message><result>1</result></return>";
        assert_eq!(find(&["<result>", "<message>"], soap).as_deref(), Some("1/Insert MT_QUEUE: OK"));
        assert_eq!(find(&["/a/0", "/b"], r#"{"a":[true],"b":-5}"#).as_deref(), Some("true/-5"));
        assert_eq!(find(&["/a", "/b"], r#"{"a":1}"#).as_deref(), Some("1/"));
        assert_eq!(find(&["/c", "/d"], r#"{"a":1}"#), None);
        assert_eq!(find(&[], " 0: Accepted \n").as_deref(), Some("0: Accepted"));
    }

    #[test]
    fn words_of_a_message_are_not_kept_as_a_code() {
        assert_eq!(written(200, Some("Ho so cua ong A")), "HTTP 200");
        assert_eq!(
            written(200, Some("ALIAS_INVALID:TELCO=04".replace('=', "-").as_str())),
            "HTTP 200: ALIAS_INVALID:TELCO-04"
        );
    }
}
