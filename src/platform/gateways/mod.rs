//! The way of a message out of the house: into a file, to a gateway over HTTP that is described in the settings, to an SMS
//! centre, or to a mail server.

pub mod answer;
mod assertion;
mod file;
mod http;
mod pattern;
mod request;
mod smpp;
pub mod token;
mod xml;

use chrono::{DateTime, Utc};

use crate::domain::ids::NoticeId;
use crate::domain::notice::Wording;

pub use file::FileGateway;
pub use http::{Asked, Handed, HttpGateway};
pub use smpp::{Delivered, SmppGateway, SmppReceipt};

/// A message on its way.
#[derive(Clone)]
pub struct Message {
    /// The request's number, the same whenever it is sent.
    pub id: NoticeId,
    /// The number in E.164, or the address.
    pub to: String,
    /// What it says.
    pub wording: Wording,
    /// Under which number the gateway's vendor keeps the wording, where it keeps any.
    pub template: Option<String>,
    /// When it was written.
    pub written_at: DateTime<Utc>,
    /// When it is handed over.
    pub at: DateTime<Utc>,
    /// When it is of no use any more.
    pub expires_at: DateTime<Utc>,
}

/// The settings describe no gateway.
#[derive(Debug, thiserror::Error)]
#[error("gateways.{name}.{key}: {why}")]
pub struct GatewayFault {
    /// The gateway.
    pub name: String,
    /// The part of the key behind its name.
    pub key: String,
    /// What is wrong.
    pub why: String,
}

/// What is wrong with a description, without the gateway's name.
#[derive(Debug)]
pub struct Fault {
    /// The part of the key.
    pub key: String,
    /// What is wrong.
    pub why: String,
}

impl Fault {
    fn new(key: impl Into<String>, why: impl ToString) -> Self {
        Self { key: key.into(), why: why.to_string() }
    }

    /// Names the gateway.
    pub fn of(self, name: &str) -> GatewayFault {
        GatewayFault { name: name.to_owned(), key: self.key, why: self.why }
    }
}
