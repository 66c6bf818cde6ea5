//! The shape of the database, embedded in the binary.

use diesel::Connection;
use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

/// All migrations, in order.
pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!();

/// Two processes that start together must not both migrate.
const LOCK: i64 = 0x0000_6d6f_7463_7561;

/// Brings a database up to date; returns the migrations that were run.
///
/// # Errors
/// What connecting or a migration meets; a migration that fails leaves nothing of itself.
pub fn migrate(url: &str) -> anyhow::Result<Vec<String>> {
    let mut conn = PgConnection::establish(url)?;
    conn.batch_execute(&format!("SELECT pg_advisory_lock({LOCK})"))?;
    let run = conn.run_pending_migrations(MIGRATIONS).map_err(|err| anyhow::anyhow!("{err}"))?;
    Ok(run.iter().map(ToString::to_string).collect())
}

/// Returns the migrations that a database lacks.
///
/// # Errors
/// What connecting meets.
pub fn pending(url: &str) -> anyhow::Result<Vec<String>> {
    let mut conn = PgConnection::establish(url)?;
    let pending = conn.pending_migrations(MIGRATIONS).map_err(|err| anyhow::anyhow!("{err}"))?;
    Ok(pending.iter().map(|migration| migration.name().to_string()).collect())
}
