//! What a wording may speak of: each parameter with its kind, and how long it may be on which channel.

use super::NoticeChannel;
use crate::domain::code;
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

words! {
    /// What the values of a parameter are.
    pub enum ParameterKind {
        /// Letters, digits, dots and dashes.
        Code = "code",
        /// A date, `25/09/2026`.
        Date = "date",
        /// Whole VND, `1.250.000`.
        Amount = "amount",
        /// Digits.
        Digits = "digits",
        /// An address of the web.
        Url = "url",
        /// Words of people, on one line.
        Text = "text",
        /// Words of people, a line for each item.
        List = "list",
    }
}

/// The longest name of the centre in messages, in units of [`super::room`].
pub const LONGEST_SENDER: usize = 40;
/// The longest address of the public status, in units of [`super::room`].
pub const LONGEST_URL: usize = 80;

impl Parameter {
    /// Whether every message knows it; the others stand in optional parts only.
    pub fn is_always_known(self) -> bool {
        matches!(self, Self::Code | Self::Unit | Self::LookupUrl | Self::Sender)
    }

    /// Returns what its values are.
    pub fn kind(self) -> ParameterKind {
        match self {
            Self::Code => ParameterKind::Code,
            Self::Due | Self::Promised | Self::AnswerBy => ParameterKind::Date,
            Self::Amount => ParameterKind::Amount,
            Self::OneTimeCode => ParameterKind::Digits,
            Self::LookupUrl => ParameterKind::Url,
            Self::Papers => ParameterKind::List,
            Self::Unit | Self::Procedure | Self::Reason | Self::Place | Self::Counter | Self::Sender => {
                ParameterKind::Text
            }
        }
    }

    /// Returns the most room that it takes on a channel, in units of [`super::room`], or none where it has no place.
    ///
    /// What the office writes for one person (a reason, papers) goes by e-mail alone: an SMS and what Zalo shows are
    /// read by whoever holds the phone, so they say neither what the result is nor anything of the person (Law
    /// 91/2025/QH15). A one-time code goes to the phone on file. A push passes through Google and shows on a locked
    /// screen: it names the dossier and nothing of it.
    pub fn longest(self, channel: NoticeChannel) -> Option<usize> {
        let is_mail = channel == NoticeChannel::Email;
        let most = |mail: usize, others: usize| Some(if is_mail { mail } else { others });
        match self {
            Self::Code => Some(code::LONGEST),
            Self::Sender => Some(LONGEST_SENDER),
            _ if channel == NoticeChannel::Push => None,
            // Beside the date there is what stands in for it.
            Self::Due | Self::Promised | Self::AnswerBy if channel.is_by_vendors_template() => Some(14),
            Self::Due | Self::Promised | Self::AnswerBy => Some(10),
            Self::Amount => Some(26),
            Self::LookupUrl => Some(LONGEST_URL),
            Self::Counter => Some(40),
            Self::Unit | Self::Place => most(200, 80),
            Self::Procedure => most(500, 60),
            Self::Reason => is_mail.then_some(3000),
            Self::Papers => is_mail.then_some(10_000),
            Self::OneTimeCode => (!is_mail).then_some(6),
        }
    }

    /// Returns what is said where it is not known and can't be left out: a template that a vendor keeps has no
    /// optional parts, and takes no empty value.
    pub fn stand_in(self) -> &'static str {
        match self {
            Self::Due => "theo giấy hẹn",
            Self::Promised => "sẽ báo sau",
            Self::AnswerBy | Self::Amount => "theo thông báo",
            Self::Place => "nơi nộp hồ sơ",
            Self::Counter => "quầy trả kết quả",
            Self::Procedure => "thủ tục đã nộp",
            Self::Reason | Self::Papers => "xem tại nơi nộp hồ sơ",
            Self::Code | Self::Unit | Self::OneTimeCode | Self::LookupUrl | Self::Sender => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::notice::room;

    #[test]
    fn what_stands_in_for_a_fact_fits_in_its_place() {
        for parameter in Parameter::ALL.iter().filter(|parameter| !parameter.is_always_known()) {
            let longest = parameter.longest(NoticeChannel::Zalo);
            assert!(longest.is_none_or(|longest| room(parameter.stand_in()) <= longest), "{parameter}");
        }
    }
}
