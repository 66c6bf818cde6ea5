//! Tells, once a month each, that a budget is spent and that bills are not what was estimated. Nothing is held back.

use chrono::Months;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Timestamptz};
use serde_json::json;

use super::alarms::{NewAlarm, tell};
use super::budgets::{Standing, month_of, standings};
use crate::audit::{self, Doer, Noted};
use crate::domain::audit::{Action, Subject};
use crate::domain::cost::{AlarmKind, Vnd};
use crate::domain::period::Period;
use crate::domain::role::Actor;
use crate::error::AppError;
use crate::platform::db::Scope;
use crate::state::{Act, AppState};

/// Looks at the month of now and the one before, whose bills may come late; returns how much was told.
///
/// # Errors
/// Whatever the database says.
pub async fn tick(state: AppState) -> Result<usize, AppError> {
    let (clock, office) = (state.clock.clone(), state.office.clone());
    let work = move |conn: &mut PgConnection| {
        let now = clock.database_now(conn)?;
        let (office, by) = (office.in_force(conn)?, Actor::house());
        let act = Act { office: &office, by: &by, now };
        let this_month = month_of(now);
        let last_month = this_month.and_then(|month| Period::new(month.from() - Months::new(1), month.from()).ok());
        let mut told = 0;
        for month in [this_month, last_month].into_iter().flatten() {
            told += tell_budgets(conn, &act, month)? + tell_differences(conn, &act, month)?;
        }
        Ok(told)
    };
    state.db.tx(&Scope::system(), work).await
}

fn tell_budgets(conn: &mut PgConnection, act: &Act<'_>, month: Period) -> Result<usize, AppError> {
    let mut told = 0;
    let untold = standings(conn, month, None)?.into_iter().filter(|standing| standing.told_at.is_none());
    for standing in untold.filter(Standing::is_spent) {
        let unit = act.catalogue().unit(standing.unit_id).map_or("?", |unit| unit.code.as_str());
        let alarm = NewAlarm {
            month: month.from(),
            what: AlarmKind::Budget,
            unit_id: Some(standing.unit_id),
            gateway: None,
            expected: standing.budget(),
            actual: standing.spent(),
        };
        told += usize::from(raise(conn, act, &alarm, unit)?);
    }
    Ok(told)
}

#[derive(QueryableByName)]
struct Billed {
    #[diesel(sql_type = Text)]
    gateway: String,
    #[diesel(sql_type = BigInt)]
    estimated: i64,
    #[diesel(sql_type = BigInt)]
    billed: i64,
}

const BILLED: &str = "-- costs::watch::billed
SELECT gateway, (sum(cost_estimated_vnd) * 100)::bigint AS estimated, (sum(cost_billed_vnd) * 100)::bigint AS billed
FROM notices
WHERE sent_at >= $1 AND sent_at < $2 AND gateway IS NOT NULL
  AND cost_estimated_vnd IS NOT NULL AND cost_billed_vnd IS NOT NULL
GROUP BY gateway ORDER BY gateway";

fn tell_differences(conn: &mut PgConnection, act: &Act<'_>, month: Period) -> Result<usize, AppError> {
    let (from, to) = month.bounds();
    let billed: Vec<Billed> =
        diesel::sql_query(BILLED).bind::<Timestamptz, _>(from).bind::<Timestamptz, _>(to).load(conn)?;
    let mut told = 0;
    for Billed { gateway, estimated, billed } in billed {
        let (expected, actual) = (Vnd(estimated), Vnd(billed));
        if expected.is_more_than_a_percent_off(actual) {
            let alarm = NewAlarm {
                month: month.from(),
                what: AlarmKind::Difference,
                unit_id: None,
                gateway: Some(gateway.clone()),
                expected,
                actual,
            };
            told += usize::from(raise(conn, act, &alarm, &gateway)?);
        }
    }
    Ok(told)
}

fn raise(conn: &mut PgConnection, act: &Act<'_>, alarm: &NewAlarm, of: &str) -> Result<bool, AppError> {
    if !tell(conn, alarm, act.now)? {
        return Ok(false);
    }
    let NewAlarm { month, what, expected, actual, .. } = alarm;
    let (action, subject) = match what {
        AlarmKind::Budget => (Action::BudgetSpent, Subject::Budget(of)),
        AlarmKind::Difference => (Action::BillsDiffer, Subject::Gateway(of)),
    };
    let details = json!({"month": month, "expected_vnd": expected, "actual_vnd": actual});
    audit::note_by(conn, &Doer::house(), act.now, &Noted { action, subject, details })?;
    let (expected, actual) = (expected.to_string(), actual.to_string());
    match what {
        AlarmKind::Budget => tracing::warn!(
            unit = of, %month, expected, actual,
            "{of} has spent its budget for notices of {month}: {actual} of {expected} VND; messages go on"
        ),
        AlarmKind::Difference => tracing::warn!(
            gateway = of, %month, expected, actual,
            "what {of} charged in {month} differs from the estimate by more than 1 %: {actual}, not {expected} VND; \
             see the tariffs"
        ),
    }
    Ok(true)
}
