//! `motcua import …`.

use std::path::PathBuf;

use clap::Subcommand;

use crate::catalogue::import::{DryRun, run};
use crate::platform::progress::Progress;
use crate::state::AppState;

/// What is imported.
#[derive(Debug, Subcommand)]
pub enum Import {
    /// Units, fields, procedures, processes and the calendar of a province.
    Catalogue {
        /// The directory of the files.
        dir: PathBuf,
        /// Only tells what would change.
        #[arg(long)]
        dry_run: bool,
    },
}

impl Import {
    /// Imports, and says what has changed or, line by line, what is wrong.
    ///
    /// # Errors
    /// Files with faults: then nothing is loaded.
    pub fn run(self, state: &AppState) -> anyhow::Result<()> {
        match self {
            Self::Catalogue { dir, dry_run } => {
                let dry_run = if dry_run { DryRun::Yes } else { DryRun::No };
                let report = run(state, &dir, dry_run, &Progress::new("catalogue", 0))?;
                println!("{report}");
            }
        }
        Ok(())
    }
}
