//! The name of a version: `received/sms/2`, as paths, proposals and the audit say it.

use std::fmt;

use crate::domain::notice::{NoticeChannel, Purpose};

/// Purpose, channel and version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Name {
    /// What its messages are for.
    pub purpose: Purpose,
    /// By which channel.
    pub channel: NoticeChannel,
    /// From 1.
    pub version: i32,
}

impl Name {
    /// Reads a name; `None` for what can be none.
    pub fn read(text: &str) -> Option<Self> {
        let (key, version) = text.rsplit_once('/')?;
        let (purpose, channel) = read_key(key)?;
        let version = version.parse().ok().filter(|version| *version > 0)?;
        Some(Self { purpose, channel, version })
    }
}

/// Reads what all versions of a wording share: `received/sms`.
pub(super) fn read_key(text: &str) -> Option<(Purpose, NoticeChannel)> {
    let (purpose, channel) = text.split_once('/')?;
    Some((purpose.parse().ok()?, channel.parse().ok()?))
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.purpose, self.channel, self.version)
    }
}
