//! `motcua restore`: a backup brought back, all of it or nothing, with sending paused.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Stdio};

use anyhow::Context;
use chrono::{DateTime, Utc};
use clap::Args;
use diesel::connection::SimpleConnection;
use diesel::migration::MigrationSource;
use diesel::pg::Pg;
use diesel::prelude::*;
use serde_json::json;

use super::backup::keys_note;
use super::set_aside;
use crate::app;
use crate::audit::{self, Doer, Noted};
use crate::config::Config;
use crate::domain::audit::{Action, Subject};
use crate::domain::period::office_time;
use crate::platform::clock::Clock;
use crate::platform::migrations::{self, MIGRATIONS};
use crate::platform::postgres_tools::PostgresTools;
use crate::platform::progress::Progress;

/// Which backup, and into what.
#[derive(Debug, Args)]
pub struct Restore {
    /// The file that `motcua backup` wrote.
    file: PathBuf,
    /// Sets aside what is in the database; without it only an empty one is taken.
    #[arg(long)]
    yes: bool,
}

impl Restore {
    /// Restores, migrates, and leaves sending paused.
    ///
    /// # Errors
    /// A file that is no backup of ours or of a newer version, a database that is in use or not empty, and
    /// whatever the PostgreSQL programs meet; then the database is as it was.
    pub fn run(self, config: &Config) -> anyhow::Result<()> {
        let (postgres, url) = app::database(config)?;
        let tools = PostgresTools::new(postgres.as_ref().map(|postgres| postgres.bin_dir()), &url)?;
        check(&tools, &self.file)?;
        let mut conn = PgConnection::establish(&url)?;
        set_aside::ensure_alone(&mut conn)?;
        let now = Clock::System.now();
        // They belong to the cluster, so no backup of a database holds them; its rights name them.
        conn.batch_execute(migrations::DATABASE_ROLES).context("the database roles can't be made")?;
        let aside = self.make_room(&mut conn, now)?;
        if let Err(err) = pour(&tools, &self.file, &paused_why(&self.file, now)) {
            if let Some(name) = &aside {
                set_aside::put_back(&mut conn, name)?;
            }
            return Err(err.context("nothing was restored; the database is as it was"));
        }
        let run = migrations::migrate(&url)?;
        let details = json!({"migrations": run.len(), "set_aside": aside});
        let noted = Noted { action: Action::BackupRestored, subject: Subject::Database, details };
        audit::note_by(&mut conn, &Doer::house(), now, &noted).context("the audit could not record the restore")?;
        println!("{} was restored; {} newer migrations were run", self.file.display(), run.len());
        if let Some(name) = aside {
            println!("what was there before is kept as schema {name}; DROP SCHEMA {name} CASCADE removes it");
        }
        println!("sending is paused: see what went out after the backup, then `motcua sending resume`");
        println!("{}", keys_note(config));
        Ok(())
    }

    fn make_room(&self, conn: &mut PgConnection, now: DateTime<Utc>) -> anyhow::Result<Option<String>> {
        if set_aside::tables(conn)? == 0 {
            return Ok(None);
        }
        anyhow::ensure!(
            self.yes,
            "the database is not empty; with --yes what is in it is set aside under another name"
        );
        set_aside::set_aside(conn, now).map(Some)
    }
}

fn paused_why(file: &Path, now: DateTime<Utc>) -> String {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    format!("restored from backup {name} at {}", office_time(now).format("%Y-%m-%d %H:%M"))
}

/// Refuses a file that is no backup of ours, or one of a newer version, before anything is touched.
fn check(tools: &PostgresTools, file: &Path) -> anyhow::Result<()> {
    anyhow::ensure!(file.is_file(), "there is no backup {}", file.display());
    let mut command = tools.program("pg_restore");
    command.args(["--data-only", "--table=__diesel_schema_migrations", "--file=-"]).arg(file);
    let read = command.output().context("pg_restore can't be run; `apt-get install postgresql-client` brings it")?;
    anyhow::ensure!(
        read.status.success(),
        "{} can't be read as a backup: {}",
        file.display(),
        String::from_utf8_lossy(&read.stderr).trim()
    );
    let theirs = versions(&String::from_utf8_lossy(&read.stdout));
    anyhow::ensure!(!theirs.is_empty(), "{} is no backup of motcua", file.display());
    let ours = MigrationSource::<Pg>::migrations(&MIGRATIONS).map_err(|err| anyhow::anyhow!("{err}"))?;
    let ours: BTreeSet<String> = ours.iter().map(|migration| migration.name().version().to_string()).collect();
    anyhow::ensure!(
        theirs.is_subset(&ours),
        "{} was made by a newer motcua; restore it with that version",
        file.display()
    );
    Ok(())
}

/// Reads the migrations out of `COPY … FROM stdin; … \.`.
fn versions(script: &str) -> BTreeSet<String> {
    let rows = script.lines().skip_while(|line| !line.starts_with("COPY ")).skip(1);
    let rows = rows.take_while(|line| *line != "\\.");
    rows.filter_map(|line| line.split('\t').next()).map(str::to_owned).collect()
}

/// Lets the backup flow into the database in one transaction, whose last statement pauses sending: there is no
/// moment in which a restored database could send.
fn pour(tools: &PostgresTools, file: &Path, why: &str) -> anyhow::Result<()> {
    let progress = Progress::new("restore", tables_in(tools, file)?);
    let mut reader = tools.program("pg_restore");
    reader.args(["--no-owner", "--file=-"]).arg(file);
    let mut reader = reader.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let mut writer = tools.on_database("psql");
    writer.args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"]);
    let mut writer = writer.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().context("psql can't be run")?;
    let poured = copy(&mut reader, &mut writer, &progress).and_then(|mut to| {
        anyhow::ensure!(reader.wait()?.success(), "pg_restore failed");
        Ok(writeln!(to, "\n{}\nCOMMIT;", pause_sql(why))?)
    });
    // Without its COMMIT psql takes everything back.
    drop(reader.kill());
    reader.wait()?;
    let written = writer.wait()?;
    poured?;
    anyhow::ensure!(written.success(), "psql failed");
    progress.finish();
    Ok(())
}

fn pause_sql(why: &str) -> String {
    let why = why.replace('\'', "''");
    format!(
        "INSERT INTO public.sending (paused_why) VALUES ('{why}') \
         ON CONFLICT (only_row) DO UPDATE SET paused_why = EXCLUDED.paused_why;"
    )
}

fn tables_in(tools: &PostgresTools, file: &Path) -> anyhow::Result<u64> {
    let listed = tools.program("pg_restore").arg("--list").arg(file).output()?;
    let tables = String::from_utf8_lossy(&listed.stdout).lines().filter(|line| line.contains(" TABLE DATA ")).count();
    Ok(u64::try_from(tables)?)
}

fn copy(reader: &mut Child, writer: &mut Child, progress: &Progress) -> anyhow::Result<ChildStdin> {
    let mut from = BufReader::new(reader.stdout.take().context("pg_restore has no output")?);
    let mut to = writer.stdin.take().context("psql has no input")?;
    writeln!(to, "BEGIN;")?;
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line)? > 0 {
        to.write_all(&line).context("psql stopped; what it said stands above")?;
        if line.starts_with(b"COPY ") {
            progress.advance(1);
        }
        line.clear();
    }
    Ok(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_migrations_of_a_backup_are_read() {
        let script =
            "SET x = 1;\nCOPY public.m (version, run_on) FROM stdin;\n20261121\t2026\n20261122\t2026\n\\.\n\n-- end\n";
        assert_eq!(versions(script), BTreeSet::from(["20261121".to_owned(), "20261122".to_owned()]));
        assert_eq!(versions("-- nothing here\n"), BTreeSet::new());
    }

    #[test]
    fn a_file_name_can_break_out_of_no_text() {
        assert!(pause_sql("it's").contains("'it''s'"));
    }
}
