//! What was told of a month's costs, once each: a budget that is spent, bills that are not what was estimated.

use std::fmt::Write as _;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use super::budgets::month_of;
use crate::domain::cost::{AlarmKind, Vnd};
use crate::domain::ids::UnitId;
use crate::http::page::Cursor;

/// Something to be told.
#[derive(Debug, Clone)]
pub(super) struct NewAlarm {
    pub(super) month: NaiveDate,
    pub(super) what: AlarmKind,
    pub(super) unit_id: Option<UnitId>,
    pub(super) gateway: Option<String>,
    /// The budget, or the estimate.
    pub(super) expected: Vnd,
    /// What was spent, or billed.
    pub(super) actual: Vnd,
}

const TELL: &str = "-- costs::alarms::tell
INSERT INTO notice_cost_alarms (id, month, what, unit_id, gateway, expected_vnd, actual_vnd, told_at)
VALUES ($1, $2, $3, $4, $5, $6::numeric / 100, $7::numeric / 100, $8)
ON CONFLICT ON CONSTRAINT notice_cost_alarms_once_key DO NOTHING";

/// Writes an alarm down; returns whether nobody had done so before.
pub(super) fn tell(conn: &mut PgConnection, alarm: &NewAlarm, now: DateTime<Utc>) -> QueryResult<bool> {
    let told = diesel::sql_query(TELL)
        .bind::<SqlUuid, _>(Uuid::now_v7())
        .bind::<Date, _>(alarm.month)
        .bind::<Text, _>(alarm.what.as_str())
        .bind::<Nullable<SqlUuid>, _>(alarm.unit_id)
        .bind::<Nullable<Text>, _>(alarm.gateway.as_deref())
        .bind::<BigInt, _>(alarm.expected.0)
        .bind::<BigInt, _>(alarm.actual.0)
        .bind::<Timestamptz, _>(now)
        .execute(conn)?;
    Ok(told > 0)
}

/// An alarm as it is stored.
#[derive(Debug, Clone, QueryableByName)]
pub(super) struct Alarm {
    #[diesel(sql_type = SqlUuid)]
    pub(super) id: Uuid,
    #[diesel(sql_type = Date)]
    pub(super) month: NaiveDate,
    #[diesel(sql_type = Text)]
    pub(super) what: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub(super) unit_code: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(super) gateway: Option<String>,
    #[diesel(sql_type = BigInt)]
    pub(super) expected: i64,
    #[diesel(sql_type = BigInt)]
    pub(super) actual: i64,
    #[diesel(sql_type = Timestamptz)]
    pub(super) told_at: DateTime<Utc>,
}

const LIST: &str = "-- costs::alarms::list
SELECT a.id, a.month, a.what, u.code AS unit_code, a.gateway, (a.expected_vnd * 100)::bigint AS expected,
    (a.actual_vnd * 100)::bigint AS actual, a.told_at
FROM notice_cost_alarms a LEFT JOIN units u ON u.id = a.unit_id
WHERE ($1 IS NULL OR (a.told_at, a.id) < ($1, $2)) AND ($3 IS NULL OR a.unit_id IS NULL OR a.unit_id = ANY ($3))
ORDER BY a.told_at DESC, a.id DESC LIMIT $4";

/// Lists alarms, the newest first, one more than the page holds.
pub(super) fn list(
    conn: &mut PgConnection,
    (after, limit): (Option<Cursor>, i64),
    units: Option<Vec<UnitId>>,
) -> QueryResult<Vec<Alarm>> {
    diesel::sql_query(LIST)
        .bind::<Nullable<Timestamptz>, _>(after.map(|after| after.at))
        .bind::<Nullable<SqlUuid>, _>(after.map(|after| after.id))
        .bind::<Nullable<Array<SqlUuid>>, _>(units)
        .bind::<BigInt, _>(limit + 1)
        .load(conn)
}

/// Returns the alarms of the month of `now` as Prometheus reads them.
///
/// # Errors
/// Whatever the database says.
pub fn metrics(conn: &mut PgConnection, now: DateTime<Utc>) -> QueryResult<String> {
    let mut text = "# TYPE motcua_notice_cost_alarm gauge\n".to_owned();
    let month = month_of(now).map(|month| month.from());
    for alarm in list(conn, (None, 1000), None)?.into_iter().filter(|alarm| Some(alarm.month) == month) {
        let Alarm { what, unit_code, gateway, .. } = alarm;
        let of = unit_code.or(gateway).unwrap_or_default();
        // Writing to a string does not fail.
        let _ = writeln!(text, "motcua_notice_cost_alarm{{what=\"{what}\",of=\"{of}\"}} 1");
    }
    Ok(text)
}
