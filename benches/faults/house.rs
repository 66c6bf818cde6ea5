//! What every run begins with: PostgreSQL, and a database with finished dossiers whose people wait to be told. It is made
//! once; each run gets a copy.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context;
use diesel::prelude::*;
use motcua::app;
use motcua::config::Config;
use motcua::platform::clock::Clock;
use motcua::platform::migrations;
use motcua::state::AppState;
use tempfile::TempDir;

use crate::args::Args;
use crate::postgres::Postgres;
use crate::{province, stock};

/// The database that is copied.
const STOCK: &str = "stock";
/// What a run has at most where nothing is said.
const MOST: usize = 90_000;
/// As many are asked for by the light load.
const LEAST: usize = 1_000;
/// Keys of no worth: what they seal is made up.
const SECRETS: &str = "[secrets]\nsealing_keys = { 1 = \"c2VhbGluZyBrZXkgb2YgZmF1bHRzLDMyIGJ5dGVzISE=\" }\n\
     index_key = \"aW5kZXgga2V5IG9mIGZhdWx0cywgMzIgYnl0ZXMgb2Y=\"\n\
     audit_key = \"YXVkaXQga2V5IG9mIGZhdWx0cywgMzIgYnl0ZXMhISE=\"\n";

/// The house.
pub struct House {
    /// The server.
    pub postgres: Postgres,
    /// How many notices the stock holds.
    pub notices: usize,
    /// Whether the gateway knows no repeated number, whatever the settings say.
    pub is_forgetful: bool,
    data: TempDir,
    runs: usize,
}

impl House {
    /// Makes the stock, as large as the largest run needs it.
    pub fn open(args: &Args) -> anyhow::Result<Self> {
        let mut at = tempfile::Builder::new();
        at.prefix("faults-");
        let data = at.tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        // The server's user must be able to enter.
        std::fs::set_permissions(data.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
        let postgres = Postgres::start(data.path())?;
        let house =
            Self { postgres, notices: args.notices(MOST).max(LEAST), is_forgetful: args.is_forgetful, data, runs: 0 };
        let begun = Instant::now();
        house.fill()?;
        println!("{} dossiers are finished: {:.0} s", house.notices, begun.elapsed().as_secs_f64());
        Ok(house)
    }

    fn fill(&self) -> anyhow::Result<()> {
        self.postgres.make(STOCK)?;
        let url = self.postgres.url(STOCK)?;
        migrations::migrate(&url)?;
        let state = self.state(&url)?;
        province::load(&state, province::DEMO)?;
        stock::fill(&state, &url, self.notices)
    }

    /// Copies the stock for a run; returns the name of the database.
    pub fn copy(&mut self) -> anyhow::Result<String> {
        self.runs += 1;
        let name = format!("run_{}", self.runs);
        self.postgres.copy(STOCK, &name)?;
        Ok(name)
    }

    /// Writes a settings file: `more` beside what all runs have; returns its path.
    pub fn settings(&self, database: &str, more: &str) -> anyhow::Result<PathBuf> {
        let path = self.data.path().join(format!("{database}.toml"));
        let settings = format!(
            "[data]\ndir = {:?}\n[database]\nurl = {:?}\n[log]\nfilter = \"warn\"\n[worker]\nenabled = false\n\
             [limits]\npublic_per_minute = 4294967295\n{SECRETS}{more}",
            self.data.path(),
            self.postgres.url(database)?
        );
        std::fs::write(&path, settings)?;
        Ok(path)
    }

    /// Returns what use cases have at hand, on a database.
    pub fn state(&self, url: &str) -> anyhow::Result<AppState> {
        let settings = self.settings(STOCK, "")?;
        let mut config = Config::load(&[settings])?;
        config.database.connections = 8;
        config.notices.day_to = config.notices.day_from;
        app::state(config, url, Clock::System)
    }
}

/// Connects, as whoever owns the database.
pub fn connect(url: &str) -> anyhow::Result<PgConnection> {
    PgConnection::establish(url).context("PostgreSQL does not answer")
}
