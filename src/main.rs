//! The command line of motcua.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use motcua::app::House;
use motcua::command::{self, console};
use motcua::config::Config;
use motcua::exports;
use motcua::notices;
use motcua::platform::telemetry;
use motcua::retention;
use motcua::staff;

/// The open backend of a province's one-stop shop (một cửa).
#[derive(Parser)]
#[command(name = "motcua", version, about)]
struct Cli {
    /// A settings file; config/default.toml lists every key. Of several, later ones override: secrets in one of their own.
    #[arg(long, global = true)]
    config: Vec<PathBuf>,
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
    /// Loads a catalogue or dossiers from files.
    #[command(subcommand)]
    Import(command::import::Import),
    /// Puts a calendar in force.
    #[command(subcommand)]
    Calendar(command::calendar::Calendar),
    /// Merges, splits or renames units from a day on.
    Reorganise(command::reorganise::Reorganise),
    /// Replays a year in a demo database and prints its table.
    Simulate(command::simulate::Simulate),
    /// Writes reports.
    #[command(subcommand)]
    Export(exports::command::ExportCommand),
    /// Makes, lists and disables accounts.
    #[command(subcommand)]
    Staff(staff::command::StaffCommand),
    /// Makes, lists and revokes API keys.
    #[command(subcommand)]
    Key(staff::command::KeyCommand),
    /// Erases personal data whose time is over, as the worker does every day.
    Retention(retention::command::Retention),
    /// Lists the keys that seal personal data, and wraps them by another master key.
    #[command(subcommand)]
    DataKeys(command::data_keys::DataKeys),
    /// Writes the whole database into one file.
    Backup(command::backup::Backup),
    /// Brings a backup back; nothing is sent then until somebody resumes it.
    Restore(command::restore::Restore),
    /// Verifies what can be proved.
    #[command(subcommand)]
    Verify(command::verify::Verify),
    /// Lists dead letters, and sends them again, calls back what waits, or notes that people were called up.
    #[command(subcommand)]
    Notices(notices::deeds::command::NoticesCommand),
    /// Pauses or resumes all sending.
    #[command(subcommand)]
    Sending(command::sending::Sending),
    /// Looks at the wordings of notices.
    #[command(subcommand)]
    Wordings(command::wordings::Wordings),
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
    let config = Config::load(&cli.config)?;
    telemetry::start(config.log.format, &config.log.filter);
    match cli.command {
        Command::Serve(serve) => serve.run(config, &cli.config),
        Command::Work => command::serve::work(config),
        Command::Migrate => command::migrate::run(config),
        Command::Backup(backup) => backup.run(&config),
        Command::Restore(restore) => restore.run(&config),
        Command::Verify(verify) => verify.run(&config),
        Command::Sending(sending) => {
            let house = House::open(config)?;
            sending.run(&house.state)
        }
        Command::Wordings(wordings) => {
            let house = House::open(config)?;
            wordings.run(&house.state)
        }
        Command::Notices(notices) => {
            let house = House::open(config)?;
            notices.run(&house.state, &console(), &mut std::io::stdout().lock())
        }
        Command::Retention(retention) => {
            let house = House::open(config)?;
            retention.run(&house.state)
        }
        Command::DataKeys(keys) => {
            let house = House::open(config)?;
            keys.run(&house.state)
        }
        Command::Import(import) => {
            let house = House::open(config)?;
            import.run(&house.state)
        }
        Command::Calendar(calendar) => {
            let house = House::open(config)?;
            calendar.run(&house.state)
        }
        Command::Reorganise(reorganise) => {
            let house = House::open(config)?;
            reorganise.run(&house.state)
        }
        Command::Simulate(simulate) => {
            let house = House::open(config)?;
            simulate.run(&house.state)
        }
        Command::Export(export) => {
            let house = House::open(config)?;
            exports::command::run(&house.state, &console(), &export)
        }
        Command::Staff(accounts) => {
            let house = House::open(config)?;
            staff::command::run_staff(&house.state, house.state.clock.now(), accounts)
        }
        Command::Key(key) => {
            let house = House::open(config)?;
            staff::command::run_key(&house.state, house.state.clock.now(), key)
        }
    }
}
