//! `motcua export …`.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;

use super::filled::{Asked, Caption, Filled};
use super::jobs::{Place, write_register};
use super::layouts::{Counts, Layout, Layouts};
use super::{ByteOrderMark, ReportFormat, files, note_export};
use crate::domain::role::Actor;
use crate::error::{AppError, Fault};
use crate::state::AppState;
use crate::statistics::{AskedPeriod, PeriodForm, PeriodRule, seen_unit};

/// What is exported.
#[derive(Debug, Clone, clap::Subcommand)]
pub enum ExportCommand {
    /// Biểu 06 of a month, from the 15th of the month before to the 14th (NĐ 09/2019/NĐ-CP)
    Monthly(MonthlyArgs),
    /// Any layout of a report, of any period; without one, lists the layouts that there are
    Report(ReportArgs),
    /// The page of figures that the yearly report of the province quotes: as XLSX, PDF and text
    Year(YearArgs),
}

/// How and where a report is written.
#[derive(Debug, Clone, clap::Args)]
pub struct WrittenArgs {
    /// The code of a unit: it and all below it; without it, the whole province
    #[arg(long, value_name = "CODE")]
    unit: Option<String>,
    /// xlsx, csv, json or pdf
    #[arg(long, default_value = "xlsx")]
    format: ReportFormat,
    /// Begin a CSV file with the byte-order mark that spreadsheets want
    #[arg(long)]
    bom: bool,
    /// Where to write; `-` is the standard output. By default a file named by unit and dates
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
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
    #[command(flatten)]
    written: WrittenArgs,
}

/// Which year.
#[derive(Debug, Clone, clap::Args)]
pub struct YearArgs {
    /// The year of the calendar, such as 2024
    #[arg(long, value_name = "YYYY")]
    year: String,
    /// From 15 December of the year before to 14 December instead (NĐ 09/2019/NĐ-CP)
    #[arg(long)]
    decree: bool,
    /// The folder into which the three files are written
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
}

/// Which layout and period, of whom, written how.
#[derive(Debug, Clone, clap::Args)]
pub struct ReportArgs {
    /// The code of a layout, such as 06c or progress
    layout: Option<String>,
    /// The first date
    #[arg(long, value_name = "YYYY-MM-DD", requires = "to")]
    from: Option<String>,
    /// The first date after the period
    #[arg(long, value_name = "YYYY-MM-DD", requires = "from")]
    to: Option<String>,
    /// A month, from the 15th to the 14th
    #[arg(long, value_name = "YYYY-MM")]
    month: Option<String>,
    /// A quarter, from the 15th
    #[arg(long, value_name = "YYYY-QN")]
    quarter: Option<String>,
    /// A half year, from the 15th
    #[arg(long, value_name = "YYYY-HN")]
    half_year: Option<String>,
    /// A year, from 15 December
    #[arg(long, value_name = "YYYY")]
    year: Option<String>,
    /// Take month, quarter, half year or year of the calendar
    #[arg(long)]
    calendar: bool,
    #[command(flatten)]
    written: WrittenArgs,
}

/// How the period was given, as its faults are told: the rules know only its dates.
#[derive(Debug, Clone, Copy)]
enum Named {
    /// By `--from` and `--to`.
    ByDates,
    /// By this one option.
    By(&'static str),
}

impl Named {
    /// Returns the option that a parameter of the API is given by here.
    fn option(self, parameter: &str) -> String {
        let parameter = parameter.trim_start_matches('?');
        match (self, parameter) {
            (Self::By(option), "from" | "to") => option.to_owned(),
            _ => format!("--{}", parameter.trim_start_matches("calendar_").replace('_', "-")),
        }
    }
}

impl ReportArgs {
    fn named(&self) -> Named {
        let given = [
            ("--month", &self.month),
            ("--quarter", &self.quarter),
            ("--half-year", &self.half_year),
            ("--year", &self.year),
        ];
        given.into_iter().find(|(_, text)| text.is_some()).map_or(Named::ByDates, |(option, _)| Named::By(option))
    }

    fn period(&self) -> PeriodForm {
        let Self { from, to, month, quarter, half_year, year, .. } = self.clone();
        match self.calendar {
            true => PeriodForm {
                from,
                to,
                calendar_month: month,
                calendar_quarter: quarter,
                calendar_half_year: half_year,
                calendar_year: year,
                ..PeriodForm::default()
            },
            false => PeriodForm { from, to, month, quarter, half_year, year, ..PeriodForm::default() },
        }
    }
}

/// Runs the command as `by`; says on the error stream what was written.
///
/// # Errors
/// Whatever the report or the file meets.
pub fn run(state: &AppState, by: &Actor, command: &ExportCommand) -> anyhow::Result<()> {
    match command {
        ExportCommand::Monthly(args) => {
            let rule = match args.calendar_month {
                true => PeriodRule::Calendar,
                false => PeriodRule::Decree092019,
            };
            let period = AskedPeriod::month(&args.month, rule)
                .with_context(|| format!("--month {} is no month; write it like 2024-06", args.month))?;
            export((state, by), ("06", period, Named::By("--month")), &args.written)
        }
        ExportCommand::Report(args) => {
            let Some(layout) = &args.layout else {
                return list(state);
            };
            let named = args.named();
            let period = args.period().read().map_err(|err| plain(err, named))?;
            export((state, by), (layout, period, named), &args.written)
        }
        ExportCommand::Year(args) => year((state, by), args),
    }
}

fn year((state, by): (&AppState, &Actor), args: &YearArgs) -> anyhow::Result<()> {
    let year = Some(args.year.clone());
    let form = match args.decree {
        true => PeriodForm { year, ..PeriodForm::default() },
        false => PeriodForm { calendar_year: year, ..PeriodForm::default() },
    };
    let told = |err| plain(err, Named::By("--year"));
    let period = form.read().map_err(told)?;
    let layout = Layouts::of(&state.config)?.find(super::year::LAYOUT).map_err(told)?;
    let page = state.act_here(by, state.clock.now(), |conn, act| {
        let unit = seen_unit(act, None)?;
        let page = Filled::fill(conn, act, &Asked { layout, period, unit })?;
        let of = &page.caption.period.period;
        note_export(conn, act, (super::year::LAYOUT, None), of, ReportFormat::Xlsx)?;
        Ok(page)
    });
    let page = page.map_err(told)?;
    for format in [ReportFormat::Xlsx, ReportFormat::Pdf] {
        let bytes = files::write(&page, (format, ByteOrderMark::LeftOut), &state.config.exports).map_err(told)?;
        written(&page, args, (format.as_str(), &bytes))?;
    }
    written(&page, args, ("txt", super::year::text(&page).as_bytes()))
}

fn written(page: &Filled, args: &YearArgs, (ending, bytes): (&str, &[u8])) -> anyhow::Result<()> {
    let out = args.out.join(page.caption.file_name(ending));
    put(&out, bytes)?;
    writeln!(std::io::stderr(), "{}: {}", page.caption.period.dates_text(), out.display())?;
    Ok(())
}

fn list(state: &AppState) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout();
    for layout in Layouts::of(&state.config)?.all() {
        writeln!(stdout, "{}\t{}", layout.code, layout.about)?;
    }
    Ok(())
}

fn export(
    (state, by): (&AppState, &Actor),
    (layout, period, named): (&str, AskedPeriod, Named),
    args: &WrittenArgs,
) -> anyhow::Result<()> {
    let layout = Layouts::of(&state.config)?.find(layout).map_err(|err| plain(err, named))?;
    let dates = period.dates_text();
    if layout.counts == Counts::Register {
        return register((state, by), (layout, period, named), args);
    }
    let written = state.act_here(by, state.clock.now(), |conn, act| {
        let unit = seen_unit(act, args.unit.as_deref())?;
        let code = layout.code.clone();
        let report = Filled::fill(conn, act, &Asked { layout, period, unit })?;
        let of = &report.caption.period.period;
        note_export(conn, act, (&code, args.unit.as_deref()), of, args.format)?;
        let name = report.caption.file_name(args.format.as_str());
        let how = (args.format, ByteOrderMark::from(args.bom));
        Ok((files::write(&report, how, &act.office.config.exports)?, name))
    });
    let (bytes, name) = written.map_err(|err| with_hint(err, named, args.unit.as_deref()))?;
    let out = args.out.clone().unwrap_or_else(|| PathBuf::from(name));
    put(&out, &bytes)?;
    // The answer of a command goes where its reader looks, not into the log.
    let mut stderr = std::io::stderr();
    writeln!(stderr, "{dates}: {}", out.display())?;
    Ok(())
}

/// Writes a register straight into its file: no memory need hold it.
fn register(
    (state, by): (&AppState, &Actor),
    (layout, period, named): (Arc<Layout>, AskedPeriod, Named),
    args: &WrittenArgs,
) -> anyhow::Result<()> {
    anyhow::ensure!(
        matches!(args.format, ReportFormat::Xlsx | ReportFormat::Csv),
        "--format {}: a register is xlsx or csv",
        args.format
    );
    let to_file = args.out.clone().filter(|out| out != Path::new("-"));
    anyhow::ensure!(args.out.is_none() || to_file.is_some(), "--out -: a register needs a file");
    let dates = period.dates_text();
    let caption = state.act_here(by, state.clock.now(), |_, act| {
        let unit = seen_unit(act, args.unit.as_deref())?;
        let asked = Asked { layout, period, unit };
        Ok((Caption::of(act, &asked)?, asked))
    });
    let (caption, asked) = caption.map_err(|err| with_hint(err, named, args.unit.as_deref()))?;
    let out = to_file.unwrap_or_else(|| PathBuf::from(caption.file_name(args.format.as_str())));
    whole(&out, |file| {
        let written = state.act_here(by, caption.as_of, |conn, act| {
            let of = (caption.layout.code.as_str(), args.unit.as_deref());
            note_export(conn, act, of, &caption.period.period, args.format)?;
            let place = Place { file, scratch: &act.office.config.data.dir };
            write_register(conn, act, (&asked, &caption), (args.format, ByteOrderMark::from(args.bom), place))
        });
        written.map_err(|err| plain(err, named))
    })?;
    let mut stderr = std::io::stderr();
    writeln!(stderr, "{dates}: {}", out.display())?;
    Ok(())
}

/// Says at a terminal what a refusal says, option by option.
fn plain(err: AppError, named: Named) -> anyhow::Error {
    match err {
        AppError::Invalid(faults) => {
            let said = |fault: &Fault| format!("{}: {}", named.option(&fault.pointer), fault.said.en);
            anyhow::anyhow!("{}", faults.iter().map(said).collect::<Vec<_>>().join("; "))
        }
        AppError::NotFound(said) | AppError::Conflict(said) => anyhow::anyhow!("{}", said.en),
        err => err.into(),
    }
}

/// Only the unit can be missing: says which, and where its code can be looked up.
fn with_hint(err: AppError, named: Named, unit: Option<&str>) -> anyhow::Error {
    match (err, unit) {
        (AppError::NotFound(_), Some(code)) => anyhow::anyhow!(
            "--unit {code} is the code of no unit; it is written like H21.16, and GET /api/v1/units lists all of them"
        ),
        (err, _) => plain(err, named),
    }
}

fn put(out: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    if out == Path::new("-") {
        return std::io::stdout().write_all(bytes).context("the standard output can't be written");
    }
    whole(out, |mut file| Ok(file.write_all(bytes)?))
}

/// Writes a file whole or not at all: it gets its name when all is in it, so that nobody takes for a register what a full disk
/// or a kill left of one. A device or a pipe is written to as it is.
fn whole(out: &Path, write: impl FnOnce(&File) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let cannot = || format!("{} can't be written", out.display());
    if out.metadata().is_ok_and(|there| !there.is_file()) {
        return File::options()
            .write(true)
            .open(out)
            .map_err(Into::into)
            .and_then(|file| write(&file))
            .with_context(cannot);
    }
    let mut part = out.to_owned().into_os_string();
    part.push(".part");
    let written = File::create(&part).map_err(Into::into).and_then(|file| write(&file));
    let named = written.and_then(|()| Ok(std::fs::rename(&part, out)?));
    if named.is_err() {
        // It may never have been made.
        let _gone = std::fs::remove_file(&part);
    }
    named.with_context(cannot)
}
