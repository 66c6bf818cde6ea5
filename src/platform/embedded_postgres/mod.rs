//! A private PostgreSQL for an office that has no database server of its own.
//!
//! The cluster lies in a *home*: `<data_dir>/postgres`, or a directory under
//! `/var/lib/motcua` where the server's user cannot enter the data directory. Every process
//! that uses the cluster holds a shared lock on `attached.lock` for as long as it lives, and
//! nobody starts, stops or creates anything without `admin.lock`. The kernel drops both locks
//! when a process is killed, so a server left behind by a kill is adopted by the next process
//! and stopped by the last one out.

mod account;
mod cluster;
mod error;
mod home;
mod lock;
mod programs;
mod server;
mod socket;

use std::path::{Path, PathBuf};

use tracing::{info, warn};

pub use self::error::EmbeddedError;
use self::home::Home;
use self::lock::{AdminLock, Attachment};
use self::programs::Programs;
use self::server::Server;

/// The superuser of the cluster, and the only role that `attach` relies on.
const SUPERUSER: &str = "motcua";

/// Says what the embedded server needs to know.
#[derive(Debug, Clone)]
pub struct Options {
    /// The service's data directory; the cluster lies in its folder `postgres`.
    pub data_dir: PathBuf,
    /// Whether the data has to outlive a power cut.
    pub durability: Durability,
    /// How many connections the server takes.
    pub max_connections: u32,
    /// Where the PostgreSQL programs are; looked for when absent.
    pub bin_dir: Option<PathBuf>,
    /// The server's shared buffers, in MB.
    pub shared_buffers_mb: u32,
}

/// Says whether the data has to outlive a power cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Every commit reaches the disk.
    Durable,
    /// Nothing waits for the disk: for tests.
    Disposable,
}

/// Keeps the embedded server running for as long as it lives; the last one out stops it.
#[derive(Debug)]
pub struct EmbeddedPostgres {
    server: Server,
    socket_dir: PathBuf,
    attachment: Option<Attachment>,
}

impl EmbeddedPostgres {
    /// Attaches to the embedded server, creating its cluster and starting it where needed.
    ///
    /// Settings are applied when the server starts; a server that runs already is taken as it
    /// is. Blocks until the server answers.
    ///
    /// # Errors
    ///
    /// Says what stands in the way; nothing that holds data has been removed.
    pub fn attach(options: &Options) -> Result<Self, EmbeddedError> {
        let home = Home::locate(&options.data_dir)?;
        let admin = AdminLock::take(&home)?;
        home.write_pointer()?;
        let mut attachment = Attachment::open(&home)?;
        let programs = Programs::find(options.bin_dir.as_deref(), cluster::version(&home)?)?;
        cluster::ensure(&home, &programs, options.durability)?;
        let server = Server { home, programs };
        let socket_dir = server.ensure_running(options, &mut attachment)?;
        attachment.share(&server.home)?;
        drop(admin);
        Ok(Self { server, socket_dir, attachment: Some(attachment) })
    }

    /// Returns the URL of `database` on the server's socket, as libpq reads it.
    pub fn url(&self, database: &str) -> String {
        let host = percent_encoded(&self.socket_dir.to_string_lossy());
        let port = socket::PORT;
        format!("postgres://{SUPERUSER}@{host}:{port}/{}", percent_encoded(database))
    }

    /// Makes sure that `database` exists.
    ///
    /// # Errors
    ///
    /// Refuses a name that would need quotes, and says what the server answered.
    pub fn ensure_database(&self, database: &str) -> Result<(), EmbeddedError> {
        if !is_plain_name(database) {
            return Err(EmbeddedError::DatabaseName { name: database.to_owned() });
        }
        let _admin = AdminLock::take(&self.server.home)?;
        let exists = format!("SELECT 1 FROM pg_database WHERE datname = '{database}'");
        if self.server.query(&self.socket_dir, &exists)? == "1" {
            return Ok(());
        }
        let create = format!("CREATE DATABASE \"{database}\" TEMPLATE template0");
        self.server.query(&self.socket_dir, &create)?;
        info!(database, "database {database} created");
        Ok(())
    }

    /// Returns the directory of the PostgreSQL programs in use.
    pub fn bin_dir(&self) -> &Path {
        self.server.programs.dir()
    }

    /// Returns the directory that holds the cluster, its locks and the server's log.
    pub fn home(&self) -> &Path {
        self.server.home.dir()
    }

    /// Lets go of the server, and stops it when nobody else is attached.
    ///
    /// # Errors
    ///
    /// Says why the server could not be stopped; the next process adopts it then.
    pub fn detach(mut self) -> Result<(), EmbeddedError> {
        self.release()
    }

    /// Lets go of the server without stopping it, so that the next process finds it running.
    pub fn leave_running(mut self) {
        self.attachment = None;
    }

    fn release(&mut self) -> Result<(), EmbeddedError> {
        let Some(mut attachment) = self.attachment.take() else {
            return Ok(());
        };
        let home = &self.server.home;
        let _admin = AdminLock::take(home)?;
        if attachment.is_the_last(home)? { self.server.stop() } else { Ok(()) }
    }
}

impl Drop for EmbeddedPostgres {
    fn drop(&mut self) {
        if let Err(error) = self.release() {
            warn!(%error, "the embedded PostgreSQL was not stopped: {error}");
        }
    }
}

fn is_plain_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let starts_well = name.bytes().next().is_some_and(|byte| !byte.is_ascii_digit());
    starts_well && name.len() <= 63 && name.bytes().all(plain)
}

fn percent_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}
