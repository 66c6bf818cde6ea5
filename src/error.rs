//! Why something is refused. Knows no HTTP: `http::error` gives each kind its status.

use diesel::result::{DatabaseErrorKind, Error as SqlError};

/// One refusal in two languages, with a code that never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Stable, for programs: `snake_case`.
    pub code: &'static str,
    /// For people, in Vietnamese.
    pub vi: String,
    /// For people, in English.
    pub en: String,
}

impl Said {
    /// Puts the three together.
    pub fn new(code: &'static str, vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self { code, vi: vi.into(), en: en.into() }
    }
}

/// What is wrong with one field of a body or query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// JSON pointer to the field, or the parameter's name after `?`.
    pub pointer: String,
    /// What is wrong.
    pub said: Said,
}

impl Fault {
    /// Puts the two together.
    pub fn new(pointer: impl Into<String>, said: Said) -> Self {
        Self { pointer: pointer.into(), said }
    }

    /// The same of a body, where a query's parameter was named: `/from` instead of `?from`.
    #[must_use]
    pub fn in_body(self) -> Self {
        Self { pointer: self.pointer.replacen('?', "/", 1), ..self }
    }
}

/// Why a use case did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The request could not be read at all.
    #[error("malformed: {}", .0.en)]
    Malformed(Said),
    /// Nobody, or nobody we know, asks.
    #[error("not authenticated: {}", .0.en)]
    Unauthenticated(Said),
    /// Who asks may not.
    #[error("forbidden: {}", .0.en)]
    Forbidden(Said),
    /// There is no such thing, or none that who asks may know of.
    #[error("not found: {}", .0.en)]
    NotFound(Said),
    /// The state of things forbids it.
    #[error("conflict: {}", .0.en)]
    Conflict(Said),
    /// What was read before has changed since.
    #[error("stale: {}", .0.en)]
    Stale(Said),
    /// The body did not come in time.
    #[error("too slow: {}", .0.en)]
    TooSlow(Said),
    /// The body is larger than allowed.
    #[error("too large: {}", .0.en)]
    TooLarge(Said),
    /// The body is not of a kind that is read here.
    #[error("unsupported media: {}", .0.en)]
    Unsupported(Said),
    /// Fields are wrong: all of them at once.
    #[error("invalid: {} fields", .0.len())]
    Invalid(Vec<Fault>),
    /// Asked too often.
    #[error("too many requests")]
    TooMany {
        /// When asking again makes sense.
        retry_after_seconds: u64,
    },
    /// Busy, or the database is away; nothing was done.
    #[error("unavailable: {cause}")]
    Unavailable {
        /// For the log.
        cause: String,
        /// When asking again makes sense.
        retry_after_seconds: u64,
    },
    /// A statement took longer than one may (SQLSTATE 57014); nothing was done.
    #[error("took too long: {cause}")]
    TookTooLong {
        /// For the log.
        cause: String,
    },
    /// A fault of ours.
    #[error("internal error")]
    Internal(#[source] anyhow::Error),
}

impl AppError {
    /// One wrong field.
    pub fn invalid(pointer: &str, said: Said) -> Self {
        Self::Invalid(vec![Fault::new(pointer, said)])
    }

    /// The same, with the pointers of wrong fields below another.
    #[must_use]
    pub fn under(self, pointer: &str) -> Self {
        match self {
            Self::Invalid(faults) => {
                let below = |fault: Fault| Fault { pointer: format!("{pointer}{}", fault.pointer), ..fault };
                Self::Invalid(faults.into_iter().map(below).collect())
            }
            other => other,
        }
    }

    /// The same, with all that is wrong told of the one parameter from which it follows.
    #[must_use]
    pub fn told_of(self, pointer: &str) -> Self {
        match self {
            Self::Invalid(faults) => {
                Self::Invalid(faults.into_iter().map(|fault| Fault::new(pointer, fault.said)).collect())
            }
            other => other,
        }
    }

    /// The same, with wrong parameters of a query named as fields of a body.
    #[must_use]
    pub fn in_body(self) -> Self {
        match self {
            Self::Invalid(faults) => Self::Invalid(faults.into_iter().map(Fault::in_body).collect()),
            other => other,
        }
    }

    /// A fault of ours that no database error stands behind.
    pub fn internal(what: impl std::fmt::Display) -> Self {
        Self::Internal(anyhow::anyhow!("{what}"))
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed(said)
            | Self::Unauthenticated(said)
            | Self::Forbidden(said)
            | Self::NotFound(said)
            | Self::Conflict(said)
            | Self::Stale(said)
            | Self::TooSlow(said)
            | Self::TooLarge(said)
            | Self::Unsupported(said) => said.code,
            Self::Invalid(_) => "fields_invalid",
            Self::TooMany { .. } => "too_many_requests",
            Self::Unavailable { .. } => "unavailable",
            Self::TookTooLong { .. } => "took_too_long",
            Self::Internal(_) => "internal_error",
        }
    }
}

impl From<SqlError> for AppError {
    /// Mostly a fault of ours, on purpose: a look-up that may find nothing says so with `.optional()`.
    fn from(err: SqlError) -> Self {
        match &err {
            SqlError::DatabaseError(DatabaseErrorKind::ClosedConnection, info) => {
                Self::Unavailable { cause: info.message().to_owned(), retry_after_seconds: 2 }
            }
            SqlError::BrokenTransactionManager => {
                Self::Unavailable { cause: "the connection broke".to_owned(), retry_after_seconds: 2 }
            }
            SqlError::DatabaseError(DatabaseErrorKind::SerializationFailure, info) => {
                Self::Unavailable { cause: info.message().to_owned(), retry_after_seconds: 1 }
            }
            SqlError::DatabaseError(_, info) if info.message() == TIMED_OUT => {
                Self::TookTooLong { cause: info.message().to_owned() }
            }
            // What PostgreSQL says of a server that stops or starts.
            SqlError::DatabaseError(_, info) if is_shutdown(info.message()) => {
                Self::Unavailable { cause: info.message().to_owned(), retry_after_seconds: 2 }
            }
            _ => Self::Internal(err.into()),
        }
    }
}

/// What PostgreSQL says when `statement_timeout` has passed; diesel hands on no SQLSTATE.
const TIMED_OUT: &str = "canceling statement due to statement timeout";

fn is_shutdown(message: &str) -> bool {
    const SIGNS: [&str; 5] = [
        "terminating connection",
        "server closed the connection",
        "the database system is",
        "no connection to the server",
        "could not receive data from server",
    ];
    SIGNS.iter().any(|sign| message.contains(sign))
}

/// Whether the error is the breach of this one constraint: duplicates are found by the database.
pub fn breaks(err: &SqlError, constraint: &str) -> bool {
    matches!(err, SqlError::DatabaseError(_, info) if info.constraint_name() == Some(constraint))
}

/// An error with all its causes on one line, for logs.
pub struct Chain<'a>(pub &'a (dyn std::error::Error + 'static));

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(err) = source {
            write!(f, ": {err}")?;
            source = err.source();
        }
        Ok(())
    }
}
