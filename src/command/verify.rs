//! `motcua verify …`: what can be proved.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::app;
use crate::audit::verify::{read_kept, verify};
use crate::config::Config;
use crate::error::Chain;
use crate::platform::db::Scope;
use crate::platform::migrations;
use crate::platform::progress::Progress;
use crate::seals;

/// What is verified.
#[derive(Debug, Subcommand)]
pub enum Verify {
    /// Computes every chain of the audit anew; says what was edited, deleted, reordered, inserted or cut.
    Audit(AuditArgs),
    /// Computes the hash of every sealed report anew; says which were changed.
    Seals,
}

/// Against what.
#[derive(Debug, Args)]
pub struct AuditArgs {
    /// Checkpoints that were kept elsewhere: a copy of data/audit/checkpoints.jsonl
    #[arg(long, value_name = "FILE")]
    checkpoints: Option<PathBuf>,
    /// Prints the key by which checkpoints are believed, and verifies nothing
    #[arg(long, conflicts_with = "checkpoints")]
    public_key: bool,
}

impl Verify {
    /// Verifies, changing nothing, and says what it found.
    ///
    /// # Errors
    /// Any fault, and whatever stands in the way.
    pub fn run(self, config: &Config) -> anyhow::Result<()> {
        match self {
            Self::Audit(args) => args.run(config),
            Self::Seals => verify_seals(config),
        }
    }
}

impl AuditArgs {
    fn run(self, config: &Config) -> anyhow::Result<()> {
        let keys = app::audit_public_keys(config)?;
        if self.public_key {
            keys.first().iter().for_each(|key| println!("{key}"));
            return Ok(());
        }
        let kept = self.checkpoints.as_deref().map(read_kept).transpose()?.unwrap_or_default();
        let (_postgres, url) = app::database(config)?;
        let pending = migrations::pending(&url)?;
        anyhow::ensure!(pending.is_empty(), "the database lacks migrations: run `motcua migrate` first");
        let progress = Progress::new("verify audit", 0);
        let found = app::doors(config, &url)
            .read_here(&Scope::system(), |conn| verify(conn, &keys, &kept, &progress))
            .map_err(|err| anyhow::anyhow!("{}", Chain(&err)))?;
        for fault in &found.faults {
            println!("{fault}");
        }
        println!("{found}");
        anyhow::ensure!(found.faults.is_empty(), "the audit does not hold: {} faults", found.faults.len());
        Ok(())
    }
}

fn verify_seals(config: &Config) -> anyhow::Result<()> {
    let (_postgres, url) = app::database(config)?;
    let pending = migrations::pending(&url)?;
    anyhow::ensure!(pending.is_empty(), "the database lacks migrations: run `motcua migrate` first");
    let progress = Progress::new("verify seals", 0);
    let found = app::doors(config, &url)
        .read_here(&Scope::system(), |conn| seals::verify::verify(conn, &progress))
        .map_err(|err| anyhow::anyhow!("{}", Chain(&err)))?;
    for fault in &found.faults {
        println!("{fault}");
    }
    println!("{found}");
    anyhow::ensure!(found.faults.is_empty(), "the seals do not hold: {} faults", found.faults.len());
    Ok(())
}
