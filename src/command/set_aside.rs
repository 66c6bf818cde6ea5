//! Room for a restore: what is in the database already is set aside under another name, not destroyed.

use std::time::{Duration, Instant};

use anyhow::Context;
use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};

use crate::domain::period::office_time;

/// How schemas that were set aside are named, as `pg_dump` takes patterns.
pub(super) const PATTERN: &str = "before_restore_*";

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

const TABLES: &str = "-- set_aside::tables
SELECT count(*) AS count FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')";

const OTHERS: &str = "-- set_aside::others
SELECT count(*) AS count FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'";

/// A session that was closed a moment ago is still there for a little while.
const GONE_WITHIN: Duration = Duration::from_secs(2);

/// Refuses to go on while others work in the database: they would see it half restored.
pub(super) fn ensure_alone(conn: &mut PgConnection) -> anyhow::Result<()> {
    let until = Instant::now() + GONE_WITHIN;
    let mut others = count(conn, OTHERS)?;
    while others > 0 && Instant::now() < until {
        conn.batch_execute("SELECT pg_sleep(0.05)")?;
        others = count(conn, OTHERS)?;
    }
    anyhow::ensure!(
        others == 0,
        "{others} other sessions are connected to the database: stop every motcua first, then try again"
    );
    Ok(())
}

/// Counts the tables.
pub(super) fn tables(conn: &mut PgConnection) -> QueryResult<i64> {
    count(conn, TABLES)
}

/// Whether there is such a table.
pub(super) fn has_table(conn: &mut PgConnection, name: &str) -> QueryResult<bool> {
    let known = diesel::dsl::sql::<Bool>("to_regclass(").bind::<Text, _>(name).sql(") IS NOT NULL");
    diesel::select(known).get_result(conn)
}

/// Renames what is there, and returns its new name.
pub(super) fn set_aside(conn: &mut PgConnection, now: DateTime<Utc>) -> anyhow::Result<String> {
    let name = format!("before_restore_{}", office_time(now).format("%Y%m%d_%H%M%S"));
    conn.batch_execute(&format!(
        "ALTER SCHEMA public RENAME TO {name}; \
         CREATE SCHEMA public AUTHORIZATION pg_database_owner; GRANT USAGE ON SCHEMA public TO PUBLIC"
    ))
    .context("what is in the database could not be set aside; its owner has to restore")?;
    Ok(name)
}

/// Undoes [`set_aside`] after a restore that failed.
pub(super) fn put_back(conn: &mut PgConnection, name: &str) -> anyhow::Result<()> {
    conn.batch_execute(&format!("DROP SCHEMA public CASCADE; ALTER SCHEMA {name} RENAME TO public"))
        .with_context(|| format!("what was in the database is still there, as schema {name}"))
}

fn count(conn: &mut PgConnection, sql: &str) -> QueryResult<i64> {
    Ok(diesel::sql_query(sql).get_result::<Counted>(conn)?.count)
}
