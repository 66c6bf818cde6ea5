//! Where the cluster lies.

use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tracing::info;

use super::EmbeddedError;
use super::account::Account;

/// Where clusters lie whose data directory the server's user cannot enter.
const AWAY: &str = "/var/lib/motcua";

/// The directory of a cluster, its locks and the server's log.
#[derive(Debug)]
pub(super) struct Home {
    dir: PathBuf,
    account: Account,
    /// The file `postgres.where`, for a home that lies away from the data directory.
    pointer: Option<PathBuf>,
}

impl Home {
    /// Finds the home that belongs to `data_dir`, and makes the directory where it is missing.
    pub(super) fn locate(data_dir: &Path) -> Result<Self, EmbeddedError> {
        fs::create_dir_all(data_dir).map_err(EmbeddedError::io("create", data_dir))?;
        let data_dir = data_dir.canonicalize().map_err(EmbeddedError::io("resolve", data_dir))?;
        let home = Self::choose(&data_dir)?;
        if home.account.reaches(&home.dir) {
            return Ok(home);
        }
        Err(EmbeddedError::Unreachable { user: home.account.name().to_owned(), path: home.dir })
    }

    fn choose(data_dir: &Path) -> Result<Self, EmbeddedError> {
        let pointer = data_dir.join("postgres.where");
        if let Some(home) = read_pointer(&pointer)? {
            return Self::at(&home, Some(pointer));
        }
        let local = data_dir.join("postgres");
        let account = Account::for_home(&local)?;
        if local.join("cluster").exists() || account.reaches(data_dir) {
            make_dir(&local, &account)?;
            return Self::at(&local, None);
        }
        let away = Path::new(AWAY).join(hash_of(data_dir));
        make_dir(Path::new(AWAY), &account)?;
        make_dir(&away, &account)?;
        Self::at(&away, Some(pointer))
    }

    fn at(dir: &Path, pointer: Option<PathBuf>) -> Result<Self, EmbeddedError> {
        let dir = dir.canonicalize().map_err(EmbeddedError::home_io("resolve", dir))?;
        let account = Account::for_home(&dir)?;
        Ok(Self { dir, account, pointer })
    }

    /// Writes `postgres.where` for a home that lies away. The admin lock is held.
    pub(super) fn write_pointer(&self) -> Result<(), EmbeddedError> {
        let Some(pointer) = self.pointer.as_deref().filter(|path| !path.exists()) else {
            return Ok(());
        };
        let home = self.dir.display();
        let user = self.account.name();
        let text = format!(
            "{home}\nThe database lies there, because user {user}, who runs the PostgreSQL server, cannot enter this directory.\n"
        );
        let draft = pointer.with_extension("where-draft");
        fs::write(&draft, text).map_err(EmbeddedError::io("write", &draft))?;
        fs::rename(&draft, pointer).map_err(EmbeddedError::io("write", pointer))?;
        info!(%home, "user {user} cannot enter the data directory: the database lies in {home}");
        Ok(())
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    pub(super) fn account(&self) -> &Account {
        &self.account
    }

    pub(super) fn cluster(&self) -> PathBuf {
        self.dir.join("cluster")
    }

    pub(super) fn log(&self) -> PathBuf {
        self.dir.join("server.log")
    }

    /// Returns 16 letters that belong to this home and no other.
    pub(super) fn hash(&self) -> String {
        hash_of(&self.dir)
    }
}

fn read_pointer(pointer: &Path) -> Result<Option<PathBuf>, EmbeddedError> {
    let text = match fs::read_to_string(pointer) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(EmbeddedError::home_io("read", pointer)(error)),
    };
    let home = PathBuf::from(text.lines().next().unwrap_or_default());
    if home.is_absolute() && home.is_dir() {
        return Ok(Some(home));
    }
    Err(EmbeddedError::HomeGone { pointer: pointer.to_owned(), home })
}

/// Makes a home that its server's user can enter, whatever the umask.
fn make_dir(dir: &Path, account: &Account) -> Result<(), EmbeddedError> {
    let mode = if account.switches() { 0o755 } else { 0o700 };
    match fs::DirBuilder::new().mode(mode).create(dir) {
        Ok(()) => fs::set_permissions(dir, fs::Permissions::from_mode(mode)).map_err(EmbeddedError::io("open up", dir)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(EmbeddedError::io("create", dir)(error)),
    }
}

/// Returns the FNV-1a hash of a path: short, and the same in every version of Rust.
fn hash_of(path: &Path) -> String {
    let hash =
        path.as_os_str().as_bytes().iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
    format!("{hash:016x}")
}
