//! Keys that a demo makes for itself, kept in `data/`, readable by the owner only.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::Context;
use data_encoding::BASE64;
use serde::{Deserialize, Serialize};

use super::secret::random_bytes;

/// Keys as the file and the settings write them: base64.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Keys {
    /// Numbered keys that seal personal data.
    pub sealing_keys: BTreeMap<i16, String>,
    /// The key of the search hashes.
    pub index_key: String,
}

impl Keys {
    fn random() -> Self {
        let key = || BASE64.encode(&random_bytes::<32>());
        Self { sealing_keys: BTreeMap::from([(1, key())]), index_key: key() }
    }
}

/// Reads the file, or makes it with fresh keys.
///
/// # Errors
/// A file that can't be read, written or understood: it is never replaced, since what it sealed would be lost.
pub fn read_or_make(path: &Path) -> anyhow::Result<Keys> {
    match fs::read_to_string(path) {
        Ok(text) => serde_json::from_str(&text).with_context(|| format!("{} can't be understood", path.display())),
        Err(err) if err.kind() == std::io::ErrorKind::NotFound => make(path),
        Err(err) => Err(err).with_context(|| format!("{} can't be read", path.display())),
    }
}

/// Reads the key of a file of its own, or makes it: 32 bytes in base64.
///
/// # Errors
/// As [`read_or_make`].
pub fn read_or_make_key(path: &Path) -> anyhow::Result<String> {
    if !path.exists() {
        let key = BASE64.encode(&random_bytes::<32>());
        place_private(path, key.as_bytes()).with_context(|| format!("{} can't be written", path.display()))?;
    }
    fs::read_to_string(path).with_context(|| format!("{} can't be read", path.display()))
}

fn make(path: &Path) -> anyhow::Result<Keys> {
    let text = serde_json::to_string_pretty(&Keys::random())?;
    place_private(path, text.as_bytes()).with_context(|| format!("{} can't be written", path.display()))?;
    // Another process may have been first: its keys are the keys.
    let text = fs::read_to_string(path)?;
    Ok(serde_json::from_str(&text)?)
}

/// Writes a file whole that only its owner can read; one that is there already stays.
fn place_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let fresh = path.with_extension(format!("{}.new", std::process::id()));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    let placed = fs::hard_link(&fresh, path);
    fs::remove_file(&fresh)?;
    match placed {
        Err(err) if err.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}
