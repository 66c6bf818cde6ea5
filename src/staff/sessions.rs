//! Sessions: what a log-in opens and a log-out, a new password or a disabled account ends.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use serde_json::json;

use super::accounts::Account;
use super::bearer::{Bearer, COOKIE_PREFIX, SESSION_PREFIX};
use super::signed::unknown;
use super::{no_such, people_only};
use crate::audit;
use crate::domain::audit::{Action, Subject};
use crate::domain::ids::{SessionId, StaffId};
use crate::domain::role::Deed;
use crate::domain::session::{SecondFactor, SessionKind};
use crate::error::AppError;
use crate::http::page::Cursor;
use crate::platform::keyset::before;
use crate::platform::secret::{new_token, token_hash};
use crate::schema::sessions;
use crate::state::Act;

/// A session just opened: the only time that its token is seen.
pub(super) struct Opened {
    pub kind: SessionKind,
    pub token: String,
    pub expires_at: DateTime<Utc>,
}

/// How somebody comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entrance {
    pub kind: SessionKind,
    pub second_factor: SecondFactor,
}

impl Opened {
    /// Makes a token that fits how it will travel.
    fn new(kind: SessionKind, expires_at: DateTime<Utc>) -> Self {
        let prefix = match kind {
            SessionKind::Bearer => SESSION_PREFIX,
            SessionKind::Cookie => COOKIE_PREFIX,
        };
        Self { kind, token: new_token(prefix), expires_at }
    }
}

/// A session as its owner sees it.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = sessions)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub(super) struct Session {
    pub id: SessionId,
    pub token_hash: Vec<u8>,
    pub kind: SessionKind,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub last_used_at: Option<DateTime<Utc>>,
}

impl Session {
    /// When it was used last, to the minute.
    pub(super) fn used_at(&self) -> DateTime<Utc> {
        self.last_used_at.unwrap_or(self.created_at)
    }

    /// Whether it is the one that asks.
    pub(super) fn is(&self, bearer: &Bearer) -> bool {
        bearer.of_session().is_some_and(|hash| hash == self.token_hash)
    }
}

/// Opens a session for an account: whoever has found out who somebody is, by password or otherwise, ends here. Who
/// needs a second factor and has shown none may do nothing by it but set one up.
///
/// Forgets those of the account that ended long ago.
///
/// # Errors
/// Whatever the database says.
pub(super) fn open(
    conn: &mut PgConnection,
    act: &Act<'_>,
    account: &Account,
    entrance: Entrance,
) -> QueryResult<Opened> {
    let opened = Opened::new(entrance.kind, act.now + act.office.config.sessions.lasting().whole);
    let id = SessionId::new();
    diesel::insert_into(sessions::table)
        .values((
            sessions::id.eq(id),
            sessions::staff_id.eq(account.id),
            sessions::token_hash.eq(token_hash(&opened.token)),
            sessions::kind.eq(entrance.kind),
            sessions::second_factor.eq(entrance.second_factor),
            sessions::created_at.eq(act.now),
            sessions::expires_at.eq(opened.expires_at),
            sessions::last_used_at.eq(act.now),
        ))
        .execute(conn)?;
    let details = json!({"staff": account.id, "as": entrance.kind, "second_factor": entrance.second_factor});
    audit::note(conn, act, Action::LoggedIn, Subject::Session(id), details)?;
    let long_ago = act.now - TimeDelta::days(30);
    diesel::delete(sessions::table.filter(sessions::staff_id.eq(account.id)).filter(sessions::expires_at.lt(long_ago)))
        .execute(conn)?;
    tracing::info!(staff.id = %account.id, session.id = %id, "session {id} opened");
    Ok(opened)
}

/// Returns the open sessions of who asks, the newest first, one more than `limit` where there are more.
///
/// # Errors
/// [`AppError::Forbidden`] for a key, which has none.
pub(super) fn list_own(
    conn: &mut PgConnection,
    act: &Act<'_>,
    after: Option<Cursor>,
    limit: i64,
) -> Result<Vec<Session>, AppError> {
    let own = act.by.staff_id().ok_or_else(people_only)?;
    let mut query = sessions::table
        .filter(sessions::staff_id.eq(own))
        .filter(sessions::revoked_at.is_null())
        .filter(sessions::expires_at.gt(act.now))
        .filter(used_since(act.office.config.sessions.lasting().idle_since(act.now)))
        .select(Session::as_select())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(before((sessions::created_at, sessions::id), (after.at, after.id)));
    }
    let found = query.order((sessions::created_at.desc(), sessions::id.desc())).limit(limit + 1).load(conn)?;
    Ok(found)
}

/// Whether a session was used since, or opened.
#[diesel::dsl::auto_type(no_type_alias)]
fn used_since(since: DateTime<Utc>) -> _ {
    sessions::last_used_at.gt(since).assume_not_null().or(sessions::created_at.gt(since))
}

/// Gives the session that asks a new token; its end stays. The token of before opens nothing any more.
///
/// # Errors
/// [`AppError::Unauthenticated`] when another request has changed or ended it meanwhile.
pub(super) fn rotate(conn: &mut PgConnection, act: &Act<'_>, asking: &Bearer) -> Result<Opened, AppError> {
    renew(conn, act, asking).map(|(_, opened)| opened)
}

fn renew(conn: &mut PgConnection, act: &Act<'_>, asking: &Bearer) -> Result<(SessionId, Opened), AppError> {
    let old = asking.of_session().ok_or_else(people_only)?;
    let there = sessions::table.filter(sessions::token_hash.eq(old)).filter(sessions::revoked_at.is_null());
    let found: Option<(SessionId, SessionKind, DateTime<Utc>)> =
        there.select((sessions::id, sessions::kind, sessions::expires_at)).for_update().first(conn).optional()?;
    let (id, kind, expires_at) = found.ok_or_else(unknown)?;
    let opened = Opened::new(kind, expires_at);
    diesel::update(sessions::table.find(id))
        .set((sessions::token_hash.eq(token_hash(&opened.token)), sessions::last_used_at.eq(act.now)))
        .execute(conn)?;
    tracing::info!(session.id = %id, "session {id} got a new token");
    Ok((id, opened))
}

/// Notes that who asks has shown a second factor since the log-in, and gives the session a new token: one that was
/// stolen before opens no more than it did.
///
/// # Errors
/// [`AppError::Unauthenticated`] when another request has changed or ended it meanwhile.
pub(super) fn step_up(
    conn: &mut PgConnection,
    act: &Act<'_>,
    asking: &Bearer,
    shown: SecondFactor,
) -> Result<Opened, AppError> {
    raise(conn, asking, shown)?;
    let (id, opened) = renew(conn, act, asking)?;
    audit::note(conn, act, Action::SecondFactorShown, Subject::Session(id), json!({"second_factor": shown}))?;
    Ok(opened)
}

/// Notes that who asks has shown a second factor since the log-in.
///
/// # Errors
/// Whatever the database says.
pub(super) fn raise(conn: &mut PgConnection, asking: &Bearer, shown: SecondFactor) -> QueryResult<usize> {
    let asking = asking.of_session().unwrap_or_default();
    diesel::update(sessions::table.filter(sessions::token_hash.eq(asking)))
        .set(sessions::second_factor.eq(shown))
        .execute(conn)
}

/// Ends the session that asks.
///
/// # Errors
/// [`AppError::Forbidden`] for a key, which has none.
pub(super) fn end_current(conn: &mut PgConnection, act: &Act<'_>, asking: &Bearer) -> Result<(), AppError> {
    let hash = asking.of_session().ok_or_else(people_only)?;
    let id = sessions::table.filter(sessions::token_hash.eq(hash)).select(sessions::id).first(conn).optional()?;
    end(conn, act, id.ok_or_else(unknown)?)
}

/// Ends a session: one's own, or any for who manages accounts. Ending it again changes nothing.
///
/// # Errors
/// [`AppError::NotFound`] when there is none that who asks may know of.
pub(super) fn end(conn: &mut PgConnection, act: &Act<'_>, id: SessionId) -> Result<(), AppError> {
    let own = act.by.staff_id().ok_or_else(people_only)?;
    let owner: Option<StaffId> = sessions::table.find(id).select(sessions::staff_id).first(conn).optional()?;
    let may = |owner: &StaffId| *owner == own || act.by.may(Deed::ManageStaff);
    let owner = owner.filter(may).ok_or_else(|| no_such("phiên đăng nhập", "session"))?;
    let ended = diesel::update(sessions::table.find(id).filter(sessions::revoked_at.is_null()))
        .set(sessions::revoked_at.eq(act.now))
        .execute(conn)?;
    if ended > 0 {
        audit::note(conn, act, Action::SessionEnded, Subject::Session(id), json!({"staff": owner}))?;
    }
    tracing::info!(session.id = %id, by = act.by.principal(), "session {id} ended");
    Ok(())
}

/// Ends all sessions of an account, but the one that asks.
///
/// # Errors
/// Whatever the database says.
pub(super) fn end_all_but(
    conn: &mut PgConnection,
    owner: StaffId,
    kept: Option<&Bearer>,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    let kept = kept.and_then(Bearer::of_session).unwrap_or_default();
    diesel::update(
        sessions::table
            .filter(sessions::staff_id.eq(owner))
            .filter(sessions::revoked_at.is_null())
            .filter(sessions::token_hash.ne(kept)),
    )
    .set(sessions::revoked_at.eq(now))
    .execute(conn)
}
