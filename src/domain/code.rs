//! The dossier code: `<unit code>-YYMMDD-NNNN` (TT 03/2025/TT-VPCP Đ13), one for life.

use std::fmt;

use chrono::NaiveDate;

/// The longest code that is read: foreign systems write longer ones than ours.
pub const LONGEST: usize = 64;

/// A dossier code, ours or a foreign one that is kept as text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DossierCode(String);

impl DossierCode {
    /// Writes the code of the `number`-th dossier that a unit resolves of this day (of Asia/Ho_Chi_Minh).
    ///
    /// Four digits, and more past 9999.
    pub fn new(unit_code: &str, day: NaiveDate, number: i32) -> Self {
        Self(format!("{unit_code}-{}-{number:04}", day.format("%y%m%d")))
    }

    /// Reads a code: letters, digits, dots and dashes, as ours, older (`000.00.53.H48-220921-0099`) and
    /// ministries' codes are written. `None` when it can't be one.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-');
        let sensible = plain && (5..=LONGEST).contains(&text.len()) && text.contains('-');
        sensible.then(|| Self(text.to_ascii_uppercase()))
    }

    /// Returns the code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DossierCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_padded_to_four_digits_and_grows_past_9999() {
        let day = NaiveDate::from_ymd_opt(2026, 10, 12).unwrap();
        assert_eq!(DossierCode::new("H21.16", day, 1).as_str(), "H21.16-261012-0001");
        assert_eq!(DossierCode::new("H21.24.01", day, 10_000).as_str(), "H21.24.01-261012-10000");
    }

    #[test]
    fn old_and_foreign_codes_are_read() {
        for code in ["000.00.53.H48-220921-0099", "G09.20-20260609-0092637", "h21.16-261012-0001"] {
            assert!(DossierCode::read(code).is_some(), "{code}");
        }
        assert_eq!(DossierCode::read("h21.16-261012-0001").unwrap().as_str(), "H21.16-261012-0001");
    }

    #[test]
    fn what_cannot_be_a_code_is_not_read() {
        for text in ["", "H21", "a b-c-d", "H21.16-261012-0001\0", "ma-hồ-sơ", &"9-".repeat(40)] {
            assert!(DossierCode::read(text).is_none(), "{text:?}");
        }
    }
}
