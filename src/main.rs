//! The command line of motcua.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use motcua::command;
use motcua::config::Config;
use motcua::platform::telemetry;

/// The open backend of a province's one-stop shop (một cửa).
#[derive(Parser)]
#[command(name = "motcua", version, about)]
struct Cli {
    /// A settings file; config/default.toml lists every key.
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves the API and, unless worker.enabled is false, runs the loops.
    Serve(command::serve::Serve),
    /// Runs the loops only.
    Work,
    /// Brings the database up to date.
    Migrate,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) => {
            eprintln!("motcua: {err:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<()> {
    let config = Config::load(cli.config.as_deref())?;
    telemetry::start(config.log.format, &config.log.filter);
    match cli.command {
        Command::Serve(serve) => serve.run(config),
        Command::Work => command::serve::work(config),
        Command::Migrate => command::migrate::run(config),
    }
}
