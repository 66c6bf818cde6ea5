//! Who makes an export: one process at a time, by a lease that another takes up when it has run out. Each transaction of the
//! making locks the row of what it still holds.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use super::model::{Export, ExportState};
use crate::domain::ids::ExportId;
use crate::error::AppError;
use crate::platform::db::Scope;
use crate::schema::exports;
use crate::state::AppState;

/// After so long whoever made it is taken for dead.
pub(super) const LEASE: TimeDelta = TimeDelta::minutes(10);
/// Processes that may die over one export.
const MOST_LOST: i16 = 3;
/// Tries on end that may take too long.
const MOST_SLOW: i16 = 3;
/// How long an export that took too long is left alone, times such tries.
const SLOW_WAIT: TimeDelta = TimeDelta::minutes(2);

/// An export, and the lease by which it is ours.
pub(super) type Leased = (ExportId, Uuid);

/// Takes the oldest that nobody holds and that is not put off. A lease that ran out was lost by a process that died; after
/// some of them the export is given up, for it may be what kills them.
pub(super) async fn claim(state: &AppState) -> Result<Option<Leased>, AppError> {
    let clock = state.clock.clone();
    let work = move |conn: &mut PgConnection| {
        let now = clock.database_now(conn)?;
        let free = exports::leased_until.is_null().or(exports::leased_until.le(now));
        let its_turn = exports::not_before.is_null().or(exports::not_before.le(now));
        let found: Option<Export> = exports::table
            .filter(exports::ended_at.is_null())
            .filter(free)
            .filter(its_turn)
            .order((exports::asked_at, exports::id))
            .select(Export::as_select())
            .for_update()
            .skip_locked()
            .first(conn)
            .optional()?;
        let Some(export) = found else { return Ok(None) };
        let lost = export.lost_leases + i16::from(export.lease.is_some());
        let row = exports::table.find(export.id);
        if lost > MOST_LOST {
            end(conn, export.id, ExportState::Failed, (now, Some("killed".to_owned())))?;
            return Ok(None);
        }
        let lease = Uuid::now_v7();
        diesel::update(row)
            .set((
                exports::state.eq(ExportState::Running.as_str()),
                exports::lost_leases.eq(lost),
                exports::lease.eq(lease),
                exports::leased_until.eq(now + LEASE),
            ))
            .execute(conn)?;
        Ok(Some((export.id, lease)))
    };
    state.db.tx(&Scope::system(), work).await
}

/// Locks the export when it is still ours and wanted.
pub(super) fn held(conn: &mut PgConnection, (id, lease): Leased) -> Result<Option<Export>, AppError> {
    let mine = exports::table.find(id).filter(exports::lease.eq(lease)).filter(exports::ended_at.is_null());
    Ok(mine.select(Export::as_select()).for_update().first(conn).optional()?)
}

/// Gives the export up, if it is still ours, and says by which code.
pub(super) async fn give_up(state: &AppState, (id, lease): Leased, why: String) -> Result<(), AppError> {
    let clock = state.clock.clone();
    let work = move |conn: &mut PgConnection| {
        let now = clock.database_now(conn)?;
        match held(conn, (id, lease))? {
            Some(_) => end(conn, id, ExportState::Failed, (now, Some(why))),
            None => Ok(()),
        }
    };
    state.db.tx(&Scope::system(), work).await
}

/// Puts the export off, if it is still ours, as a step of it took too long: the database may have been busy. After some such
/// tries on end it is given up by the code, for it may be too much at any time.
pub(super) async fn put_off(state: &AppState, (id, lease): Leased, why: &'static str) -> Result<(), AppError> {
    let clock = state.clock.clone();
    let work = move |conn: &mut PgConnection| {
        let now = clock.database_now(conn)?;
        let Some(export) = held(conn, (id, lease))? else { return Ok(()) };
        let tries = export.slow_tries.saturating_add(1);
        if tries >= MOST_SLOW {
            return end(conn, id, ExportState::Failed, (now, Some(why.to_owned())));
        }
        diesel::update(exports::table.find(id))
            .set((
                exports::slow_tries.eq(tries),
                exports::not_before.eq(now + SLOW_WAIT * i32::from(tries)),
                exports::lease.eq(None::<Uuid>),
                exports::leased_until.eq(None::<DateTime<Utc>>),
            ))
            .execute(conn)?;
        Ok(())
    };
    state.db.tx(&Scope::system(), work).await
}

/// Lets others take it: nothing is wrong, and nobody need wait until the lease has run out.
pub(super) async fn release(state: &AppState, (id, lease): Leased) -> Result<(), AppError> {
    let work = move |conn: &mut PgConnection| {
        diesel::update(exports::table.find(id).filter(exports::lease.eq(lease)))
            .set((exports::lease.eq(None::<Uuid>), exports::leased_until.eq(None::<DateTime<Utc>>)))
            .execute(conn)?;
        Ok::<(), AppError>(())
    };
    state.db.tx(&Scope::system(), work).await
}

/// Ends an export.
pub(super) fn end(
    conn: &mut PgConnection,
    id: ExportId,
    state: ExportState,
    (now, why): (DateTime<Utc>, Option<String>),
) -> Result<(), AppError> {
    diesel::update(exports::table.find(id))
        .set((
            exports::state.eq(state.as_str()),
            exports::failed_why.eq(why),
            exports::lease.eq(None::<Uuid>),
            exports::leased_until.eq(None::<DateTime<Utc>>),
            exports::ended_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}
