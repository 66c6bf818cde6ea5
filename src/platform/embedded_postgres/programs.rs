//! Finds the PostgreSQL programs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::EmbeddedError;

/// The oldest PostgreSQL that will do.
const OLDEST: u32 = 15;

/// A directory that holds `postgres`, `initdb` and `pg_ctl` of one version.
#[derive(Debug, Clone)]
pub(super) struct Programs {
    dir: PathBuf,
    major: u32,
}

/// A cluster, and the version that made it.
pub(super) struct MadeBy {
    pub(super) cluster: PathBuf,
    pub(super) major: u32,
}

impl Programs {
    /// Finds programs in `bin_dir` or else where the system keeps them; those that fit the
    /// cluster where there is one.
    pub(super) fn find(bin_dir: Option<&Path>, made_by: Option<MadeBy>) -> Result<Self, EmbeddedError> {
        let found: Vec<Self> = match bin_dir {
            Some(dir) => Self::at(dir).into_iter().collect(),
            None => candidates().iter().filter_map(|dir| Self::at(dir)).collect(),
        };
        let Some(first) = found.first().cloned() else {
            return Err(missing(bin_dir));
        };
        if let Some(MadeBy { cluster, major }) = made_by {
            let fitting = found.into_iter().find(|programs| programs.major == major);
            return fitting.ok_or(EmbeddedError::OtherVersion { cluster, wanted: major });
        }
        let fitting = found.into_iter().find(|programs| programs.major >= OLDEST);
        fitting.ok_or(EmbeddedError::TooOld { dir: first.dir, found: first.major })
    }

    /// Returns the programs in `dir`, links followed, where all of them are there.
    fn at(dir: &Path) -> Option<Self> {
        let dir = dir.join("pg_ctl").canonicalize().ok()?.parent()?.to_owned();
        let whole = ["postgres", "initdb"].iter().all(|name| dir.join(name).is_file());
        let version = said(Command::new(dir.join("postgres")).arg("--version"))?;
        let major = major_of(&version)?;
        whole.then_some(Self { dir, major })
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    pub(super) fn path(&self, program: &str) -> PathBuf {
        self.dir.join(program)
    }
}

fn missing(bin_dir: Option<&Path>) -> EmbeddedError {
    match bin_dir {
        Some(dir) => EmbeddedError::NoProgramsIn { dir: dir.to_owned() },
        None => EmbeddedError::MissingPrograms,
    }
}

/// Lists the directories to try: the real ones before `PATH`, where links and wrappers lie.
fn candidates() -> Vec<PathBuf> {
    let asked = said(Command::new("pg_config").arg("--bindir")).map(PathBuf::from);
    let in_path = said(Command::new("/bin/sh").args(["-c", "command -v pg_ctl"]));
    let in_path = in_path.and_then(|path| Path::new(&path).parent().map(Path::to_owned));
    asked.into_iter().chain(debian_dirs()).chain(in_path).collect()
}

/// Lists `/usr/lib/postgresql/*/bin`, the newest first.
fn debian_dirs() -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir("/usr/lib/postgresql") else {
        return Vec::new();
    };
    let mut versions: Vec<(u32, PathBuf)> = entries
        .filter_map(Result::ok)
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    versions.sort_by(|left, right| right.cmp(left));
    versions.into_iter().map(|(_, dir)| dir).collect()
}

/// Returns what a program says on its standard output, where it runs at all.
fn said(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !text.is_empty()).then_some(text)
}

/// Reads 15 from `postgres (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)`.
fn major_of(version: &str) -> Option<u32> {
    let (_, number) = version.split_once(") ")?;
    let digits = number.split(|letter: char| !letter.is_ascii_digit()).next()?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::major_of;

    #[test]
    fn the_major_version_is_read_from_releases_and_betas() {
        let debian = "postgres (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)";
        assert_eq!(major_of(debian), Some(15));
        assert_eq!(major_of("postgres (PostgreSQL) 19beta1"), Some(19));
        assert_eq!(major_of("postgres (PostgreSQL) 9.6.24"), Some(9));
        assert_eq!(major_of("something else"), None);
    }
}
