//! `motcua migrate`.

use crate::app;
use crate::config::Config;
use crate::platform::migrations;

/// Brings the database up to date, and says what was done.
///
/// # Errors
/// What connecting or a migration meets.
pub fn run(config: Config) -> anyhow::Result<()> {
    let (_postgres, url) = app::database(&config)?;
    let run = migrations::migrate(&url)?;
    for name in &run {
        println!("{name}");
    }
    println!("{} migrations were run; the database is up to date", run.len());
    Ok(())
}
