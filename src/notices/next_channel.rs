//! Sends notices that stand by, each on the next channel of its purpose, where the one before did not reach the person.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz};

use super::queue::{self, Place};
use super::sending::Gateway;
use crate::config::NoticesConfig;
use crate::domain::ids::NoticeId;
use crate::domain::notice::{Before, NoticeStatus, Purpose, Settled, Standby};
use crate::error::AppError;
use crate::platform::db::Scope;
use crate::platform::prepared::Prepare;
use crate::schema::notices;
use crate::state::AppState;

const AT_A_TIME: i64 = 500;

/// A notice that stands by, and how the one before it stands.
#[derive(QueryableByName)]
struct Waiting {
    #[diesel(sql_type = diesel::sql_types::Uuid)]
    id: NoticeId,
    #[diesel(sql_type = diesel::sql_types::Uuid)]
    before: NoticeId,
    #[diesel(sql_type = Text)]
    purpose: Purpose,
    #[diesel(sql_type = Timestamptz)]
    expires_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    status: NoticeStatus,
    #[diesel(sql_type = Nullable<Text>)]
    settled: Option<Settled>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    tried_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Bool)]
    is_told_of: bool,
}

/// Those whose turn may have come: most of the time the one before is under way, and they are left alone.
const TAKE: &str = "-- notices::next_channel::take
SELECT n.id, b.id AS before, n.purpose, n.expires_at, b.status, b.settled, b.is_told_of, b.tried_at
FROM notices n
CROSS JOIN LATERAL (
    SELECT p.id, p.status, p.settled, COALESCE(p.gateway = ANY ($1), false) AS is_told_of,
        CASE WHEN p.status = 'in_doubt' THEN (
            SELECT max(COALESCE(a.ended_at, a.started_at)) FROM notice_attempts a WHERE a.notice_id = p.id
        ) ELSE p.sent_at END AS tried_at
    FROM notices p WHERE p.id = n.parent_id
) b
WHERE n.status = 'standby' AND (n.expires_at <= $2 OR b.settled IS NOT NULL
    OR b.status NOT IN ('standby', 'queued', 'sent', 'in_doubt')
    OR b.status = 'sent' AND (NOT b.is_told_of OR b.tried_at <= $3)
    OR b.status = 'in_doubt' AND b.tried_at <= $4)
ORDER BY n.id LIMIT $5
FOR UPDATE OF n SKIP LOCKED";

/// Looks after those that stand by; returns how many stand by no more.
///
/// # Errors
/// Whatever the database says.
pub async fn tick(state: &AppState, gateways: &[Gateway]) -> Result<usize, AppError> {
    let telling = gateways.iter().filter(|gateway| gateway.tells_of_arrival());
    let telling: Vec<String> = telling.map(|gateway| gateway.name().to_owned()).collect();
    let mut done = 0;
    loop {
        let (clock, config, telling) = (state.clock.clone(), state.config.clone(), telling.clone());
        let work = move |conn: &mut PgConnection| {
            let now = clock.database_now(conn)?;
            Ok::<_, AppError>(settle(conn, &config.notices, &telling, now)?)
        };
        let (looked_at, settled) = state.db.tx(&Scope::system(), work).await?;
        done += settled;
        if settled == 0 || i64::try_from(looked_at).is_ok_and(|count| count < AT_A_TIME) {
            return Ok(done);
        }
    }
}

/// Returns how many were looked at, and how many stand by no more.
fn settle(
    conn: &mut PgConnection,
    config: &NoticesConfig,
    telling: &[String],
    now: DateTime<Utc>,
) -> QueryResult<(usize, usize)> {
    let patience = TimeDelta::minutes(config.ladder_minutes.into());
    let waiting: Vec<Waiting> = diesel::sql_query(TAKE)
        .bind::<Array<Text>, _>(telling)
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(now - patience)
        .bind::<Timestamptz, _>(now - Before::DOUBT_TAKES)
        .bind::<BigInt, _>(AT_A_TIME)
        .prepared()
        .load(conn)?;
    let (mut go, mut fall, mut expire) = (Vec::new(), Vec::new(), Vec::new());
    for notice in &waiting {
        match notice.before().next(now, patience) {
            _ if notice.expires_at <= now => expire.push(notice.id),
            Standby::Goes => go.push(notice),
            Standby::Falls => fall.push(notice.id),
            Standby::Stands => {}
        }
    }
    end(conn, &fall, (NoticeStatus::Cancelled, "not_needed"), now)?;
    end(conn, &expire, (NoticeStatus::Expired, "expired"), now)?;
    send(conn, config, &go, now)?;
    Ok((waiting.len(), go.len() + fall.len() + expire.len()))
}

impl Waiting {
    fn before(&self) -> Before {
        let Self { status, settled, tried_at, is_told_of, .. } = *self;
        Before { status, settled, tried_at, is_told_of }
    }
}

fn end(
    conn: &mut PgConnection,
    ids: &[NoticeId],
    (status, reason): (NoticeStatus, &str),
    now: DateTime<Utc>,
) -> QueryResult<()> {
    if ids.is_empty() {
        return Ok(());
    }
    diesel::update(notices::table.filter(notices::id.eq_any(ids)))
        .set((notices::status.eq(status), notices::reason.eq(reason), notices::final_at.eq(now)))
        .execute(conn)?;
    Ok(())
}

/// The one before is seen to: nobody need do anything about it.
const SEEN_TO: &str = "-- notices::next_channel::seen_to
UPDATE notices SET settled = 'other_channel'
WHERE id = ANY ($1) AND settled IS NULL AND status IN ('failed', 'given_up', 'expired', 'in_doubt')";

fn send(conn: &mut PgConnection, config: &NoticesConfig, go: &[&Waiting], now: DateTime<Utc>) -> QueryResult<()> {
    if go.is_empty() {
        return Ok(());
    }
    let ids: Vec<NoticeId> = go.iter().map(|notice| notice.id).collect();
    diesel::update(notices::table.filter(notices::id.eq_any(ids)))
        .set(notices::status.eq(NoticeStatus::Queued))
        .execute(conn)?;
    let daytime = config.daytime();
    let place = |notice: &&Waiting| Place {
        notice_id: notice.id,
        priority: notice.purpose.priority(),
        run_at: daytime.next(notice.purpose, now, notice.id.luck()),
    };
    queue::put(conn, &go.iter().map(place).collect::<Vec<_>>())?;
    diesel::sql_query(SEEN_TO)
        .bind::<Array<diesel::sql_types::Uuid>, _>(go.iter().map(|notice| notice.before.0).collect::<Vec<_>>())
        .execute(conn)?;
    Ok(())
}
