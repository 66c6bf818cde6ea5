//! `motcua import catalogue DIR`: the files of a province into the catalogue, all of them or nothing.
//!
//! Files are read (`read`), checked against each other (`check`), compared with what is there (`plan`) and written
//! (`apply`) in one transaction. What vanishes from the files is kept: dossiers name it.

mod apply;
pub mod calendar;
mod check;
mod existing;
pub mod fault;
pub mod one_process;
mod plan;
mod procedure;
mod process;
pub mod read;
mod report;
mod row;
mod terms_of_legs;
mod unheld;

pub use apply::write_tree;
pub use fault::{Place, RowFault};
pub use report::{Change, DryRun, ImportError, Report, What};

use std::path::Path;

use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde_json::json;

use crate::audit::{self, Doer, Noted};
use crate::catalogue::publication;
use crate::domain::audit::{Action, Subject};
use crate::domain::period::office_date;
use crate::error::AppError;
use crate::platform::db::Scope;
use crate::platform::progress::Progress;
use crate::state::AppState;
use fault::RowFaults;
use read::{Files, PROCESSES};

/// Loads the catalogue that lies in a directory; with [`DryRun::Yes`] it only tells what would change.
///
/// # Errors
/// [`ImportError::Rows`] with every fault of every row, and nothing is loaded.
pub fn run(state: &AppState, dir: &Path, dry_run: DryRun, progress: &Progress) -> Result<Report, ImportError> {
    let mut faults = RowFaults::default();
    let files = read::read_files(dir, &mut faults);
    let now = state.clock.now();
    let done = match dry_run {
        DryRun::Yes => state.db.read_here(&Scope::system(), |conn| {
            Ok(compare(conn, files, now, faults)?.map(|plan| report(plan, dry_run)))
        })?,
        DryRun::No => state.db.tx_here(&Scope::system(), |conn| {
            publication::lock(conn)?;
            let plan = match compare(conn, files, now, faults)? {
                Ok(plan) => plan,
                Err(faults) => return Ok(Err(faults)),
            };
            write(conn, &plan, now, progress)?;
            Ok(Ok(report(plan, dry_run)))
        })?,
    };
    done.map_err(ImportError::Rows)
}

/// A plan, or every fault: nothing has been written then.
fn compare(
    conn: &mut PgConnection,
    mut files: Files,
    now: DateTime<Utc>,
    mut faults: RowFaults,
) -> Result<Result<plan::Plan, Vec<RowFault>>, AppError> {
    let existing = existing::load_existing(conn)?;
    terms_of_legs::fill(&mut files, &existing, &mut faults);
    check::check(&files, &existing, &mut faults);
    let today = office_date(now);
    let unheld = unheld::Holders::load(conn, (&files, &existing), today)?.warnings(&files);
    let mut plan = plan::plan(files, &existing, today, &mut faults);
    plan.warnings.extend(unheld.into_iter().map(|(code, said)| format!("{PROCESSES}: {code}: {}", said.en)));
    if faults.is_empty() { Ok(Ok(plan)) } else { Ok(Err(faults.into_vec())) }
}

fn write(conn: &mut PgConnection, plan: &plan::Plan, now: DateTime<Utc>, progress: &Progress) -> Result<(), AppError> {
    if plan.changes_nothing() {
        return Ok(());
    }
    progress.set_total(apply::parts(plan));
    apply::apply(conn, plan, now, progress)?;
    let details = json!({
        "units": plan.units.len(), "fields": plan.fields.len(), "processes": plan.processes.len(),
        "procedures": plan.procedures.len(), "ended_versions": plan.ends.len(),
        "calendar_version": plan.calendar.as_ref().map(|calendar| calendar.number),
    });
    let noted = Noted { action: Action::CatalogueImported, subject: Subject::Catalogue, details };
    audit::note_by(conn, &Doer::house(), now, &noted)?;
    progress.finish();
    Ok(())
}

fn report(plan: plan::Plan, dry_run: DryRun) -> Report {
    Report { dry_run, changes: plan.changes, unchanged: plan.unchanged, warnings: plan.warnings }
}
