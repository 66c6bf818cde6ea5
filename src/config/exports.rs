//! Settings of reports and exports.

use std::path::{Path, PathBuf};

use serde::Deserialize;

/// Reports and exports.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml explains every key")]
pub struct ExportsConfig {
    pub layouts_dir: PathBuf,
    pub keep_days: u32,
}

impl ExportsConfig {
    /// Returns the operator's directory of layouts, where there is one.
    pub fn layouts(&self) -> Option<&Path> {
        Some(self.layouts_dir.as_path()).filter(|dir| !dir.as_os_str().is_empty())
    }
}
