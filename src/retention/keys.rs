//! Destroys data keys that nothing needs any more.

use chrono::{DateTime, Months, NaiveDate, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Date, SmallInt, Timestamptz};
use serde_json::json;

use crate::audit;
use crate::domain::audit::{Action, Subject};
use crate::domain::retention::month_of;
use crate::error::AppError;
use crate::schema::data_keys;
use crate::state::Act;

/// Longer than any transaction that may still seal by a key, whose month is over or whose deeds have dates of the past.
const REST: TimeDelta = TimeDelta::days(62);

/// Keys of months that are long over, made long ago, by which no row is sealed. Notices are written in the month of
/// their key.
const UNUSED: &str = "-- retention::keys::unused
SELECT k.number FROM data_keys k
WHERE k.destroyed_at IS NULL AND k.class <> 'lasting' AND k.month < $1 AND k.made_at < $2
  AND NOT EXISTS (SELECT FROM dossier_people p WHERE p.key_id = k.number AND p.key_id >= 1000)
  AND NOT EXISTS (SELECT FROM dossier_events e WHERE e.key_id = k.number)
  AND NOT EXISTS (SELECT FROM idempotency_keys i WHERE i.key_id = k.number)
  AND NOT EXISTS (SELECT FROM citizen_devices d WHERE d.key_id = k.number)
  AND NOT EXISTS (
      SELECT FROM notices n
      WHERE n.key_id = k.number
        AND n.created_at >= k.month::timestamp AT TIME ZONE 'Asia/Ho_Chi_Minh'
        AND n.created_at < (k.month + interval '1 month') AT TIME ZONE 'Asia/Ho_Chi_Minh'
  )
ORDER BY k.number FOR UPDATE OF k SKIP LOCKED";

#[derive(QueryableByName)]
struct Unused {
    #[diesel(sql_type = SmallInt)]
    number: i16,
}

/// Lists and locks the keys that nothing needs any more.
pub(super) fn unused(conn: &mut PgConnection, act: &Act<'_>) -> QueryResult<Vec<i16>> {
    let found: Vec<Unused> = diesel::sql_query(UNUSED)
        .bind::<Date, _>(last_month(act.now))
        .bind::<Timestamptz, _>(act.now - REST)
        .load(conn)?;
    Ok(found.into_iter().map(|key| key.number).collect())
}

/// The first of the months whose keys may still seal.
fn last_month(now: DateTime<Utc>) -> NaiveDate {
    let month = month_of(now);
    month.checked_sub_months(Months::new(1)).unwrap_or(month)
}

/// Destroys them. Every process forgets them at its next transaction, an idle one within two seconds.
pub(super) fn destroy(conn: &mut PgConnection, act: &Act<'_>) -> Result<usize, AppError> {
    let unused = unused(conn, act)?;
    if unused.is_empty() {
        return Ok(0);
    }
    diesel::update(data_keys::table.filter(data_keys::number.eq_any(&unused)))
        .set((
            data_keys::wrapped.eq(None::<Vec<u8>>),
            data_keys::wrapped_by.eq(None::<i16>),
            data_keys::destroyed_at.eq(act.now),
        ))
        .execute(conn)?;
    audit::note(conn, act, Action::DataKeysDestroyed, Subject::DataKeys, json!({ "keys": unused }))?;
    Ok(unused.len())
}
