//! Exact decimals: `4.75` read as 475 hundredths, never through a binary fraction.

use serde::de::{Deserializer, Error, Visitor};
use std::fmt;

/// Reads a plain decimal without sign or exponent as a whole number of `10^-places`.
///
/// Returns `None` for anything else, for more than `places` decimals that are not zero, and above `u32::MAX`.
#[must_use]
pub fn parse_scaled(text: &str, places: usize) -> Option<u32> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || whole.len() > 9 {
        return None;
    }
    let kept = fraction.trim_end_matches('0');
    if kept.len() > places {
        return None;
    }
    format!("{whole}{kept:0<places$}").parse().ok()
}

/// Deserializes a JSON number or a string with [`parse_scaled`].
///
/// # Errors
/// Fails on anything that is no decimal of so many places.
pub fn deserialize_scaled<'de, D>(deserializer: D, places: usize) -> Result<u32, D::Error>
where
    D: Deserializer<'de>,
{
    deserializer.deserialize_any(Scaled { places })
}

struct Scaled {
    places: usize,
}

impl Scaled {
    fn read<E: Error>(&self, text: &str) -> Result<u32, E> {
        parse_scaled(text, self.places)
            .ok_or_else(|| E::custom(format!("`{text}` is no decimal with {} places", self.places)))
    }
}

impl Visitor<'_> for Scaled {
    type Value = u32;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a decimal with at most {} places", self.places)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<u32, E> {
        self.read(&value.to_string())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<u32, E> {
        self.read(&value.to_string())
    }

    // The shortest decimal that reads back as the same number is what was written.
    fn visit_f64<E: Error>(self, value: f64) -> Result<u32, E> {
        self.read(&value.to_string())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<u32, E> {
        self.read(text)
    }
}
