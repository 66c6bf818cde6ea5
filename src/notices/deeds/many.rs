//! Does something to all notices that a filter finds: at once where they are few, by two people where they are many.

use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::carry_out::{carry_out, lock};
use super::dead::{self, Question, Which};
use super::filter::{Filter, SeenBy};
use super::order::Order;
use super::recorded_as;
use crate::approvals::{Approval, Proposal, propose};
use crate::audit;
use crate::domain::audit::Subject;
use crate::domain::ids::NoticeId;
use crate::domain::notice::NoticeDeed;
use crate::error::AppError;
use crate::state::Act;

/// What is to be done to which notices; kept in a proposal until another person confirms it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Bulk {
    pub(super) order: Order,
    pub(super) filter: Filter,
    /// As far as who ordered it sees.
    pub(super) seen_by: SeenBy,
    /// What died later is not meant: nobody has seen it in the list.
    pub(super) as_of: DateTime<Utc>,
    /// How many they were when it was ordered.
    pub(super) count: i64,
}

/// What came of it.
pub(super) enum Came {
    /// It was done to so many of those that were found.
    Done(usize),
    /// They are many: another person confirms first.
    Proposed(Box<Approval>),
}

impl Bulk {
    /// Prepares an order of who acts, now.
    pub(super) fn new(act: &Act<'_>, order: Order, filter: Filter) -> Self {
        Self { order, filter, seen_by: SeenBy::from(act.by), as_of: act.now, count: 0 }
    }

    pub(super) fn question(&self, act: &Act<'_>) -> Result<Question, AppError> {
        let which = if self.order.deed == NoticeDeed::Cancel { Which::Waiting } else { Which::Dead };
        let units = self.filter.units(act)?;
        Ok(Question { which, units, filter: self.filter.clone(), seen_by: self.seen_by, as_of: self.as_of })
    }

    /// By what a proposal is known; words and codes alone.
    fn subject(&self) -> String {
        let on = self.order.channel.map(|channel| format!(" {channel}")).unwrap_or_default();
        format!("{}{on}: {}", self.order.deed, self.filter.in_words())
    }

    /// What the audit holds of it: no free text.
    pub(super) fn details(&self, done: usize) -> Value {
        json!({"count": done, "filter": self.filter, "channel": self.order.channel, "ordered_by": self.order.principal})
    }
}

/// Counts what an order would reach.
///
/// # Errors
/// [`AppError::NotFound`] for a unit that there is not.
pub(super) fn count(conn: &mut PgConnection, act: &Act<'_>, bulk: &Bulk) -> Result<i64, AppError> {
    Ok(dead::count_all(conn, &bulk.question(act)?)?)
}

/// Does an order to all that its filter finds, or proposes it where they are more than one person may reach.
///
/// # Errors
/// [`AppError::NotFound`] for a unit that there is not; as [`propose`].
pub(super) fn do_to_many(conn: &mut PgConnection, act: &Act<'_>, mut bulk: Bulk) -> Result<Came, AppError> {
    bulk.count = count(conn, act, &bulk)?;
    if bulk.count <= act.office.config.notices.two_people_above {
        return Ok(Came::Done(do_all(conn, act, &bulk)?));
    }
    let (subject, reason) = (bulk.subject(), bulk.order.reason.clone().unwrap_or_default());
    let order = serde_json::to_value(&bulk).map_err(|err| AppError::Internal(err.into()))?;
    let proposal = Proposal::NoticeDeed { subject, order, reason };
    Ok(Came::Proposed(Box::new(propose(conn, act, &proposal)?)))
}

/// Does what a second person has confirmed.
///
/// # Errors
/// As the deed itself.
pub fn confirmed(conn: &mut PgConnection, act: &Act<'_>, order: Value) -> Result<(), AppError> {
    let bulk: Bulk = serde_json::from_value(order).map_err(|err| AppError::Internal(err.into()))?;
    do_all(conn, act, &bulk)?;
    Ok(())
}

/// Held and written at a time.
pub(super) const AT_A_TIME: i64 = 2000;

fn do_all(conn: &mut PgConnection, act: &Act<'_>, bulk: &Bulk) -> Result<usize, AppError> {
    let (mut done, mut after) = (0, None);
    while let Some(last) = do_some(conn, act, bulk, (after, AT_A_TIME), &mut done)? {
        after = Some(last);
    }
    let details = bulk.details(done);
    audit::note(conn, act, recorded_as(bulk.order.deed), Subject::Notices, details)?;
    tracing::info!(by = act.by.principal(), deed = %bulk.order.deed, "{done} notices: {}", bulk.order.deed);
    Ok(done)
}

/// Does it to the next few; returns the last of them.
pub(super) fn do_some(
    conn: &mut PgConnection,
    act: &Act<'_>,
    bulk: &Bulk,
    (after, most): (Option<NoticeId>, i64),
    done: &mut usize,
) -> Result<Option<NoticeId>, AppError> {
    let ids = dead::pick(conn, &bulk.question(act)?, (after, most))?;
    let held = lock(conn, &ids)?;
    *done += carry_out(conn, act, &bulk.order, held, *done)?;
    Ok(ids.last().copied())
}
