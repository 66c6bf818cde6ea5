//! Whose turn it is while much is waiting: within a priority the units that speak take turns.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Text, Timestamptz};
use uuid::Uuid;

use super::claim::{Ask, Claim};
use crate::platform::prepared::Prepare;

/// How often it is looked who is waiting, while much is.
const LOOK: Duration = Duration::from_secs(1);

/// The units that have something waiting, while more waits than one batch takes; shared by the loops of a lane.
#[derive(Default)]
pub(super) struct Turns(Mutex<State>);

#[derive(Default)]
struct State {
    is_busy: bool,
    looked_at: Option<Instant>,
    units: Vec<Uuid>,
}

impl Turns {
    fn with<T: Default>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        self.0.lock().map(|mut state| work(&mut state)).unwrap_or_default()
    }

    /// Returns who takes turns, each time beginning with another; nobody while there is room for all.
    pub(super) fn units(&self) -> Vec<Uuid> {
        self.with(|state| {
            if !state.is_busy || state.units.len() < 2 {
                return Vec::new();
            }
            state.units.rotate_left(1);
            state.units.clone()
        })
    }

    /// Whether it is time to look who is waiting; says so to one loop a second.
    pub(super) fn looks_now(&self) -> bool {
        self.with(|state| {
            let is_due = state.is_busy && state.looked_at.is_none_or(|at| at.elapsed() > LOOK);
            if is_due {
                state.looked_at = Some(Instant::now());
            }
            is_due
        })
    }

    pub(super) fn found(&self, units: Vec<Uuid>) {
        self.with(|state| state.units = units);
    }

    /// A batch that was full means that more is waiting; one by due date that was not, that nothing is.
    pub(super) fn note(&self, ask: &Ask, claim: &Claim) {
        let is_full = i64::try_from(claim.taken).is_ok_and(|taken| taken >= ask.limit);
        self.with(|state| {
            if is_full {
                state.is_busy = true;
            } else if ask.units.is_empty() && claim.held_back.is_none() && ask.pace.is_unlimited() {
                state.is_busy = false;
            } else if claim.taken == 0 && claim.held_back.is_none() {
                // Those who took turns have nothing left.
                (state.is_busy, state.units, state.looked_at) = (false, Vec::new(), None);
            }
        });
    }
}

#[derive(QueryableByName)]
struct Waiting {
    #[diesel(sql_type = diesel::sql_types::Uuid)]
    unit_id: Uuid,
}

const WAITING: &str = "-- notices::sending::turns::waiting
SELECT DISTINCT unit_id FROM notice_queue
WHERE channel = $1 AND gateway = '' AND run_at <= $2 AND run_at >= $3";

/// Finds the units that have something waiting for any gateway of the channel.
pub(super) fn waiting(conn: &mut PgConnection, ask: &Ask, now: DateTime<Utc>) -> QueryResult<Vec<Uuid>> {
    let rows: Vec<Waiting> = diesel::sql_query(WAITING)
        .bind::<Text, _>(ask.channel)
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(ask.low_water.unwrap_or(DateTime::UNIX_EPOCH))
        .prepared()
        .load(conn)?;
    Ok(rows.into_iter().map(|row| row.unit_id).collect())
}
