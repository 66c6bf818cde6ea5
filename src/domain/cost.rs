//! What messages cost: amounts to the hundredth of a đồng, and what the price of a part goes by.

use std::fmt;

use serde::{Serialize, Serializer};

use super::notice::{Encoding, NoticeChannel};
use super::person::Phone;
use super::words::words;

/// An amount of VND, in hundredths: never through a binary fraction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Vnd(pub i64);

/// The most digits before the point.
const LONGEST: usize = 10;

impl Vnd {
    /// Reads `850`, `850.5` or `850.50`; `None` for anything else, below 0, and finer than a hundredth.
    pub fn read(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let sound = is_number(whole) && is_number(fraction) && whole.len() <= LONGEST && fraction.len() <= 2;
        sound.then(|| format!("{whole}{fraction:0<2}").parse().ok().map(Self)).flatten()
    }

    /// Returns so many times the amount.
    #[must_use]
    pub fn times(self, count: usize) -> Self {
        Self(self.0.saturating_mul(i64::try_from(count).unwrap_or(i64::MAX)))
    }

    /// Whether two amounts differ by more than a hundredth of the first.
    pub fn is_more_than_a_percent_off(self, other: Self) -> bool {
        let off = i128::from(self.0).abs_diff(i128::from(other.0));
        off * 100 > u128::from(self.0.unsigned_abs())
    }
}

impl fmt::Display for Vnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, hundredths) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        write!(f, "{sign}{}.{:02}", hundredths / 100, hundredths % 100)
    }
}

impl Serialize for Vnd {
    /// As text with two decimals, so that no reader rounds it.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

words! {
    /// What a part of a message is, to whoever charges for it.
    pub enum TariffKind {
        /// An SMS with its marks.
        Accented = "accented",
        /// An SMS without.
        Folded = "folded",
        /// A message by Zalo (ZNS).
        Zns = "zns",
    }
}

impl TariffKind {
    /// Returns what a message is charged as; none for what nobody charges by the part.
    pub fn of(channel: NoticeChannel, encoding: Encoding) -> Option<Self> {
        match (channel, encoding) {
            (NoticeChannel::Zalo, _) => Some(Self::Zns),
            (NoticeChannel::Sms, Encoding::Ucs2) => Some(Self::Accented),
            (NoticeChannel::Sms, _) => Some(Self::Folded),
            (NoticeChannel::Email | NoticeChannel::Push, _) => None,
        }
    }
}

words! {
    /// Who runs the network of a number.
    pub enum Telco {
        /// Viettel.
        Viettel = "viettel",
        /// VNPT VinaPhone.
        Vinaphone = "vinaphone",
        /// MobiFone.
        Mobifone = "mobifone",
        /// Vietnamobile.
        Vietnamobile = "vietnamobile",
        /// Gtel Mobile.
        Gmobile = "gmobile",
        /// Đông Dương Telecom (iTel).
        Itel = "itel",
        /// Mobicast (Wintel, formerly Reddi).
        Wintel = "wintel",
    }
}

impl Telco {
    /// Returns who was given the number by its prefix (numbering plan of TT 22/2014/TT-BTTTT, moved to ten digits in
    /// 2018). A hint: since TT 35/2017/TT-BTTTT a number keeps its digits when it goes to another network.
    pub fn of(phone: &Phone) -> Option<Self> {
        match phone.as_str().get(3..5)? {
            "32" | "33" | "34" | "35" | "36" | "37" | "38" | "39" | "86" | "96" | "97" | "98" => Some(Self::Viettel),
            "81" | "82" | "83" | "84" | "85" | "88" | "91" | "94" => Some(Self::Vinaphone),
            "70" | "76" | "77" | "78" | "79" | "89" | "90" | "93" => Some(Self::Mobifone),
            "52" | "56" | "58" | "92" => Some(Self::Vietnamobile),
            "59" | "99" => Some(Self::Gmobile),
            "87" => Some(Self::Itel),
            "55" => Some(Self::Wintel),
            _ => None,
        }
    }
}

words! {
    /// What is told of a month's costs.
    pub enum AlarmKind {
        /// A unit has spent its budget.
        Budget = "budget",
        /// Bills differ from estimates by more than a hundredth.
        Difference = "difference",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_amount_is_read_as_it_is_written(hundredths in 0..1_000_000_000_000_i64) {
            prop_assert_eq!(Vnd::read(&Vnd(hundredths).to_string()), Some(Vnd(hundredths)));
            let whole = hundredths / 100;
            prop_assert_eq!(Vnd::read(&whole.to_string()), Some(Vnd(whole * 100)));
        }

        #[test]
        fn a_percent_off_is_told_from_more(expected in 1..10_000_000_i64, more in 0..1_000_000_i64) {
            let expected = expected * 100;
            let is_told = Vnd(expected).is_more_than_a_percent_off(Vnd(expected + more));
            prop_assert_eq!(is_told, more > expected / 100);
            prop_assert_eq!(is_told, Vnd(expected).is_more_than_a_percent_off(Vnd(expected - more)));
        }
    }

    #[test]
    fn what_is_no_amount_is_not_read() {
        for text in ["", ".", "1.", ".5", "-1", "1.234", "1e3", "1,5", "12345678901", "１"] {
            assert_eq!(Vnd::read(text), None, "{text}");
        }
        assert_eq!(Vnd::read("850.5").unwrap().to_string(), "850.50");
        assert_eq!(Vnd(-5).to_string(), "-0.05");
    }

    #[test]
    fn a_network_is_guessed_by_the_prefix() {
        let of = |text: &str| Telco::of(&Phone::read(text).unwrap());
        assert_eq!(of("0905123456"), Some(Telco::Mobifone));
        assert_eq!(of("0388123456"), Some(Telco::Viettel));
        assert_eq!(of("+84 918 123 456"), Some(Telco::Vinaphone));
        assert_eq!(of("02693888888"), None);
    }
}
