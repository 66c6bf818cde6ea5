//! How long personal data is kept, as far as keys need to know: what is erased together is sealed together.

use std::fmt;

use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};

use super::period::office_date;

/// What a data key seals. The classes that end have a key for each month.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyClass {
    /// What outlives every schedule: secrets of accounts, not data of the people of dossiers. Never destroyed.
    Lasting,
    /// Answers that are given again to a repeated request.
    Answers,
    /// Recipients and words of notices.
    Notices,
    /// People of dossiers, and what their history keeps sealed.
    Dossiers,
    /// The same, in a field (lĩnh vực) of this code whose papers are kept for another time.
    DossiersOf(String),
}

impl KeyClass {
    /// Returns the word by which it is stored.
    pub fn word(&self) -> String {
        self.to_string()
    }

    /// Reads what [`KeyClass::word`] wrote.
    pub fn read(word: &str) -> Option<Self> {
        match word {
            "lasting" => Some(Self::Lasting),
            "answers" => Some(Self::Answers),
            "notices" => Some(Self::Notices),
            "dossiers" => Some(Self::Dossiers),
            _ => word.strip_prefix("dossiers:").map(|field| Self::DossiersOf(field.to_owned())),
        }
    }

    /// Returns the month whose key seals in a month: what lasts has one key for ever.
    pub fn month(&self, month: NaiveDate) -> NaiveDate {
        if *self == Self::Lasting { NaiveDate::default() } else { month }
    }
}

impl fmt::Display for KeyClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lasting => f.write_str("lasting"),
            Self::Answers => f.write_str("answers"),
            Self::Notices => f.write_str("notices"),
            Self::Dossiers => f.write_str("dossiers"),
            Self::DossiersOf(field) => write!(f, "dossiers:{field}"),
        }
    }
}

/// Returns the first day of the month in which a moment lies, by the clocks of Vietnam.
pub fn month_of(at: DateTime<Utc>) -> NaiveDate {
    let date = office_date(at);
    date.with_day(1).unwrap_or(date)
}

/// Returns the first day of the month after.
pub fn next_month(month: NaiveDate) -> NaiveDate {
    month.checked_add_months(Months::new(1)).unwrap_or(month)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_begins_at_midnight_in_vietnam() {
        let month = |text: &str| month_of(text.parse().unwrap()).to_string();
        assert_eq!(month("2026-10-31T16:59:59Z"), "2026-10-01");
        assert_eq!(month("2026-10-31T17:00:00Z"), "2026-11-01");
        assert_eq!(next_month("2026-12-01".parse().unwrap()).to_string(), "2027-01-01");
    }

    #[test]
    fn a_class_is_read_as_it_is_written() {
        let all = [KeyClass::Lasting, KeyClass::Answers, KeyClass::Notices, KeyClass::Dossiers];
        for class in all.into_iter().chain([KeyClass::DossiersOf("G09-01".to_owned())]) {
            assert_eq!(KeyClass::read(&class.word()), Some(class));
        }
        assert_eq!(KeyClass::read("people"), None);
    }
}
