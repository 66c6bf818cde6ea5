//! Failed log-ins: each further one of a name from one network waits longer, and nobody locks anybody out.
//!
//! A try is counted before it is made and forgotten when it was right, so that tries at the same time are not free.
//! The counts are kept by keyed hashes in a table of the database, written in transactions of their own: they hold for
//! all processes, and the same for a name that nobody has.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use secrecy::SecretString;

use super::password as hashes;
use crate::domain::ids::StaffId;
use crate::error::AppError;
use crate::http::limit::network;
use crate::platform::db::Scope;
use crate::platform::secret::Vault;
use crate::schema::failed_log_ins;
use crate::state::AppState;

/// Failures that cost nothing.
const FREE: i32 = 5;
/// The longest wait after failures from one's own network; the first is a second, each further one twice as long.
const LONGEST_WAIT_S: i64 = 60;
/// So many failures of one account from everywhere lengthen the wait by a second …
const EVERYWHERE_FOR_A_SECOND: i32 = 20;
/// … up to so many.
const LONGEST_WAIT_FOR_OTHERS_S: i64 = 5;
/// When failures are forgotten.
const FORGOTTEN_AFTER: TimeDelta = TimeDelta::hours(1);

/// What is tried, under which keys it is counted.
#[derive(Debug, Clone)]
pub(super) struct Tried {
    own: Vec<u8>,
    everywhere: Option<Vec<u8>>,
}

impl Tried {
    /// The password of a name, from a network.
    pub(super) fn password(vault: &Vault, username: &str, address: IpAddr) -> Self {
        let key = |place: &str| vault.index("failed_log_in", &format!("{username}\0{place}"));
        Self { own: key(&network(address).to_string()), everywhere: Some(key("everywhere")) }
    }

    /// A code of an account whose password was right.
    pub(super) fn code(vault: &Vault, staff: StaffId) -> Self {
        Self { own: vault.index("failed_code", &staff.to_string()), everywhere: None }
    }

    fn keys(&self) -> Vec<Vec<u8>> {
        std::iter::once(&self.own).chain(&self.everywhere).cloned().collect()
    }
}

/// How long a network waits after its own last failure. Failures from elsewhere lengthen the wait of a network that
/// has failed itself, so whoever does not mistake waits for nobody.
fn wait(own: i32, everywhere: i32) -> TimeDelta {
    let beyond = u32::try_from(own - FREE).ok();
    let for_own = beyond.map_or(0, |beyond| 1_i64.checked_shl(beyond.min(16)).unwrap_or(LONGEST_WAIT_S));
    let for_others = if own > 0 { i64::from(everywhere / EVERYWHERE_FOR_A_SECOND) } else { 0 };
    TimeDelta::seconds(for_own.min(LONGEST_WAIT_S).max(for_others.min(LONGEST_WAIT_FOR_OTHERS_S)))
}

/// Counts a try, unless it comes too early.
///
/// # Errors
/// [`AppError::TooMany`] with the time to wait; then nothing must be checked.
pub(super) async fn admit(state: &AppState, tried: &Tried) -> Result<(), AppError> {
    let (clock, tried) = (state.clock.clone(), tried.clone());
    let work = move |conn: &mut PgConnection| {
        let now = clock.database_now(conn)?;
        count(conn, &tried, now)
    };
    state.db.tx(&Scope::system(), work).await
}

/// Forgets the failures after a try that was right.
///
/// # Errors
/// Whatever the database says.
pub(super) async fn forgive(state: &AppState, tried: &Tried) -> Result<(), AppError> {
    let keys = tried.keys();
    let forget = move |conn: &mut PgConnection| {
        diesel::delete(failed_log_ins::table.filter(failed_log_ins::key.eq_any(keys))).execute(conn)?;
        Ok(())
    };
    state.db.tx(&Scope::system(), forget).await
}

/// Checks a password in its turn: whether it is the one that was hashed.
///
/// # Errors
/// [`AppError::TooMany`] with the time to wait, without looking at it; as [`hashes::matches`].
pub(super) async fn password(
    state: &AppState,
    tried: &Tried,
    typed: SecretString,
    hash: String,
) -> Result<bool, AppError> {
    admit(state, tried).await?;
    let is_right = hashes::matches(typed, hash).await?;
    if is_right {
        forgive(state, tried).await?;
    }
    Ok(is_right)
}

/// Deletes failures of long ago, and returns how many.
///
/// # Errors
/// Whatever the database says.
pub fn forget_old(conn: &mut PgConnection, now: DateTime<Utc>) -> QueryResult<usize> {
    let old = failed_log_ins::last_at.le(now - FORGOTTEN_AFTER);
    diesel::delete(failed_log_ins::table.filter(old)).execute(conn)
}

type Row = (Vec<u8>, i32, DateTime<Utc>);

fn count(conn: &mut PgConnection, tried: &Tried, now: DateTime<Utc>) -> Result<(), AppError> {
    let mut keys = tried.keys();
    // One order for all, so that no two wait for each other.
    keys.sort();
    let fresh = |key: &Vec<u8>| {
        (failed_log_ins::key.eq(key.clone()), failed_log_ins::failures.eq(0), failed_log_ins::last_at.eq(now))
    };
    diesel::insert_into(failed_log_ins::table)
        .values(keys.iter().map(fresh).collect::<Vec<_>>())
        .on_conflict_do_nothing()
        .execute(conn)?;
    let rows: Vec<Row> = failed_log_ins::table
        .filter(failed_log_ins::key.eq_any(&keys))
        .order(failed_log_ins::key)
        .for_update()
        .load(conn)?;
    let rows: Vec<Row> = rows.into_iter().map(|row| if is_old(&row, now) { (row.0, 0, now) } else { row }).collect();
    // A clock that was set back must not make anybody wait for it.
    let failures =
        |key: &Vec<u8>| rows.iter().find(|row| row.0 == *key).map_or((0, now), |row| (row.1, row.2.min(now)));
    let (own, last_at) = failures(&tried.own);
    let everywhere = tried.everywhere.as_ref().map_or(0, |key| failures(key).0);
    let until = last_at + wait(own, everywhere);
    if now < until {
        let left = u64::try_from((until - now).num_milliseconds()).unwrap_or(0);
        return Err(AppError::TooMany { retry_after_seconds: left.div_ceil(1000).max(1) });
    }
    for (key, failures, _) in rows {
        diesel::update(failed_log_ins::table.find(key))
            .set((failed_log_ins::failures.eq(failures.saturating_add(1)), failed_log_ins::last_at.eq(now)))
            .execute(conn)?;
    }
    Ok(())
}

fn is_old(row: &Row, now: DateTime<Utc>) -> bool {
    row.2 <= now - FORGOTTEN_AFTER
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_from_the_fifth_failure_to_a_minute() {
        let seconds: Vec<_> = (0..14).map(|own| wait(own, own).num_seconds()).collect();
        assert_eq!(seconds, [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(wait(i32::MAX, i32::MAX).num_seconds(), 60);
    }

    #[test]
    fn failures_elsewhere_slow_gently_whoever_has_failed_too() {
        assert_eq!(wait(0, 1_000_000).num_seconds(), 0);
        let seconds: Vec<_> = [19, 20, 59, 100, 1_000_000].map(|all| wait(1, all).num_seconds()).to_vec();
        assert_eq!(seconds, [0, 1, 2, 5, 5]);
    }

    #[test]
    fn a_name_is_counted_by_network_and_everywhere() {
        let vault = Vault::new(&std::collections::BTreeMap::from([(1, vec![7; 32])]), b"index").unwrap();
        let tried = |name: &str, address: &str| Tried::password(&vault, name, address.parse().unwrap());
        let (first, second) = (tried("mai", "2001:db8:1:2::1"), tried("mai", "2001:db8:1:2:ffff::9"));
        assert_eq!((&first.own, &first.everywhere), (&second.own, &second.everywhere));
        let elsewhere = tried("mai", "203.0.113.1");
        assert_ne!(first.own, elsewhere.own);
        assert_eq!(first.everywhere, elsewhere.everywhere);
        assert_ne!(first.everywhere, tried("lan", "203.0.113.1").everywhere);
    }
}
