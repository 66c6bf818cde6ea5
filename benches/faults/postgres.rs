//! A durable PostgreSQL of our own, which may be killed and started again.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use motcua::platform::embedded_postgres::{Durability, EmbeddedPostgres, Options};
use rustix::process::{Pid, Signal, kill_process};

/// How long a recovery may take.
const RECOVERS_WITHIN: Duration = Duration::from_secs(120);

/// The server.
pub struct Postgres {
    options: Options,
    server: Option<EmbeddedPostgres>,
    home: PathBuf,
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Text)]
    server_version: String,
}

impl Postgres {
    /// Starts one whose files lie under `data`, or beside it where its user can't enter.
    pub fn start(data: &Path) -> anyhow::Result<Self> {
        let options = Options {
            data_dir: data.to_owned(),
            durability: Durability::Durable,
            max_connections: 200,
            bin_dir: None,
            shared_buffers_mb: 512,
        };
        let server = EmbeddedPostgres::attach(&options)?;
        let home = server.home().to_owned();
        Ok(Self { options, server: Some(server), home })
    }

    fn server(&self) -> anyhow::Result<&EmbeddedPostgres> {
        self.server.as_ref().context("PostgreSQL is down")
    }

    /// Returns the URL of a database.
    pub fn url(&self, database: &str) -> anyhow::Result<String> {
        Ok(self.server()?.url(database))
    }

    /// Returns the server's log.
    pub fn log(&self) -> PathBuf {
        self.home.join("server.log")
    }

    /// Returns which version it is.
    pub fn version(&self) -> anyhow::Result<String> {
        let mut conn = PgConnection::establish(&self.url("postgres")?)?;
        let row: Version = diesel::sql_query("SHOW server_version").get_result(&mut conn)?;
        Ok(row.server_version.split_whitespace().next().unwrap_or_default().to_owned())
    }

    /// Makes an empty database.
    pub fn make(&self, database: &str) -> anyhow::Result<()> {
        Ok(self.server()?.ensure_database(database)?)
    }

    /// Copies a database that nobody is connected to.
    pub fn copy(&self, from: &str, to: &str) -> anyhow::Result<()> {
        let mut conn = PgConnection::establish(&self.url("postgres")?)?;
        conn.batch_execute(&format!("CREATE DATABASE {to} TEMPLATE {from} STRATEGY file_copy"))?;
        conn.batch_execute("CHECKPOINT")?;
        Ok(())
    }

    /// Drops a database, whoever is still connected to it.
    pub fn forget(&self, database: &str) -> anyhow::Result<()> {
        let mut conn = PgConnection::establish(&self.url("postgres")?)?;
        Ok(conn.batch_execute(&format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)"))?)
    }

    /// Sends SIGKILL to the postmaster; its children find out by themselves.
    pub fn kill(&self) -> anyhow::Result<()> {
        let text = std::fs::read_to_string(self.home.join("cluster/postmaster.pid"))?;
        let pid = text.lines().next().and_then(|line| line.trim().parse().ok()).and_then(Pid::from_raw);
        Ok(kill_process(pid.context("no postmaster.pid")?, Signal::KILL)?)
    }

    /// Starts it again after a kill; returns once it answers.
    pub async fn recover(&mut self) -> anyhow::Result<()> {
        let begun = Instant::now();
        loop {
            // Children of the killed one may still be there, and are waited for.
            drop(self.server.take());
            match EmbeddedPostgres::attach(&self.options) {
                Ok(server) => {
                    self.server = Some(server);
                    return Ok(());
                }
                Err(err) if begun.elapsed() > RECOVERS_WITHIN => return Err(err.into()),
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.server.take());
        // It may lie away from the data directory.
        if let Err(err) = std::fs::remove_dir_all(&self.home) {
            eprintln!("faults: {} stays: {err}", self.home.display());
        }
    }
}
