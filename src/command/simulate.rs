//! `motcua simulate`.

use std::time::Instant;

use anyhow::Context;
use clap::Args;

use crate::domain::decimal::parse_scaled;
use crate::error::Chain;
use crate::platform::db::Scope;
use crate::platform::progress::Progress;
use crate::simulation::{Along, Targets, multiply, simulate};
use crate::state::AppState;
use crate::statistics::tallies;

/// A year replayed in a demo database.
#[derive(Debug, Args)]
pub struct Simulate {
    /// The year of the calendar.
    #[arg(long)]
    year: i32,
    /// How many dossiers come in it.
    #[arg(long, default_value_t = 108_000)]
    dossiers: u32,
    /// The same seed gives the same year.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The share of results that departments and vertical agencies are to have on time, in percent.
    #[arg(long, value_name = "PERCENT", default_value = "99.96")]
    on_time_departments: String,
    /// The same of land offices.
    #[arg(long, value_name = "PERCENT", default_value = "97.2")]
    on_time_land_offices: String,
    /// How many invitations to collect early are to go out by SMS; 5 of 6 dossiers when left out.
    #[arg(long, value_name = "COUNT")]
    early_sms: Option<u32>,
    /// How many years are replayed, the year being the last of them
    #[arg(long, default_value_t = 1)]
    years: i32,
    /// So many dossiers more, as copies of those that were replayed: to see the house with the load of a province's years
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    bulk: u64,
    /// Copies only what figures are counted from, not the papers, people, steps and events of a dossier
    #[arg(long, requires = "bulk")]
    bulk_figures: bool,
}

impl Simulate {
    /// Replays the years, prints their tables, and copies what was replayed where that is asked.
    ///
    /// # Errors
    /// A database that is no demo, or what stops the replay.
    pub fn run(self, state: &AppState) -> anyhow::Result<()> {
        let began = Instant::now();
        for year in (self.year - self.years.max(1) + 1)..=self.year {
            self.replay(state, year)?;
        }
        eprintln!("{} dossiers a year replayed in {} s", self.dossiers, began.elapsed().as_secs());
        if self.bulk > 0 {
            self.multiply(state)?;
        }
        Ok(())
    }

    fn replay(&self, state: &AppState, year: i32) -> anyhow::Result<()> {
        let targets = Targets {
            year,
            dossiers: self.dossiers,
            seed: self.seed,
            on_time_departments: percent("--on-time-departments", &self.on_time_departments)?,
            on_time_land_offices: percent("--on-time-land-offices", &self.on_time_land_offices)?,
            early_sms: self.early_sms,
        };
        let report = simulate(state, &targets, &Progress::new("simulate", 0))?;
        println!("{report}");
        Ok(())
    }

    /// Copies, and takes the copies up into the tallies at once.
    fn multiply(&self, state: &AppState) -> anyhow::Result<()> {
        let began = Instant::now();
        let along = if self.bulk_figures { Along::Figures } else { Along::Everything };
        multiply(state, self.bulk, along, &Progress::new("copy", 0))?;
        eprintln!("{} dossiers copied in {} s", self.bulk, began.elapsed().as_secs());
        let (began, progress, now) = (Instant::now(), Progress::new("tallies", 0), state.clock.now());
        state
            .db
            .tx_here(&Scope::system(), |conn| tallies::verify::repair(conn, (&state.office, now), &progress))
            .map_err(|err| anyhow::anyhow!("{}", Chain(&err)))?;
        eprintln!("taken up into the tallies in {} s", began.elapsed().as_secs());
        Ok(())
    }
}

/// Reads a percentage as basis points.
fn percent(option: &str, text: &str) -> anyhow::Result<u32> {
    parse_scaled(text, 2).with_context(|| format!("{option} {text} is no percentage; write it like 99.96"))
}
