//! What is read for a citizen who has proved to be of a dossier.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;

use super::sessions::Opens;
use crate::domain::dossier::{Outcome, PaperState, PauseKind, ReschedulingKind, Status};
use crate::domain::ids::{DossierId, PauseId};
use crate::http::page::Cursor;
use crate::platform::keyset::before;
use crate::schema::{
    dossier_originals, dossier_papers, dossier_pauses, dossier_people, dossier_reschedulings, dossier_steps, dossiers,
    procedure_versions, units,
};

/// Finds the dossier of a code, if it is one of those that the session opens.
pub(super) fn opened(conn: &mut PgConnection, code: &str, opens: &Opens) -> QueryResult<Option<DossierId>> {
    let by_code = dossiers::table.filter(dossiers::code.eq(code)).select(dossiers::id);
    match opens {
        Opens::Dossier(id) => by_code.filter(dossiers::id.eq(*id)).first(conn).optional(),
        Opens::OwnOf(holder) => {
            let part = dossier_people::table
                .filter(dossier_people::dossier_id.eq(dossiers::id))
                .filter(dossier_people::id_number_hash.eq(holder));
            by_code.filter(diesel::dsl::exists(part)).first(conn).optional()
        }
    }
}

/// A dossier in a citizen's list.
#[derive(Queryable, Selectable)]
#[diesel(table_name = dossiers)]
pub(super) struct Listed {
    pub id: DossierId,
    pub code: String,
    pub status: Status,
    pub progress: i16,
    pub registered_at: DateTime<Utc>,
    pub due_at: Option<DateTime<Utc>>,
    #[diesel(select_expression = procedure_versions::name)]
    pub procedure: String,
    #[diesel(select_expression = units::name)]
    pub unit: String,
}

/// Lists the dossiers that a session opens, the newest first, one more than `limit` where there are more.
pub(super) fn list(
    conn: &mut PgConnection,
    opens: &Opens,
    after: Option<Cursor>,
    limit: i64,
) -> QueryResult<Vec<Listed>> {
    let mut query = dossiers::table
        .inner_join(procedure_versions::table)
        .inner_join(units::table.on(units::id.eq(dossiers::resolving_unit_id)))
        .filter(dossiers::status.ne(Status::Voided))
        .select(Listed::as_select())
        .into_boxed();
    query = match opens {
        Opens::Dossier(id) => query.filter(dossiers::id.eq(*id)),
        Opens::OwnOf(holder) => {
            let of = dossier_people::table.filter(dossier_people::id_number_hash.eq(holder));
            query.filter(dossiers::id.eq_any(of.select(dossier_people::dossier_id)))
        }
    };
    if let Some(after) = after {
        query = query.filter(before((dossiers::registered_at, dossiers::id), (after.at, after.id)));
    }
    query.order((dossiers::registered_at.desc(), dossiers::id.desc())).limit(limit + 1).load(conn)
}

/// What stands in the dossier itself.
#[derive(Queryable, Selectable)]
#[diesel(table_name = dossiers)]
pub(super) struct Facts {
    pub registered_at: DateTime<Utc>,
    pub accepted_at: Option<DateTime<Utc>>,
    pub due_first: Option<DateTime<Utc>>,
    pub result: Option<Outcome>,
    pub result_number: Option<String>,
    pub result_on: Option<NaiveDate>,
    pub result_reason: Option<String>,
}

/// Reads what stands in the dossier itself.
pub(super) fn facts(conn: &mut PgConnection, id: DossierId) -> QueryResult<Facts> {
    dossiers::table.find(id).select(Facts::as_select()).first(conn)
}

/// What is done now: what, the code and name of the unit, since when.
pub(super) type Step = (String, String, String, DateTime<Utc>);

/// Returns the open step: down to the unit, without who holds it.
pub(super) fn step(conn: &mut PgConnection, id: DossierId) -> QueryResult<Option<Step>> {
    dossier_steps::table
        .inner_join(units::table)
        .filter(dossier_steps::dossier_id.eq(id))
        .filter(dossier_steps::left_at.is_null())
        .select((dossier_steps::does, units::code, units::name, dossier_steps::entered_at))
        .first(conn)
        .optional()
}

/// An interval in which the clock stood.
#[derive(Queryable, Selectable)]
#[diesel(table_name = dossier_pauses)]
pub(super) struct Pause {
    pub id: PauseId,
    pub kind: PauseKind,
    pub opened_at: DateTime<Utc>,
    pub closed_at: Option<DateTime<Utc>>,
    pub answer_by: Option<NaiveDate>,
    pub reason: String,
}

/// Lists the pauses, the oldest first.
pub(super) fn pauses(conn: &mut PgConnection, id: DossierId) -> QueryResult<Vec<Pause>> {
    dossier_pauses::table
        .filter(dossier_pauses::dossier_id.eq(id))
        .order((dossier_pauses::opened_at, dossier_pauses::id))
        .select(Pause::as_select())
        .limit(200)
        .load(conn)
}

/// A paper that was asked for.
#[derive(Queryable, Selectable)]
#[diesel(table_name = dossier_papers)]
pub(super) struct AskedPaper {
    pub name: String,
    pub state: PaperState,
    pub pause_id: Option<PauseId>,
}

/// Lists the papers that were asked for, in order.
pub(super) fn asked_papers(conn: &mut PgConnection, id: DossierId) -> QueryResult<Vec<AskedPaper>> {
    dossier_papers::table
        .filter(dossier_papers::dossier_id.eq(id))
        .filter(dossier_papers::pause_id.is_not_null())
        .order(dossier_papers::position)
        .select(AskedPaper::as_select())
        .limit(500)
        .load(conn)
}

/// An original that was taken for comparison.
#[derive(Queryable, Selectable)]
#[diesel(table_name = dossier_originals)]
pub(super) struct Original {
    pub name: String,
    pub quantity: i16,
    pub taken_at: DateTime<Utc>,
    pub given_back_at: Option<DateTime<Utc>>,
    #[diesel(select_expression = units::code)]
    pub unit_code: String,
    #[diesel(select_expression = units::name)]
    pub unit_name: String,
}

/// Lists the originals that were taken, in order.
pub(super) fn originals(conn: &mut PgConnection, id: DossierId) -> QueryResult<Vec<Original>> {
    dossier_originals::table
        .inner_join(units::table)
        .filter(dossier_originals::dossier_id.eq(id))
        .order(dossier_originals::number)
        .select(Original::as_select())
        .limit(500)
        .load(conn)
}

/// Lists the legs of a dossier that have begun, in order.
pub(super) fn legs(conn: &mut PgConnection, parent: DossierId) -> QueryResult<Vec<DossierId>> {
    let legs = dossiers::table.filter(dossiers::parent_id.eq(parent)).order((dossiers::leg, dossiers::id));
    legs.select(dossiers::id).limit(200).load(conn)
}

/// The one second promise.
#[derive(Queryable, Selectable)]
#[diesel(table_name = dossier_reschedulings)]
pub(super) struct Rescheduled {
    pub kind: ReschedulingKind,
    pub granted_at: DateTime<Utc>,
    pub promised_on: NaiveDate,
    pub reason: String,
    pub letter: String,
}

/// Returns the one second promise, if there is one.
pub(super) fn rescheduled(conn: &mut PgConnection, id: DossierId) -> QueryResult<Option<Rescheduled>> {
    dossier_reschedulings::table.find(id).select(Rescheduled::as_select()).first(conn).optional()
}
