//! `motcua retention`: erases what is due now, or says what would be.

use clap::Args;

use super::{devices, due, erase, house, keys, run_here};
use crate::error::{AppError, Chain};
use crate::state::AppState;

/// Whether anything is erased.
#[derive(Debug, Args)]
pub struct Retention {
    /// Says what would be erased, and erases nothing.
    #[arg(long)]
    dry_run: bool,
}

impl Retention {
    /// Erases what is due, or counts it, and says so.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn run(self, state: &AppState) -> anyhow::Result<()> {
        let said = if self.dry_run { what_is_due(state) } else { did(state) };
        for line in said.map_err(|err| anyhow::anyhow!("{}", Chain(&err)))? {
            println!("{line}");
        }
        Ok(())
    }
}

fn did(state: &AppState) -> Result<Vec<String>, AppError> {
    Ok(run_here(state)?.into_iter().map(|(what, count)| format!("{what}: {count} erased")).collect())
}

/// Says line by line what a run would erase now.
///
/// # Errors
/// Whatever the database says.
pub fn what_is_due(state: &AppState) -> Result<Vec<String>, AppError> {
    state.act_here(&house(), state.clock.now(), |conn, act| {
        let fields = due::count_dossiers(conn, act)?;
        let (notices, reads) = erase::count(conn, act)?;
        let unused = keys::unused(conn, act)?;
        let all: i64 = fields.iter().map(|of| of.dossiers).sum();
        let mut lines = vec![format!("dossiers: {all} would be erased")];
        lines.extend(fields.iter().map(|of| format!("  {}: {}", of.field, of.dossiers)));
        lines.push(format!("notices: {notices} would be erased, beside those of the dossiers"));
        lines.push(format!("identity_reads: {reads} would be erased"));
        lines.push(format!("citizen_devices: {} would be forgotten", devices::count_unseen(conn, act)?));
        lines.push(format!("data_keys: {} would be destroyed at once, others with their last rows", unused.len()));
        Ok(lines)
    })
}
