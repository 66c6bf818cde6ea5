//! Where `now` comes from: the only place that asks.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, SubsecRound, Utc};
use diesel::prelude::*;
use diesel::sql_types::Timestamptz;

/// The time, in UTC at microseconds, as PostgreSQL keeps it.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The machine's.
    System,
    /// Stands until it is set: tests and replays.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// Makes a clock that stands at `at`.
    pub fn manual(at: DateTime<Utc>) -> Self {
        Self::Manual(Arc::new(AtomicI64::new(at.timestamp_micros())))
    }

    /// Returns the time, taken once per request.
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Self::System => system_now(),
            Self::Manual(micros) => at_micros(micros.load(Ordering::SeqCst)),
        }
    }

    /// Returns the database's time, which all nodes share: for leases, claims and buckets.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn database_now(&self, conn: &mut PgConnection) -> QueryResult<DateTime<Utc>> {
        match self {
            Self::System => diesel::select(diesel::dsl::sql::<Timestamptz>("clock_timestamp()")).get_result(conn),
            Self::Manual(_) => Ok(self.now()),
        }
    }

    /// Sets a manual clock; the machine's stays as it is.
    pub fn set(&self, at: DateTime<Utc>) {
        if let Self::Manual(micros) = self {
            micros.store(at.timestamp_micros(), Ordering::SeqCst);
        }
    }
}

fn system_now() -> DateTime<Utc> {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that asks")]
    let now = Utc::now();
    now.trunc_subsecs(6)
}

fn at_micros(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).unwrap_or(DateTime::UNIX_EPOCH)
}
