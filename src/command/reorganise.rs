//! `motcua reorganise FILE`: units merge, split or are renamed.

use std::collections::HashSet;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

use super::console;
use crate::error::{AppError, Chain};
use crate::platform::db::Scope;
use crate::reorganisations::{Plan, PlanForm, decide, foresee};
use crate::state::{Act, AppState};

/// Which reorganisation.
#[derive(Debug, Args)]
pub struct Reorganise {
    /// What becomes of which unit, as config/examples/reorganisation.json.
    file: PathBuf,
    /// Only says what it would reach.
    #[arg(long)]
    dry_run: bool,
}

impl Reorganise {
    /// Decides it; a worker carries it out on its day.
    ///
    /// # Errors
    /// A file with faults: then nothing is written. Whatever the database says.
    pub fn run(self, state: &AppState) -> anyhow::Result<()> {
        let text = std::fs::read_to_string(&self.file);
        let text = text.with_context(|| format!("{} can't be read", self.file.display()))?;
        let form: PlanForm = serde_json::from_str(text.trim_start_matches('\u{feff}'))
            .with_context(|| format!("{} is no reorganisation", self.file.display()))?;
        let (by, now) = (console(), state.clock.now());
        let (plan, reach) = state
            .db
            .read_here(&Scope::system(), |conn| {
                let office = state.office.in_force(conn)?;
                foresee(conn, &Act { office: &office, by: &by, now }, &form)
            })
            .map_err(told)?;
        say(&plan);
        println!(
            "{} open dossiers of {} change hands, {} accounts move",
            reach.open_dossiers, reach.dossiers, reach.staff
        );
        if self.dry_run {
            println!("a dry run, nothing was written");
            return Ok(());
        }
        let row = state.act_here(&by, now, |conn, act| decide(conn, act, &form)).map_err(told)?;
        println!("{} is decided; a worker carries it out on {}", row.code, row.effective_on);
        Ok(())
    }
}

fn say(plan: &Plan) {
    let ending: HashSet<_> = plan.moves.iter().map(|line| line.from).collect();
    println!(
        "{} units end, {} go on under another name or code, {} below another unit",
        ending.len(),
        plan.renames.len(),
        plan.placings.len()
    );
    for warning in &plan.warnings {
        println!("warning: {}", warning.en);
    }
}

fn told(err: AppError) -> anyhow::Error {
    match err {
        AppError::Invalid(faults) => {
            let lines: Vec<_> = faults.iter().map(|fault| format!("{}: {}", fault.pointer, fault.said.en)).collect();
            anyhow::anyhow!("{}\n{} faults, nothing was written", lines.join("\n"), faults.len())
        }
        AppError::Conflict(said) => anyhow::anyhow!("{}", said.en),
        err => anyhow::anyhow!("{}", Chain(&err)),
    }
}
