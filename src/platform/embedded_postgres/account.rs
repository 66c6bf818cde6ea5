//! The user that runs the server, and commands run as that user.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, fchown, lchown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use rustix::process::geteuid;

use super::EmbeddedError;

/// The user that runs the server: ourselves, or an unprivileged user when we are root.
#[derive(Debug, Clone)]
pub(super) struct Account {
    name: String,
    uid: u32,
    gid: u32,
    switches: bool,
}

/// What a program said, and whether it was content.
pub(super) struct Finished {
    pub(super) success: bool,
    pub(super) text: String,
}

impl Account {
    /// Chooses who runs the server of `home`: root gives it to the owner of what is there.
    pub(super) fn for_home(home: &Path) -> Result<Self, EmbeddedError> {
        let own = geteuid();
        if !own.is_root() {
            let name = own.as_raw().to_string();
            let nameless = Self { name: name.clone(), uid: own.as_raw(), gid: 0, switches: false };
            return Ok(Self::look_up(&name).map_or(nameless, |user| Self { switches: false, ..user }));
        }
        owner(&home.join("cluster"))
            .or_else(|| owner(home))
            .and_then(|uid| Self::look_up(&uid.to_string()))
            .or_else(|| Self::look_up("postgres"))
            .or_else(|| Self::look_up("nobody"))
            .ok_or(EmbeddedError::NoServerUser)
    }

    /// Looks up a user by name or number, in whatever directory the system keeps its users.
    fn look_up(key: &str) -> Option<Self> {
        let output = Command::new("getent").args(["passwd", key]).stdin(Stdio::null()).output();
        let text = String::from_utf8(output.ok()?.stdout).ok()?;
        let mut fields = text.lines().next()?.split(':');
        let name = fields.next()?.to_owned();
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        Some(Self { name, uid, gid, switches: true })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn uid(&self) -> u32 {
        self.uid
    }

    /// Tells whether the server runs as somebody else than this process.
    pub(super) fn switches(&self) -> bool {
        self.switches
    }

    /// Tells whether the user can enter `dir`, asked by trying.
    pub(super) fn reaches(&self, dir: &Path) -> bool {
        if !self.switches {
            return true;
        }
        let mut command = self.command(Path::new("/bin/sh"), Path::new("/"));
        command.args(["-c", "test -x \"$1\"", "sh"]).arg(dir);
        command.status().is_ok_and(|status| status.success())
    }

    /// Hands the directory `dir` to the user.
    pub(super) fn own_dir(&self, dir: &Path) -> Result<(), EmbeddedError> {
        if !self.switches {
            return Ok(());
        }
        lchown(dir, Some(self.uid), Some(self.gid)).map_err(EmbeddedError::io("hand over", dir))
    }

    /// Hands the open file `file` to the user.
    pub(super) fn own_file(&self, file: &fs::File, path: &Path) -> Result<(), EmbeddedError> {
        if !self.switches {
            return Ok(());
        }
        fchown(file, Some(self.uid), Some(self.gid)).map_err(EmbeddedError::io("hand over", path))
    }

    /// Prepares a program run by the user in `dir`.
    ///
    /// It gets none of our environment (`PG…` variables would lead it astray, and secrets are
    /// none of its business) and a process group of its own, so that Ctrl-C in our terminal
    /// does not reach it.
    pub(super) fn command(&self, program: &Path, dir: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin")
            .env("LC_ALL", "C")
            .current_dir(dir)
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if self.switches {
            // std empties the supplementary groups as well.
            command.gid(self.gid).uid(self.uid);
        }
        command
    }
}

/// Runs `command` to its end.
pub(super) fn finish(command: &mut Command) -> Result<Finished, EmbeddedError> {
    match command.output() {
        Ok(output) => Ok(Finished { success: output.status.success(), text: text_of(&output) }),
        Err(source) => Err(not_run(command, source)),
    }
}

fn not_run(command: &Command, source: io::Error) -> EmbeddedError {
    EmbeddedError::Io { doing: "run", path: command.get_program().into(), source }
}

fn text_of(output: &Output) -> String {
    let out = String::from_utf8_lossy(&output.stdout);
    let err = String::from_utf8_lossy(&output.stderr);
    format!("{}\n{}", out.trim(), err.trim()).trim().to_owned()
}

/// Returns the owner of `path` where it is there and not root's.
fn owner(path: &Path) -> Option<u32> {
    let uid = fs::metadata(path).ok()?.uid();
    (uid != 0).then_some(uid)
}
