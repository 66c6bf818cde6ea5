//! An SMS centre that is spoken to by SMPP 3.4.

use std::collections::BTreeMap;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::domain::delivery::Outcome;

/// How the way to the centre is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SmppSecurity {
    /// Not at all: over a leased line or a VPN.
    None,
    /// By TLS.
    Tls,
}

/// What octets a text without marks is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SmppAlphabet {
    /// GSM 03.38, one septet an octet.
    Gsm7,
    /// ASCII, where the centre translates.
    Ascii,
}

/// How a text travels that is too long for one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SmppLong {
    /// In parts, which say of what they are parts (a header of six octets).
    Parts,
    /// Whole, as `message_payload`: the centre parts it.
    Payload,
}

/// How receipts write the number that the centre gave a message in its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SmppReceiptIds {
    /// As the answer did.
    Same,
    /// In decimal, where the answer was hexadecimal.
    Decimal,
    /// In hexadecimal, where the answer was decimal.
    Hexadecimal,
}

/// The centre.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "docs/gateways.md explains every key")]
pub struct SmppConfig {
    pub host: String,
    #[serde(default = "usual_port")]
    pub port: u16,
    #[serde(default = "protected")]
    pub security: SmppSecurity,
    pub system_id: String,
    pub password: SecretString,
    #[serde(default)]
    pub system_type: String,
    pub source: String,
    #[serde(default = "alphanumeric")]
    pub source_ton: u8,
    #[serde(default)]
    pub source_npi: u8,
    #[serde(default = "international")]
    pub destination_ton: u8,
    #[serde(default = "isdn")]
    pub destination_npi: u8,
    #[serde(default)]
    pub data_coding: u8,
    #[serde(default = "gsm7")]
    pub alphabet: SmppAlphabet,
    #[serde(default = "in_parts")]
    pub long: SmppLong,
    #[serde(default = "same")]
    pub receipt_ids: SmppReceiptIds,
    #[serde(default = "half_a_minute")]
    pub enquire_link_s: u64,
    /// What codes of the centre's own mean, as `"0x450" = "recipient"`.
    #[serde(default)]
    pub codes: BTreeMap<String, Outcome>,
}

fn usual_port() -> u16 {
    2775
}

fn protected() -> SmppSecurity {
    SmppSecurity::Tls
}

fn alphanumeric() -> u8 {
    5
}

fn international() -> u8 {
    1
}

fn isdn() -> u8 {
    1
}

fn gsm7() -> SmppAlphabet {
    SmppAlphabet::Gsm7
}

fn in_parts() -> SmppLong {
    SmppLong::Parts
}

fn same() -> SmppReceiptIds {
    SmppReceiptIds::Same
}

fn half_a_minute() -> u64 {
    30
}

/// Reads `0x450`, a status as SMPP writes it.
pub fn read_status(text: &str) -> Option<u32> {
    u32::from_str_radix(text.strip_prefix("0x")?, 16).ok()
}

impl SmppConfig {
    pub(super) fn fault(&self) -> Option<(String, String)> {
        // The longest that SMPP 3.4 takes, without the octet that ends them.
        let texts = [
            ("host", self.host.as_str(), 1, 255),
            ("system_id", &self.system_id, 1, 15),
            ("password", self.password.expose_secret(), 0, 8),
            ("system_type", &self.system_type, 0, 12),
            ("source", &self.source, 1, 20),
        ];
        let wrong = texts.iter().find(|(_, text, least, most)| {
            !(*least..=*most).contains(&text.len()) || !text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
        });
        if let Some((key, _, least, most)) = wrong {
            return Some(((*key).to_owned(), format!("is of {least} to {most} signs of ASCII")));
        }
        if self.enquire_link_s == 0 {
            return Some(("enquire_link_s".to_owned(), "must be above 0".to_owned()));
        }
        let code = self.codes.keys().find(|code| read_status(code).is_none())?;
        Some((format!("codes.{code}"), "a code is written like 0x450".to_owned()))
    }
}
