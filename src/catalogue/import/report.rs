//! What an import did, or would do.

use std::fmt;

use chrono::NaiveDate;

use super::fault::RowFault;
use crate::error::{AppError, Chain};

/// Whether an import only tells what it would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DryRun {
    /// Nothing is written.
    Yes,
    /// It is done.
    No,
}

/// What happens to one thing of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The file in which it is, or was.
    pub file: &'static str,
    /// Its code, or the year.
    pub code: String,
    /// What happens.
    pub what: What,
}

/// What happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// It is added.
    New,
    /// It is changed where it is.
    Changed {
        /// What of it.
        fields: Vec<String>,
    },
    /// A new version begins; the one before is not touched but for its end.
    NewVersion {
        /// What differs.
        fields: Vec<String>,
        /// The number of the new one.
        version: i32,
        /// The first day on which the new one holds.
        from: NaiveDate,
    },
    /// It is in the database and not in the file: it stays.
    Kept,
}

/// What an import did, or would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Whether it only tells.
    pub dry_run: DryRun,
    /// What changes or is kept, file by file.
    pub changes: Vec<Change>,
    /// How many things are as they were.
    pub unchanged: usize,
    /// What should be looked at.
    pub warnings: Vec<String>,
}

impl Report {
    /// Whether everything is as it was.
    pub fn changes_nothing(&self) -> bool {
        self.changes.iter().all(|change| change.what == What::Kept)
    }

    fn count(&self, of: impl Fn(&What) -> bool) -> usize {
        self.changes.iter().filter(|change| of(&change.what)).count()
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: ", self.file, self.code)?;
        match &self.what {
            What::New => f.write_str("new"),
            What::Kept => f.write_str("not in the file, kept"),
            What::Changed { fields } => write!(f, "changed: {}", fields.join(", ")),
            What::NewVersion { fields, version, from } => {
                let fields = fields.join(", ");
                write!(f, "version {version} from {from}: {fields}")
            }
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for change in &self.changes {
            writeln!(f, "{change}")?;
        }
        for warning in &self.warnings {
            writeln!(f, "warning: {warning}")?;
        }
        let new = self.count(|what| *what == What::New);
        let kept = self.count(|what| *what == What::Kept);
        let changed = self.changes.len() - new - kept;
        let unchanged = self.unchanged;
        write!(f, "{new} new, {changed} changed, {unchanged} unchanged, {kept} kept")?;
        match self.dry_run {
            DryRun::Yes => f.write_str("; a dry run, nothing was written"),
            DryRun::No => Ok(()),
        }
    }
}

/// Why nothing was loaded.
#[derive(Debug)]
pub enum ImportError {
    /// Rows are wrong: all of them are told.
    Rows(Vec<RowFault>),
    /// The database would not.
    App(AppError),
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rows(faults) => {
                for fault in faults {
                    writeln!(f, "{fault}")?;
                }
                let count = faults.len();
                write!(f, "{count} faults, nothing was loaded; correct them and import again")
            }
            Self::App(err) => write!(f, "nothing was loaded: {}", Chain(err)),
        }
    }
}

impl std::error::Error for ImportError {}

impl From<AppError> for ImportError {
    fn from(err: AppError) -> Self {
        Self::App(err)
    }
}
