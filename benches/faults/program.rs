//! The release binary as a process that can be killed.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use rustix::process::{Pid, Signal, kill_process};

/// What of the binary is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The API without loops.
    Serve,
    /// The loops alone.
    Work,
}

/// The memory of a process, in MiB.
#[derive(Debug, Clone, Copy)]
pub struct Memory {
    /// What lies in memory now (`VmRSS`).
    pub now: f64,
    /// The most that ever did (`VmHWM`).
    pub most: f64,
}

/// A running process; it ends when this is dropped.
pub struct Program {
    part: Part,
    settings: PathBuf,
    child: Child,
}

impl Program {
    /// Starts a part with a settings file; what it says goes to a file beside that.
    pub fn start(part: Part, settings: &Path) -> anyhow::Result<Self> {
        Ok(Self { part, settings: settings.to_owned(), child: spawn(part, settings)? })
    }

    /// Kills it (SIGKILL).
    pub fn kill(&mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Starts it anew after a kill.
    pub fn start_again(&mut self) -> anyhow::Result<()> {
        self.child = spawn(self.part, &self.settings)?;
        Ok(())
    }

    /// Fails when it has ended by itself.
    pub fn check(&mut self) -> anyhow::Result<()> {
        let ended = self.child.try_wait()?;
        ensure!(ended.is_none(), "`{}` ended by itself; it said:\n{}", word(self.part), self.last_words());
        Ok(())
    }

    /// Asks it to stop (SIGTERM) and waits until it has.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).context("no number")?;
        kill_process(pid, Signal::TERM)?;
        let begun = Instant::now();
        while self.child.try_wait()?.is_none() {
            ensure!(begun.elapsed() < Duration::from_secs(60), "`{}` did not stop", word(self.part));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// Returns how much memory it takes.
    pub fn memory(&self) -> anyhow::Result<Memory> {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let mib = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name));
            let kib: Option<u32> = line.and_then(|rest| rest.split_whitespace().next()?.parse().ok());
            kib.map(|kib| f64::from(kib) / 1024.0).with_context(|| format!("no {name}"))
        };
        Ok(Memory { now: mib("VmRSS:")?, most: mib("VmHWM:")? })
    }

    fn last_words(&self) -> String {
        let text = std::fs::read_to_string(log(&self.settings, self.part)).unwrap_or_default();
        let lines: Vec<&str> = text.lines().rev().take(15).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // One that has ended already is no matter.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn word(part: Part) -> &'static str {
    match part {
        Part::Serve => "serve",
        Part::Work => "work",
    }
}

fn log(settings: &Path, part: Part) -> PathBuf {
    settings.with_extension(format!("{}.log", word(part)))
}

fn spawn(part: Part, settings: &Path) -> anyhow::Result<Child> {
    let said = OpenOptions::new().create(true).append(true).open(log(settings, part))?;
    Command::new(env!("CARGO_BIN_EXE_motcua"))
        .arg("--config")
        .arg(settings)
        .arg(word(part))
        .stdin(Stdio::null())
        .stdout(said.try_clone()?)
        .stderr(said)
        .spawn()
        .context("the binary can't be run")
}
