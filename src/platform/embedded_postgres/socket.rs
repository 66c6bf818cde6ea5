//! The private directory of the server's socket: short, because a socket's path has 107 bytes.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use super::EmbeddedError;
use super::account::Account;
use super::home::Home;

/// Names the socket; nothing listens on a network port.
pub(super) const PORT: &str = "5432";

/// Makes the directory of the home's socket and checks that it is private.
pub(super) fn make(home: &Home) -> Result<PathBuf, EmbeddedError> {
    let dir = usual(home);
    match fs::DirBuilder::new().mode(0o700).create(&dir) {
        Ok(()) => home.account().own_dir(&dir)?,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(EmbeddedError::io("create", &dir)(error)),
    }
    check(home.account(), &dir)?;
    Ok(dir)
}

/// Refuses a directory that belongs to somebody else or lets others in: whoever made it could
/// play the server to us.
pub(super) fn check(account: &Account, dir: &Path) -> Result<(), EmbeddedError> {
    let found = fs::symlink_metadata(dir).map_err(EmbeddedError::io("look at", dir))?;
    if found.is_dir() && found.uid() == account.uid() && found.mode() & 0o077 == 0 {
        return Ok(());
    }
    let user = account.name().to_owned();
    Err(EmbeddedError::SocketDirNotPrivate { path: dir.to_owned(), user })
}

/// Removes what a server that is no more left in the directory.
pub(super) fn sweep(dir: &Path) -> Result<(), EmbeddedError> {
    for path in [path_in(dir), dir.join(format!(".s.PGSQL.{PORT}.lock"))] {
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(EmbeddedError::io("remove", &path)(error));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Removes the directory when the server has left it. One that stays does no harm.
pub(super) fn remove(home: &Home) {
    fs::remove_dir(usual(home)).ok();
}

pub(super) fn path_in(dir: &Path) -> PathBuf {
    dir.join(format!(".s.PGSQL.{PORT}"))
}

fn usual(home: &Home) -> PathBuf {
    PathBuf::from(format!("/tmp/motcua-{}", home.hash()))
}
