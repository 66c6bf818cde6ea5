//! A citizen's device to which news of dossiers are pushed.

use chrono::Months;

use super::words::words;

/// Devices of one citizen at most; when another comes, the one that was not seen for the longest time goes.
pub const MOST_DEVICES: i64 = 5;
/// A device that was not seen for so long is in use no more: Firebase forgets its token after 270 days.
pub const FORGOTTEN_AFTER: Months = Months::new(9);

const LONGEST_INSTALLATION: usize = 64;
const LONGEST_TOKEN: usize = 4096;

words! {
    /// In which language a device shows news.
    pub enum DeviceLanguage {
        /// Vietnamese.
        Vietnamese = "vi",
        /// English.
        English = "en",
    }
}

/// The app's own name of where it is installed: letters, digits, dashes and underscores.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation(String);

impl Installation {
    /// Reads one; `None` for what can't be one.
    pub fn read(text: &str) -> Option<Self> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        let is_one = (1..=LONGEST_INSTALLATION).contains(&text.len()) && text.bytes().all(is_plain);
        is_one.then(|| Self(text.to_owned()))
    }

    /// Returns it as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The token by which Firebase knows an app on a device.
#[derive(Clone, PartialEq, Eq)]
pub struct PushToken(String);

impl PushToken {
    /// Reads one: 8 to 4096 visible signs of ASCII; `None` for anything else.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let is_one = (8..=LONGEST_TOKEN).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        is_one.then(|| Self(text.to_owned()))
    }

    /// Returns it as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns by what people tell devices apart: its last four signs.
    pub fn masked(&self) -> String {
        let last = self.0.len().checked_sub(4).and_then(|from| self.0.get(from..));
        format!("***{}", last.unwrap_or_default())
    }
}

/// Returns the place for which a device's token is sealed.
pub fn device_context(holder_hash: &[u8], installation: &str) -> String {
    format!("device {} {installation} token", data_encoding::HEXLOWER.encode(holder_hash))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_read_is_kept_as_it_is_and_shown_by_its_end(text in "[!-~]{8,300}") {
            let token = PushToken::read(&text).unwrap();
            prop_assert_eq!(token.as_str(), &text);
            prop_assert_eq!(token.masked(), format!("***{}", &text[text.len() - 4..]));
        }

        #[test]
        fn rubbish_is_no_installation(text in "\\PC*|[a-z\\x00/]{0,80}") {
            let is_one = (1..=64).contains(&text.len())
                && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
            prop_assert_eq!(Installation::read(&text).is_some(), is_one);
        }
    }

    #[test]
    fn a_token_is_of_visible_signs() {
        for text in ["", "short", "eight si gns", "tám chữ cái", &"a".repeat(4097)] {
            assert!(PushToken::read(text).is_none(), "{text}");
        }
    }
}
