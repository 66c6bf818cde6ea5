//! `motcua simulate`: a year of a province replayed through the real use cases, with a clock of its own.
//!
//! `plan` draws lives from a seed and touches nothing; `course` says when each goes on and how; `run` carries the
//! deeds out in the order of their moments; `report` prints what came of it, computed by the statistics module; `bulk` copies
//! what was replayed until there is enough to measure with.
//! Only a demo database takes a replay, and its messages never leave the house.

mod bulk;
mod course;
mod deeds;
mod moments;
mod people;
mod plan;
mod queries;
mod report;
mod run;
mod threads;

use crate::app::is_demo;
use crate::domain::calendar::CalendarError;
use crate::domain::period::PeriodError;
use crate::domain::role::{Actor, Role, Who};
use crate::error::{AppError, Chain};
use crate::platform::db::Scope;
use crate::platform::progress::Progress;
use crate::state::AppState;

pub use bulk::{Along, multiply};
pub use plan::Targets;
pub use report::{Messages, YearReport};

/// Why there is no replay.
#[derive(Debug, thiserror::Error)]
pub enum SimulationError {
    /// The database is a real office's.
    #[error(
        "this database was not made as a demo, so nothing is simulated in it; give the replay one of its own \
         (MOTCUA__DATABASE__URL or MOTCUA__DATA__DIR, with server.mode = \"demo\")"
    )]
    NotADemo,
    /// Nobody receives anything in that year, or it has not begun.
    #[error("no procedure can be received in {year}; load a catalogue that holds then (`motcua import catalogue`)")]
    NothingToReceive {
        /// The year asked for.
        year: i32,
    },
    /// There is no dossier yet that could be copied.
    #[error("there is no dossier to copy; replay some first (`motcua simulate --year 2024`)")]
    NothingToCopy,
    /// A target that no office can reach.
    #[error("{what} is no share between 0 and 100 %")]
    NoShare {
        /// Which.
        what: &'static str,
    },
    /// There are no reports for the year.
    #[error(transparent)]
    Period(#[from] PeriodError),
    /// The calendar ends too soon.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
    /// A use case refused: the plan was wrong.
    #[error("the replay can't {deed} the {number}. dossier: {}", Chain(source))]
    Refused {
        /// What was to be done.
        deed: &'static str,
        /// To which dossier of the plan.
        number: usize,
        /// Why not.
        source: AppError,
    },
    /// Another fault.
    #[error("the replay stopped: {}", Chain(.0))]
    Stopped(#[source] AppError),
}

impl From<AppError> for SimulationError {
    fn from(err: AppError) -> Self {
        Self::Stopped(err)
    }
}

/// Replays a year and reports on it. A second replay on the same database adds to the first.
///
/// # Errors
/// [`SimulationError`]; what was carried out before it stands, each transaction whole.
pub fn simulate(state: &AppState, targets: &Targets, progress: &Progress) -> Result<YearReport, SimulationError> {
    is_a_demo(state)?;
    let office = state.db.read_here(&Scope::system(), |conn| state.office.in_force(conn))?;
    let lives = plan::draw(&office.catalogue, targets)?;
    progress.set_total(u64::try_from(lives.len()).unwrap_or(u64::MAX));
    run::replay(state, &office, &lives, progress)?;
    progress.finish();
    report::of_year(state, targets.year)
}

fn is_a_demo(state: &AppState) -> Result<(), SimulationError> {
    let is_demo: Result<bool, AppError> = state.db.read_here(&Scope::system(), |conn| Ok(is_demo(conn)?));
    if is_demo? { Ok(()) } else { Err(SimulationError::NotADemo) }
}

/// Who acts in a replay: the house, in a role.
fn actor(role: Role, unit: crate::domain::ids::UnitId) -> Actor {
    Actor::new(Who::System, format!("{} (mô phỏng)", title(role)), role, unit)
}

fn title(role: Role) -> &'static str {
    match role {
        Role::Clerk => "Cán bộ một cửa",
        Role::Leader => "Lãnh đạo cơ quan",
        Role::Officer => "Chuyên viên",
        Role::Portal => "Cổng dịch vụ công",
        _ => "Hệ thống",
    }
}
