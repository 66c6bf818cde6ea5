//! The program itself, as a person at a terminal runs it.

use std::io::{BufRead, BufReader, Seek, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use super::db::TestDb;

/// What a run printed, and how it ended.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// Expects that it did what it was asked.
    #[track_caller]
    pub fn succeeds(self) -> Self {
        assert_eq!(self.code, Some(0), "{self:?}");
        self
    }

    /// Expects that it ended with this code and said why.
    #[track_caller]
    pub fn fails(self, code: i32, said: &str) -> Self {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert!(self.err.contains(said), "{self:?}");
        self
    }
}

/// Returns the program, ready to be started on a database, with `dir` to work in and to keep its files in.
pub fn program(db: &TestDb, dir: &Path) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_motcua"));
    program.current_dir(dir).env("MOTCUA__DATABASE__URL", &db.url).env("MOTCUA__DATA__DIR", dir);
    program
}

/// Runs the program to its end.
pub fn motcua(db: &TestDb, dir: &Path, args: &[&str]) -> Ran {
    ran(&program(db, dir).args(args).output().unwrap())
}

/// As [`motcua`], with what is typed into it.
pub fn motcua_told(db: &TestDb, dir: &Path, args: &[&str], typed: &str) -> Ran {
    // A file, for a program that refuses may end before it has read a pipe.
    let mut input = tempfile::tempfile().unwrap();
    input.write_all(typed.as_bytes()).unwrap();
    input.rewind().unwrap();
    ran(&program(db, dir).args(args).stdin(input).output().unwrap())
}

/// A run that goes on beside the test, and is gone with it.
pub struct Process(Child);

impl Process {
    pub fn start(db: &TestDb, dir: &Path, args: &[&str]) -> Self {
        Self(program(db, dir).args(args).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap())
    }

    /// Returns the address that it says it serves at.
    pub fn address(&mut self) -> String {
        let mut lines = BufReader::new(self.0.stderr.take().unwrap()).lines().map_while(Result::ok);
        // Fields may follow it on the line.
        let said = lines.find_map(|line| line.split_once("serving at ")?.1.split(' ').next().map(str::to_owned));
        // A full pipe would stop it.
        std::thread::spawn(move || lines.for_each(drop));
        said.unwrap()
    }

    pub fn is_running(&mut self) -> bool {
        self.0.try_wait().unwrap().is_none()
    }

    /// Tells it something by a signal.
    pub fn tell(&self, signal: Signal) {
        let id = Pid::from_child(&self.0);
        kill_process(id, signal).unwrap();
    }

    /// Waits for its end; returns its code.
    pub fn ended(&mut self) -> Option<i32> {
        self.0.wait().unwrap().code()
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        self.0.kill().unwrap();
        assert!(!self.0.wait().unwrap().success());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ended_before = self.0.kill().is_err() || self.0.wait().is_err();
    }
}

/// Reads what a run printed.
pub fn ran(output: &Output) -> Ran {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ran { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
}
