//! Log-ins: how their secret travels, what was shown beside the password, and when they end by themselves.

use chrono::{DateTime, TimeDelta, Utc};

use super::words::words;

words! {
    /// How a session's secret comes with a request. A secret of one kind is none of the other.
    pub enum SessionKind {
        /// A program sends it in `Authorization`.
        Bearer = "bearer",
        /// A browser keeps it from its pages and sends it by itself.
        Cookie = "cookie",
    }
}

words! {
    /// What was shown beside the password when a session was opened, or since.
    pub enum SecondFactor {
        /// Nothing.
        None = "none",
        /// The code of an authenticator app.
        Code = "code",
        /// A recovery code.
        RecoveryCode = "recovery_code",
        /// Something that a provider of single sign-on vouches for.
        Provider = "provider",
    }
}

/// How long a session lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lasting {
    /// Without being used.
    pub idle: TimeDelta,
    /// At most, however much it is used.
    pub whole: TimeDelta,
}

/// Uses are written down when the one written before is older than this, so that a busy session writes little. A
/// session may end so much before it has lain idle for as long as it may, never after.
const WRITTEN_EVERY: TimeDelta = TimeDelta::minutes(1);

impl Lasting {
    /// Before when the last use written down must not lie at `now`.
    pub fn idle_since(self, now: DateTime<Utc>) -> DateTime<Utc> {
        now - self.idle
    }

    /// When a session ends that was last used at `used_at` and ends at `expires_at` however much it is used.
    pub fn end(self, used_at: DateTime<Utc>, expires_at: DateTime<Utc>) -> DateTime<Utc> {
        expires_at.min(used_at + self.idle)
    }
}

/// Whether a use at `now` is worth writing down, the one before having been written at `used_at`.
pub fn is_worth_writing(used_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now - used_at >= WRITTEN_EVERY
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + minutes * 60, 0).unwrap()
    }

    #[test]
    fn a_session_ends_by_idling_or_by_age_whichever_comes_first() {
        let lasting = Lasting { idle: TimeDelta::minutes(30), whole: TimeDelta::hours(12) };
        assert_eq!(lasting.end(at(0), at(720)), at(30));
        assert_eq!(lasting.end(at(700), at(720)), at(720));
        assert_eq!(lasting.idle_since(at(30)), at(0));
    }

    #[test]
    fn a_busy_session_is_written_down_once_a_minute() {
        assert!(!is_worth_writing(at(0), at(0)));
        assert!(!is_worth_writing(at(0), at(1) - TimeDelta::seconds(1)));
        assert!(is_worth_writing(at(0), at(1)));
    }
}
