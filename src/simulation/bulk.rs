//! A province's years by the million: dossiers that were replayed through the real use cases, copied inside the database.
//!
//! A copy has keys and a code of its own and all else of its model: due dates, states, pauses, steps, events. So it keeps every
//! rule that the use cases keep. What identifies people does not come along, and nobody is told of a copy.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text, Uuid as SqlUuid};
use uuid::Uuid;

use super::threads::{THREADS, side_by_side};
use super::{SimulationError, is_a_demo};
use crate::error::AppError;
use crate::platform::db::Scope;
use crate::platform::progress::Progress;
use crate::schema::{dossier_legs, dossiers};
use crate::state::AppState;

/// Copies written by one statement.
const BATCH: u64 = 10_000;

/// What goes along with a dossier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Along {
    /// Its whole record.
    Everything,
    /// What tallies are counted from: its states, pauses and letters. To fill a disk with dossiers by the ten million.
    Figures,
}

impl Along {
    fn tables(self) -> &'static [&'static str] {
        match self {
            Self::Everything => &TABLES,
            Self::Figures => &OF_FIGURES,
        }
    }
}

const OF_FIGURES: [&str; 3] = ["dossier_states", "dossier_pauses", "dossier_reschedulings"];
const TABLES: [&str; 10] = [
    "dossier_people",
    "dossier_words",
    "dossier_units",
    "dossier_papers",
    "dossier_events",
    "dossier_states",
    "dossier_pauses",
    "dossier_payments",
    "dossier_reschedulings",
    "dossier_steps",
];

/// What does not: it is sealed for its model alone, or names it.
const LEFT_OUT: [&str; 10] = [
    "source",
    "source_code",
    "id_number",
    "id_number_hash",
    "phone",
    "phone_hash",
    "email",
    "email_hash",
    "address",
    "sealed",
];

/// Copies the dossiers of a demo database until there are so many more, each about as often.
///
/// # Errors
/// A database that is no demo or holds nothing to copy; what was copied before stands, each batch whole.
pub fn multiply(state: &AppState, copies: u64, along: Along, progress: &Progress) -> Result<(), SimulationError> {
    is_a_demo(state)?;
    let copying = state.db.tx_here(&Scope::system(), |conn| {
        let are_triggers_off = without_triggers(conn)?;
        Ok::<_, AppError>(Copying { state, statement: statement(conn, along, are_triggers_off)?, progress })
    })?;
    let models = state.db.read_here(&Scope::system(), |conn| Ok::<_, AppError>(models(conn)?))?;
    let many = u64::try_from(models.len()).unwrap_or(u64::MAX);
    if many == 0 {
        return Err(SimulationError::NothingToCopy);
    }
    progress.set_total(copies);
    // The first ones are copied once more, until the number is full.
    let (each, more) = (copies / many, usize::try_from(copies % many).unwrap_or(0));
    let (first, rest) = models.split_at_checked(more).unwrap_or((models.as_slice(), &[]));
    for (models, times) in [(first, each + 1), (rest, each)] {
        copying.share_out(models, times)?;
    }
    progress.finish();
    Ok(())
}

struct Copying<'a> {
    state: &'a AppState,
    statement: String,
    progress: &'a Progress,
}

impl Copying<'_> {
    fn share_out(&self, models: &[Uuid], times: u64) -> Result<(), AppError> {
        // Each thread has the models of its own time.
        let share = models.len().div_ceil(THREADS).max(1);
        side_by_side(models.chunks(share), |models| self.copy_all(models, times))
    }

    fn copy_all(&self, models: &[Uuid], times: u64) -> Result<(), AppError> {
        let chunk = usize::try_from(BATCH / times.max(1)).unwrap_or(1).max(1);
        for models in models.chunks(chunk).filter(|_| times > 0) {
            self.state.db.tx_here(&Scope::system(), |conn| {
                without_triggers(conn)?;
                Ok::<_, AppError>(copy(conn, &self.statement, models, times)?)
            })?;
            self.progress.advance(times * u64::try_from(models.len()).unwrap_or(0));
        }
        Ok(())
    }
}

/// Lets the database trust this transaction in what foreign keys and triggers would look after row by row, where it may: a
/// copy points to what its model points to. Returns whether it does.
fn without_triggers(conn: &mut PgConnection) -> QueryResult<bool> {
    conn.batch_execute("SET LOCAL ROLE NONE; SET LOCAL statement_timeout = 0")?;
    let off: Option<Setting> = diesel::sql_query(WITHOUT_TRIGGERS).get_result(conn).optional()?;
    conn.batch_execute("SET LOCAL ROLE motcua_worker")?;
    Ok(off.is_some())
}

#[derive(QueryableByName)]
struct Setting {
    #[diesel(sql_type = Text)]
    #[expect(dead_code, reason = "that there is one says enough")]
    value: String,
}

const WITHOUT_TRIGGERS: &str = "-- simulation::bulk::without_triggers
SELECT set_config('session_replication_role', 'replica', true) AS value
FROM pg_catalog.pg_roles WHERE rolname = session_user AND rolsuper";

/// The dossiers that may be copied, in the order of their coming: a leg stands with its parent, and neither is.
fn models(conn: &mut PgConnection) -> QueryResult<Vec<Uuid>> {
    let legs = dossier_legs::table.filter(dossier_legs::parent_id.eq(dossiers::id));
    dossiers::table
        .filter(dossiers::parent_id.is_null())
        .filter(dossiers::mirrored.eq(false))
        .filter(diesel::dsl::not(diesel::dsl::exists(legs)))
        .order((dossiers::registered_at, dossiers::id))
        .select(dossiers::id)
        .load(conn)
        .map(|ids: Vec<crate::domain::ids::DossierId>| ids.into_iter().map(|id| id.0).collect())
}

fn copy(conn: &mut PgConnection, statement: &str, models: &[Uuid], times: u64) -> QueryResult<()> {
    diesel::sql_query(statement)
        .bind::<Array<SqlUuid>, _>(models.to_vec())
        .bind::<BigInt, _>(i64::try_from(times).unwrap_or(i64::MAX))
        .execute(conn)
        .map(drop)
}

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    name: String,
}

const COLUMNS: &str = "-- simulation::bulk::columns
SELECT attname::text AS name FROM pg_catalog.pg_attribute
WHERE attrelid = to_regclass('public.' || $1)::oid AND attnum > 0 AND NOT attisdropped ORDER BY attnum";

/// A key of the second half of a copy's time of coming, the same for the same row: what points to it can be copied alone.
fn key(of: &str) -> String {
    format!(
        "(SELECT (substr(c.new_id::text, 1, 15) || substr(h, 1, 3) || '-8' || substr(h, 4, 3) || '-' || substr(h, 7, 12))::uuid \
         FROM md5(c.new_id::text || t.{of}::text) AS h)"
    )
}

fn copied(column: &str) -> String {
    match column {
        "dossier_id" => "c.new_id".to_owned(),
        "id" => key("id"),
        "pause_id" | "replaces_id" => format!("CASE WHEN t.{column} IS NOT NULL THEN {} END", key(column)),
        left_out if LEFT_OUT.contains(&left_out) => "NULL".to_owned(),
        other => format!("t.{other}"),
    }
}

fn insert(conn: &mut PgConnection, table: &str) -> QueryResult<String> {
    let columns: Vec<Column> = diesel::sql_query(COLUMNS).bind::<Text, _>(table).load(conn)?;
    let value = |column: &str| match (table, column) {
        ("dossiers", "id") => "c.new_id".to_owned(),
        ("dossiers", "code") => "c.new_code".to_owned(),
        // A pin that nobody has.
        ("dossiers", "pin_hash") => "sha256(c.new_id::text::bytea)".to_owned(),
        ("dossier_events", "key_id") => "NULL".to_owned(),
        _ => copied(column),
    };
    let values: Vec<String> = columns.iter().map(|column| value(&column.name)).collect();
    let names: Vec<String> = columns.into_iter().map(|column| column.name).collect();
    let key = if table == "dossiers" { "id" } else { "dossier_id" };
    Ok(format!(
        "in_{table} AS (INSERT INTO {table} ({}) SELECT {} FROM {table} t JOIN copies c ON c.id = t.{key})",
        names.join(", "),
        values.join(", ")
    ))
}

const WAITING: &str = "waiting AS (INSERT INTO tally_waiting (dossier_id)
    SELECT c.new_id FROM copies c JOIN dossiers d ON d.id = c.id WHERE d.accepted_at IS NOT NULL)";

/// Returns the one statement that copies the dossiers `$1`, each `$2` times: numbers are taken from the counters of their
/// units and days, so that no code is given twice. Where triggers are off, it tells the tallies itself.
fn statement(conn: &mut PgConnection, along: Along, are_triggers_off: bool) -> QueryResult<String> {
    let tables = std::iter::once("dossiers").chain(along.tables().iter().copied());
    let mut inserts = tables.map(|table| insert(conn, table)).collect::<QueryResult<Vec<_>>>()?;
    if are_triggers_off {
        inserts.push(WAITING.to_owned());
    }
    Ok(format!(
        "/* simulation::bulk */ WITH models AS MATERIALIZED (
            SELECT d.id, d.code, d.registered_at, d.resolving_unit_id AS unit_id,
                (d.registered_at AT TIME ZONE INTERVAL '+07:00')::date AS day,
                row_number() OVER (PARTITION BY d.resolving_unit_id, (d.registered_at AT TIME ZONE INTERVAL '+07:00')::date
                    ORDER BY d.registered_at, d.id, turn) AS number
            FROM dossiers d CROSS JOIN generate_series(1, $2) AS turn WHERE d.id = ANY ($1)
        ), counters AS (
            INSERT INTO code_counters AS k (unit_id, day, last_number)
            SELECT unit_id, day, count(*) FROM models GROUP BY unit_id, day ORDER BY unit_id, day
            ON CONFLICT (unit_id, day) DO UPDATE SET last_number = k.last_number + EXCLUDED.last_number
            RETURNING unit_id, day, last_number
        ), totals AS (SELECT unit_id, day, count(*) AS many FROM models GROUP BY unit_id, day
        ), numbered AS (
            SELECT m.*, k.last_number - s.many + m.number AS given FROM models m
            JOIN counters k USING (unit_id, day) JOIN totals s USING (unit_id, day)
        ), copies AS MATERIALIZED (
            SELECT id, regexp_replace(code, '[0-9]+$', '') || lpad(given::text, greatest(4, length(given::text)), '0') AS new_code,
                (substr(stamp, 1, 8) || '-' || substr(stamp, 9, 4) || '-7' || substr(h, 1, 3) || '-8' || substr(h, 4, 3)
                 || '-' || substr(h, 7, 12))::uuid AS new_id
            FROM numbered, md5(id::text || given::text) AS h,
                lpad(to_hex((extract(epoch FROM registered_at) * 1000)::bigint), 12, '0') AS stamp
        ), {inserts} SELECT count(*) FROM copies",
        inserts = inserts.join(", ")
    ))
}
