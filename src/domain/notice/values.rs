//! What a message speaks of, as it stands in its words: written out, and no longer than its channel takes.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::parameter::{Parameter, ParameterKind};
use super::{NoticeChannel, shortened};

/// What a message speaks of; what is not known stays empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
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

/// The values of one message on one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Values(BTreeMap<Parameter, String>);

impl Values {
    /// Writes out what is known; words of people that are too long are shortened.
    pub fn of(channel: NoticeChannel, known: &Known<'_>, facts: &Facts) -> Self {
        Self::made(channel, |parameter, longest| {
            let value = value(parameter, known, facts)?;
            match parameter.kind() {
                // What only counts whole is bounded where it comes from.
                ParameterKind::Text | ParameterKind::List => Some(shortened(&value, longest)),
                _ => Some(value),
            }
        })
    }

    /// Makes the values that take the most room: each at its longest, and words of people in letters that no message of
    /// 7 bits has.
    pub fn longest(channel: NoticeChannel) -> Self {
        Self::made(channel, |parameter, longest| match parameter.kind() {
            ParameterKind::Text | ParameterKind::List => Some("ơ".repeat(longest)),
            ParameterKind::Date | ParameterKind::Amount | ParameterKind::Digits => Some("0".repeat(longest)),
            ParameterKind::Code | ParameterKind::Url => Some("X".repeat(longest)),
        })
    }

    fn made(channel: NoticeChannel, make: impl Fn(Parameter, usize) -> Option<String>) -> Self {
        let of = |parameter: &Parameter| Some((*parameter, make(*parameter, parameter.longest(channel)?)?));
        Self(Parameter::ALL.iter().filter_map(of).collect())
    }

    /// Returns a value, where it is known.
    pub fn get(&self, parameter: Parameter) -> Option<&str> {
        self.0.get(&parameter).map(String::as_str)
    }
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
