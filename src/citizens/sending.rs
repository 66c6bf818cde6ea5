//! Settles requests for one-time codes: a code to the phone on file, or nothing that anybody could tell from it.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use serde_json::json;

use super::digits::Digits;
use crate::audit;
use crate::domain::audit::{Action, Subject};
use crate::domain::dossier::Status;
use crate::domain::ids::{DossierId, OneTimeCodeId, UnitId};
use crate::domain::notice::Purpose;
use crate::domain::person::Part;
use crate::domain::role::Actor;
use crate::error::AppError;
use crate::notices::{self, Cause, Facts};
use crate::schema::{dossier_people, dossiers, one_time_codes};
use crate::state::{Act, AppState};

/// Codes to a phone, and of a dossier, in an hour.
const MOST_AN_HOUR: usize = 3;
/// The same in a day.
const MOST_A_DAY: usize = 10;
/// Whoever has waited longer has given up: a code that comes now would only surprise.
const LATE: TimeDelta = TimeDelta::minutes(1);
/// Requests settled in one transaction.
const BATCH: i64 = 100;
/// One process settles at a time: the limits are counted before the code is written.
const LOCK: i64 = 0x6f6e_655f_7469_6d65;

/// Settles the requests that wait; returns how many.
///
/// # Errors
/// Whatever the database says; then they wait on.
pub async fn tick(state: AppState) -> Result<usize, AppError> {
    state.act(&Actor::house(), settle_all).await
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = one_time_codes)]
struct Request {
    id: OneTimeCodeId,
    asked_for: String,
    asked_at: DateTime<Utc>,
}

/// A code that goes out.
struct Sent {
    dossier: DossierId,
    phone_hash: Vec<u8>,
    code_hash: Vec<u8>,
}

fn settle_all(conn: &mut PgConnection, act: &Act<'_>) -> Result<usize, AppError> {
    diesel::sql_query("SELECT pg_advisory_xact_lock($1)").bind::<BigInt, _>(LOCK).execute(conn)?;
    let waiting: Vec<Request> = one_time_codes::table
        .filter(one_time_codes::settled_at.is_null())
        .order((one_time_codes::asked_at, one_time_codes::id))
        .limit(BATCH)
        .select(Request::as_select())
        .load(conn)?;
    for request in &waiting {
        let sent = if act.now - request.asked_at > LATE { None } else { send(conn, act, request)? };
        settle(conn, act.now, request.id, sent)?;
    }
    Ok(waiting.len())
}

fn settle(conn: &mut PgConnection, now: DateTime<Utc>, id: OneTimeCodeId, sent: Option<Sent>) -> QueryResult<()> {
    let (dossier, phone, code) =
        sent.map_or((None, None, None), |sent| (Some(sent.dossier), Some(sent.phone_hash), Some(sent.code_hash)));
    diesel::update(one_time_codes::table.find(id))
        .set((
            one_time_codes::settled_at.eq(now),
            one_time_codes::dossier_id.eq(dossier),
            one_time_codes::phone_hash.eq(phone),
            one_time_codes::code_hash.eq(code),
        ))
        .execute(conn)?;
    Ok(())
}

/// Sends a code to the applicant's phone, where there is such a dossier, it has one, SMS are wanted and the limits
/// allow it.
fn send(conn: &mut PgConnection, act: &Act<'_>, request: &Request) -> Result<Option<Sent>, AppError> {
    let Some((dossier, unit, phone_hash)) = on_file(conn, &request.asked_for)? else {
        return Ok(None);
    };
    if is_over_the_limits(conn, act.now, dossier, &phone_hash)? {
        tracing::warn!(dossier.id = %dossier, "one-time codes of a dossier or phone are over their limits");
        return Ok(None);
    }
    let digits = Digits::new();
    let cause = Cause {
        dossier_id: dossier,
        event_id: None,
        code: request.asked_for.clone(),
        unit_id: unit,
        purpose: Purpose::OneTimeCode,
        facts: Facts { one_time_code: Some(digits.as_str().to_owned()), ..Facts::default() },
    };
    if notices::enqueue(conn, act, &cause)? == 0 {
        return Ok(None);
    }
    audit::note(conn, act, Action::OneTimeCodeSent, Subject::Dossier(&request.asked_for), json!({}))?;
    let code_hash = digits.hash(&act.office.vault, request.id);
    Ok(Some(Sent { dossier, phone_hash, code_hash }))
}

type OnFile = (DossierId, UnitId, Vec<u8>);

fn on_file(conn: &mut PgConnection, code: &str) -> QueryResult<Option<OnFile>> {
    dossiers::table
        .inner_join(dossier_people::table)
        .filter(dossiers::code.eq(code))
        .filter(dossiers::status.ne(Status::Voided))
        .filter(dossier_people::part.eq(Part::Applicant))
        .filter(dossier_people::phone_hash.is_not_null())
        .select((dossiers::id, dossiers::resolving_unit_id, dossier_people::phone_hash.assume_not_null()))
        .first(conn)
        .optional()
}

fn is_over_the_limits(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    dossier: DossierId,
    phone: &[u8],
) -> QueryResult<bool> {
    let (hour_ago, day_ago) = (now - TimeDelta::hours(1), now - TimeDelta::days(1));
    let sent: Vec<(DossierId, Vec<u8>, DateTime<Utc>)> = one_time_codes::table
        .filter(one_time_codes::phone_hash.eq(phone).or(one_time_codes::dossier_id.eq(dossier)))
        .filter(one_time_codes::settled_at.gt(day_ago))
        .select((
            one_time_codes::dossier_id.assume_not_null(),
            one_time_codes::phone_hash.assume_not_null(),
            one_time_codes::settled_at.assume_not_null(),
        ))
        .load(conn)?;
    let is_over = |is_counted: &dyn Fn(&DossierId, &[u8]) -> bool| {
        let counted: Vec<_> = sent.iter().filter(|(dossier, phone, _)| is_counted(dossier, phone)).collect();
        let in_the_hour = counted.iter().filter(|(_, _, at)| *at > hour_ago).count();
        in_the_hour >= MOST_AN_HOUR || counted.len() >= MOST_A_DAY
    };
    Ok(is_over(&|_, of| of == phone) || is_over(&|of, _| *of == dossier))
}
