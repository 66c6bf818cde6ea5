//! The house keeps the tallies: it takes up the dossiers that verbs touched, and carries the sums forward.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Array, Date, Nullable, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use super::marks::{MEASURES, columns, each, fresh, spread, summed, write};
use crate::domain::ids::ProcedureVersionId;
use crate::domain::period::office_date;
use crate::domain::role::Actor;
use crate::domain::running_total::{carried_after, carried_before};
use crate::error::AppError;
use crate::schema::{tally_carried, tally_days, tally_waiting};
use crate::state::{Act, AppState};
use crate::statistics::tally::hourly_versions;

/// Dossiers taken up in one transaction.
const BATCH: i64 = 2_000;
/// Batches that one tick does at most, so that a stop is heard in between.
const BATCHES_A_TICK: usize = 20;
/// How long a dossier is left alone after a verb. Who asks for figures may have a clock that is behind that of who acted:
/// what a mark tells must not lie after anybody's now.
const SETTLING: TimeDelta = TimeDelta::seconds(5);
/// No report begins before this day, so no total is carried to one before.
const FIRST_DAY: Option<NaiveDate> = NaiveDate::from_ymd_opt(1990, 1, 1);

/// What one batch came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// Lines of those who wait that were gone through.
    pub seen: usize,
    /// The last of them; the next batch begins after it.
    pub last: i64,
}

/// Keeps the tallies until nothing waits, or as long as a tick may; returns how many lines were gone through.
///
/// # Errors
/// Whatever the database says; the next tick goes on where this one stopped.
pub async fn tick(state: AppState) -> Result<usize, AppError> {
    let (mut seen, mut after) = (0, 0);
    for _ in 0..BATCHES_A_TICK {
        let kept = state.act(&Actor::house(), move |conn, act| keep(conn, act, after)).await?;
        (seen, after) = (seen + kept.seen, kept.last);
        if kept.seen == 0 {
            break;
        }
    }
    Ok(seen)
}

/// Takes up the next dossiers that wait, of the lines after one, and carries the sums forward to today. Those touched less
/// than five seconds ago go on waiting.
///
/// # Errors
/// Whatever the database says; then nothing has changed.
pub fn keep(conn: &mut PgConnection, act: &Act<'_>, after: i64) -> Result<Kept, AppError> {
    lock(conn)?;
    carry_forward(conn, office_date(act.now))?;
    let waiting: Vec<(i64, Uuid)> = tally_waiting::table
        .filter(tally_waiting::number.gt(after))
        .order(tally_waiting::number)
        .limit(BATCH)
        .select((tally_waiting::number, tally_waiting::dossier_id))
        .load(conn)?;
    let Some(last) = waiting.last().map(|(number, _)| *number) else {
        return Ok(Kept { seen: 0, last: after });
    };
    let mut dossiers: Vec<Uuid> = waiting.iter().map(|(_, dossier)| *dossier).collect();
    dossiers.sort_unstable();
    dossiers.dedup();
    let hourly = hourly_versions(conn, act)?;
    let taken = take_up(conn, &dossiers, &hourly, act.now - SETTLING)?;
    let numbers = waiting.iter().filter(|(_, dossier)| taken.binary_search(dossier).is_ok()).map(|(number, _)| *number);
    let done = tally_waiting::table.filter(tally_waiting::number.eq_any(numbers.collect::<Vec<_>>()));
    diesel::delete(done).execute(conn)?;
    Ok(Kept { seen: waiting.len(), last })
}

/// Waits for whoever else keeps the tallies, to the end of the transaction; reading goes on. It takes no picture of the
/// database yet.
pub(super) fn lock(conn: &mut PgConnection) -> QueryResult<()> {
    conn.batch_execute("LOCK TABLE tally_keeping IN EXCLUSIVE MODE")
}

#[derive(QueryableByName)]
struct Taken {
    #[diesel(sql_type = SqlUuid)]
    dossier_id: Uuid,
}

/// Writes the marks of dossiers anew, and what that changes in the sums, where nothing of them is later than `settled`;
/// returns which, in order.
fn take_up(
    conn: &mut PgConnection,
    dossiers: &[Uuid],
    hourly: &[ProcedureVersionId],
    settled: DateTime<Utc>,
) -> QueryResult<Vec<Uuid>> {
    let mut taken: Vec<Uuid> = diesel::sql_query(take_up_sql())
        .bind::<Array<SqlUuid>, _>(dossiers.to_vec())
        .bind::<Array<SqlUuid>, _>(hourly.to_vec())
        .bind::<Timestamptz, _>(settled)
        .load::<Taken>(conn)?
        .into_iter()
        .map(|taken| taken.dossier_id)
        .collect();
    taken.sort_unstable();
    Ok(taken)
}

fn take_up_sql() -> String {
    format!(
        "/* statistics::tallies::keep::take_up */ WITH {fresh},
        settled AS (SELECT * FROM fresh WHERE coalesce(latest_at <= $3, true)),
        kept AS (SELECT * FROM tally_marks WHERE dossier_id IN (SELECT dossier_id FROM settled)),
        written AS ({write}),
        changes AS ({changes}),
        days AS (
            INSERT INTO tally_days AS t (day, is_leg, unit_id, field_id, {measures}) SELECT * FROM changes
            ON CONFLICT (day, is_leg, field_id, unit_id) DO UPDATE SET {add}
        ),
        totals AS (
            INSERT INTO tally_totals AS t (until, is_leg, unit_id, field_id, {measures})
            SELECT c.until, is_leg, unit_id, field_id, {sums} FROM changes x JOIN tally_carried c ON c.until > x.day
            GROUP BY c.until, is_leg, unit_id, field_id
            ON CONFLICT (until, is_leg, field_id, unit_id) DO UPDATE SET {add}
        ),
        keeping AS (
            UPDATE tally_keeping SET latest_at = greatest(latest_at, (SELECT max(latest_at) FROM settled WHERE counts))
        )
        SELECT dossier_id FROM settled",
        fresh = fresh("KEY = ANY($1)", "$2"),
        write = write(&format!(
            "SELECT {columns} FROM settled s WHERE counts OR EXISTS (SELECT FROM kept k WHERE k.dossier_id = s.dossier_id)",
            columns = columns(),
        )),
        sums = each(&MEASURES, "sum({})::int AS {}"),
        changes = summed(&format!(
            "{plus} UNION ALL SELECT dossier_id, is_leg, unit_id, field_id, day, {minus} FROM ({kept}) k",
            plus = spread("settled"),
            minus = each(&MEASURES, "-{}"),
            kept = spread("kept"),
        )),
        measures = MEASURES.join(", "),
        add = each(&MEASURES, "{} = t.{} + EXCLUDED.{}"),
    )
}

/// Carries the sums forward to all days up to `today` to which they are carried, from the first day that has any.
pub(super) fn carry_forward(conn: &mut PgConnection, today: NaiveDate) -> QueryResult<()> {
    let real = tally_days::table.filter(tally_days::day.ge(FIRST_DAY.unwrap_or(NaiveDate::MIN)));
    let first: Option<NaiveDate> = real.select(diesel::dsl::min(tally_days::day)).first(conn)?;
    let mut until = carried_before(first.unwrap_or(today).min(today));
    let carried = tally_carried::table.filter(tally_carried::until.ge(until)).select(tally_carried::until);
    let carried: BTreeSet<NaiveDate> = carried.load(conn)?.into_iter().collect();
    while until <= today {
        if !carried.contains(&until) {
            carry_to(conn, until)?;
        }
        until = carried_after(until);
    }
    Ok(())
}

/// Carries the sums forward to a day: those of the day before it to which they are carried, and the days between. Days on
/// which all came to nothing are forgotten.
fn carry_to(conn: &mut PgConnection, until: NaiveDate) -> QueryResult<()> {
    let (before, day) = (tally_carried::table.filter(tally_carried::until.lt(until)), tally_carried::until);
    let before: Option<NaiveDate> = before.select(diesel::dsl::max(day)).first(conn)?;
    let measures = MEASURES.join(", ");
    let carry = format!(
        "/* statistics::tallies::keep::carry_to */ INSERT INTO tally_totals (until, is_leg, unit_id, field_id, {measures})
         SELECT $1, is_leg, unit_id, field_id, {sums} FROM (
             SELECT is_leg, unit_id, field_id, {measures} FROM tally_totals WHERE until = $2
             UNION ALL SELECT is_leg, unit_id, field_id, {measures} FROM tally_days
             WHERE ($2 IS NULL OR day >= $2) AND day < $1
         ) parts GROUP BY is_leg, unit_id, field_id",
        sums = each(&MEASURES, "sum({})::int"),
    );
    diesel::sql_query(carry).bind::<Date, _>(until).bind::<Nullable<Date>, _>(before).execute(conn)?;
    let empty = format!(
        "/* statistics::tallies::keep::carry_to */ DELETE FROM tally_days
         WHERE ($2 IS NULL OR day >= $2) AND day < $1 AND ({measures}) = ({zeros})",
        zeros = MEASURES.map(|_| "0").join(", ")
    );
    diesel::sql_query(empty).bind::<Date, _>(until).bind::<Nullable<Date>, _>(before).execute(conn)?;
    diesel::insert_into(tally_carried::table).values(tally_carried::until.eq(until)).execute(conn)?;
    Ok(())
}
