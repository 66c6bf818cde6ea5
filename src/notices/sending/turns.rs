//! Whose turn it is while much is waiting: within a priority the units that speak take turns.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, SmallInt, Text, Timestamptz};
use uuid::Uuid;

use super::claim::{Ask, Claim};
use super::low_water::Group;
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
        self.with(|state| {
            if claim.is_full {
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

/// Asks unit by unit, which steps over no more rows than there are units: most of what is waiting is one unit's.
const WAITING: &str = "-- notices::sending::turns::waiting
SELECT u.id AS unit_id FROM units u
WHERE EXISTS (
    SELECT FROM unnest($2, $3) AS turn (priority, since), LATERAL (
        SELECT FROM notice_queue q
        WHERE q.channel = $1 AND q.gateway = '' AND q.priority = turn.priority AND q.unit_id = u.id
            AND q.run_at <= $4 AND q.run_at >= turn.since
        LIMIT 1
    ) one
)
ORDER BY u.id";

/// Finds the units that have something waiting for any gateway of the channel.
pub(super) fn waiting(conn: &mut PgConnection, ask: &Ask, now: DateTime<Utc>) -> QueryResult<Vec<Uuid>> {
    let for_any = || Group::all().filter(|(_, _, lies_here)| !lies_here);
    let rows: Vec<Waiting> = diesel::sql_query(WAITING)
        .bind::<Text, _>(ask.channel)
        .bind::<Array<SmallInt>, _>(for_any().map(|(_, priority, _)| priority).collect::<Vec<_>>())
        .bind::<Array<Timestamptz>, _>(for_any().map(|(group, _, _)| ask.low_water.of(group)).collect::<Vec<_>>())
        .bind::<Timestamptz, _>(now)
        .prepared()
        .load(conn)?;
    Ok(rows.into_iter().map(|row| row.unit_id).collect())
}
