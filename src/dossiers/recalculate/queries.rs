//! Which open dossiers follow a calendar, and how many are written at once.

use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Jsonb, Nullable, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::domain::calendars::PublishedCalendar;
use crate::domain::dossier::Status;
use crate::domain::ids::DossierId;
use crate::dossiers::model::{Dossier, Event};
use crate::http::page::Cursor;
use crate::platform::prepared::Prepare;
use crate::schema::{dossier_events, dossiers};

type Condition = Box<dyn BoxableExpression<dossiers::table, Pg, SqlType = Nullable<Bool>>>;

/// Open dossiers that a calendar could touch: mirrored ones are another system's, and what has no derivation was not
/// counted here.
fn is_open() -> Condition {
    let open = dossiers::accepted_at.is_not_null().and(dossiers::ended_at.is_null());
    let ours = dossiers::status.ne(Status::Voided).and(dossiers::mirrored.eq(false));
    Box::new(open.and(ours).and(dossiers::derivation.is_not_null()).nullable())
}

/// Those whose due date lay ahead when the calendar came, and that were counted by another one last.
fn follows(calendar: &PublishedCalendar) -> Condition {
    let older =
        sql::<Bool>("(dossiers.derivation->>'calendar_version')::integer <> ").bind::<Integer, _>(calendar.number);
    Box::new(is_open().and(dossiers::due_at.ge(calendar.published_at)).and(older))
}

/// Those that come after a due date and key, in this order.
fn comes_after(after: Cursor) -> Condition {
    let tie = dossiers::due_at.eq(after.at).and(dossiers::id.gt(DossierId(after.id)));
    Box::new(dossiers::due_at.ge(after.at).and(dossiers::due_at.gt(after.at).or(tie)))
}

/// Returns the next open dossiers that have not followed the calendar yet, by due date and key.
///
/// # Errors
/// Whatever the database says.
pub fn keys_after(
    conn: &mut PgConnection,
    calendar: &PublishedCalendar,
    after: Cursor,
    limit: i64,
) -> QueryResult<Vec<Cursor>> {
    let keys: Vec<(Option<DateTime<Utc>>, Uuid)> = dossiers::table
        .filter(follows(calendar))
        .filter(comes_after(after))
        .order((dossiers::due_at, dossiers::id))
        .limit(limit)
        .select((dossiers::due_at, dossiers::id))
        .load(conn)?;
    Ok(keys.into_iter().filter_map(|(at, id)| Some(Cursor { at: at?, id })).collect())
}

/// Loads the next open dossiers that would follow a calendar, by due date and key.
pub(super) fn load_after(
    conn: &mut PgConnection,
    calendar: &PublishedCalendar,
    after: Cursor,
    limit: i64,
) -> QueryResult<Vec<Dossier>> {
    dossiers::table
        .filter(follows(calendar))
        .filter(comes_after(after))
        .order((dossiers::due_at, dossiers::id))
        .limit(limit)
        .select(Dossier::as_select())
        .load(conn)
}

/// Counts what a calendar of that moment does not touch: open dossiers whose clock stands, and those past their due date.
///
/// # Errors
/// Whatever the database says.
pub fn count_untouched(conn: &mut PgConnection, at: DateTime<Utc>) -> QueryResult<(i64, i64)> {
    let paused = dossiers::table.filter(is_open()).filter(dossiers::due_at.is_null()).count();
    let passed = dossiers::table.filter(is_open()).filter(dossiers::due_at.lt(at)).count();
    Ok((paused.get_result(conn)?, passed.get_result(conn)?))
}

/// Locks those of the keys that still follow, by key as everybody locks them.
pub(super) fn lock(
    conn: &mut PgConnection,
    calendar: &PublishedCalendar,
    keys: &[Cursor],
) -> QueryResult<Vec<Dossier>> {
    let ids: Vec<Uuid> = keys.iter().map(|key| key.id).collect();
    dossiers::table
        .filter(dossiers::id.eq_any(ids))
        .filter(follows(calendar))
        .order(dossiers::id)
        .select(Dossier::as_select())
        .for_update()
        .load(conn)
}

const WRITE_DOSSIERS: &str = "-- dossiers::recalculate::queries::write_dossiers
UPDATE dossiers d SET version = n.version, due_unextended = n.due_unextended, due_at = n.due_at,
    due_statutory = n.due_statutory, provisional = n.provisional, derivation = n.derivation
FROM unnest($1, $2, $3, $4, $5, $6, $7)
    AS n (id, version, due_unextended, due_at, due_statutory, provisional, derivation)
WHERE d.id = n.id";

/// Writes what a calendar may change of locked dossiers.
pub(super) fn write_dossiers<'a>(
    conn: &mut PgConnection,
    dossiers: impl Iterator<Item = &'a Dossier> + Clone,
) -> QueryResult<()> {
    fn column<'a, T>(dossiers: &(impl Iterator<Item = &'a Dossier> + Clone), of: fn(&Dossier) -> T) -> Vec<T> {
        dossiers.clone().map(of).collect()
    }
    diesel::sql_query(WRITE_DOSSIERS)
        .bind::<Array<SqlUuid>, _>(column(&dossiers, |dossier| dossier.id.0))
        .bind::<Array<BigInt>, _>(column(&dossiers, |dossier| dossier.version))
        .bind::<Array<Nullable<Timestamptz>>, _>(column(&dossiers, |dossier| dossier.due_unextended))
        .bind::<Array<Nullable<Timestamptz>>, _>(column(&dossiers, |dossier| dossier.due_at))
        .bind::<Array<Nullable<Timestamptz>>, _>(column(&dossiers, |dossier| dossier.due_statutory))
        .bind::<Array<Bool>, _>(column(&dossiers, |dossier| dossier.provisional))
        .bind::<Array<Nullable<Jsonb>>, _>(column(&dossiers, |dossier| dossier.derivation.clone()))
        .prepared()
        .execute(conn)
}

/// As `dossiers::queries::open_state`, for many whose clock runs.
const WRITE_STATES: &str = "-- dossiers::recalculate::queries::write_states
WITH moved AS (
    SELECT * FROM unnest($1, $2, $3, $4) AS m (id, dossier_id, due_unextended, due_at)
), closed AS (
    UPDATE dossier_states s SET valid_to = greatest(s.valid_from, $5) FROM moved m
    WHERE s.dossier_id = m.dossier_id AND s.valid_to IS NULL
    RETURNING s.dossier_id, s.status, s.unit_id, s.valid_to
)
INSERT INTO dossier_states
    (id, dossier_id, status, unit_id, due_unextended, due_at, paused, valid_from, recorded_at)
SELECT m.id, m.dossier_id, c.status, c.unit_id, m.due_unextended, m.due_at, false, c.valid_to, $5
FROM moved m JOIN closed c USING (dossier_id)";

/// Writes what is in force of dossiers from now on.
pub(super) fn write_states<'a>(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    dossiers: impl Iterator<Item = &'a Dossier>,
) -> QueryResult<()> {
    let dossiers: Vec<&Dossier> = dossiers.collect();
    if dossiers.is_empty() {
        return Ok(());
    }
    let due_unextended: Vec<_> = dossiers.iter().map(|dossier| dossier.due_unextended).collect();
    let due_at: Vec<_> = dossiers.iter().map(|dossier| dossier.due_at).collect();
    diesel::sql_query(WRITE_STATES)
        .bind::<Array<SqlUuid>, _>(dossiers.iter().map(|_| Uuid::now_v7()).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(dossiers.iter().map(|dossier| dossier.id.0).collect::<Vec<_>>())
        .bind::<Array<Nullable<Timestamptz>>, _>(due_unextended)
        .bind::<Array<Nullable<Timestamptz>>, _>(due_at)
        .bind::<Timestamptz, _>(now)
        .prepared()
        .execute(conn)
}

/// Appends events to the histories of several dossiers.
pub(super) fn write_events(conn: &mut PgConnection, events: &[Event]) -> QueryResult<()> {
    diesel::insert_into(dossier_events::table).values(events).execute(conn)?;
    Ok(())
}
