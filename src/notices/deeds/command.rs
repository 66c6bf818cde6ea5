//! `motcua notices …`: dead letters and what is done with them, from the command line of the server.

use std::io::Write;

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use uuid::Uuid;

use super::dead::{self, Question, Which};
use super::filter::{Filter, FilterForm, SeenBy};
use super::many::{self, Bulk, do_some};
use super::one::do_to_one;
use super::order::{DeedForm, Order};
use super::recorded_as;
use crate::audit;
use crate::domain::audit::Subject;
use crate::domain::ids::NoticeId;
use crate::domain::notice::NoticeDeed;
use crate::domain::period::Period;
use crate::domain::role::Actor;
use crate::error::{AppError, Chain};
use crate::http::body::Faults;
use crate::http::office_time::OfficeTime;
use crate::notices::queries;
use crate::notices::routes::counted;
use crate::platform::progress::Progress;
use crate::state::AppState;

/// What is done with notices.
#[derive(Debug, Clone, Subcommand)]
pub enum NoticesCommand {
    /// Counts by reason the notices that are over without having arrived; with --list names them.
    Dead {
        /// Which of them.
        #[command(flatten)]
        which: WhichNotices,
        /// Prints a line for each, the newest first.
        #[arg(long)]
        list: bool,
    },
    /// Sends dead letters again, under their own numbers, or on another channel.
    Replay {
        /// Which of them, and why.
        #[command(flatten)]
        deed: DeedArgs,
        /// The channel to send them on, instead of their own: sms, email or zalo.
        #[arg(long)]
        on: Option<String>,
    },
    /// Calls back what waits in the queue.
    Cancel(DeedArgs),
    /// Notes of dead letters that the persons were called up and told.
    ToldByPhone {
        /// Which of them, and what was said.
        #[command(flatten)]
        deed: DeedArgs,
        /// When the calls were, as 2026-09-25T09:00:00+07:00; now when left out.
        #[arg(long)]
        at: Option<String>,
    },
    /// Counts the notices written in a period by purpose, channel and status.
    Summary {
        /// The first date.
        #[arg(long)]
        from: chrono::NaiveDate,
        /// The first date after the period.
        #[arg(long)]
        to: chrono::NaiveDate,
    },
}

/// Which notices.
#[derive(Debug, Clone, Args)]
pub struct WhichNotices {
    /// given_up, expired, in_doubt, account, content, recipient, refused or receipt
    #[arg(long)]
    reason: Option<String>,
    /// The code of a unit: what it and all below it say.
    #[arg(long)]
    unit: Option<String>,
    /// The gateway that was spoken to last.
    #[arg(long)]
    gateway: Option<String>,
    /// sms, email or zalo
    #[arg(long)]
    channel: Option<String>,
    /// What for: result_early, say.
    #[arg(long)]
    purpose: Option<String>,
    /// Written on this date or later: 2026-09-25.
    #[arg(long)]
    from: Option<String>,
    /// Written before this date.
    #[arg(long)]
    to: Option<String>,
}

/// To which notices something is done, and why.
#[derive(Debug, Clone, Args)]
pub struct DeedArgs {
    /// The keys of single notices; without any, all that the filter finds.
    ids: Vec<Uuid>,
    #[command(flatten)]
    which: WhichNotices,
    /// Why, or what was said: it stands in the history of each.
    #[arg(long, value_name = "TEXT")]
    why: String,
    /// Only counts what it would reach.
    #[arg(long)]
    dry_run: bool,
}

impl NoticesCommand {
    /// Runs the command as `by`, writing what it found or did to `out`.
    ///
    /// # Errors
    /// What is wrong, for the person at the terminal.
    pub fn run(self, state: &AppState, by: &Actor, out: &mut impl Write) -> anyhow::Result<()> {
        let now = state.clock.now();
        match self {
            Self::Dead { which, list: false } => count_dead(state, by, &which, out),
            Self::Dead { which, list: true } => list_dead(state, by, &which, out),
            Self::Replay { deed, on: None } => {
                deed.run(state, (by, now), (NoticeDeed::Replay, DeedForm::default()), out)
            }
            Self::Replay { deed, on } => {
                let form = DeedForm { channel: on, ..DeedForm::default() };
                deed.run(state, (by, now), (NoticeDeed::ReplayOn, form), out)
            }
            Self::Cancel(deed) => deed.run(state, (by, now), (NoticeDeed::Cancel, DeedForm::default()), out),
            Self::ToldByPhone { deed, at } => {
                let form = DeedForm { told_at: at, ..DeedForm::default() };
                deed.run(state, (by, now), (NoticeDeed::ToldByPhone, form), out)
            }
            Self::Summary { from, to } => summarise(state, by, Period::new(from, to)?, out),
        }
    }
}

impl WhichNotices {
    fn read(&self, faults: &mut Faults) -> Filter {
        let Self { reason, unit, gateway, channel, purpose, from, to } = self.clone();
        FilterForm { reason, unit, gateway, channel, purpose, from, to }.read(faults, "--")
    }
}

/// Notices done in one transaction: the bar moves with each.
const BATCH: i64 = 100;

impl DeedArgs {
    fn run(
        &self,
        state: &AppState,
        (by, now): (&Actor, DateTime<Utc>),
        (deed, form): (NoticeDeed, DeedForm),
        out: &mut impl Write,
    ) -> anyhow::Result<()> {
        let mut faults = Faults::new();
        let form = DeedForm { reason: Some(self.why.clone()), ..form };
        let (order, filter) = (form.read(&mut faults, deed, (by, now)), self.which.read(&mut faults));
        faults.finish(Some(())).map_err(told)?;
        if !self.ids.is_empty() {
            return self.one_by_one(state, (by, now), &order, out);
        }
        let bulk = state.act_here(by, now, |conn, act| {
            let bulk = Bulk::new(act, order, filter);
            let count = many::count(conn, act, &bulk)?;
            Ok(Bulk { count, ..bulk })
        });
        let bulk = bulk.map_err(told)?;
        if self.dry_run {
            writeln!(out, "{deed}: {} notices would be reached, nothing was done", bulk.count)?;
            return Ok(());
        }
        let most = state.config.notices.two_people_above;
        anyhow::ensure!(
            bulk.count <= most,
            "{} notices: above {most} two people are needed; propose it with POST /api/v1/notices/actions/{deed}",
            bulk.count
        );
        let done = all_by_filter(state, (by, now), &bulk)?;
        writeln!(out, "{deed}: done to {done} of {} notices", bulk.count)?;
        Ok(())
    }

    fn one_by_one(
        &self,
        state: &AppState,
        (by, now): (&Actor, DateTime<Utc>),
        order: &Order,
        out: &mut impl Write,
    ) -> anyhow::Result<()> {
        if self.dry_run {
            writeln!(out, "{}: {} notices are named, nothing was done", order.deed, self.ids.len())?;
            return Ok(());
        }
        for id in &self.ids {
            let done = state.act_here(by, now, |conn, act| do_to_one(conn, act, NoticeId(*id), order));
            done.map_err(|err| anyhow::anyhow!("{id}: {}", told(err)))?;
            writeln!(out, "{id}: {} done", order.deed)?;
        }
        Ok(())
    }
}

/// Goes through all that the filter finds, a few in each transaction; what is broken off goes on when it is run again.
fn all_by_filter(state: &AppState, (by, now): (&Actor, DateTime<Utc>), bulk: &Bulk) -> anyhow::Result<usize> {
    let progress = Progress::new("notices", u64::try_from(bulk.count).unwrap_or(0));
    let (mut done, mut after) = (0, None);
    loop {
        let before = done;
        let last = state.act_here(by, now, |conn, act| {
            let last = do_some(conn, act, bulk, (after, BATCH), &mut done)?;
            if done > before {
                let details = bulk.details(done - before);
                audit::note(conn, act, recorded_as(bulk.order.deed), Subject::Notices, details)?;
            }
            Ok(last)
        });
        let Some(last) = last.map_err(told)? else { break };
        after = Some(last);
        progress.advance(u64::try_from(done - before).unwrap_or(0));
    }
    progress.finish();
    Ok(done)
}

fn count_dead(state: &AppState, by: &Actor, which: &WhichNotices, out: &mut impl Write) -> anyhow::Result<()> {
    let counted = look(state, by, which, dead::count)?;
    for row in &counted {
        writeln!(out, "{}\t{}\tsince {}", row.why, row.count, OfficeTime(row.oldest_at))?;
    }
    writeln!(out, "total\t{}", counted.iter().map(|row| row.count).sum::<i64>())?;
    Ok(())
}

/// Dead letters in one answer of the database.
const PAGE: i64 = 200;

fn list_dead(state: &AppState, by: &Actor, which: &WhichNotices, out: &mut impl Write) -> anyhow::Result<()> {
    let mut before = None;
    loop {
        let page = look(state, by, which, |conn, question| {
            let mut found = dead::list(conn, question, (before, PAGE))?;
            found.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
            let ids: Vec<NoticeId> = found.iter().map(|one| one.id).collect();
            Ok(found.into_iter().zip(queries::by_keys(conn, &ids)?).collect::<Vec<_>>())
        })?;
        let Some((last, _)) = page.last() else { return Ok(()) };
        before = Some(last.id);
        for (found, (row, dossier, _)) in &page {
            let (purpose, channel, to) = (row.purpose, row.channel, &row.address_masked);
            writeln!(out, "{}\t{}\t{dossier}\t{purpose}\t{channel}\t{to}", found.id, found.why)?;
        }
    }
}

fn look<T>(
    state: &AppState,
    by: &Actor,
    which: &WhichNotices,
    work: impl FnOnce(&mut diesel::PgConnection, &Question) -> diesel::QueryResult<T>,
) -> anyhow::Result<T> {
    let mut faults = Faults::new();
    let filter = which.read(&mut faults);
    let filter = faults.finish(Some(filter)).map_err(told)?;
    let found = state.act_here(by, state.clock.now(), |conn, act| {
        let units = filter.units(act)?;
        let seen_by = SeenBy::from(act.by);
        Ok(work(conn, &Question { which: Which::Dead, filter, units, seen_by, as_of: act.now })?)
    });
    found.map_err(told)
}

fn summarise(state: &AppState, by: &Actor, period: Period, out: &mut impl Write) -> anyhow::Result<()> {
    let rows = state.act_here(by, state.clock.now(), |conn, act| counted(conn, act, &period));
    let rows = rows.map_err(told)?;
    for (purpose, channel, status, count, segments) in &rows {
        writeln!(out, "{purpose}\t{channel}\t{status}\t{count}\t{} segments", segments.unwrap_or(0))?;
    }
    writeln!(out, "total\t{}", rows.iter().map(|(.., count, _)| count).sum::<i64>())?;
    Ok(())
}

/// Says what is wrong as a person at the terminal reads it.
fn told(err: AppError) -> anyhow::Error {
    match err {
        AppError::Invalid(faults) => {
            let lines: Vec<_> =
                faults.iter().map(|fault| format!("{}: {}", option(&fault.pointer), fault.said.en)).collect();
            anyhow::anyhow!("{}", lines.join("\n"))
        }
        AppError::NotFound(said) | AppError::Conflict(said) => anyhow::anyhow!("{}", said.en),
        err => anyhow::anyhow!("{}", Chain(&err)),
    }
}

/// Names what the API takes in a query or a body by the option that it is typed by here.
fn option(pointer: &str) -> String {
    match pointer {
        "/reason" => "--why".to_owned(),
        "/channel" => "--on".to_owned(),
        "/told_at" => "--at".to_owned(),
        other => other.replacen('?', "--", 1),
    }
}
