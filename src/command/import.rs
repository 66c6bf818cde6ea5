//! `motcua import …`.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Subcommand};

use super::console;
use crate::catalogue::import::read::CALENDAR;
use crate::catalogue::import::{DryRun, run};
use crate::dossiers::import as dossiers;
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
    /// Dossiers, new ones and those of an old system; docs/import.md says how the table looks.
    Dossiers(Dossiers),
}

/// Which dossiers, and how.
#[derive(Debug, Args)]
pub struct Dossiers {
    /// A table, .csv or .xlsx; config/examples/dossiers.csv is one.
    file: PathBuf,
    /// Loads nothing when a row is wrong: the default.
    #[arg(long, conflicts_with = "row_by_row")]
    all_or_nothing: bool,
    /// Loads the rows that are right, each by itself.
    #[arg(long)]
    row_by_row: bool,
    /// Only says what would become of each row.
    #[arg(long)]
    dry_run: bool,
    /// Where the verdicts go; to the standard output when left out.
    #[arg(long, value_name = "FILE")]
    verdicts: Option<PathBuf>,
}

impl Dossiers {
    fn run(self, state: &AppState) -> anyhow::Result<()> {
        // Before anything is loaded: what has no place for its verdicts is not begun.
        let out: Box<dyn Write> = match &self.verdicts {
            Some(file) => {
                let made = std::fs::File::create(file);
                Box::new(made.with_context(|| format!("--verdicts {} can't be written", file.display()))?)
            }
            None => Box::new(std::io::stdout().lock()),
        };
        let mode = if self.row_by_row { dossiers::Mode::RowByRow } else { dossiers::Mode::AllOrNothing };
        let dry_run = if self.dry_run { dossiers::DryRun::Yes } else { dossiers::DryRun::No };
        let progress = Progress::new("dossiers", 0);
        let verdicts = dossiers::run(state, &console(), &self.file, (mode, dry_run), &progress)?;
        dossiers::write(out, &verdicts).context("the verdicts can't be written")?;
        let refused = verdicts.iter().filter(|verdict| verdict.is_refused()).count();
        let rest = match mode {
            dossiers::Mode::AllOrNothing => "nothing was loaded",
            dossiers::Mode::RowByRow => "the others are in",
        };
        anyhow::ensure!(
            refused == 0 || self.dry_run,
            "{refused} of {} rows are refused, {rest}; correct them and import again",
            verdicts.len()
        );
        Ok(())
    }
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
                if dry_run == DryRun::No && report.changes.iter().any(|change| change.file == CALENDAR) {
                    super::calendar::follow(state)?;
                }
            }
            Self::Dossiers(dossiers) => dossiers.run(state)?,
        }
        Ok(())
    }
}
