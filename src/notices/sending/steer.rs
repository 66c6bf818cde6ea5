//! Shares messages out anew among the gateways of a channel, once a minute, by how they are doing.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, SmallInt, Text, Timestamptz};

use crate::domain::gateway::{Health, steer};
use crate::domain::notice::NoticeChannel;
use crate::error::AppError;
use crate::platform::db::Scope;
use crate::schema::gateways;
use crate::state::AppState;

use super::gateway::Gateway;

/// How far back is looked for messages that were slow to arrive, and what is slow.
const LOOK_BACK: TimeDelta = TimeDelta::minutes(15);
const SLOW: TimeDelta = TimeDelta::minutes(5);

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = SmallInt)]
    weight: i16,
    #[diesel(sql_type = SmallInt)]
    resting: i16,
    #[diesel(sql_type = Timestamptz)]
    changed_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    troubled_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = BigInt)]
    errors: i64,
    #[diesel(sql_type = BigInt)]
    sent: i64,
    #[diesel(sql_type = BigInt)]
    slow: i64,
}

/// Only gateways that ever told of an arrival can be slow.
const LOOK: &str = "-- notices::sending::steer::look
SELECT g.name, g.weight, g.resting, g.changed_at, g.troubled_at,
    CASE WHEN g.errors_since > $3 - interval '1 minute' THEN g.errors ELSE 0 END::bigint AS errors,
    COALESCE(d.sent, 0) AS sent, COALESCE(d.slow, 0) AS slow
FROM gateways g
LEFT JOIN (
    SELECT n.gateway, count(*) AS sent,
        count(*) FILTER (WHERE COALESCE(n.final_at, $3) - n.sent_at > $5) AS slow
    FROM notices n
    WHERE n.sent_at > $4 AND n.sent_at <= $3 - $5 AND n.status IN ('sent', 'delivered')
    GROUP BY n.gateway HAVING bool_or(n.status = 'delivered')
) d ON d.gateway = g.name
WHERE g.channel = $1 AND g.name = ANY ($2)
ORDER BY g.name
FOR UPDATE OF g";

/// Looks at each channel that has several gateways; returns how many shares changed.
///
/// # Errors
/// Whatever the database says.
pub async fn tick(state: &AppState, gateways: &[Gateway]) -> Result<usize, AppError> {
    let mut changed = 0;
    for channel in NoticeChannel::ALL {
        let of_channel = gateways.iter().filter(|gateway| gateway.channel() == *channel);
        let names: Vec<String> = of_channel.map(|gateway| gateway.name().to_owned()).collect();
        if names.len() < 2 {
            continue;
        }
        let (clock, channel) = (state.clock.clone(), *channel);
        let work = move |conn: &mut PgConnection| {
            let now = clock.database_now(conn)?;
            Ok::<_, AppError>(share_out(conn, channel, &names, now)?)
        };
        changed += state.db.tx(&Scope::system(), work).await?;
    }
    Ok(changed)
}

fn share_out(
    conn: &mut PgConnection,
    channel: NoticeChannel,
    names: &[String],
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    let rows: Vec<Row> = diesel::sql_query(LOOK)
        .bind::<Text, _>(channel)
        .bind::<diesel::sql_types::Array<Text>, _>(names)
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(now - LOOK_BACK)
        .bind::<diesel::sql_types::Interval, _>(SLOW)
        .load(conn)?;
    let health: Vec<Health> = rows.iter().map(Row::health).collect();
    let mut changed = 0;
    for (row, weight) in rows.iter().zip(steer(now, &health)) {
        let weight = i16::try_from(weight).unwrap_or(row.weight);
        if weight == row.weight {
            continue;
        }
        changed += 1;
        let troubled_at = if weight < row.weight { Some(now) } else { row.troubled_at };
        diesel::update(gateways::table.find(&row.name))
            .set((gateways::weight.eq(weight), gateways::changed_at.eq(now), gateways::troubled_at.eq(troubled_at)))
            .execute(conn)?;
        let (gateway, before) = (row.name.as_str(), row.weight);
        tracing::warn!(gateway, before, weight, "gateway {gateway} gets another share");
    }
    Ok(changed)
}

impl Row {
    fn health(&self) -> Health {
        Health {
            weight: self.weight.unsigned_abs(),
            resting: self.resting.unsigned_abs(),
            changed_at: self.changed_at,
            troubled_at: self.troubled_at,
            errors: self.errors,
            sent: self.sent,
            slow: self.slow,
        }
    }
}
