//! Creates the cluster on first use.
//!
//! `initdb` works in `cluster.new-<n>`, which becomes `cluster` when it is whole. A kill in
//! between leaves a `cluster.new-<n>` that the next start renames to `cluster.broken-<n>`. A
//! number is never used twice, so that an `initdb` that outlived the kill finds nothing to
//! write to.

use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use tracing::{info, warn};

use super::account::{Finished, finish};
use super::home::Home;
use super::programs::{MadeBy, Programs};
use super::{Durability, EmbeddedError, SUPERUSER};

const NEW: &str = "cluster.new-";
const BROKEN: &str = "cluster.broken-";

/// Returns the version that made the cluster, or `None` where there is no cluster yet.
pub(super) fn version(home: &Home) -> Result<Option<MadeBy>, EmbeddedError> {
    let cluster = home.cluster();
    if is_missing_or_empty(&cluster)? {
        return Ok(None);
    }
    let text = fs::read_to_string(cluster.join("PG_VERSION")).unwrap_or_default();
    let whole = cluster.join("global/pg_control").is_file();
    match text.trim().parse() {
        Ok(major) if whole => Ok(Some(MadeBy { cluster, major })),
        _ => Err(EmbeddedError::Damaged { cluster }),
    }
}

/// Makes sure that there is a cluster. The admin lock is held.
pub(super) fn ensure(home: &Home, programs: &Programs, durability: Durability) -> Result<(), EmbeddedError> {
    let cluster = home.cluster();
    if !is_missing_or_empty(&cluster)? {
        return Ok(());
    }
    let number = set_half_made_aside(home)?;
    let new = home.dir().join(format!("{NEW}{number}"));
    make_private_dir(&new)?;
    home.account().own_dir(&new)?;
    fill(home, programs, &new, durability)?;
    fs::rename(&new, &cluster).map_err(EmbeddedError::io("rename", &new))?;
    sync(home.dir())?;
    info!(cluster = %cluster.display(), "a new database was created in {}", cluster.display());
    Ok(())
}

fn is_missing_or_empty(cluster: &Path) -> Result<bool, EmbeddedError> {
    match fs::read_dir(cluster) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(EmbeddedError::home_io("read", cluster)(error)),
    }
}

/// Renames what a killed start left, and returns a number that was never used.
fn set_half_made_aside(home: &Home) -> Result<u32, EmbeddedError> {
    let mut next = 1;
    for name in names_in(home.dir())? {
        let Some(number) = number_of(&name) else {
            continue;
        };
        next = next.max(number.saturating_add(1));
        if name.starts_with(NEW) {
            let (from, to) = (home.dir().join(&name), home.dir().join(format!("{BROKEN}{number}")));
            fs::rename(&from, &to).map_err(EmbeddedError::io("set aside", &from))?;
            let to = to.display();
            warn!(%to, "a database that was never finished was set aside as {to}; it holds no data and may be removed");
        }
    }
    Ok(next)
}

fn names_in(dir: &Path) -> Result<Vec<String>, EmbeddedError> {
    let entries = fs::read_dir(dir).map_err(EmbeddedError::home_io("read", dir))?;
    let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    names.collect::<io::Result<_>>().map_err(EmbeddedError::io("read", dir))
}

fn number_of(name: &str) -> Option<u32> {
    name.strip_prefix(NEW).or_else(|| name.strip_prefix(BROKEN))?.parse().ok()
}

fn make_private_dir(dir: &Path) -> Result<(), EmbeddedError> {
    fs::DirBuilder::new().mode(0o700).create(dir).map_err(EmbeddedError::home_io("create", dir))
}

fn fill(home: &Home, programs: &Programs, new: &Path, durability: Durability) -> Result<(), EmbeddedError> {
    let mut done = initdb(home, programs, new, "C.UTF-8", durability)?;
    if !done.success && done.text.contains("locale") {
        done = initdb(home, programs, new, "C", durability)?;
    }
    if done.success {
        return Ok(());
    }
    Err(EmbeddedError::CannotCreate { home: home.dir().to_owned(), output: done.text })
}

fn initdb(
    home: &Home,
    programs: &Programs,
    new: &Path,
    locale: &str,
    durability: Durability,
) -> Result<Finished, EmbeddedError> {
    let mut command = home.account().command(&programs.path("initdb"), home.dir());
    command.arg("-D").arg(new);
    command.args(["-U", SUPERUSER, "-E", "UTF8", "--data-checksums"]);
    command.args(["--auth-local=trust", "--auth-host=reject"]);
    command.arg(format!("--locale={locale}"));
    if durability == Durability::Disposable {
        command.arg("--no-sync");
    }
    finish(&mut command)
}

fn sync(dir: &Path) -> Result<(), EmbeddedError> {
    fs::File::open(dir).and_then(|dir| dir.sync_all()).map_err(EmbeddedError::io("sync", dir))
}
