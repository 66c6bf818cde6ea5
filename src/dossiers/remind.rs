//! What the house calls to mind by itself: papers that are missing, papers that did not come in time, and results that
//! nobody collects. A dossier that may lapse is proposed to who has it; only a person ends it.

use chrono::{NaiveDate, TimeDelta};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::change::Change;
use super::foresight::warn::{Audience, NewWarning, What};
use super::model::{Dossier, PauseRow};
use super::{deadline, queries};
use crate::domain::dossier::{PauseKind, ResultDelivery, Status, Verb};
use crate::domain::ids::DossierId;
use crate::domain::notice::{Facts, Purpose};
use crate::domain::period::{from_office_time, office_date, office_time};
use crate::domain::role::{Actor, Role};
use crate::error::AppError;
use crate::schema::{dossier_legs, dossier_pauses, dossiers, warnings};
use crate::state::{Act, AppState};

/// So many dossiers in one transaction.
const BATCH: i64 = 200;

/// Reminds and proposes whatever has become due, in working hours; returns how much that was.
///
/// # Errors
/// Whatever the database says.
pub async fn tick(state: AppState) -> Result<usize, AppError> {
    let mut done = 0;
    for work in [supplements, lapses, results] {
        loop {
            match state.act(&Actor::house(), move |conn, act| if_open(conn, act, work)).await? {
                0 => break,
                count => done += count,
            }
        }
    }
    Ok(done)
}

type Work = fn(&mut PgConnection, &Act<'_>) -> Result<usize, AppError>;

fn if_open(conn: &mut PgConnection, act: &Act<'_>, work: Work) -> Result<usize, AppError> {
    let now = office_time(act.now);
    let opening = act.catalogue().calendar().next_opening(now).map_err(|err| deadline::refused(err.into()))?;
    if opening == now { work(conn, act) } else { Ok(0) }
}

/// Reminds citizens of papers that are missing, some working days before the last one.
fn supplements(conn: &mut PgConnection, act: &Act<'_>) -> Result<usize, AppError> {
    let today = office_date(act.now);
    let days = act.office.config.dossiers.supplement_reminder_days;
    let until = act.catalogue().calendar().nth_working_day(today, days).map_err(|err| deadline::refused(err.into()))?;
    if days == 0 {
        return Ok(0);
    }
    let waiting: Vec<PauseRow> = dossier_pauses::table
        .filter(dossier_pauses::kind.eq(PauseKind::Supplement))
        .filter(dossier_pauses::closed_at.is_null())
        .filter(dossier_pauses::reminded_at.is_null())
        .filter(dossier_pauses::answer_by.le(until))
        .filter(dossier_pauses::answer_by.ge(today))
        .filter(not(exists(legs_of_the_waiting())))
        .order((dossier_pauses::answer_by, dossier_pauses::id))
        .limit(BATCH)
        .select(PauseRow::as_select())
        .load(conn)?;
    for pause in &waiting {
        diesel::update(dossier_pauses::table.find(pause.id))
            .set(dossier_pauses::reminded_at.eq(act.now))
            .execute(conn)?;
        let facts = Facts { answer_by: pause.answer_by, ..Facts::default() };
        remind(conn, act, pause.dossier_id, (Purpose::SupplementReminder, facts))?;
    }
    Ok(waiting.len())
}

/// A parent stands because a leg waits for papers: that leg speaks for it.
#[diesel::dsl::auto_type(no_type_alias)]
fn legs_of_the_waiting() -> _ {
    dossier_legs::table.filter(dossier_legs::parent_id.eq(dossier_pauses::dossier_id))
}

/// Proposes to end what was not supplied in time: a warning to who has it, once. `lapse` is a person's deed.
fn lapses(conn: &mut PgConnection, act: &Act<'_>) -> Result<usize, AppError> {
    let today = office_date(act.now);
    let proposed = warnings::table
        .filter(warnings::dossier_id.eq(dossier_pauses::dossier_id))
        .filter(warnings::what.eq(What::Supplement.as_str()))
        .filter(warnings::made_at.ge(dossier_pauses::opened_at));
    let over = dossier_pauses::table
        .inner_join(dossiers::table)
        .filter(dossier_pauses::kind.eq(PauseKind::Supplement))
        .filter(dossier_pauses::closed_at.is_null())
        .filter(dossier_pauses::answer_by.lt(today))
        .filter(dossiers::status.eq(Status::AwaitingSupplement))
        .filter(not(exists(proposed)))
        .filter(not(exists(legs_of_the_waiting())))
        .order((dossier_pauses::answer_by, dossier_pauses::id))
        .limit(BATCH)
        .select((PauseRow::as_select(), Dossier::as_select()));
    let over: Vec<(PauseRow, Dossier)> = over.load(conn)?;
    let rows: Vec<NewWarning> = over.iter().map(|(pause, dossier)| proposal(act, pause, dossier)).collect();
    diesel::insert_into(warnings::table).values(&rows).on_conflict_do_nothing().execute(conn)?;
    Ok(over.len())
}

fn proposal(act: &Act<'_>, pause: &PauseRow, dossier: &Dossier) -> NewWarning {
    let last = pause.answer_by.unwrap_or_else(|| office_date(act.now));
    let (unit_id, role) = match pause.back_to {
        Status::Registered | Status::Received => (dossier.receiving_unit_id, Role::Clerk),
        _ => (dossier.resolving_unit_id, Role::Officer),
    };
    NewWarning {
        id: Uuid::now_v7(),
        dossier_id: dossier.id,
        what: What::Supplement.as_str(),
        percent: 100,
        due_at: from_office_time(act.catalogue().calendar().closing_at(last)),
        audience: Audience::Holder.as_str(),
        unit_id,
        role: role.to_string(),
        staff_id: None,
        made_at: act.now,
    }
}

/// Calls results to mind that lie at the counter.
fn results(conn: &mut PgConnection, act: &Act<'_>) -> Result<usize, AppError> {
    let ladder = &act.office.config.dossiers.collect_reminder_days;
    let mut done = 0;
    for (rung, days) in (0_i16..).zip(ladder) {
        let before = act.now - TimeDelta::days((*days).into());
        let waiting: Vec<DossierId> = dossiers::table
            .filter(dossiers::status.eq(Status::Finished))
            .filter(dossiers::result_delivery.eq(ResultDelivery::Counter))
            // What legs made is handed over with their parent.
            .filter(dossiers::parent_id.is_null())
            .filter(dossiers::at_counter_at.le(before))
            .filter(dossiers::collect_reminders.eq(rung))
            .order((dossiers::at_counter_at, dossiers::id))
            .limit(BATCH)
            .select(dossiers::id)
            .load(conn)?;
        for id in &waiting {
            let unit =
                |dossier: &Dossier| act.catalogue().unit(dossier.returning_unit_id).map(|unit| unit.name.clone());
            let place = queries::lock_by_id(conn, *id)?.and_then(|dossier| unit(&dossier));
            remind(conn, act, *id, (Purpose::CollectReminder, Facts { place, ..Facts::default() }))?;
        }
        done += waiting.len();
    }
    Ok(done)
}

/// Writes a reminder into the history and tells the citizen; a dossier that has gone on meanwhile is left alone.
fn remind(
    conn: &mut PgConnection,
    act: &Act<'_>,
    id: DossierId,
    (purpose, facts): (Purpose, Facts),
) -> Result<(), AppError> {
    let Some(dossier) = queries::lock_by_id(conn, id)? else { return Ok(()) };
    if Verb::Remind.check(dossier.status).is_err() {
        return Ok(());
    }
    let mut change = Change::next(dossier, Verb::Remind);
    if purpose == Purpose::CollectReminder {
        change.dossier.collect_reminders += 1;
    }
    let answer_by: Option<NaiveDate> = facts.answer_by;
    change.details = json!({ "purpose": purpose, "answer_by": answer_by });
    change.record(conn, act)?.tell(conn, act, purpose, facts)?;
    Ok(())
}
