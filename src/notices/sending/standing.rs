//! Where each gateway stands, in the database: all processes obey the same pace and leave the same one alone.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Date, Integer, Nullable, SmallInt, Text, Timestamptz};

use super::claim::Ask;
use crate::domain::gateway::{Bucket, Standing, open_for};
use crate::domain::notice::NoticeChannel;
use crate::platform::prepared::Prepare;
use crate::schema::gateways;

/// What a claim finds before it takes anything.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) at: DateTime<Utc>,
    pub(super) is_paused: bool,
    pub(super) weight: i16,
    pub(super) standing: Standing,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
    #[diesel(sql_type = Bool)]
    is_paused: bool,
    #[diesel(sql_type = SmallInt)]
    weight: i16,
    #[diesel(sql_type = SmallInt)]
    opened: i16,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    open_until: Option<DateTime<Utc>>,
    #[diesel(sql_type = BigInt)]
    parts: i64,
    #[diesel(sql_type = Timestamptz)]
    filled_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Integer>)]
    slowed_to: Option<i32>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    slowed_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Date>)]
    given_on: Option<NaiveDate>,
    #[diesel(sql_type = Integer)]
    given: i32,
}

/// Dead rows can make going through the whole table, or joining it as a whole, look cheap; here it never is. With that said
/// one plan serves all claims, and none waits for the planner to look at the dead ends of an index.
macro_rules! find {
    () => {
        "SELECT clock_timestamp() AS at, s.paused_why IS NOT NULL AS is_paused, g.weight, g.opened, g.open_until,
    g.parts, g.filled_at, g.slowed_to, g.slowed_at, g.given_on, g.given,
    set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
    set_config('enable_mergejoin', 'off', true), set_config('plan_cache_mode', 'force_generic_plan', true)
FROM sending s, gateways g WHERE g.name = $1"
    };
}
const FIND: &str = concat!("-- notices::sending::standing::find\n", find!());
/// What is counted is counted by one at a time.
const FIND_AND_HOLD: &str = concat!("-- notices::sending::standing::hold\n", find!(), " FOR UPDATE OF g");

/// Finds where the gateway of a claim stands; where its pace is limited, holds it to the end of the transaction.
pub(super) fn find(conn: &mut PgConnection, ask: &Ask) -> QueryResult<Found> {
    let sql = if ask.pace.is_unlimited() { FIND } else { FIND_AND_HOLD };
    let row: Row = diesel::sql_query(sql).bind::<Text, _>(&ask.gateway).prepared().get_result(conn)?;
    let number = |n: i32| u32::try_from(n).unwrap_or(0);
    Ok(Found {
        at: row.at,
        is_paused: row.is_paused,
        weight: row.weight,
        standing: Standing {
            opened: row.opened,
            open_until: row.open_until,
            bucket: Bucket { parts: row.parts, filled_at: row.filled_at },
            slowed: row.slowed_to.map(number).zip(row.slowed_at),
            given: row.given_on.map(|day| (day, number(row.given))),
        },
    })
}

/// Makes the row of a gateway that is new; its bucket is full.
pub(super) fn know(conn: &mut PgConnection, name: &str, channel: NoticeChannel, resting: u16) -> QueryResult<()> {
    diesel::sql_query(
        "-- notices::sending::standing::know
INSERT INTO gateways AS g (name, channel, weight, resting, changed_at, parts, filled_at)
VALUES ($1, $2, $3, $3, clock_timestamp(), 0, 'epoch')
ON CONFLICT (name) DO UPDATE SET channel = excluded.channel, weight = excluded.weight, resting = excluded.resting,
    changed_at = excluded.changed_at
WHERE (g.channel, g.resting) <> (excluded.channel, excluded.resting)",
    )
    .bind::<Text, _>(name)
    .bind::<Text, _>(channel)
    .bind::<SmallInt, _>(i16::try_from(resting).unwrap_or(100))
    .execute(conn)?;
    Ok(())
}

/// Writes down what a gateway was given.
pub(super) fn keep(conn: &mut PgConnection, name: &str, standing: &Standing) -> QueryResult<()> {
    let number = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
    diesel::update(gateways::table.find(name))
        .set((
            gateways::parts.eq(standing.bucket.parts),
            gateways::filled_at.eq(standing.bucket.filled_at),
            gateways::given_on.eq(standing.given.map(|(day, _)| day)),
            gateways::given.eq(standing.given.map_or(0, |(_, given)| number(given))),
        ))
        .execute(conn)?;
    Ok(())
}

/// What a batch says of its gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing new.
    Nothing,
    /// It is well again.
    IsWell,
    /// It is left alone: because of this, and at least until then.
    Rests { why: String, until: DateTime<Utc> },
    /// It asked to come more slowly, at this many a second where its pace is limited; it rests until then.
    Slower { per_second: Option<u32>, until: DateTime<Utc> },
}

/// Writes a verdict down. A gateway that is left alone already is not left alone twice for the same reason.
pub(super) fn judge(conn: &mut PgConnection, name: &str, verdict: &Verdict, now: DateTime<Utc>) -> QueryResult<()> {
    let row = gateways::table.find(name);
    let is_open_no_more = gateways::open_until.is_null().or(gateways::open_until.le(now));
    match verdict {
        Verdict::Nothing => Ok(0),
        Verdict::IsWell => diesel::update(row.filter(gateways::opened.gt(0)).filter(is_open_no_more))
            .set((
                gateways::opened.eq(0),
                gateways::open_until.eq(None::<DateTime<Utc>>),
                gateways::open_why.eq(None::<String>),
            ))
            .execute(conn),
        Verdict::Rests { why, until } => {
            let opened: Option<i16> =
                row.filter(is_open_no_more).select(gateways::opened).for_update().first(conn).optional()?;
            let Some(opened) = opened else {
                return Ok(());
            };
            let times = opened.saturating_add(1);
            diesel::update(row)
                .set((
                    gateways::opened.eq(times),
                    gateways::open_until.eq((now + open_for(times)).max(*until)),
                    gateways::open_why.eq(why),
                ))
                .execute(conn)
        }
        Verdict::Slower { per_second, until } => {
            let slowed = per_second.map(|n| i32::try_from(n).unwrap_or(i32::MAX));
            diesel::update(row.filter(is_open_no_more))
                .set((
                    gateways::open_until.eq(until),
                    gateways::open_why.eq("throttled"),
                    gateways::slowed_to.eq(slowed),
                    gateways::slowed_at.eq(slowed.map(|_| now)),
                ))
                .execute(conn)
        }
    }
    .map(drop)
}

/// Adds to the errors of this minute, by which the shares of gateways are steered.
pub(super) fn count_errors(conn: &mut PgConnection, name: &str, errors: usize, now: DateTime<Utc>) -> QueryResult<()> {
    if errors == 0 {
        return Ok(());
    }
    diesel::sql_query(
        "-- notices::sending::standing::count_errors
UPDATE gateways SET
    errors = CASE WHEN errors_since > $3 - interval '1 minute' THEN errors ELSE 0 END + $2,
    errors_since = CASE WHEN errors_since > $3 - interval '1 minute' THEN errors_since ELSE $3 END
WHERE name = $1",
    )
    .bind::<Text, _>(name)
    .bind::<Integer, _>(i32::try_from(errors).unwrap_or(i32::MAX))
    .bind::<Timestamptz, _>(now)
    .prepared()
    .execute(conn)?;
    Ok(())
}
