//! What is measured lies in a private, durable PostgreSQL, in a database of its own.

use std::path::{Path, PathBuf};

use motcua::platform::embedded_postgres::{Durability, EmbeddedPostgres, Options};
use motcua::platform::migrations;
use uuid::Uuid;

/// Returns where the data of all measured houses lie.
pub fn data_dir() -> anyhow::Result<PathBuf> {
    let data = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench");
    std::fs::create_dir_all(&data)?;
    Ok(data)
}

/// Starts the server, or attaches to the one that runs there.
pub fn start(data: &Path, shared_buffers_mb: u32) -> anyhow::Result<EmbeddedPostgres> {
    Ok(EmbeddedPostgres::attach(&Options {
        data_dir: data.to_owned(),
        durability: Durability::Durable,
        max_connections: 200,
        bin_dir: None,
        shared_buffers_mb,
    })?)
}

/// Makes a database with empty tables whose name begins as said; returns the name.
pub fn fresh(postgres: &EmbeddedPostgres, of: &str) -> anyhow::Result<String> {
    let name = format!("{of}_{}", Uuid::now_v7().simple());
    postgres.ensure_database(&name)?;
    migrations::migrate(&postgres.url(&name))?;
    Ok(name)
}
