//! Public columns, by code. The plain status is one statement by one index.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use crate::domain::dossier::{Outcome, PaperState, ReschedulingKind, ResultDelivery, Status};
use crate::domain::expectation::UsualTime;
use crate::domain::held::Span;
use crate::domain::ids::{DossierId, ProcedureVersionId, UnitId};
use crate::schema::{
    dossier_events, dossier_papers, dossier_pauses, dossier_payments, dossier_reschedulings, dossiers, expected_times,
    procedure_versions, units,
};

/// What anyone may know of a dossier.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = dossiers)]
pub(super) struct PublicStatus {
    pub code: String,
    pub status: Status,
    pub progress: i16,
}

/// Finds the plain status. A leg by itself is not looked up: its parent is.
pub(super) fn status(conn: &mut PgConnection, code: &str) -> QueryResult<Option<PublicStatus>> {
    let found = dossiers::table.filter(dossiers::code.eq(code)).filter(dossiers::parent_id.is_null());
    found.select(PublicStatus::as_select()).first(conn).optional()
}

/// What the holder of the pin may know beside.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = dossiers)]
pub(super) struct Pinned {
    pub id: DossierId,
    #[diesel(embed)]
    pub status: PublicStatus,
    pub resolving_unit_id: UnitId,
    pub returning_unit_id: UnitId,
    pub procedure_version_id: ProcedureVersionId,
    pub result_delivery: ResultDelivery,
    pub result: Option<Outcome>,
    pub accepted_at: Option<DateTime<Utc>>,
    pub at_counter_at: Option<DateTime<Utc>>,
    pub due_at: Option<DateTime<Utc>>,
    pub provisional: bool,
}

/// Finds the dossier that code and pin open together, so that a wrong pin and an unknown code take equally long. The
/// hash is keyed: nobody can choose one to learn from the time of the comparison.
pub(super) fn pinned(conn: &mut PgConnection, code: &str, pin_hash: &[u8]) -> QueryResult<Option<Pinned>> {
    let opened = dossiers::code.eq(code).and(dossiers::pin_hash.eq(pin_hash));
    dossiers::table.filter(opened).select(Pinned::as_select()).first(conn).optional()
}

/// Reads a dossier that is known to be there.
pub(super) fn known(conn: &mut PgConnection, id: DossierId) -> QueryResult<Pinned> {
    dossiers::table.find(id).select(Pinned::as_select()).first(conn)
}

/// Returns the code and name of a unit.
pub(super) fn unit(conn: &mut PgConnection, id: UnitId) -> QueryResult<(String, String)> {
    units::table.find(id).select((units::code, units::name)).first(conn)
}

/// Returns the name of a procedure.
pub(super) fn procedure_name(conn: &mut PgConnection, id: ProcedureVersionId) -> QueryResult<String> {
    procedure_versions::table.find(id).select(procedure_versions::name).first(conn)
}

/// One change of the status.
#[derive(Debug, Clone, Queryable)]
pub(super) struct Change {
    pub happened_at: DateTime<Utc>,
    pub status: Status,
}

/// Lists the changes of the status, the oldest first; no names, no notes.
pub(super) fn changes(conn: &mut PgConnection, id: DossierId) -> QueryResult<Vec<Change>> {
    let changed = dossier_events::from_status.is_distinct_from(dossier_events::to_status.nullable());
    dossier_events::table
        .filter(dossier_events::dossier_id.eq(id))
        .filter(changed)
        .order(dossier_events::number)
        .select((dossier_events::happened_at, dossier_events::to_status))
        .limit(500)
        .load(conn)
}

/// What is asked of the citizen in the open pause.
#[derive(Debug, Clone, Default)]
pub(super) struct Wanted {
    pub papers: Vec<String>,
    pub answer_by: Option<NaiveDate>,
    pub amount_vnd: Option<i64>,
    pub pay_by: Option<NaiveDate>,
}

/// Returns what is asked of the citizen now.
pub(super) fn wanted(conn: &mut PgConnection, id: DossierId) -> QueryResult<Wanted> {
    let pause: Option<(Uuid, Option<NaiveDate>)> = dossier_pauses::table
        .filter(dossier_pauses::dossier_id.eq(id))
        .filter(dossier_pauses::closed_at.is_null())
        .select((dossier_pauses::id, dossier_pauses::answer_by))
        .first(conn)
        .optional()?;
    let Some((pause, answer_by)) = pause else {
        return Ok(Wanted::default());
    };
    let papers = dossier_papers::table
        .filter(dossier_papers::dossier_id.eq(id))
        .filter(dossier_papers::state.eq(PaperState::Asked))
        .order(dossier_papers::position)
        .select(dossier_papers::name)
        .load(conn)?;
    let payment: Option<(Option<i64>, Option<NaiveDate>)> = dossier_payments::table
        .filter(dossier_payments::pause_id.eq(pause))
        .filter(dossier_payments::paid_at.is_null())
        .order(dossier_payments::id.desc())
        .select((dossier_payments::amount_vnd, dossier_payments::pay_by))
        .first(conn)
        .optional()?;
    let (amount_vnd, pay_by) = payment.unwrap_or_default();
    Ok(Wanted { papers, answer_by, amount_vnd, pay_by })
}

/// Returns the new promise made with an apology, if there is one.
pub(super) fn promised_on(conn: &mut PgConnection, id: DossierId) -> QueryResult<Option<NaiveDate>> {
    dossier_reschedulings::table
        .filter(dossier_reschedulings::dossier_id.eq(id))
        .filter(dossier_reschedulings::kind.eq(ReschedulingKind::Apologise))
        .select(dossier_reschedulings::promised_on)
        .first(conn)
        .optional()
}

/// Returns how long results of the procedure usually take in the unit, and when that was counted; by one key.
pub(super) fn usual_time(conn: &mut PgConnection, dossier: &Pinned) -> QueryResult<Option<(UsualTime, DateTime<Utc>)>> {
    let found: Option<(i64, i64, DateTime<Utc>)> = expected_times::table
        .inner_join(procedure_versions::table.on(procedure_versions::procedure_id.eq(expected_times::procedure_id)))
        .filter(procedure_versions::id.eq(dossier.procedure_version_id))
        .filter(expected_times::unit_id.eq(dossier.resolving_unit_id))
        .select((expected_times::p50_minutes, expected_times::p90_minutes, expected_times::counted_at))
        .first(conn)
        .optional()?;
    Ok(found.map(|(p50_minutes, p90_minutes, counted_at)| (UsualTime { p50_minutes, p90_minutes }, counted_at)))
}

/// Lists when the clock of a dossier stood.
pub(super) fn pauses(conn: &mut PgConnection, id: DossierId) -> QueryResult<Vec<Span>> {
    let pauses: Vec<(DateTime<Utc>, Option<DateTime<Utc>>)> = dossier_pauses::table
        .filter(dossier_pauses::dossier_id.eq(id))
        .order((dossier_pauses::opened_at, dossier_pauses::id))
        .select((dossier_pauses::opened_at, dossier_pauses::closed_at))
        .load(conn)?;
    Ok(pauses.into_iter().map(|(from, to)| Span { from, to }).collect())
}
