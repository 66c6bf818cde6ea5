//! `motcua export …`.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::report06::Report06;
use super::routes::file_name;
use super::{ByteOrderMark, FileFormat, note_export};
use crate::domain::role::Actor;
use crate::error::AppError;
use crate::state::AppState;
use crate::statistics::{AskedPeriod, PeriodRule, seen_unit};

/// What is exported.
#[derive(Debug, Clone, clap::Subcommand)]
pub enum ExportCommand {
    /// Biểu 06 of a month, from the 15th of the month before to the 14th (NĐ 09/2019/NĐ-CP)
    Monthly(MonthlyArgs),
}

/// Which month, of whom, written how.
#[derive(Debug, Clone, clap::Args)]
pub struct MonthlyArgs {
    /// The month, such as 2024-06
    #[arg(long, value_name = "YYYY-MM")]
    month: String,
    /// Take the month of the calendar, from its first day to its last
    #[arg(long)]
    calendar_month: bool,
    /// The code of a unit: it and all below it; without it, the whole province
    #[arg(long, value_name = "CODE")]
    unit: Option<String>,
    /// xlsx, csv or json
    #[arg(long, default_value = "xlsx")]
    format: FileFormat,
    /// Begin a CSV file with the byte-order mark that spreadsheets want
    #[arg(long)]
    bom: bool,
    /// Where to write; `-` is the standard output. By default a file named by unit and dates
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Runs the command as `by`; says on the error stream what was written.
///
/// # Errors
/// Whatever the report or the file meets.
pub fn run(state: &AppState, by: &Actor, command: &ExportCommand) -> anyhow::Result<()> {
    match command {
        ExportCommand::Monthly(args) => export_monthly(state, by, args),
    }
}

fn export_monthly(state: &AppState, by: &Actor, args: &MonthlyArgs) -> anyhow::Result<()> {
    let rule = match args.calendar_month {
        true => PeriodRule::Calendar,
        false => PeriodRule::Decree092019,
    };
    let asked = AskedPeriod::month(&args.month, rule)
        .with_context(|| format!("--month {} is no month; write it like 2024-06", args.month))?;
    let written = state.act_here(by, state.clock.now(), |conn, act| {
        let unit = seen_unit(act, args.unit.as_deref())?;
        let report = Report06::fill(conn, act, &asked, unit)?;
        note_export(conn, act, args.unit.as_deref(), &asked.period, args.format)?;
        report.write(args.format, ByteOrderMark::from(args.bom))
    });
    let bytes = written.map_err(|err| with_hint(err, args.unit.as_deref()))?;
    let named = file_name(&asked.period, args.unit.as_deref(), args.format);
    let out = args.out.clone().unwrap_or_else(|| PathBuf::from(named));
    put(&out, &bytes)?;
    // The answer of a command goes where its reader looks, not into the log.
    let mut stderr = std::io::stderr();
    writeln!(stderr, "{}: {}", asked.dates_text(), out.display())?;
    Ok(())
}

/// Only the unit can be missing: says which, and where its code can be looked up.
fn with_hint(err: AppError, unit: Option<&str>) -> anyhow::Error {
    match (err, unit) {
        (AppError::NotFound(_), Some(code)) => anyhow::anyhow!(
            "--unit {code} is the code of no unit; it is written like H21.16, and GET /api/v1/units lists all of them"
        ),
        (err, _) => err.into(),
    }
}

fn put(out: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    if out == Path::new("-") {
        return std::io::stdout().write_all(bytes).context("the standard output can't be written");
    }
    std::fs::write(out, bytes).with_context(|| format!("{} can't be written", out.display()))
}
