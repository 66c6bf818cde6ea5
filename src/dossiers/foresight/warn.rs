//! Warnings to whoever holds a dossier, and to the next above, as its time runs out.
//!
//! Each part of a term that the settings name is told once for each due date, in working hours, whatever number of
//! workers there is: the moments are taken with a lock, and `warnings_once_key` is the last word.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use super::legs;
use super::queries::{self, ToWarn};
use super::recipients::{Recipient, recipients};
use crate::domain::ids::{DossierId, StaffId, UnitId};
use crate::domain::period::office_time;
use crate::domain::role::Actor;
use crate::domain::words::words;
use crate::dossiers::deadline::refused;
use crate::error::AppError;
use crate::schema::warnings;
use crate::state::{Act, AppState};

/// So many dossiers in one transaction.
pub(super) const BATCH: i64 = 500;

words! {
    /// Whose time runs out.
    pub enum What {
        /// The office's, for the result.
        Result = "result",
        /// The counter's, for an answer to what was filed.
        Answer = "answer",
        /// The citizen's, for papers that are missing: the dossier may lapse.
        Supplement = "supplement",
        /// The unit's, to acknowledge a leg.
        Acknowledge = "acknowledge",
        /// That in which a leg should have begun.
        Sync = "sync",
    }
}

words! {
    /// Who is warned.
    pub enum Audience {
        /// Who holds the step.
        Holder = "holder",
        /// Who leads them.
        Above = "above",
    }
}

#[derive(Debug, Insertable)]
#[diesel(table_name = warnings)]
pub(in crate::dossiers) struct NewWarning {
    pub id: Uuid,
    pub dossier_id: DossierId,
    pub what: &'static str,
    pub percent: i16,
    pub due_at: DateTime<Utc>,
    pub audience: &'static str,
    pub unit_id: UnitId,
    pub role: String,
    pub staff_id: Option<StaffId>,
    pub made_at: DateTime<Utc>,
}

/// Warns of whatever has become due since; returns how many warnings were written.
///
/// # Errors
/// Whatever the database says.
pub async fn tick(state: AppState) -> Result<usize, AppError> {
    let mut written = 0;
    for work in [warn, legs::warn] {
        loop {
            let (taken, count) = state.act(&Actor::house(), move |conn, act| if_open(conn, act, work)).await?;
            written += count;
            if taken < usize::try_from(BATCH).unwrap_or(usize::MAX) {
                break;
            }
        }
    }
    Ok(written)
}

type Work = fn(&mut PgConnection, &Act<'_>) -> Result<(usize, usize), AppError>;

/// Warns of one batch, outside working hours of none.
fn if_open(conn: &mut PgConnection, act: &Act<'_>, work: Work) -> Result<(usize, usize), AppError> {
    let now = office_time(act.now);
    let opening = act.catalogue().calendar().next_opening(now).map_err(|err| refused(err.into()))?;
    if opening == now { work(conn, act) } else { Ok((0, 0)) }
}

/// Warns of one batch; returns how many dossiers and how many warnings there were.
fn warn(conn: &mut PgConnection, act: &Act<'_>) -> Result<(usize, usize), AppError> {
    let taken = queries::take(conn, act.now, BATCH)?;
    let mut rows = Vec::with_capacity(taken.len() * 2);
    for one in &taken {
        let reached = usize::try_from(one.passed).unwrap_or(0).checked_sub(1);
        let percent = reached.and_then(|last| act.office.config.foresight.warn_percent.get(last));
        let Some(percent) = percent.copied().map(i16::from) else { continue };
        let what = if one.waits { What::Answer } else { What::Result };
        rows.extend(rows_of(conn, act, one, (what, percent))?);
    }
    let written = diesel::insert_into(warnings::table).values(&rows).on_conflict_do_nothing().execute(conn)?;
    Ok((taken.len(), written))
}

/// Makes the warnings of one dossier, to all who are to be warned of it.
///
/// # Errors
/// Whatever the database says.
pub(super) fn rows_of(
    conn: &mut PgConnection,
    act: &Act<'_>,
    one: &ToWarn,
    (what, percent): (What, i16),
) -> QueryResult<Vec<NewWarning>> {
    let row = |to: Recipient| NewWarning {
        id: Uuid::now_v7(),
        dossier_id: one.dossier_id,
        what: what.as_str(),
        percent,
        due_at: one.due_at,
        audience: to.audience.as_str(),
        unit_id: to.unit,
        role: to.role,
        staff_id: to.staff,
        made_at: act.now,
    };
    Ok(recipients(conn, act, one)?.into_iter().map(row).collect())
}
