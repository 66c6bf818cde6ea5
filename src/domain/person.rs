//! People of a dossier, and what identifies or reaches them.

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::ids::DossierId;
use super::words::words;

words! {
    /// Who asks.
    pub enum PersonKind {
        /// Người dân.
        Citizen = "citizen",
        /// Doanh nghiệp.
        Enterprise = "enterprise",
        /// Cơ quan nhà nước.
        Agency = "agency",
        /// Khác.
        Other = "other",
    }
}

words! {
    /// A person's part in a dossier.
    pub enum Part {
        /// Chủ hồ sơ: whom it is for.
        Applicant = "applicant",
        /// Người nộp: who brings it.
        Submitter = "submitter",
    }
}

words! {
    /// What the submitter was given power to do.
    pub enum Mandate {
        /// Hand in.
        Submit = "submit",
        /// Hand in and collect.
        SubmitAndCollect = "submit_and_collect",
    }
}

words! {
    /// Where somebody was shown whole numbers and addresses of people.
    pub enum ShownIn {
        /// In a dossier, by the daily work.
        Dossier = "dossier",
        /// In a dossier, on a reason given.
        Unmasking = "unmasking",
        /// In what was handed out of one person.
        Export = "export",
        /// In the proof of what was sent for a dossier, whose words may name people.
        NoticeProof = "notice_proof",
    }
}

/// A person's or organisation's name, in NFC, without control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(String);

impl Name {
    /// Reads a name of 1–200 characters.
    pub fn read(text: &str) -> Option<Self> {
        let name: String = text.split_whitespace().collect::<Vec<_>>().join(" ").nfc().collect();
        let length = name.chars().count();
        ((1..=200).contains(&length) && !name.chars().any(char::is_control)).then_some(Self(name))
    }

    /// Returns the name as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the words of the name, folded, each once: what a search finds.
    pub fn words(&self) -> Vec<String> {
        words_of(&self.0)
    }
}

/// Returns the words of a text, without accents and in lower case, each once.
pub fn words_of(text: &str) -> Vec<String> {
    let folded = fold(text).to_lowercase();
    let mut words: Vec<String> =
        folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect();
    words.sort_unstable();
    words.dedup();
    words
}

/// Takes the accents off: NFD, marks dropped, đ to d. Other characters stay.
pub fn fold(text: &str) -> String {
    text.nfd()
        .filter(|c| !is_combining_mark(*c))
        .map(|c| match c {
            'đ' => 'd',
            'Đ' => 'D',
            other => other,
        })
        .collect()
}

/// A phone number of Vietnam in E.164: `+84905123456`.
#[derive(Clone, PartialEq, Eq)]
pub struct Phone(String);

impl Phone {
    /// Reads a number written `0905 123 456`, `84905123456` or `+84 905.123.456`.
    pub fn read(text: &str) -> Option<Self> {
        let plain: String = text.chars().filter(|c| !matches!(c, ' ' | '.' | '-' | '(' | ')')).collect();
        let national = plain
            .strip_prefix("+84")
            .or_else(|| plain.strip_prefix("84").filter(|rest| rest.len() >= 9))
            .or_else(|| plain.strip_prefix('0'))?;
        let sound = (9..=10).contains(&national.len())
            && national.bytes().all(|byte| byte.is_ascii_digit())
            && !national.starts_with('0');
        sound.then(|| Self(format!("+84{national}")))
    }

    /// Returns the number in E.164.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns `0905***456`.
    pub fn masked(&self) -> String {
        let national = self.0.get(3..).unwrap_or_default();
        let head = national.get(..3).unwrap_or_default();
        let tail = national.get(national.len().saturating_sub(3)..).unwrap_or_default();
        format!("0{head}***{tail}")
    }
}

/// An e-mail address.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// Reads an address of up to 254 characters, as SMTP takes it.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@')?;
        let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>()[],;:\\\"".contains(&byte));
        let sound = plain
            && (1..=64).contains(&local.len())
            && text.len() <= 254
            && domain.contains('.')
            && !local.contains('@')
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..")
            && domain.split('.').all(is_domain_label);
        sound.then(|| Self(format!("{local}@{}", domain.to_ascii_lowercase())))
    }

    /// Returns the address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns `u***@e***.vn`.
    pub fn masked(&self) -> String {
        let (local, domain) = self.0.split_once('@').unwrap_or((&self.0, ""));
        let (name, ending) = domain.rsplit_once('.').unwrap_or((domain, ""));
        let first = |text: &str| text.chars().next().map(String::from).unwrap_or_default();
        format!("{}***@{}***.{ending}", first(local), first(name))
    }
}

fn is_domain_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

/// The number of an identity paper or of a business: CCCD, CMND, passport, tax number.
#[derive(Clone, PartialEq, Eq)]
pub struct IdNumber(String);

impl IdNumber {
    /// Reads a number of 6–20 letters, digits and dashes.
    pub fn read(text: &str) -> Option<Self> {
        let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_uppercase();
        let sound =
            (6..=20).contains(&plain.len()) && plain.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        sound.then_some(Self(plain))
    }

    /// Returns the number.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns `048***123`.
    pub fn masked(&self) -> String {
        let head = self.0.get(..3).unwrap_or_default();
        let tail = self.0.get(self.0.len().saturating_sub(3)..).unwrap_or_default();
        format!("{head}***{tail}")
    }
}

macro_rules! masked_debug {
    ($($name:ident),+) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.masked())
            }
        }
    )+};
}
// So that no log can show more than a mask.
masked_debug!(Phone, Email, IdNumber);

/// Returns the place for which a person's value is sealed, so that it opens nowhere else.
pub fn person_context(dossier: DossierId, part: Part, column: &str) -> String {
    format!("dossier {dossier} {part} {column}")
}

/// Someone of a dossier, with what identifies and reaches them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Who it is.
    pub kind: PersonKind,
    /// The name.
    pub name: Name,
    /// The identity or tax number.
    pub id_number: Option<IdNumber>,
    /// Where an SMS goes.
    pub phone: Option<Phone>,
    /// Where mail goes.
    pub email: Option<Email>,
    /// Where post goes.
    pub address: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_number_is_the_same_however_it_is_written() {
        for text in ["0905123456", "+84 905 123 456", "84905.123.456", "0905-123-456"] {
            assert_eq!(Phone::read(text).unwrap().as_str(), "+84905123456", "{text}");
        }
        for text in ["", "12345", "+1 202 555 0100", "00905123456", "0905abc456", "090512345678"] {
            assert!(Phone::read(text).is_none(), "{text}");
        }
    }

    #[test]
    fn names_are_found_without_accents() {
        let name = Name::read("  Đặng  Thị Ánh ").unwrap();
        assert_eq!(name.as_str(), "Đặng Thị Ánh");
        assert_eq!(name.words(), ["anh", "dang", "thi"]);
    }

    #[test]
    fn an_address_with_line_breaks_or_brackets_is_no_address() {
        for text in ["a@b.vn\r\nBcc: x@y.vn", "<a@b.vn>", "a b@c.vn", "a@b", "@b.vn", "a@-b.vn", "a..b@c.vn"] {
            assert!(Email::read(text).is_none(), "{text:?}");
        }
        assert_eq!(Email::read("An.Nguyen@Example.VN").unwrap().as_str(), "An.Nguyen@example.vn");
    }

    #[test]
    fn debug_output_is_masked() {
        let shown = format!("{:?}", Phone::read("0905123456").unwrap());
        assert_eq!(shown, "Phone(0905***456)");
        assert_eq!(Email::read("nguyen@example.vn").unwrap().masked(), "n***@e***.vn");
        assert_eq!(IdNumber::read("048123456123").unwrap().masked(), "048***123");
    }
}
