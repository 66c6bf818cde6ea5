//! What is wrong with a wording beyond how it is written: rules of what it may say, and how long it may get.

use super::template::Template;
use super::{NoticeChannel, Parameter, Purpose};

/// What is wrong with a wording.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    /// A message could need more parts than may be paid for.
    #[error("a message could take {worst} parts, {most} at most: shorten it, fold it, or allow more")]
    TooLong {
        /// The parts that the longest message needs.
        worst: usize,
        /// The most that it may.
        most: usize,
    },
    /// A one-time code is sent by these words, and they don't say it.
    #[error("words that send a one-time code must say {{one_time_code}}")]
    LacksOneTimeCode,
    /// A one-time code where none is sent.
    #[error("{{one_time_code}} is known in messages of the purpose one_time_code alone")]
    MisplacedOneTimeCode,
    /// Twelve digits in a row: the number of an identity card.
    #[error("twelve digits in a row look like the number of somebody's identity card")]
    IdNumber,
}

impl Finding {
    /// Returns the stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "too_many_segments",
            Self::LacksOneTimeCode => "lacks_one_time_code",
            Self::MisplacedOneTimeCode => "misplaced_one_time_code",
            Self::IdNumber => "looks_like_id_number",
        }
    }

    /// Says it in Vietnamese.
    pub fn vi(&self) -> String {
        match self {
            Self::TooLong { worst, most } => {
                format!("Tin dài nhất cần {worst} bản tin, chỉ được {most}: rút gọn, bỏ dấu hoặc cho phép nhiều hơn")
            }
            Self::LacksOneTimeCode => "Lời gửi mã dùng một lần phải có {one_time_code}".to_owned(),
            Self::MisplacedOneTimeCode => "{one_time_code} chỉ có trong tin của mục đích one_time_code".to_owned(),
            Self::IdNumber => "Mười hai chữ số liền nhau giống số căn cước của một người".to_owned(),
        }
    }

    /// Returns the field that it is about.
    pub fn pointer(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "/max_segments",
            _ => "/text",
        }
    }

    /// Whether a draft may be kept with it all the same, to be looked at.
    pub fn may_stand_in_a_draft(&self) -> bool {
        matches!(self, Self::TooLong { .. })
    }
}

impl Template {
    /// Lists all that is wrong with it.
    pub fn findings(&self) -> Vec<Finding> {
        let texts = || self.subject.iter().chain([&self.body]);
        let says_code = texts().flat_map(|text| text.parameters()).any(|named| named == Parameter::OneTimeCode);
        let one_time_code = match (self.purpose == Purpose::OneTimeCode, says_code) {
            (true, false) => Some(Finding::LacksOneTimeCode),
            (false, true) => Some(Finding::MisplacedOneTimeCode),
            _ => None,
        };
        let id_number = texts().flat_map(|text| text.fixed()).any(has_id_number).then_some(Finding::IdNumber);
        [one_time_code, id_number, self.too_long()].into_iter().flatten().collect()
    }

    fn too_long(&self) -> Option<Finding> {
        let most = self.max_segments.filter(|_| self.channel == NoticeChannel::Sms)?;
        let worst = self.worst().segments();
        (worst > most).then_some(Finding::TooLong { worst, most })
    }
}

/// Whether a text has exactly twelve digits in a row; numbers to call have eleven at most.
fn has_id_number(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() == 12)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::TemplateId;
    use crate::domain::notice::{Fold, TemplateText};

    fn found(purpose: Purpose, body: &str, max_segments: usize) -> Vec<&'static str> {
        let template = Template {
            id: TemplateId::new(),
            purpose,
            channel: NoticeChannel::Sms,
            subject: None,
            body: TemplateText::read(NoticeChannel::Sms, body).unwrap(),
            html: None,
            fold: Fold::Ascii,
            max_segments: Some(max_segments),
            vendor_ids: Default::default(),
        };
        template.findings().iter().map(Finding::code).collect()
    }

    #[test]
    fn each_fault_of_a_wording_is_found() {
        assert_eq!(found(Purpose::Received, "Hồ sơ {code}", 1), Vec::<&str>::new());
        assert_eq!(found(Purpose::OneTimeCode, "Hồ sơ {code}", 1), ["lacks_one_time_code"]);
        assert_eq!(found(Purpose::Received, "[[{one_time_code}]]", 1), ["misplaced_one_time_code"]);
        assert_eq!(found(Purpose::Received, "CCCD 052190000123, gọi 02693888888", 1), ["looks_like_id_number"]);
        let long = format!("{{code}}{}", "Mời đến nhận. ".repeat(8));
        assert_eq!(found(Purpose::Received, &long, 1), ["too_many_segments"]);
        assert_eq!(found(Purpose::Received, &long, 2), Vec::<&str>::new());
    }
}
