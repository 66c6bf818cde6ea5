//! `motcua simulate`.

use std::time::Instant;

use anyhow::Context;
use clap::Args;

use crate::domain::decimal::parse_scaled;
use crate::platform::progress::Progress;
use crate::simulation::{Targets, simulate};
use crate::state::AppState;

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
}

impl Simulate {
    /// Replays the year and prints its table.
    ///
    /// # Errors
    /// A database that is no demo, or what stops the replay.
    pub fn run(self, state: &AppState) -> anyhow::Result<()> {
        let targets = Targets {
            year: self.year,
            dossiers: self.dossiers,
            seed: self.seed,
            on_time_departments: percent("--on-time-departments", &self.on_time_departments)?,
            on_time_land_offices: percent("--on-time-land-offices", &self.on_time_land_offices)?,
            early_sms: self.early_sms,
        };
        let began = Instant::now();
        let report = simulate(state, &targets, &Progress::new("simulate", 0))?;
        println!("{report}");
        eprintln!("{} dossiers replayed in {} s", self.dossiers, began.elapsed().as_secs());
        Ok(())
    }
}

/// Reads a percentage as basis points.
fn percent(option: &str, text: &str) -> anyhow::Result<u32> {
    parse_scaled(text, 2).with_context(|| format!("{option} {text} is no percentage; write it like 99.96"))
}
