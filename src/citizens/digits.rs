//! The six digits of a one-time code.

use rand::RngExt;

use crate::domain::ids::OneTimeCodeId;
use crate::platform::secret::Vault;

/// Six random digits, or what somebody typed for them.
#[derive(Clone)]
pub(super) struct Digits(String);

impl Digits {
    /// Makes new ones.
    pub(super) fn new() -> Self {
        Self(format!("{:06}", rand::rng().random_range(0..1_000_000_u32)))
    }

    /// Reads what a person typed; spaces don't matter, and what are no six digits are simply wrong.
    pub(super) fn read(text: &str) -> Self {
        Self(text.chars().filter(|c| !c.is_whitespace()).take(16).collect())
    }

    /// Returns them as they are sent.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the keyed hash that is stored: it is of use for this one request.
    pub(super) fn hash(&self, vault: &Vault, asked: OneTimeCodeId) -> Vec<u8> {
        vault.index("one_time_code", &format!("{asked} {}", self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_six_and_read_with_spaces() {
        let made = Digits::new();
        assert!(made.as_str().len() == 6 && made.as_str().bytes().all(|byte| byte.is_ascii_digit()));
        assert_eq!(Digits::read(" 123 456\n").as_str(), "123456");
    }
}
