//! `motcua backup`: the whole database in one file, which only its owner can read.

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::Context;
use clap::Args;
use diesel::prelude::*;
use serde_json::json;

use super::set_aside;
use crate::app::{self, data_path};
use crate::audit::{self, Doer, Noted};
use crate::config::Config;
use crate::domain::audit::{Action, Subject};
use crate::domain::period::office_time;
use crate::platform::clock::Clock;
use crate::platform::postgres_tools::PostgresTools;
use crate::platform::progress::Progress;

/// Where the backup goes.
#[derive(Debug, Args)]
pub struct Backup {
    /// The file, which must not be there yet; by default `motcua-<date>-<time>.dump` here.
    file: Option<PathBuf>,
}

impl Backup {
    /// Writes the backup beside its place, and puts it there when it is whole.
    ///
    /// # Errors
    /// A file that is there already, and whatever `pg_dump` meets; then there is no file.
    pub fn run(self, config: &Config) -> anyhow::Result<()> {
        let file = self.file.unwrap_or_else(|| {
            let now = office_time(Clock::System.now());
            PathBuf::from(format!("motcua-{}.dump", now.format("%Y%m%d-%H%M%S")))
        });
        anyhow::ensure!(!file.exists(), "{} is there already; choose another name", file.display());
        let (postgres, url) = app::database(config)?;
        let tools = PostgresTools::new(postgres.as_ref().map(|postgres| postgres.bin_dir()), &url)?;
        let tables = set_aside::tables(&mut PgConnection::establish(&url)?)?;
        anyhow::ensure!(tables > 0, "the database is empty: there is nothing to back up");
        let part = part_of(&file);
        if let Err(err) = dump(&tools, &part, tables).and_then(|()| place(&part, &file)) {
            // What is left behind by a failed removal is named in the next refusal.
            drop(fs::remove_file(&part));
            return Err(err);
        }
        let bytes = fs::metadata(&file)?.len();
        note(&mut PgConnection::establish(&url)?, bytes)?;
        println!("{} holds the whole database ({bytes} bytes)", file.display());
        println!("{}", keys_note(config));
        Ok(())
    }
}

/// Records that the whole database left the house. One that is backed up before its migration has no audit yet.
fn note(conn: &mut PgConnection, bytes: u64) -> anyhow::Result<()> {
    if !set_aside::has_table(conn, "audit_entries")? {
        return Ok(());
    }
    let noted = Noted { action: Action::BackupMade, subject: Subject::Database, details: json!({"bytes": bytes}) };
    let noted = audit::note_by(conn, &Doer::house(), Clock::System.now(), &noted);
    noted.context("the backup is made, but the audit could not record it")
}

/// Says where the keys are that the backup does not hold.
pub(super) fn keys_note(config: &Config) -> String {
    let place = if config.secrets.sealing_keys.is_empty() {
        data_path(config, "secrets.json").display().to_string()
    } else {
        "secrets.sealing_keys and secrets.index_key of your settings".to_owned()
    };
    format!(
        "personal data in it is sealed; the keys are not in it but in {place}: \
         keep them too, and apart from it. Without them the data can't be read by anybody"
    )
}

fn part_of(file: &Path) -> PathBuf {
    let mut part = file.as_os_str().to_owned();
    part.push(".part");
    PathBuf::from(part)
}

fn dump(tools: &PostgresTools, part: &Path, tables: i64) -> anyhow::Result<()> {
    let out = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(part)
        .with_context(|| format!("{} can't be made; remove it when no other backup runs", part.display()))?;
    let mut command = tools.on_database("pg_dump");
    command.args(["--format=custom", "--verbose", "--no-owner"]);
    command.arg(format!("--exclude-schema={}", set_aside::PATTERN));
    let mut child = command
        .stdin(Stdio::null())
        .stdout(out.try_clone()?)
        .stderr(Stdio::piped())
        .spawn()
        .context("pg_dump can't be run; `apt-get install postgresql-client` brings it")?;
    let progress = Progress::new("backup", tables.unsigned_abs());
    let said = child.stderr.take().map(|stderr| watch(stderr, &progress)).unwrap_or_default();
    let status = child.wait()?;
    anyhow::ensure!(status.success(), "pg_dump failed: {said}");
    progress.finish();
    out.sync_all()?;
    readable(tools, part)
}

/// Counts the tables that `pg_dump` tells of, and returns its last words.
fn watch(stderr: impl Read, progress: &Progress) -> String {
    let mut said = String::new();
    for line in BufReader::new(stderr).lines().map_while(Result::ok) {
        if line.contains("dumping contents of table") {
            progress.advance(1);
        } else if line.contains("error") || line.contains("detail") || line.contains("hint") {
            said = format!("{said}{}{line}", if said.is_empty() { "" } else { "; " });
        }
    }
    said
}

/// A backup that can't be read back is none.
fn readable(tools: &PostgresTools, part: &Path) -> anyhow::Result<()> {
    let listed = tools.program("pg_restore").arg("--list").arg(part).output()?;
    anyhow::ensure!(
        listed.status.success(),
        "the backup can't be read back: {}",
        String::from_utf8_lossy(&listed.stderr).trim()
    );
    Ok(())
}

fn place(part: &Path, file: &Path) -> anyhow::Result<()> {
    anyhow::ensure!(!file.exists(), "{} has come up meanwhile; choose another name", file.display());
    fs::rename(part, file)?;
    let dir = file.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(dir)?.sync_all()?;
    Ok(())
}
