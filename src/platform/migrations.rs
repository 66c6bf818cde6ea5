//! The shape of the database, embedded in the binary.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

/// All migrations, in order.
pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!();

/// Makes the database roles where the cluster lacks them, as the migration does; a restored database needs them first.
pub const DATABASE_ROLES: &str = include_str!("../../migrations/2026-11-22-119000_database_roles/up.sql");

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

/// Returns the database roles that the login is no member of; the service takes one of them for each transaction.
///
/// # Errors
/// What connecting meets.
pub fn missing_roles(url: &str) -> anyhow::Result<Vec<String>> {
    let sql =
        "SELECT name FROM unnest(ARRAY['motcua_service', 'motcua_worker', 'motcua_report', 'motcua_public']) AS name
        LEFT JOIN pg_roles ON rolname = name
        WHERE rolname IS NULL OR NOT pg_has_role(current_user, pg_roles.oid, 'MEMBER')";
    let mut conn = PgConnection::establish(url)?;
    let missing: Vec<Role> = diesel::sql_query(sql).load(&mut conn)?;
    Ok(missing.into_iter().map(|role| role.name).collect())
}

#[derive(QueryableByName)]
struct Role {
    #[diesel(sql_type = diesel::sql_types::Text)]
    name: String,
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
