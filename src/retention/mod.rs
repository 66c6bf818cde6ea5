//! Personal data whose time is over is erased: what tells who somebody was is taken out of rows that stay, and the keys
//! that sealed it are destroyed, so that copies of the database do not open either.

pub mod command;
mod devices;
mod due;
mod erase;
mod keys;

use serde_json::json;

use crate::audit;
use crate::domain::audit::{Action, Subject};
use crate::domain::ids::UnitId;
use crate::domain::role::{Actor, Role, Who};
use crate::error::AppError;
use crate::state::{Act, AppState};

/// Rows of one kind that one transaction erases.
const BATCH: i64 = 500;

/// Something that is erased, a batch a transaction.
struct Step {
    /// Its name in the audit.
    what: &'static str,
    /// Erases a batch; returns how many were in it.
    batch: fn(&mut diesel::PgConnection, &Act<'_>) -> Result<usize, AppError>,
}

/// In this order: a key goes when the last row that needs it has gone.
static STEPS: [Step; 5] = [
    Step { what: "dossiers", batch: erase::dossiers },
    Step { what: "notices", batch: erase::notices },
    Step { what: "citizen_devices", batch: devices::forget_unseen },
    Step { what: "identity_reads", batch: erase::identity_reads },
    Step { what: "data_keys", batch: keys::destroy },
];

impl Step {
    /// Erases a batch and records how many there were.
    fn run(&self, conn: &mut diesel::PgConnection, act: &Act<'_>) -> Result<usize, AppError> {
        let count = (self.batch)(conn, act)?;
        if count > 0 && self.what != "data_keys" {
            let details = json!({ "what": self.what, "count": count });
            audit::note(conn, act, Action::DataErased, Subject::PersonalData, details)?;
        }
        Ok(count)
    }
}

/// Erases all that is due, batch by batch; returns how many rows and keys.
///
/// # Errors
/// Whatever the database says; what was erased before stays so, and the next run goes on.
pub async fn tick(state: AppState) -> Result<usize, AppError> {
    let mut done = 0;
    for step in &STEPS {
        loop {
            let count = state.act(&house(), move |conn, act| step.run(conn, act)).await?;
            done += count;
            if count == 0 {
                break;
            }
        }
    }
    Ok(done)
}

/// As [`tick`], on the calling thread; returns what was erased, by name.
///
/// # Errors
/// As [`tick`].
fn run_here(state: &AppState) -> Result<Vec<(&'static str, usize)>, AppError> {
    let mut done = Vec::new();
    for step in &STEPS {
        let mut all = 0;
        loop {
            let count = state.act_here(&house(), state.clock.now(), |conn, act| step.run(conn, act))?;
            all += count;
            if count == 0 {
                break;
            }
        }
        done.push((step.what, all));
    }
    Ok(done)
}

fn house() -> Actor {
    Actor::new(Who::System, "motcua", Role::Admin, UnitId(uuid::Uuid::nil()))
}
