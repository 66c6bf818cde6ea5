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
        let fits = |programs: &Self| match &made_by {
            Some(made_by) => programs.major == made_by.major,
            None => programs.major >= OLDEST,
        };
        let cluster = made_by.as_ref().map(|made_by| made_by.cluster.as_path());
        let dirs: Box<dyn Iterator<Item = PathBuf>> = match bin_dir {
            Some(dir) => Box::new(std::iter::once(dir.to_owned())),
            None => Box::new(cluster.and_then(last_used).into_iter().chain(candidates())),
        };
        // Each look runs a program: the first that fits is the last that is looked at.
        let mut unfit = None;
        for programs in dirs.filter_map(|dir| Self::at(&dir)) {
            if fits(&programs) {
                return Ok(programs);
            }
            unfit.get_or_insert(programs);
        }
        Err(match (unfit, made_by) {
            (None, _) => missing(bin_dir),
            (Some(_), Some(MadeBy { cluster, major })) => EmbeddedError::OtherVersion { cluster, wanted: major },
            (Some(first), None) => EmbeddedError::TooOld { dir: first.dir, found: first.major },
        })
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

/// Returns where the programs lay that a cluster was last served by: PostgreSQL notes how it was started.
fn last_used(cluster: &Path) -> Option<PathBuf> {
    let started = fs::read_to_string(cluster.join("postmaster.opts")).ok()?;
    let (postgres, _) = started.split_once(" \"")?;
    Path::new(postgres).parent().map(Path::to_owned)
}

/// Lists the directories to try, one after the other: the real ones before `PATH`, where links and wrappers lie.
fn candidates() -> impl Iterator<Item = PathBuf> {
    let asked = || said(Command::new("pg_config").arg("--bindir")).map(PathBuf::from);
    let in_path = || {
        let path = said(Command::new("/bin/sh").args(["-c", "command -v pg_ctl"]))?;
        Path::new(&path).parent().map(Path::to_owned)
    };
    std::iter::once_with(asked).flatten().chain(debian_dirs()).chain(std::iter::once_with(in_path).flatten())
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
