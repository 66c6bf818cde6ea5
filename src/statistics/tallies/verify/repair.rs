//! The tallies made anew from the history, while the house goes on working.

use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use super::recount::{IN_ANY_ORDER, IN_ORDER, next_share, prepare};
use crate::domain::ids::ProcedureVersionId;
use crate::domain::period::office_date;
use crate::error::AppError;
use crate::platform::progress::Progress;
use crate::schema::{dossiers, tally_carried, tally_days, tally_keeping, tally_totals, tally_waiting};
use crate::state::{Act, OfficeCache};
use crate::statistics::tallies::keep::{carry_forward, lock};
use crate::statistics::tallies::marks::{MEASURES, columns, fresh, gathered, summed, write};
use crate::statistics::tally::hourly_versions;

/// Makes the tallies anew of all dossiers, in the transaction of `conn`, which must not have asked anything yet; returns how
/// many marks were wrong. Who asks for figures meanwhile reads what was kept before; what verbs touch from now on waits
/// as always.
///
/// # Errors
/// Whatever the database says; then nothing has changed.
pub fn repair(
    conn: &mut PgConnection,
    (office, now): (&OfficeCache, DateTime<Utc>),
    progress: &Progress,
) -> Result<u64, AppError> {
    conn.batch_execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")?;
    // The picture of this transaction is taken after nobody else keeps the tallies.
    lock(conn)?;
    prepare(conn)?;
    let office = office.in_force(conn)?;
    let by = crate::domain::role::Actor::house();
    let act = Act { office: &office, by: &by, now };
    let hourly = hourly_versions(conn, &act)?;
    let total: i64 = dossiers::table.count().get_result(conn)?;
    progress.set_total(total.unsigned_abs());
    let (mut after, mut latest, mut written) = (Uuid::nil(), None, 0);
    conn.batch_execute(IN_ORDER)?;
    while let Some(share) = next_share(conn, after)? {
        let wrote = write_marks(conn, (after, share.last), &hourly)?;
        written += wrote.many.unsigned_abs();
        latest = latest.max(wrote.latest_at);
        progress.advance(share.many.unsigned_abs());
        after = share.last;
    }
    conn.batch_execute(IN_ANY_ORDER)?;
    write_sums(conn)?;
    carry_forward(conn, office_date(now))?;
    diesel::update(tally_keeping::table).set(tally_keeping::latest_at.eq(latest)).execute(conn)?;
    diesel::delete(tally_waiting::table).execute(conn)?;
    progress.finish();
    Ok(written)
}

#[derive(QueryableByName)]
struct Written {
    #[diesel(sql_type = BigInt)]
    many: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    latest_at: Option<DateTime<Utc>>,
}

fn write_marks(
    conn: &mut PgConnection,
    (after, last): (Uuid, Uuid),
    hourly: &[ProcedureVersionId],
) -> QueryResult<Written> {
    let source = format!(
        "SELECT {} FROM fresh f WHERE counts OR EXISTS (
             SELECT FROM tally_marks k WHERE k.dossier_id = f.dossier_id AND k.dossier_id > $1 AND k.dossier_id <= $2)",
        columns()
    );
    let sql = format!(
        "/* statistics::tallies::verify::write_marks */ WITH {}, written AS ({} RETURNING 1)
         SELECT (SELECT count(*) FROM written) AS many, max(latest_at) FILTER (WHERE counts) AS latest_at FROM fresh",
        fresh("KEY > $1 AND KEY <= $2", "$3"),
        write(&source),
    );
    diesel::sql_query(sql)
        .bind::<SqlUuid, _>(after)
        .bind::<SqlUuid, _>(last)
        .bind::<Array<SqlUuid>, _>(hourly.to_vec())
        .get_result(conn)
}

fn write_sums(conn: &mut PgConnection) -> QueryResult<()> {
    diesel::delete(tally_totals::table).execute(conn)?;
    diesel::delete(tally_carried::table).execute(conn)?;
    diesel::delete(tally_days::table).execute(conn)?;
    let sql = format!(
        "/* statistics::tallies::verify::write_sums */ INSERT INTO tally_days (day, is_leg, unit_id, field_id, {}) {}",
        MEASURES.join(", "),
        summed(&gathered("tally_marks")),
    );
    diesel::sql_query(sql).execute(conn).map(drop)
}
