//! Settings of the doors through which messages leave: a gateway a table, `[gateways.<name>]`. What a vendor's gateway
//! is asked and answers is data (`config/gateways/*.toml`), so that a new one is a file; the settings say the rest and
//! may overrule any of it.

mod http;
mod preset;
mod smpp;
mod smtp;

use std::collections::BTreeMap;

use figment::Figment;
use figment::providers::{Format, Serialized, Toml};
use figment::value::{Dict, Value};
use ipnet::IpNet;
use secrecy::{ExposeSecret, SecretString};
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};

use super::{Config, ConfigError};
use crate::domain::delivery::Class;
use crate::domain::notice::NoticeChannel;

pub use http::{
    AnswerConfig, AssertionConfig, Form, HttpConfig, Pull, ReceiptConfig, RequestConfig, Signature, TokenConfig,
    TokenKind,
};
pub use smpp::{SmppAlphabet, SmppConfig, SmppLong, SmppReceiptIds, SmppSecurity, read_status};
pub use smtp::{EmailConfig, EmailSecurity};

/// The channels whose messages are written to files where no gateway is set; others have no way out then.
pub const WITH_FILES: [NoticeChannel; 2] = [NoticeChannel::Sms, NoticeChannel::Email];

const LONGEST_NAME: usize = 32;

type Fault = Box<figment::Error>;

/// All gateways by name.
pub type GatewaysConfig = BTreeMap<String, GatewayConfig>;

/// One gateway.
#[derive(Debug, Clone)]
pub struct GatewayConfig {
    /// How it is used.
    pub sending: SendingConfig,
    /// Whose delivery receipts are taken.
    pub receipts: ReceiptsConfig,
    /// How it is spoken to.
    pub way: Way,
}

/// How a gateway is spoken to.
#[derive(Debug, Clone)]
pub enum Way {
    /// Into files under `data/outbox`.
    File(FileConfig),
    /// Over HTTP.
    Http(Box<HttpConfig>),
    /// To a mail server.
    Smtp(Box<EmailConfig>),
    /// To an SMS centre.
    Smpp(Box<SmppConfig>),
}

/// A gateway that is a file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileConfig {
    /// The channel whose messages it takes.
    pub channel: NoticeChannel,
    /// What receipts mean, for who plays the gateway by hand.
    #[serde(default = "ReceiptConfig::usual")]
    pub receipt: ReceiptConfig,
}

/// How much of a gateway is used, and how far it can be trusted with a repeated request.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "config/default.toml explains every key")]
pub struct SendingConfig {
    pub weight: u16,
    pub per_second: u32,
    pub burst: u32,
    pub per_day: u32,
    pub in_flight: usize,
    pub timeout_ms: u64,
    pub class: Option<Class>,
    pub known_for_s: Option<u32>,
}

impl Default for SendingConfig {
    fn default() -> Self {
        Self {
            weight: 100,
            per_second: 0,
            burst: 0,
            per_day: 0,
            in_flight: 64,
            timeout_ms: 15_000,
            class: None,
            known_for_s: None,
        }
    }
}

/// By what delivery receipts are known to be the gateway's.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "config/default.toml explains every key")]
pub struct ReceiptsConfig {
    pub secret: SecretString,
    pub secret_before: SecretString,
    pub from: Vec<IpNet>,
}

impl GatewayConfig {
    /// Returns the channel that it serves.
    pub fn channel(&self) -> NoticeChannel {
        match &self.way {
            Way::File(file) => file.channel,
            Way::Http(http) => http.channel,
            Way::Smtp(_) => NoticeChannel::Email,
            Way::Smpp(_) => NoticeChannel::Sms,
        }
    }

    /// Returns what becomes of a request that is made twice there, as the settings or its kind say.
    pub fn class(&self) -> Class {
        let usual = match &self.way {
            // A line in a file carries the number; a mail is known by its Message-ID.
            Way::File(_) | Way::Smtp(_) => Class::Idempotent,
            Way::Smpp(_) => Class::Neither,
            Way::Http(http) => http.class,
        };
        self.sending.class.unwrap_or(usual)
    }

    /// Whether it says, by receipts or when it is asked, that a message has arrived.
    pub fn tells_of_arrival(&self) -> bool {
        let takes_receipts = !self.receipts.secret.expose_secret().is_empty();
        match &self.way {
            Way::File(_) => takes_receipts,
            Way::Http(http) => http.pull.is_some() || http.receipt.is_some() && takes_receipts,
            Way::Smtp(_) => false,
            Way::Smpp(_) => true,
        }
    }

    /// Returns for how many seconds it knows a request by its number.
    pub fn known_for_s(&self) -> u32 {
        const FOREVER: u32 = 365 * 86_400;
        let usual = match &self.way {
            Way::File(_) | Way::Smtp(_) => FOREVER,
            Way::Smpp(_) => 0,
            Way::Http(http) => http.known_for_s,
        };
        self.sending.known_for_s.unwrap_or(usual)
    }

    /// Says what is missing or senseless, with the part of the key behind the gateway's name.
    fn fault(&self) -> Option<(String, String)> {
        let above_0 = || "must be above 0".to_owned();
        if self.sending.in_flight == 0 {
            return Some(("sending.in_flight".to_owned(), above_0()));
        }
        if self.sending.timeout_ms == 0 {
            return Some(("sending.timeout_ms".to_owned(), above_0()));
        }
        match &self.way {
            Way::File(_) => None,
            Way::Http(http) => http.fault(),
            Way::Smtp(mail) => mail.fault(),
            Way::Smpp(smpp) => smpp.fault(),
        }
    }

    fn read(mut table: Dict) -> Result<Self, Fault> {
        let kind: String =
            take(&mut table, "kind")?.ok_or_else(|| Fault::from(figment::Error::missing_field("kind")))?;
        if !["file", "smtp", "smpp"].contains(&kind.as_str()) {
            table = described(&kind, table)?;
        }
        let sending = take(&mut table, "sending")?.unwrap_or_default();
        let receipts = take(&mut table, "receipts")?.unwrap_or_default();
        let way = match kind.as_str() {
            "file" => Way::File(whole(table)?),
            "smtp" => Way::Smtp(Box::new(whole(table)?)),
            "smpp" => Way::Smpp(Box::new(whole(table)?)),
            _ => Way::Http(Box::new(whole(table)?)),
        };
        Ok(Self { sending, receipts, way })
    }
}

impl Config {
    /// Whether messages of a channel can leave the house.
    pub fn has_way_out(&self, channel: NoticeChannel) -> bool {
        WITH_FILES.contains(&channel) || self.gateways.values().any(|gateway| gateway.channel() == channel)
    }
}

/// Says what is missing or senseless.
pub(super) fn check(gateways: &GatewaysConfig) -> Result<(), ConfigError> {
    for (name, gateway) in gateways {
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !(1..=LONGEST_NAME).contains(&name.len()) || !name.chars().all(is_plain) || name.starts_with("file-") {
            let why = "a gateway's name is of a-z, 0-9 and -, at most 32, and does not begin with `file-`".to_owned();
            return Err(ConfigError::Gateway { name: name.clone(), key: String::new(), why });
        }
        if let Some((key, why)) = gateway.fault() {
            return Err(ConfigError::Gateway { name: name.clone(), key: format!(".{key}"), why });
        }
    }
    Ok(())
}

/// A shipped description, overruled by the gateway's table.
fn described(kind: &str, mut table: Dict) -> Result<Dict, Fault> {
    let preset = preset::find(kind).ok_or_else(|| {
        let all = preset::kinds().collect::<Vec<_>>().join(", ");
        Fault::from(figment::Error::from(format!("there is no kind `{kind}`; there are file, smtp, smpp, {all}")))
    })?;
    if let Some(Value::Dict(_, settings)) = table.get_mut("settings") {
        settings.values_mut().for_each(written_out);
    }
    Figment::from(Toml::string(preset)).merge(Serialized::globals(table)).extract().map_err(Fault::from)
}

/// A setting is a text, however it looks: the environment would read `0123` as a number.
fn written_out(value: &mut Value) {
    let text = match &*value {
        Value::Num(_, number) => {
            number.to_i128().map(|number| number.to_string()).or(number.to_u128().map(|n| n.to_string()))
        }
        Value::Bool(_, yes) => Some(yes.to_string()),
        _ => None,
    };
    if let Some(text) = text {
        *value = Value::from(text);
    }
}

fn take<T: DeserializeOwned>(table: &mut Dict, key: &str) -> Result<Option<T>, Fault> {
    table
        .remove(key)
        .map(|value| value.deserialize().map_err(|err: figment::Error| Fault::from(err.with_path(key))))
        .transpose()
}

fn whole<T: DeserializeOwned>(table: Dict) -> Result<T, Fault> {
    Value::from(table).deserialize().map_err(Fault::from)
}

impl<'de> Deserialize<'de> for GatewayConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(Dict::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
