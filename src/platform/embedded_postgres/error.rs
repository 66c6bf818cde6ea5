//! What can stand in the way of the embedded server, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};

/// Says why the embedded server is not there.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// No PostgreSQL programs anywhere.
    #[error("PostgreSQL 15 or newer is not installed; run: sudo apt-get install postgresql")]
    MissingPrograms,
    /// The configured directory lacks the programs.
    #[error("{dir} does not hold postgres, initdb and pg_ctl; correct the setting or leave it out")]
    NoProgramsIn {
        /// The configured directory.
        dir: PathBuf,
    },
    /// Only PostgreSQL before 15 was found.
    #[error("{dir} holds PostgreSQL {found}, but 15 or newer is needed; run: sudo apt-get install postgresql")]
    TooOld {
        /// Where it was found.
        dir: PathBuf,
        /// Its major version.
        found: u32,
    },
    /// The cluster was made by a major version whose programs are not here.
    #[error(
        "{cluster} was made by PostgreSQL {wanted}, whose programs are not installed; run: sudo apt-get install postgresql-{wanted}"
    )]
    OtherVersion {
        /// The cluster.
        cluster: PathBuf,
        /// The version that made it.
        wanted: u32,
    },
    /// Started as root, with no unprivileged user to run the server as.
    #[error(
        "PostgreSQL does not run as root, and there is neither a user postgres nor a user nobody; start as an ordinary user"
    )]
    NoServerUser,
    /// The server's user cannot enter a directory that holds a cluster.
    #[error(
        "user {user} cannot enter {path}, which holds the database; let it in (chmod o+x on each parent) or start as another user"
    )]
    Unreachable {
        /// The user that runs the server.
        user: String,
        /// The home.
        path: PathBuf,
    },
    /// The cluster belongs to somebody else.
    #[error("{path} belongs to another user; start as that user or as root")]
    OtherOwner {
        /// The home, or the file that was refused.
        path: PathBuf,
    },
    /// `postgres.where` names a directory that is gone.
    #[error(
        "{pointer} says that the database lies in {home}, which is gone; bring it back, or remove {pointer} to begin anew"
    )]
    HomeGone {
        /// The file `postgres.where`.
        pointer: PathBuf,
        /// What it says.
        home: PathBuf,
    },
    /// The cluster is there but lacks its vital files.
    #[error("{cluster} is not a whole PostgreSQL cluster; restore it from a backup, or move it away to begin anew")]
    Damaged {
        /// The cluster.
        cluster: PathBuf,
    },
    /// `initdb` failed.
    #[error("the database could not be created in {home}: {output}")]
    CannotCreate {
        /// The home.
        home: PathBuf,
        /// What `initdb` said.
        output: String,
    },
    /// The socket's directory could be somebody else's.
    #[error(
        "{path} must be a directory of user {user} that nobody else can enter, and is not; remove it and start again"
    )]
    SocketDirNotPrivate {
        /// The directory.
        path: PathBuf,
        /// The user that runs the server.
        user: String,
    },
    /// `pg_ctl start` failed.
    #[error("PostgreSQL did not start; its log {log} ends in:\n{tail}")]
    CannotStart {
        /// The server's log.
        log: PathBuf,
        /// The last lines of the log, or what `pg_ctl` said.
        tail: String,
    },
    /// Others are attached, and yet the server does not answer.
    #[error(
        "other processes use the database in {home}, but its server does not answer here; stop them, then start again"
    )]
    NotAnswering {
        /// The home.
        home: PathBuf,
    },
    /// `pg_ctl stop` failed.
    #[error("PostgreSQL did not stop: {output}")]
    CannotStop {
        /// What `pg_ctl` said.
        output: String,
    },
    /// A database name that would need quotes.
    #[error("{name:?} cannot name a database; use a-z, 0-9 and _, at most 63 of them, no digit first")]
    DatabaseName {
        /// The name.
        name: String,
    },
    /// The server refused a statement.
    #[error("PostgreSQL refused: {output}")]
    Refused {
        /// What it said.
        output: String,
    },
    /// The operating system refused.
    #[error("cannot {doing} {path}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// To which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl EmbeddedError {
    /// Returns the message in Vietnamese, or in English where only an administrator can act.
    pub fn vi(&self) -> String {
        match self {
            Self::MissingPrograms => {
                "Chưa cài PostgreSQL 15 trở lên; hãy chạy: sudo apt-get install postgresql".to_owned()
            }
            Self::TooOld { dir, found } => format!(
                "{} chứa PostgreSQL {found}, nhưng cần bản 15 trở lên; hãy chạy: sudo apt-get install postgresql",
                dir.display()
            ),
            Self::CannotStart { log, tail } => {
                format!("PostgreSQL không khởi động được; nhật ký {} kết thúc bằng:\n{tail}", log.display())
            }
            Self::SocketDirNotPrivate { path, user } => format!(
                "{} phải là thư mục của người dùng {user} mà không ai khác vào được, nhưng không phải vậy; hãy xóa nó rồi khởi động lại",
                path.display()
            ),
            _ => self.to_string(),
        }
    }

    /// Names what was being done to `path` when the system refused.
    pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, path: path.to_owned(), source }
    }

    /// Like `io`, for files that lie in a home that may be another user's.
    pub(super) fn home_io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| match source.kind() {
            io::ErrorKind::PermissionDenied => Self::OtherOwner { path: path.to_owned() },
            _ => Self::Io { doing, path: path.to_owned(), source },
        }
    }
}
