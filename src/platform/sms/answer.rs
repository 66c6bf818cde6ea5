//! What a gateway's answer means.

use chrono::TimeDelta;
use serde_json::Value;

use crate::config::SmsConfig;
use crate::domain::delivery::{Outcome, Reply};

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

/// By what an answer is known.
#[derive(Debug, Clone)]
pub struct Marks {
    success: String,
    refused: Vec<String>,
    account: Vec<String>,
    reference: String,
}

impl Marks {
    /// Takes the marks from the settings.
    pub fn new(config: &SmsConfig) -> Self {
        Self {
            success: config.success_contains.clone(),
            refused: config.refused_contains.clone(),
            account: config.account_contains.clone(),
            reference: config.reference_pointer.clone(),
        }
    }

    /// Tells what an answer means: only what is surely a refusal counts as one, only what is surely a success
    /// too; in between nobody knows whether the message went out.
    pub fn judge(&self, answer: &Answer) -> Reply {
        let code = format!("HTTP {}", answer.status);
        let holds = |marks: &[String]| marks.iter().any(|mark| answer.body.contains(mark));
        let outcome = match answer.status {
            _ if holds(&self.account) => Outcome::Account,
            _ if holds(&self.refused) => Outcome::Refused,
            200..=299 if !answer.is_whole => Outcome::Ambiguous,
            200..=299 if answer.body.contains(&self.success) => {
                return Reply { code: Some(code), ..Reply::accepted(self.reference(&answer.body)) };
            }
            429 => Outcome::Throttled,
            503 if answer.retry_after.is_some() => Outcome::Throttled,
            // Nobody's message will get through: the key, the address of the gateway or a proxy is wrong.
            300..=399 | 401..=407 => Outcome::Account,
            408 => Outcome::Ambiguous,
            400..=499 => Outcome::Refused,
            _ => Outcome::Ambiguous,
        };
        Reply {
            retry_after: answer.retry_after.map(|seconds| TimeDelta::seconds(seconds.clamp(0, 86_400))),
            ..Reply::new(outcome, code)
        }
    }

    fn reference(&self, body: &str) -> Option<String> {
        if self.reference.is_empty() {
            return None;
        }
        let value: Value = serde_json::from_str(body).ok()?;
        let found = match value.pointer(&self.reference)? {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        (1..=200).contains(&found.len()).then(|| found.replace('\0', ""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks() -> Marks {
        Marks {
            success: "\"code\":\"100\"".to_owned(),
            refused: vec!["\"code\":\"99\"".to_owned()],
            account: vec!["\"code\":\"103\"".to_owned()],
            reference: "/id".to_owned(),
        }
    }

    fn judged(status: u16, body: &str) -> Reply {
        marks().judge(&Answer { status, retry_after: None, body: body.to_owned(), is_whole: true })
    }

    #[test]
    fn what_is_neither_a_success_nor_a_refusal_is_in_doubt() {
        let of = |status, body| judged(status, body).outcome;
        assert_eq!(of(200, r#"{"code":"100","id":7}"#), Outcome::Accepted);
        assert_eq!(of(200, r#"{"code":"99"}"#), Outcome::Refused);
        assert_eq!(of(200, r#"{"code":"103"}"#), Outcome::Account);
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
}
