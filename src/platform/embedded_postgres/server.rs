//! Starts, finds and stops the server of a home. The admin lock is held throughout.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;

use tracing::{info, warn};

use super::account::finish;
use super::home::Home;
use super::lock::Attachment;
use super::programs::Programs;
use super::{Durability, EmbeddedError, Options, SUPERUSER, socket};

/// A start lasts this long at most: the recovery after a power cut can take minutes.
const START_SECONDS: &str = "600";
const STOP_SECONDS: &str = "120";
const LOG_LIMIT_BYTES: u64 = 10 * 1024 * 1024;
const TAIL_LINES: usize = 12;

/// The server of a home.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) home: Home,
    pub(super) programs: Programs,
}

/// What `postmaster.pid` tells.
struct Postmaster {
    /// Absent when the file was not written to its end.
    pid: Option<u32>,
    socket_dir: PathBuf,
    is_ready: bool,
}

enum State {
    /// It answers on the socket in this directory.
    Ready(PathBuf),
    /// It lives, but is on its way up or down, or lost its socket.
    Busy,
    /// It left its `postmaster.pid` behind.
    Crashed(Postmaster),
    Absent,
}

impl Server {
    /// Starts the server unless it answers already, and returns the directory of its socket.
    pub(super) fn ensure_running(
        &self,
        options: &Options,
        attachment: &mut Attachment,
    ) -> Result<PathBuf, EmbeddedError> {
        let state = self.state()?;
        let alone = attachment.is_the_last(&self.home)?;
        match state {
            State::Ready(socket_dir) => return self.join(socket_dir, alone),
            State::Absent => {}
            State::Busy | State::Crashed(_) if !alone => {
                return Err(EmbeddedError::NotAnswering { home: self.home.dir().to_owned() });
            }
            State::Busy => self.pg_ctl_stop()?,
            State::Crashed(postmaster) => self.clear_away(&postmaster)?,
        }
        self.start(options)
    }

    fn join(&self, socket_dir: PathBuf, alone: bool) -> Result<PathBuf, EmbeddedError> {
        socket::check(self.home.account(), &socket_dir)?;
        let home = self.home.dir().display();
        if alone {
            info!(%home, "adopted the PostgreSQL server that was left running in {home}");
        } else {
            info!(%home, "attached to the PostgreSQL server in {home}");
        }
        Ok(socket_dir)
    }

    /// Stops the server if it still runs.
    pub(super) fn stop(&self) -> Result<(), EmbeddedError> {
        let home = self.home.dir().display();
        match self.state()? {
            State::Ready(_) | State::Busy => self.pg_ctl_stop()?,
            State::Crashed(_) | State::Absent => {
                warn!(%home, "the PostgreSQL server in {home} had stopped before");
                return Ok(());
            }
        }
        socket::remove(&self.home);
        info!(%home, "the PostgreSQL server in {home} was stopped");
        Ok(())
    }

    /// Runs one statement as the superuser and returns the answer as plain text.
    pub(super) fn query(&self, socket_dir: &Path, sql: &str) -> Result<String, EmbeddedError> {
        let mut command = self.command("psql");
        command.args(["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-p", socket::PORT]);
        command.args(["-U", SUPERUSER, "-d", "postgres", "-c", sql]).arg("-h").arg(socket_dir);
        let done = finish(&mut command)?;
        if done.success { Ok(done.text) } else { Err(EmbeddedError::Refused { output: done.text }) }
    }

    fn state(&self) -> Result<State, EmbeddedError> {
        let Some(postmaster) = self.postmaster() else {
            return Ok(State::Absent);
        };
        let answers = || UnixStream::connect(socket::path_in(&postmaster.socket_dir)).is_ok();
        if postmaster.is_ready && answers() {
            return Ok(State::Ready(postmaster.socket_dir));
        }
        let lives = match postmaster.pid {
            Some(pid) => self.is_inhabited_by(&pid.to_string())?,
            None => false,
        };
        Ok(if lives { State::Busy } else { State::Crashed(postmaster) })
    }

    /// Reads `postmaster.pid`: process, directory, start, port, socket directory, address,
    /// shared memory, status.
    fn postmaster(&self) -> Option<Postmaster> {
        let text = fs::read_to_string(self.home.cluster().join("postmaster.pid")).ok()?;
        let line = |number: usize| text.lines().nth(number).unwrap_or_default().trim().to_owned();
        Some(Postmaster { pid: line(0).parse().ok(), socket_dir: line(4).into(), is_ready: line(7) == "ready" })
    }

    /// Makes room for a start after a crash. PostgreSQL does it alone, unless its file is
    /// empty or the number of the dead process has passed to another program.
    fn clear_away(&self, postmaster: &Postmaster) -> Result<(), EmbeddedError> {
        if self.is_inhabited_by("[0-9]*")? {
            return Ok(());
        }
        warn!("the PostgreSQL server did not stop in good order the last time; it recovers now");
        let seems_alive = |pid: u32| Path::new("/proc").join(pid.to_string()).exists();
        if postmaster.pid.is_none_or(seems_alive) {
            let stale = self.home.cluster().join("postmaster.pid");
            let aside = self.home.dir().join("postmaster.pid.stale");
            fs::rename(&stale, &aside).map_err(EmbeddedError::io("set aside", &stale))?;
        }
        socket::sweep(&socket::make(&self.home)?)
    }

    /// Tells whether one of `processes`, a shell pattern, works in the cluster, as every process
    /// of its server does. Asked as the server's user, since root may not look at the processes
    /// of others in a container.
    fn is_inhabited_by(&self, processes: &str) -> Result<bool, EmbeddedError> {
        let cluster = self.home.cluster();
        let cluster = cluster.canonicalize().map_err(EmbeddedError::io("resolve", &cluster))?;
        let mut command = self.home.account().command(Path::new("/bin/sh"), Path::new("/"));
        command.arg("-c").arg(format!("readlink /proc/{processes}/cwd"));
        let output = command.output().map_err(EmbeddedError::io("run", Path::new("/bin/sh")))?;
        let mut dirs = output.stdout.split(|byte| *byte == b'\n');
        Ok(dirs.any(|dir| dir == cluster.as_os_str().as_bytes()))
    }

    fn start(&self, options: &Options) -> Result<PathBuf, EmbeddedError> {
        let socket_dir = socket::make(&self.home)?;
        let log_start_bytes = self.prepare_log()?;
        let mut command = self.command("pg_ctl");
        command.args(["start", "-s", "-w", "-t", START_SECONDS, "-l", "server.log", "-o"]);
        let done = finish(command.arg(settings(options, &socket_dir)))?;
        if done.success {
            let home = self.home.dir().display();
            info!(%home, "the PostgreSQL server in {home} was started");
            return Ok(socket_dir);
        }
        // A start that outlived its killed parent may have been faster than this one.
        if let State::Ready(socket_dir) = self.state()? {
            return self.join(socket_dir, true);
        }
        socket::remove(&self.home);
        Err(self.cannot_start(log_start_bytes, done.text))
    }

    fn cannot_start(&self, log_start_bytes: u64, said: String) -> EmbeddedError {
        let log = self.home.log();
        let tail = tail(&log, log_start_bytes).unwrap_or_default();
        let tail = if tail.is_empty() { said } else { tail };
        EmbeddedError::CannotStart { log, tail }
    }

    fn pg_ctl_stop(&self) -> Result<(), EmbeddedError> {
        let mut command = self.command("pg_ctl");
        let done = finish(command.args(["stop", "-s", "-m", "fast", "-w", "-t", STOP_SECONDS]))?;
        // The server may have gone by itself between the look and the stop.
        if done.success || matches!(self.state()?, State::Absent) {
            return Ok(());
        }
        Err(EmbeddedError::CannotStop { output: done.text })
    }

    /// Prepares a program that works on the cluster. `PGDATA` names it, since `pg_ctl` hands
    /// `-D` to a shell, where a `$` in the path would be read as a variable.
    fn command(&self, program: &str) -> Command {
        let mut command = self.home.account().command(&self.programs.path(program), self.home.dir());
        command.env("PGDATA", self.home.cluster());
        command
    }

    /// Makes the log writable for the server and keeps it short; returns its length.
    fn prepare_log(&self) -> Result<u64, EmbeddedError> {
        let log = self.home.log();
        if fs::metadata(&log).is_ok_and(|found| found.len() > LOG_LIMIT_BYTES) {
            let old = self.home.dir().join("server.log.1");
            fs::rename(&log, &old).map_err(EmbeddedError::home_io("rename", &log))?;
        }
        match OpenOptions::new().append(true).create_new(true).mode(0o600).open(&log) {
            Ok(file) => self.home.account().own_file(&file, &log)?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(EmbeddedError::home_io("create", &log)(error)),
        }
        Ok(fs::metadata(&log).map_err(EmbeddedError::io("look at", &log))?.len())
    }
}

/// Spells the server's settings for `pg_ctl -o`; they hold for every start anew.
fn settings(options: &Options, socket_dir: &Path) -> String {
    let mut settings = vec![
        "listen_addresses=''".to_owned(),
        format!("port={}", socket::PORT),
        format!("unix_socket_directories={}", socket_dir.display()),
        "unix_socket_permissions=0700".to_owned(),
        format!("max_connections={}", options.max_connections),
        format!("shared_buffers={}MB", options.shared_buffers_mb),
        "timezone=UTC".to_owned(),
        "log_timezone=UTC".to_owned(),
        "log_min_messages=warning".to_owned(),
        "logging_collector=off".to_owned(),
    ];
    let flush = if options.durability == Durability::Durable { "on" } else { "off" };
    for name in ["fsync", "synchronous_commit", "full_page_writes"] {
        settings.push(format!("{name}={flush}"));
    }
    settings.iter().map(|setting| format!("-c {setting}")).collect::<Vec<_>>().join(" ")
}

/// Returns the last lines that were written after the first `skipped_bytes`.
fn tail(log: &Path, skipped_bytes: u64) -> io::Result<String> {
    let mut file = File::open(log)?;
    let length_bytes = file.metadata()?.len();
    file.seek(SeekFrom::Start(skipped_bytes.max(length_bytes.saturating_sub(16 * 1024))))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().collect();
    let skipped = lines.len().saturating_sub(TAIL_LINES);
    Ok(lines.into_iter().skip(skipped).collect::<Vec<_>>().join("\n"))
}
