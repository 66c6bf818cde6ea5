//! How long results of a procedure usually take in a unit, kept for the public status, which reads no figures: counted anew
//! once a day from the working times of the last months, and nowhere said where there were too few results.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::connection::SimpleConnection;
use diesel::dsl::max;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamptz};

use super::durations::{MEASURES, measured};
use super::queries::{self, Map};
use super::tally;
use crate::domain::period::{Period, office_date};
use crate::domain::role::Actor;
use crate::error::AppError;
use crate::platform::db::Scope;
use crate::schema::expected_times;
use crate::state::{Act, AppState};

/// Counts anew what was not counted today; returns of how many procedures and units.
///
/// # Errors
/// Whatever the database says; then what was counted before stays.
pub async fn tick(state: AppState) -> Result<usize, AppError> {
    let (clock, office) = (state.clock.clone(), state.office.clone());
    let work = move |conn: &mut PgConnection| {
        // One counts, and who waits for it sees that it was done. Reading goes on.
        conn.batch_execute("LOCK TABLE expected_times IN EXCLUSIVE MODE")?;
        let now = clock.database_now(conn)?;
        let (office, by) = (office.in_force(conn)?, Actor::house());
        keep(conn, &Act { office: &office, by: &by, now })
    };
    state.db.tx(&Scope::system(), work).await
}

fn keep(conn: &mut PgConnection, act: &Act<'_>) -> Result<usize, AppError> {
    let counted_at: Option<DateTime<Utc>> =
        expected_times::table.select(max(expected_times::counted_at)).first(conn)?;
    let today = office_date(act.now);
    if counted_at.is_some_and(|at| office_date(at) == today) {
        return Ok(0);
    }
    let settings = &act.office.config.statistics;
    let first = today - TimeDelta::days(settings.expect_days.into());
    let period = Period::new(first, today).map_err(|err| AppError::Internal(err.into()))?;
    // What ended units did is what may be expected of those that follow them.
    let question = tally::question(conn, act, (&period, Map::Now))?;
    // A year of a province takes longer than a request may.
    conn.batch_execute("SET LOCAL statement_timeout = 0")?;
    diesel::delete(expected_times::table).execute(conn)?;
    let sql = format!(
        "/* statistics::expected::keep */ \
         INSERT INTO expected_times (procedure_id, unit_id, results, p50_minutes, p90_minutes, counted_at) \
         SELECT procedure_id, unit_id, count, p50_minutes, p90_minutes, $14 FROM ( \
           SELECT v.procedure_id, unit_id, {MEASURES} FROM {} \
           JOIN procedure_versions v ON v.id = procedure_version_id \
           WHERE minutes IS NOT NULL GROUP BY v.procedure_id, unit_id) t WHERE count >= $13",
        measured(&question)
    );
    let counted = queries::ask(sql, &question)
        .bind::<BigInt, _>(i64::from(settings.fewest_to_expect))
        .bind::<Timestamptz, _>(act.now)
        .execute(conn)?;
    tracing::info!(counted, "usual working times of {counted} procedures in units counted");
    Ok(counted)
}
