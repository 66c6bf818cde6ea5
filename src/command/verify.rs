//! `motcua verify …`: what can be proved.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use chrono::{Datelike, Months};
use clap::{Args, Subcommand};

use super::console;
use crate::app;
use crate::audit::verify::{read_kept, verify};
use crate::config::Config;
use crate::domain::period::{Period, office_date};
use crate::error::{AppError, Chain};
use crate::platform::clock::Clock;
use crate::platform::db::Scope;
use crate::platform::embedded_postgres::EmbeddedPostgres;
use crate::platform::migrations;
use crate::platform::progress::Progress;
use crate::seals;
use crate::state::{Act, AppState};
use crate::statistics::tallies::{self, verify::Others};

/// What is verified.
#[derive(Debug, Subcommand)]
pub enum Verify {
    /// Computes every chain of the audit anew; says what was edited, deleted, reordered, inserted or cut.
    Audit(AuditArgs),
    /// Recounts all figures from the history; says which unit, field, day or period and cell the tallies tell otherwise.
    Statistics(StatisticsArgs),
    /// Computes the hash of every sealed report anew; says which were changed.
    Seals,
}

/// What is recounted.
#[derive(Debug, Args)]
pub struct StatisticsArgs {
    /// Report months, the running one and those before it, whose every cell is counted by the full classification too
    #[arg(long, value_name = "COUNT", default_value_t = 2)]
    months: u32,
    /// Makes the tallies anew from the history first, also the first time on a large database
    #[arg(long)]
    repair: bool,
    /// Connections that recount side by side; twice as many as this machine has processors when left out, and at most eight
    #[arg(long, value_name = "COUNT")]
    connections: Option<NonZeroUsize>,
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
    /// Verifies, changing nothing unless it is to repair, and says what it found.
    ///
    /// # Errors
    /// Any fault, and whatever stands in the way.
    pub fn run(self, config: &Config) -> anyhow::Result<()> {
        match self {
            Self::Audit(args) => args.run(config),
            Self::Statistics(args) => args.run(config),
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
        let (_postgres, url) = up_to_date(config)?;
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

impl StatisticsArgs {
    fn run(self, config: &Config) -> anyhow::Result<()> {
        let (_postgres, url) = up_to_date(config)?;
        let state = app::state(config.clone(), &url, Clock::System)?;
        self.run_on(&state)
    }

    fn run_on(&self, state: &AppState) -> anyhow::Result<()> {
        let said = |err: AppError| anyhow::anyhow!("{}", Chain(&err));
        let (now, by) = (state.clock.now(), console());
        if self.repair {
            let progress = Progress::new("repair statistics", 0);
            let repaired = state
                .db
                .tx_here(&Scope::system(), |conn| tallies::verify::repair(conn, (&state.office, now), &progress))
                .map_err(said)?;
            println!("{repaired} marks were wrong or missing and are made anew");
        }
        let periods = report_months(office_date(now), self.months)?;
        let progress = Progress::new("verify statistics", 0);
        // More than the pool has would wait for one another.
        let most = usize::try_from(state.db.in_use().1).unwrap_or(1);
        let many =
            self.connections.map_or_else(tallies::verify::connections, NonZeroUsize::get).min(most).saturating_sub(1);
        let found = state.db.read_here(&Scope::system(), |conn| {
            let office = state.office.in_force(conn)?;
            let others = Some(Others { db: &state.db, many });
            tallies::verify::verify(conn, &Act { office: &office, by: &by, now }, others, &periods, &progress)
        });
        let found = found.map_err(said)?;
        for fault in &found.faults {
            println!("{fault}");
        }
        println!("{found}");
        anyhow::ensure!(
            found.faults.is_empty() && found.wrong == 0,
            "the tallies do not hold: make them anew with --repair"
        );
        Ok(())
    }
}

/// The report month that runs on a day, and those before it.
fn report_months(day: chrono::NaiveDate, many: u32) -> anyhow::Result<Vec<Period>> {
    let named = if day.day() < 15 { day } else { day.checked_add_months(Months::new(1)).unwrap_or(day) };
    let month = |back: u32| {
        let named = named.checked_sub_months(Months::new(back)).unwrap_or(named);
        Ok(Period::report_month(named.year(), named.month())?)
    };
    (0..many).map(month).collect()
}

/// Opens the database, which is to be up to date.
fn up_to_date(config: &Config) -> anyhow::Result<(Option<EmbeddedPostgres>, String)> {
    let (postgres, url) = app::database(config)?;
    let pending = migrations::pending(&url)?;
    anyhow::ensure!(pending.is_empty(), "the database lacks migrations: run `motcua migrate` first");
    Ok((postgres, url))
}

fn verify_seals(config: &Config) -> anyhow::Result<()> {
    let (_postgres, url) = up_to_date(config)?;
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
