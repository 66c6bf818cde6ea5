//! Settings of reports and exports.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::ConfigError;
use crate::domain::words::words;

/// Reports and exports.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml explains every key")]
pub struct ExportsConfig {
    pub layouts_dir: PathBuf,
    pub keep_days: u32,
    pub pdf_rows: u32,
    pub statement_timeout_ms: u32,
    pub mailed: Vec<MailedReport>,
}

/// A report that is mailed when its month has ended.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml explains every key")]
pub struct MailedReport {
    pub layout: String,
    #[serde(default)]
    pub unit: String,
    pub format: MailedFormat,
    pub to: Vec<String>,
}

words! {
    /// How a mailed report is written.
    pub enum MailedFormat {
        /// A spreadsheet.
        Xlsx = "xlsx",
        /// Text, with the byte-order mark that spreadsheets want.
        Csv = "csv",
        /// To read.
        Pdf = "pdf",
    }
}

/// The longest that a statement of a job may take, in ms: an hour.
const LONGEST_STATEMENT_MS: u32 = 3_600_000;

impl ExportsConfig {
    /// Checks what no type says.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if !(1..=LONGEST_STATEMENT_MS).contains(&self.statement_timeout_ms) {
            let why = format!("must be from 1 to {LONGEST_STATEMENT_MS}");
            return Err(ConfigError::Senseless { key: "exports.statement_timeout_ms", why });
        }
        Ok(())
    }

    /// Returns the operator's directory of layouts, where there is one.
    pub fn layouts(&self) -> Option<&Path> {
        Some(self.layouts_dir.as_path()).filter(|dir| !dir.as_os_str().is_empty())
    }
}
