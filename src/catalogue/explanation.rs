//! How the lines of an explanation are shown, wherever a due date is explained.

use chrono::NaiveDate;
use serde::Serialize;

use crate::domain::deadline::{Line, LineKind};
use crate::http::locale::Language;

/// One line: what a day was to the due date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ExplanationLine {
    /// The date that it is about.
    date: NaiveDate,
    /// `received`, `moved`, `counted`, `make_up`, `weekend`, `off`, `paused`, `restarted`, `fraction`, `rolled`,
    /// `floor`, `extended` or `due`.
    #[schema(value_type = String)]
    kind: LineKind,
    /// The number of the day in the term.
    number: Option<u32>,
    /// The working minutes counted, or paused, on the day; only of terms in hours.
    minutes: Option<i64>,
    /// The line in the language asked for.
    text: String,
}

/// Shows the lines in one language.
pub fn explanation(lines: Vec<Line>, language: Language) -> Vec<ExplanationLine> {
    lines
        .into_iter()
        .map(|line| ExplanationLine {
            date: line.date,
            kind: line.kind,
            number: line.number,
            minutes: line.minutes,
            text: match language {
                Language::Vietnamese => line.text_vi,
                Language::English => line.text_en,
            },
        })
        .collect()
}
