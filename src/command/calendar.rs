//! `motcua calendar …`: a calendar comes into force.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, Subcommand};
use serde_json::Value;

use super::console;
use crate::calendars::{Followed, Foresight, follow_here, foresee, left, publish};
use crate::catalogue::import::RowFault;
use crate::catalogue::publication::Tell;
use crate::domain::catalogue::Catalogue;
use crate::domain::ids::UnitId;
use crate::domain::period::office_time;
use crate::dossiers::recalculate::Move;
use crate::error::{AppError, Chain};
use crate::platform::db::Scope;
use crate::platform::progress::Progress;
use crate::state::{Act, AppState};

/// What is done.
#[derive(Debug, Subcommand)]
pub enum Calendar {
    /// Puts a calendar in force, and counts the open dossiers anew by it.
    Publish(Publish),
    /// Goes on with the open dossiers where a publishing was broken off; a worker does the same.
    Follow,
}

/// Which calendar, and how.
#[derive(Debug, Args)]
pub struct Publish {
    /// As config/province/calendar.json: one year or several. Years that it does not have stay.
    file: PathBuf,
    /// Only lists the due dates that would move.
    #[arg(long)]
    dry_run: bool,
    /// Tells the people of each dossier whose due date moves.
    #[arg(long, conflicts_with = "dry_run")]
    tell: bool,
}

impl Calendar {
    /// Publishes, lists what would move, or goes on; and says what came of it.
    ///
    /// # Errors
    /// A file with faults: then nothing is published. Whatever the database says.
    pub fn run(self, state: &AppState) -> anyhow::Result<()> {
        match self {
            Self::Publish(Publish { file, dry_run: true, .. }) => say_what_would_move(state, read(&file)?),
            Self::Publish(Publish { file, tell, .. }) => {
                let tell = if tell { Tell::People } else { Tell::Nobody };
                publish_and_follow(state, read(&file)?, tell)
            }
            Self::Follow => follow(state),
        }
    }
}

fn read(file: &Path) -> anyhow::Result<Value> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{} can't be read", file.display()))?;
    serde_json::from_str(text.trim_start_matches('\u{feff}')).with_context(|| format!("{} is no JSON", file.display()))
}

fn publish_and_follow(state: &AppState, content: Value, tell: Tell) -> anyhow::Result<()> {
    let published =
        state.act_here(&console(), state.clock.now(), |conn, act| publish(conn, act, content, tell)).map_err(told)?;
    let published = published.map_err(refused)?;
    println!("calendar {} is in force; {} open dossiers follow", published.calendar_version, published.total);
    follow(state)
}

/// Counts the open dossiers anew where a calendar is still followed, showing how far it is, and says whether all are done.
///
/// # Errors
/// Whatever the database says; what was done stays.
pub(super) fn follow(state: &AppState) -> anyhow::Result<()> {
    let mut followed = Followed::All;
    if let Some(left) = state.db.read_here(&Scope::system(), left).map_err(told)? {
        let progress = Progress::new("dossiers", left);
        followed = follow_here(state, &progress).map_err(told)?;
        progress.finish();
    }
    println!("{}", said(followed));
    Ok(())
}

fn said(followed: Followed) -> &'static str {
    match followed {
        Followed::All => "all open dossiers follow the calendar in force",
        Followed::AllButDeedsUnderWay => {
            "deeds that had begun before are still under way: a worker looks at what they leave, \
             or `motcua calendar follow` a little later"
        }
    }
}

fn say_what_would_move(state: &AppState, content: Value) -> anyhow::Result<()> {
    let (by, now) = (console(), state.clock.now());
    let said = state.db.read_here(&Scope::system(), |conn| {
        let office = state.office.in_force(conn)?;
        let act = Act { office: &office, by: &by, now };
        let foresight = foresee(conn, &act, content, |moving| println!("{}", line(&office.catalogue, &moving)))?;
        Ok(foresight.map(|foresight| summary(&office.catalogue, &foresight)))
    });
    println!("{}", said.map_err(told)?.map_err(refused)?);
    Ok(())
}

/// `H21.16-261105-0001 H21.16 2026-11-25 17:00 → 2026-11-26 17:00`, and the due date without extension where it is another.
fn line(catalogue: &Catalogue, moving: &Move) -> String {
    let moment = |at| office_time(at).format("%Y-%m-%d %H:%M");
    let Move { code, unit_id, before, after, .. } = moving;
    let mut line = format!("{code} {} {} → {}", unit_code(catalogue, *unit_id), moment(before.at), moment(after.at));
    if (before.unextended, after.unextended) != (before.at, after.at) {
        let (from, to) = (moment(before.unextended), moment(after.unextended));
        line.push_str(&format!(" (without extension {from} → {to})"));
    }
    line
}

fn summary(catalogue: &Catalogue, foresight: &Foresight) -> String {
    let mut text = String::new();
    for change in &foresight.changes {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{change}");
    }
    for warning in &foresight.warnings {
        let _ = writeln!(text, "warning: {warning}");
    }
    let mut units: Vec<_> =
        foresight.units.iter().map(|(unit, counts)| (unit_code(catalogue, *unit), counts)).collect();
    units.sort_unstable_by_key(|(code, _)| *code);
    for (code, counts) in units {
        let _ = writeln!(text, "{code}: {} of {} move", counts.moved, counts.total);
    }
    let Foresight { number, all, paused, passed, .. } = foresight;
    let _ = write!(
        text,
        "calendar {number} would move {} of {} due dates; {paused} clocks stand, {passed} due dates have passed; \
         a dry run, nothing was written",
        all.moved, all.total
    );
    text
}

fn unit_code(catalogue: &Catalogue, unit: UnitId) -> &str {
    catalogue.unit(unit).map_or("?", |unit| unit.code.as_str())
}

fn told(err: AppError) -> anyhow::Error {
    match err {
        AppError::Conflict(said) => anyhow::anyhow!("{}", said.en),
        err => anyhow::anyhow!("{}", Chain(&err)),
    }
}

fn refused(faults: Vec<RowFault>) -> anyhow::Error {
    let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
    anyhow::anyhow!("{}\n{} faults, nothing was published", lines.join("\n"), faults.len())
}
