//! Takes notices that are due out of the queue: for a time, under a token, in a short transaction.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Bytea, Nullable, SmallInt, Text, Timestamptz};
use uuid::Uuid;

use super::low_water::{Group, LowWater};
use super::record::{self, Again, Attempt, End, Ended};
use super::standing::{self, Found};
use crate::domain::delivery::{Class, Outcome};
use crate::domain::gateway::{Allowance, Pace};
use crate::domain::ids::NoticeId;
use crate::domain::notice::{Daytime, NoticeChannel, NoticeStatus, Purpose};
use crate::domain::period::office_date;
use crate::platform::clock::Clock;
use crate::platform::prepared::Prepare;

/// What is asked of the queue.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    pub(super) channel: NoticeChannel,
    pub(super) gateway: String,
    pub(super) class: Class,
    pub(super) pace: Pace,
    pub(super) limit: i64,
    pub(super) lease: TimeDelta,
    /// When people may be written to.
    pub(super) daytime: Daytime,
    /// From when on each group is looked through.
    pub(super) low_water: LowWater,
    /// The units that take turns while much is waiting; none while little is.
    pub(super) units: Vec<Uuid>,
    pub(super) token: Uuid,
}

/// What was taken.
#[derive(Debug, Default)]
pub(super) struct Claim {
    pub(super) now: DateTime<Utc>,
    /// To be sent.
    pub(super) notices: Vec<Claimed>,
    /// Settled at once: too late, or begun before a crash.
    pub(super) expired: usize,
    pub(super) in_doubt: usize,
    /// How many rows were taken in all, and whether there may be more that is due.
    pub(super) taken: usize,
    pub(super) is_full: bool,
    /// What need not be looked through by the next claim.
    pub(super) low_water: LowWater,
    /// For how long nothing is to be taken, and why.
    pub(super) held_back: Option<HeldBack>,
    /// How the gateway stood before.
    pub(super) standing: Option<Found>,
}

/// Why nothing was asked of the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HeldBack {
    /// All sending is paused.
    Paused,
    /// The gateway is left alone, or has enough for now.
    Waits(TimeDelta),
}

#[derive(Debug, Clone, QueryableByName)]
pub(super) struct Claimed {
    #[diesel(sql_type = diesel::sql_types::Uuid)]
    pub(super) notice_id: NoticeId,
    #[diesel(sql_type = SmallInt)]
    pub(super) attempt: i16,
    #[diesel(sql_type = Timestamptz)]
    was_due: DateTime<Utc>,
    #[diesel(sql_type = SmallInt)]
    priority: i16,
    /// Whether it lay at this gateway already.
    #[diesel(sql_type = Bool)]
    lay_here: bool,
    #[diesel(sql_type = Text)]
    status: NoticeStatus,
    #[diesel(sql_type = Text)]
    pub(super) purpose: Purpose,
    #[diesel(sql_type = SmallInt)]
    pub(super) key_id: i16,
    #[diesel(sql_type = Bytea)]
    pub(super) address: Vec<u8>,
    #[diesel(sql_type = Bytea)]
    pub(super) wording: Vec<u8>,
    #[diesel(sql_type = Timestamptz)]
    pub(super) created_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    pub(super) expires_at: DateTime<Utc>,
    #[diesel(sql_type = Bool)]
    was_begun: bool,
    /// Since when the gateway may have it from an attempt before this one.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(super) open_since: Option<DateTime<Utc>>,
    /// The gateways that can't deliver it.
    #[diesel(sql_type = Array<Text>)]
    pub(super) not_by: Vec<String>,
    /// Under which number this gateway's vendor keeps the wording.
    #[diesel(sql_type = Nullable<Text>)]
    pub(super) template: Option<String>,
}

/// What is common to both ways of claiming. A claimed notice is this gateway's alone until it is recorded: a crash may
/// leave it there. What was just locked is found by its place, not by a look through the index and the dead rows it holds.
macro_rules! claim_those_due {
    () => {
        "
), claimed AS (
    UPDATE notice_queue q SET run_at = $6, lease_token = $7, attempt = q.attempt + 1,
        gateway = $8, open_since = COALESCE(q.open_since, $3)
    FROM due WHERE q.ctid = due.ctid
    RETURNING q.notice_id, q.attempt, q.priority, q.not_by, due.open_since, due.run_at AS was_due, due.gateway = $8 AS lay_here
)
SELECT c.notice_id, c.attempt, c.was_due, c.priority, c.lay_here, c.open_since, c.not_by, n.status, n.purpose, n.key_id,
    n.address, n.wording, n.created_at, n.expires_at,
    c.open_since IS NOT NULL
        AND EXISTS (SELECT FROM notice_attempts a WHERE a.notice_id = c.notice_id AND a.outcome = 'intent') AS was_begun,
    (SELECT v.vendor_id FROM notice_template_vendor_ids v
     WHERE v.template_id = n.template_id AND v.gateway = $8) AS template
FROM claimed c JOIN notices n ON n.id = c.notice_id"
    };
}

/// By when it is due, the most urgent first; rows of `turn` are gone through in their order.
const CLAIM: &str = concat!(
    "-- notices::sending::claim::claim
WITH due AS MATERIALIZED (
    SELECT d.*
    FROM unnest($1, $9, $4) AS turn (priority, gateway, since),
    LATERAL (
        SELECT q.ctid, q.run_at, q.open_since, q.gateway FROM notice_queue q
        WHERE q.channel = $2 AND q.gateway = turn.gateway AND q.priority = turn.priority
            AND q.run_at <= $3 AND q.run_at >= turn.since AND $8 <> ALL (q.not_by)
        ORDER BY q.run_at, q.notice_id LIMIT $5
        FOR UPDATE SKIP LOCKED
    ) d
    LIMIT $5",
    claim_those_due!()
);

/// The same while much is waiting: within a priority the units take turns, so that ten messages of one do not wait
/// behind the ninety thousand of another.
const CLAIM_IN_TURNS: &str = concat!(
    "-- notices::sending::claim::claim_in_turns
WITH due AS MATERIALIZED (
    SELECT d.*
    FROM unnest($1, $9, $4, $10) AS turn (priority, gateway, since, unit_id),
    LATERAL (
        SELECT q.ctid, q.run_at, q.open_since, q.gateway FROM notice_queue q
        WHERE q.channel = $2 AND q.gateway = turn.gateway AND q.priority = turn.priority
            AND q.unit_id = turn.unit_id
            AND q.run_at <= $3 AND q.run_at >= turn.since AND $8 <> ALL (q.not_by)
        ORDER BY q.run_at, q.notice_id LIMIT $11
        FOR UPDATE SKIP LOCKED
    ) d
    LIMIT $5",
    claim_those_due!()
);

/// Claims what is due and may be given to the gateway, settles what must not be sent any more, and notes the intent to
/// send the rest where a repeated request would go out twice.
pub(super) fn claim(conn: &mut PgConnection, clock: &Clock, ask: &Ask) -> QueryResult<Claim> {
    let found = standing::find(conn, ask)?;
    let now = match clock {
        Clock::System => found.at,
        Clock::Manual(_) => clock.now(),
    };
    let mut claim = Claim { now, ..Claim::default() };
    if found.is_paused {
        return Ok(Claim { held_back: Some(HeldBack::Paused), ..claim });
    }
    let today = office_date(now);
    let most = match found.standing.allowance(ask.pace, ask.limit, now, today) {
        Allowance::Wait(wait) => return Ok(Claim { held_back: Some(HeldBack::Waits(wait)), ..claim }),
        Allowance::AtMost(most) => most,
    };
    let rows = take(conn, ask, most, now)?;
    claim.taken = rows.len();
    claim.is_full = i64::try_from(rows.len()).is_ok_and(|taken| taken >= most);
    claim.low_water = ask.low_water_after(&rows, claim.is_full, now);
    settle(conn, ask, rows, &mut claim)?;
    if ask.class != Class::Idempotent {
        note_intents(conn, ask, &claim)?;
    }
    if !ask.pace.is_unlimited() && !claim.notices.is_empty() {
        let given = i64::try_from(claim.notices.len()).unwrap_or(i64::MAX);
        standing::keep(conn, &ask.gateway, &found.standing.after(ask.pace, given, now, today))?;
    }
    claim.standing = Some(found);
    Ok(claim)
}

fn take(conn: &mut PgConnection, ask: &Ask, most: i64, now: DateTime<Utc>) -> QueryResult<Vec<Claimed>> {
    let turns = ask.turns();
    let query = diesel::sql_query(if ask.units.is_empty() { CLAIM } else { CLAIM_IN_TURNS })
        .bind::<Array<SmallInt>, _>(turns.iter().map(|turn| turn.priority).collect::<Vec<_>>())
        .bind::<Text, _>(ask.channel)
        .bind::<Timestamptz, _>(now)
        .bind::<Array<Timestamptz>, _>(turns.iter().map(|turn| turn.since).collect::<Vec<_>>())
        .bind::<BigInt, _>(most)
        .bind::<Timestamptz, _>(now + ask.lease)
        .bind::<diesel::sql_types::Uuid, _>(ask.token)
        .bind::<Text, _>(&ask.gateway)
        .bind::<Array<Text>, _>(turns.iter().map(|turn| turn.gateway).collect::<Vec<_>>());
    if ask.units.is_empty() {
        return query.prepared().load(conn);
    }
    let units = i64::try_from(ask.units.len()).unwrap_or(i64::MAX);
    query
        .bind::<Array<Nullable<diesel::sql_types::Uuid>>, _>(turns.iter().map(|turn| turn.unit).collect::<Vec<_>>())
        .bind::<BigInt, _>((most / units).max(1))
        .prepared()
        .load(conn)
}

/// A part of the queue that a claim looks through.
struct Turn<'a> {
    priority: i16,
    gateway: &'a str,
    since: DateTime<Utc>,
    unit: Option<Uuid>,
}

impl Ask {
    /// Returns what is gone through, in this order: the most urgent first, and of that what may lie at this gateway
    /// before what may go to any; then unit by unit, where they take turns.
    fn turns(&self) -> Vec<Turn<'_>> {
        let units: Vec<Option<Uuid>> = match self.units.is_empty() {
            true => vec![None],
            false => self.units.iter().copied().map(Some).collect(),
        };
        let of_group = |(group, priority, lies_here)| {
            let (gateway, since) = (if lies_here { self.gateway.as_str() } else { "" }, self.low_water.of(group));
            units.iter().map(move |unit| Turn { priority, gateway, since, unit: *unit }).collect::<Vec<_>>()
        };
        Group::all().flat_map(of_group).collect()
    }

    /// Units that take turns are cut off in the middle, so a full claim of theirs tells nothing of what is left.
    fn low_water_after(&self, rows: &[Claimed], is_full: bool, now: DateTime<Utc>) -> LowWater {
        if is_full && !self.units.is_empty() {
            return self.low_water;
        }
        let taken: Vec<_> = rows.iter().map(|row| (Group::of(row.priority, row.lay_here), row.was_due)).collect();
        self.low_water.after(&taken, is_full, now)
    }
}

/// Parts what is to be sent from what is settled already.
fn settle(conn: &mut PgConnection, ask: &Ask, rows: Vec<Claimed>, claim: &mut Claim) -> QueryResult<()> {
    let (mut ended, mut by_day) = (Vec::new(), Vec::new());
    for row in rows {
        let end = match row.status {
            // A receipt came before the record, and then the worker died.
            status if status != NoticeStatus::Queued => Some((status, None)),
            _ if row.was_begun && ask.class != Class::Idempotent => {
                claim.in_doubt += 1;
                Some((NoticeStatus::InDoubt, Some("interrupted".to_owned())))
            }
            _ if row.expires_at <= claim.now => {
                claim.expired += 1;
                Some((NoticeStatus::Expired, Some("expired".to_owned())))
            }
            _ => None,
        };
        match end {
            None if !ask.daytime.allows(row.purpose, claim.now) => by_day.push(row.by_day(ask, claim.now)),
            None => claim.notices.push(row),
            Some((status, reason)) => ended.push(Ended {
                notice_id: row.notice_id,
                status,
                reason,
                reference: None,
                at: claim.now,
                attempts: row.attempt.saturating_sub(1),
            }),
        }
    }
    let by = End { token: ask.token, gateway: &ask.gateway };
    let ids: Vec<NoticeId> = ended.iter().map(|row| row.notice_id).collect();
    record::close_intents(conn, &ids, claim.now)?;
    record::again(conn, &by, &by_day)?;
    record::end(conn, &by, &ended)
}

impl Claimed {
    /// The night has come before its turn.
    fn by_day(&self, ask: &Ask, now: DateTime<Utc>) -> Again {
        Again {
            notice_id: self.notice_id,
            at: ask.daytime.next(self.purpose, now, self.notice_id.luck()),
            attempts: self.attempt.saturating_sub(1),
            open_since: self.open_since,
            elsewhere: false,
        }
    }
}

fn note_intents(conn: &mut PgConnection, ask: &Ask, claim: &Claim) -> QueryResult<()> {
    let intents: Vec<_> = claim
        .notices
        .iter()
        .map(|notice| Attempt {
            notice_id: notice.notice_id,
            attempt: notice.attempt,
            outcome: Outcome::Intent,
            ended_at: None,
            code: None,
            reference: None,
        })
        .collect();
    record::note(conn, &ask.gateway, claim.now, &intents)
}
