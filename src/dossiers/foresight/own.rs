//! One's own warnings: those to oneself and to one's role, and which of them one has seen.

use chrono::{DateTime, Utc};
use diesel::dsl::not;
use diesel::pg::Pg;
use diesel::prelude::*;
use uuid::Uuid;

use crate::domain::ids::{DossierId, StaffId, UnitId};
use crate::error::{AppError, Said};
use crate::http::body::Faults;
use crate::http::page::Cursor;
use crate::platform::keyset::before;
use crate::schema::{dossiers, warnings, warnings_seen};
use crate::staff::people_only;
use crate::state::Act;

/// A warning as its reader sees it.
#[derive(Debug, Queryable)]
pub(super) struct Warning {
    pub id: Uuid,
    pub code: String,
    pub what: String,
    pub percent: i16,
    pub due_at: DateTime<Utc>,
    pub audience: String,
    pub made_at: DateTime<Utc>,
    pub seen_at: Option<DateTime<Utc>>,
}

/// Which of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    /// Those that were seen, or those that were not; all when nothing is said.
    pub seen: Option<bool>,
    /// Where the page begins.
    pub after: Option<Cursor>,
    /// How many it holds.
    pub limit: i64,
}

/// Returns the warnings to who asks, of dossiers that are still open, the newest first, one more than `limit` where
/// there are more, and how many of all of them were not seen.
///
/// # Errors
/// Whatever the database says.
pub(super) fn list(conn: &mut PgConnection, act: &Act<'_>, wanted: Wanted) -> Result<(Vec<Warning>, i64), AppError> {
    // Keys see nothing for good: nobody in particular is behind them.
    let me = act.by.staff_id().unwrap_or(StaffId(Uuid::nil()));
    let units: Vec<UnitId> = act.catalogue().tree().above(act.by.unit).collect();
    let own = || {
        let of_the_role = warnings::staff_id
            .is_null()
            .and(warnings::role.eq(act.by.role.as_str()))
            .and(warnings::unit_id.eq_any(units.clone()));
        let mark = warnings_seen::warning_id.eq(warnings::id).and(warnings_seen::staff_id.eq(me));
        warnings::table
            .inner_join(dossiers::table)
            .left_join(warnings_seen::table.on(mark))
            // What the index leaves out; the dossier itself has the last word.
            .filter(not(warnings::is_over))
            .filter(dossiers::ended_at.is_null())
            .filter(of_the_role.or(warnings::staff_id.eq(me).assume_not_null()))
            .into_boxed::<Pg>()
    };
    let unseen = own().filter(warnings_seen::seen_at.is_null()).count().get_result(conn)?;
    let mut query = own();
    match wanted.seen {
        None => {}
        Some(true) => query = query.filter(warnings_seen::seen_at.is_not_null()),
        Some(false) => query = query.filter(warnings_seen::seen_at.is_null()),
    }
    if let Some(Cursor { at, id }) = wanted.after {
        query = query.filter(before((warnings::made_at, warnings::id), (at, id)));
    }
    let found = query
        .order((warnings::made_at.desc(), warnings::id.desc()))
        .limit(wanted.limit + 1)
        .select((
            warnings::id,
            dossiers::code,
            warnings::what,
            warnings::percent,
            warnings::due_at,
            warnings::audience,
            warnings::made_at,
            warnings_seen::seen_at.nullable(),
        ))
        .load(conn)?;
    Ok((found, unseen))
}

/// To whom a warning is.
#[derive(Debug, Queryable)]
struct Addressed {
    id: Uuid,
    dossier_id: DossierId,
    unit_id: UnitId,
    role: String,
    staff_id: Option<StaffId>,
}

impl Addressed {
    fn is_for(&self, act: &Act<'_>, me: StaffId, units: &[UnitId]) -> bool {
        match self.staff_id {
            Some(staff) => staff == me,
            None => self.role == act.by.role.as_str() && units.contains(&self.unit_id),
        }
    }
}

/// Marks warnings as seen by who asks, all or none; returns how many were not before.
///
/// # Errors
/// [`AppError::Forbidden`] for a key; [`AppError::Invalid`] naming each that is not for who asks.
pub(super) fn mark_seen(conn: &mut PgConnection, act: &Act<'_>, ids: &[Uuid]) -> Result<usize, AppError> {
    let me = act.by.staff_id().ok_or_else(people_only)?;
    let units: Vec<UnitId> = act.catalogue().tree().above(act.by.unit).collect();
    let found: Vec<Addressed> = warnings::table
        .filter(warnings::id.eq_any(ids))
        .select((warnings::id, warnings::dossier_id, warnings::unit_id, warnings::role, warnings::staff_id))
        .load(conn)?;
    let mut faults = Faults::new();
    let mut rows = Vec::with_capacity(ids.len());
    for (number, id) in ids.iter().enumerate() {
        match found.iter().find(|one| one.id == *id).filter(|one| one.is_for(act, me, &units)) {
            None => faults.add(format!("/ids/{number}"), no_such_warning()),
            Some(one) => rows.push((
                warnings_seen::staff_id.eq(me),
                warnings_seen::warning_id.eq(one.id),
                warnings_seen::dossier_id.eq(one.dossier_id),
                warnings_seen::seen_at.eq(act.now),
            )),
        }
    }
    faults.finish(Some(()))?;
    Ok(diesel::insert_into(warnings_seen::table).values(rows).on_conflict_do_nothing().execute(conn)?)
}

/// The answer for one that is not there, and for one that is for others.
fn no_such_warning() -> Said {
    Said::new("no_such_warning", "Bạn không có cảnh báo này", "You have no such warning")
}
