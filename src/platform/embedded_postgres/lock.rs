//! The two locks of a home. The kernel drops them when a process dies, however it dies.
//!
//! Both are `flock`s on files opened with `O_CLOEXEC`, so the server does not inherit them.
//! They are given up by an explicit unlock: closing would not be enough while a child of
//! another thread, forked and not yet replaced by its program, still holds a copy.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt;

use super::EmbeddedError;
use super::home::Home;

/// Lets one process at a time create, start and stop.
#[derive(Debug)]
pub(super) struct AdminLock(File);

impl AdminLock {
    /// Waits for the lock.
    pub(super) fn take(home: &Home) -> Result<Self, EmbeddedError> {
        let file = open(home, "admin.lock")?;
        patiently(|| file.lock()).map_err(EmbeddedError::io("lock", home.dir()))?;
        Ok(Self(file))
    }
}

impl Drop for AdminLock {
    fn drop(&mut self) {
        // Nothing can be done about a failure, and closing the file unlocks it as well.
        self.0.unlock().ok();
    }
}

/// Counts a process among those that use the server. Changed only under the admin lock.
#[derive(Debug)]
pub(super) struct Attachment(File);

impl Attachment {
    /// Opens the lock without taking it.
    pub(super) fn open(home: &Home) -> Result<Self, EmbeddedError> {
        open(home, "attached.lock").map(Self)
    }

    /// Counts us in.
    pub(super) fn share(&mut self, home: &Home) -> Result<(), EmbeddedError> {
        patiently(|| self.0.lock_shared()).map_err(EmbeddedError::io("lock", home.dir()))
    }

    /// Counts us out and tells whether nobody else is left.
    pub(super) fn is_the_last(&mut self, home: &Home) -> Result<bool, EmbeddedError> {
        self.0.unlock().map_err(EmbeddedError::io("unlock", home.dir()))?;
        match self.0.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(EmbeddedError::io("lock", home.dir())(error)),
        }
    }
}

impl Drop for Attachment {
    fn drop(&mut self) {
        self.0.unlock().ok();
    }
}

fn open(home: &Home, name: &str) -> Result<File, EmbeddedError> {
    let path = home.dir().join(name);
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(EmbeddedError::home_io("open", &path))
}

fn patiently(mut lock: impl FnMut() -> io::Result<()>) -> io::Result<()> {
    loop {
        match lock() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}
