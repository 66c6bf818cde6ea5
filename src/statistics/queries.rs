//! The one classification of dossiers that counts and drill-down share, and the two passes over it.

use chrono::{DateTime, NaiveDate, TimeDelta, Timelike, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{BoxedSqlQuery, SqlQuery};
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use super::cell::Cell;
use super::known::as_known;
use super::row::row_of_counts;
use crate::domain::ids::{FieldId, ProcedureVersionId, UnitId};
use crate::domain::period::{Period, from_office_time, office_date};
use crate::domain::tally::Cells;
use crate::domain::words::words;
use crate::domain::working_time::midnight;
use crate::http::page::Cursor;
use crate::platform::prepared::Prepare;
use crate::schema::procedure_versions;
use crate::state::Act;

words! {
    /// What is counted: a dossier that several agencies resolve counts once, in the row of the unit that leads; its
    /// legs count apart, each in the row of its own unit, and never together with dossiers.
    pub enum Counting {
        /// Dossiers, each once.
        Dossiers = "dossiers",
        /// Legs of dossiers.
        Legs = "legs",
    }
}

words! {
    /// By which map of units: they merge, split and are renamed.
    pub enum Map {
        /// As it was: each dossier in the row of the unit that had it in the period.
        Then = "then",
        /// As it is: what ended units did stands in the rows of those that follow them.
        Now = "now",
    }
}

impl Map {
    /// Returns the day by whose map units are called, and lie below each other, in figures of a period.
    pub fn day(self, now: DateTime<Utc>, period: &Period) -> NaiveDate {
        let today = office_date(now);
        match self {
            Self::Then => today.min(period.last_day()),
            Self::Now => today,
        }
    }
}

impl Counting {
    /// Returns the condition on a dossier `d`.
    const fn condition(self) -> &'static str {
        match self {
            Self::Dossiers => "d.parent_id IS NULL",
            Self::Legs => "d.parent_id IS NOT NULL",
        }
    }
}

/// What is counted, and as of when.
#[derive(Debug, Clone)]
pub(super) struct Question {
    /// Dossiers or legs.
    pub counting: Counting,
    /// The period's first moment.
    pub from: DateTime<Utc>,
    /// The first moment after it.
    pub to: DateTime<Utc>,
    /// The one instant: the history is taken as it is known then.
    pub now: DateTime<Utc>,
    /// The units counted; `None` counts all.
    pub units: Option<Vec<UnitId>>,
    /// The field counted; `None` counts all.
    pub field: Option<FieldId>,
    /// Versions whose terms are in hours: they fall due by the minute, all others by the date.
    pub hourly: Vec<ProcedureVersionId>,
    /// Whether an end within an extension counts late.
    pub apologised_counts_late: bool,
    /// Who stands now for what a unit did in a field; empty by the map of then.
    pub heirs: Vec<(UnitId, FieldId, UnitId)>,
    /// The day by whose names units are called, and by whose tree they lie below each other, in Asia/Ho_Chi_Minh.
    pub mapped_on: NaiveDate,
    /// The moment until which the history is taken, where it is not all that is known.
    pub known_at: Option<DateTime<Utc>>,
}

impl Question {
    pub(super) fn new(period: &Period, now: DateTime<Utc>) -> Self {
        let (from, to) = period.bounds();
        Self {
            counting: Counting::Dossiers,
            from,
            to,
            now,
            units: None,
            field: None,
            hourly: Vec::new(),
            apologised_counts_late: false,
            heirs: Vec::new(),
            mapped_on: Map::Then.day(now, period),
            known_at: None,
        }
    }

    /// Returns the units whose figures make up those of a unit: itself and all below it by the map; `None` for all.
    pub(super) fn units_within(&self, act: &Act<'_>, unit: Option<UnitId>) -> Option<Vec<UnitId>> {
        unit.map(|unit| act.catalogue().tree().within_on(unit, self.mapped_on))
    }

    /// The moment just after what counts: a period that reaches beyond now ends with what is known now.
    fn until(&self) -> DateTime<Utc> {
        self.to.min(self.now + TimeDelta::microseconds(1))
    }

    /// What was due before this is overdue, for terms in days and in hours.
    pub(super) fn edges(&self) -> (DateTime<Utc>, DateTime<Utc>) {
        let at = self.to.min(self.now);
        let minute = at.with_second(0).and_then(|at| at.with_nanosecond(0));
        (from_office_time(midnight(office_date(at))), minute.unwrap_or(at))
    }
}

/// Every dossier that the period has to do with, classified: `accepted_in`, `carried`, `ended_in` with its
/// `standing`, `pending` with `overdue`. Each is decided on its own, so that the identities really check.
///
/// `s` is the state in force at the end of the period. A dossier that stands is overdue only when its clock
/// stopped after its due date: `p` is the last state in which the clock ran. [`Counting::condition`] follows.
const CLASSIFIED: &str = "
    SELECT d.id, d.code, d.channel, d.status, d.result, d.procedure_version_id, d.field_id,
           d.accepted_at, d.finished_at, d.ended_at, d.apologised,
           coalesce(s.unit_id, d.resolving_unit_id) AS unit_then,
           CASE WHEN s.unit_id IS NULL THEN d.due_at ELSE s.due_at END AS due_at,
           d.accepted_at >= $1 AS accepted_in,
           d.accepted_at < $1 AND (d.ended_at IS NULL OR d.ended_at >= $1) AS carried,
           coalesce(d.ended_at >= $1 AND d.ended_at < $2, false) AS ended_in,
           d.ended_at IS NULL OR d.ended_at >= $2 AS pending,
           CASE WHEN d.standing = 'late' OR (d.apologised AND $7) THEN 'late'
                WHEN d.status IN ('withdrawn', 'stopped') THEN 'on_time'
                ELSE coalesce(d.standing, 'on_time') END AS standing,
           coalesce(d.standing_statutory = 'late', true) AS late_statutory,
           coalesce(d.standing = 'late' OR d.apologised, false) AND EXISTS (
               SELECT 1 FROM dossier_reschedulings r WHERE r.dossier_id = d.id) AS promised_anew,
           coalesce(s.paused, false) AS paused, s.status AS status_then,
           CASE WHEN s.paused THEN coalesce((
                    SELECT CASE WHEN d.procedure_version_id = ANY($6)
                           THEN date_trunc('minute', p.valid_to) > date_trunc('minute', p.due_at)
                           ELSE (p.valid_to AT TIME ZONE INTERVAL '+07:00')::date
                              > (p.due_at AT TIME ZONE INTERVAL '+07:00')::date END
                    FROM dossier_states p
                    WHERE p.dossier_id = d.id AND NOT p.paused AND p.due_at IS NOT NULL
                      AND p.valid_to <= s.valid_from
                    ORDER BY p.valid_from DESC, p.valid_to DESC, p.id DESC LIMIT 1), false)
                ELSE coalesce(CASE WHEN s.unit_id IS NULL THEN d.due_at ELSE s.due_at END
                     < CASE WHEN d.procedure_version_id = ANY($6) THEN $5 ELSE $4 END, false)
           END AS overdue
    FROM dossiers d
    LEFT JOIN LATERAL (
        SELECT unit_id, due_at, paused, status, valid_from FROM dossier_states
        WHERE dossier_id = d.id AND valid_from < $3 AND (valid_to IS NULL OR valid_to >= $3)
        ORDER BY valid_from DESC LIMIT 1
    ) s ON true
    WHERE d.accepted_at < $2
      AND (d.ended_at IS NULL OR d.ended_at >= $1 OR d.accepted_at >= $1)
      AND NOT d.mirrored AND d.status NOT IN ('voided', 'declined')";

/// Puts each dossier into the row of the unit that stands for the one of then.
pub(super) fn classified(question: &Question) -> String {
    classified_where(question, question.counting.condition())
}

fn classified_where(question: &Question, condition: &str) -> String {
    let source = match question.known_at {
        None => CLASSIFIED.to_owned(),
        Some(at) => as_known(CLASSIFIED, at),
    };
    format!(
        "(SELECT t.*, coalesce(h.to_unit_id, t.unit_then) AS unit_id FROM ({source} AND {condition}) t \
         LEFT JOIN unnest($10, $11, $12) AS h (from_unit_id, of_field_id, to_unit_id) \
         ON h.from_unit_id = t.unit_then AND h.of_field_id = t.field_id) c"
    )
}

pub(super) type Asked = BoxedSqlQuery<'static, Pg, SqlQuery>;

/// Binds $1 to $12, the same in every query here.
pub(super) fn ask(sql: String, question: &Question) -> Asked {
    let (day_edge, minute_edge) = question.edges();
    let hourly: Vec<Uuid> = question.hourly.iter().map(|id| id.0).collect();
    let units = question.units.as_ref();
    let units: Option<Vec<Uuid>> = units.map(|units| units.iter().map(|id| id.0).collect());
    diesel::sql_query(sql)
        .into_boxed::<Pg>()
        .bind::<Timestamptz, _>(question.from)
        .bind::<Timestamptz, _>(question.to)
        .bind::<Timestamptz, _>(question.until())
        .bind::<Timestamptz, _>(day_edge)
        .bind::<Timestamptz, _>(minute_edge)
        .bind::<Array<SqlUuid>, _>(hourly)
        .bind::<Bool, _>(question.apologised_counts_late)
        .bind::<Nullable<Array<SqlUuid>>, _>(units)
        .bind::<Nullable<SqlUuid>, _>(question.field.map(|id| id.0))
        .bind::<Array<SqlUuid>, _>(question.heirs.iter().map(|(from, ..)| *from).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(question.heirs.iter().map(|(_, field, _)| *field).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(question.heirs.iter().map(|(.., to)| *to).collect::<Vec<_>>())
}

pub(super) const CHOSEN: &str = "($8 IS NULL OR unit_id = ANY($8)) AND ($9 IS NULL OR field_id = $9)";

row_of_counts! {
    /// The counts of one unit and field.
    Counted of Uuid as SqlUuid => Cells {
        received_online,
        received_direct_postal,
        carried_over,
        early,
        on_time,
        late,
        pending_in_time,
        pending_overdue,
        withdrawn,
        stopped,
        refused,
        apologised,
        late_statutory,
        received_postal,
        late_with_result,
        late_apologised,
        paused,
        paused_supplement,
        paused_payment,
    }
}

impl Counted {
    pub(super) fn cells(&self) -> Cells {
        self.into()
    }
}

/// The cells that are counted; the sums are made of them.
pub(super) const COUNTED: [Cell; 19] = [
    Cell::ReceivedOnline,
    Cell::ReceivedDirectPostal,
    Cell::CarriedOver,
    Cell::Early,
    Cell::OnTime,
    Cell::Late,
    Cell::PendingInTime,
    Cell::PendingOverdue,
    Cell::Withdrawn,
    Cell::Stopped,
    Cell::Refused,
    Cell::Apologised,
    Cell::LateStatutory,
    Cell::ReceivedPostal,
    Cell::LateWithResult,
    Cell::LateApologised,
    Cell::Paused,
    Cell::PausedSupplement,
    Cell::PausedPayment,
];

/// Counts every cell by unit and field, in one pass over the history.
pub(super) fn count(conn: &mut PgConnection, question: &Question) -> QueryResult<Vec<Counted>> {
    ask(counting(&classified(question)), question).load(conn)
}

/// As [`count`], of these dossiers alone.
pub(super) fn count_of(conn: &mut PgConnection, question: &Question, of: &[Uuid]) -> QueryResult<Vec<Counted>> {
    if of.is_empty() {
        return Ok(Vec::new());
    }
    let sql = counting(&classified_where(question, &format!("{} AND d.id = ANY($13)", question.counting.condition())));
    ask(sql, question).bind::<Array<SqlUuid>, _>(of.to_vec()).prepared().load(conn)
}

fn counting(classified: &str) -> String {
    let counts: Vec<String> =
        COUNTED.iter().map(|cell| format!("count(*) FILTER (WHERE {}) AS {cell}", cell.condition())).collect();
    format!(
        "/* statistics::queries::count */ SELECT unit_id, field_id, {} FROM {classified} \
         WHERE {CHOSEN} GROUP BY unit_id, field_id",
        counts.join(", "),
    )
}

/// A dossier behind a cell.
#[derive(Debug, Clone, QueryableByName)]
pub(super) struct Found {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub code: String,
    #[diesel(sql_type = SqlUuid)]
    pub unit_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub procedure_version_id: Uuid,
    #[diesel(sql_type = Text)]
    pub channel: String,
    #[diesel(sql_type = Text)]
    pub status: String,
    #[diesel(sql_type = Timestamptz)]
    pub accepted_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub due_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub finished_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub ended_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    pub standing: Option<String>,
}

/// Lists the dossiers for which a condition holds, as that of a cell, after the cursor, one more than `limit`.
pub(super) fn list(
    conn: &mut PgConnection,
    question: &Question,
    condition: &str,
    (after, limit): (Option<Cursor>, i64),
) -> QueryResult<Vec<Found>> {
    let sql = format!(
        "/* statistics::queries::list */ SELECT id, code, unit_id, procedure_version_id, channel, status, \
         accepted_at, due_at, finished_at, ended_at, CASE WHEN ended_in THEN standing END AS standing \
         FROM {} WHERE {CHOSEN} AND {condition} AND ($13 IS NULL OR (accepted_at, id) > ($13, $14)) \
         ORDER BY accepted_at, id LIMIT $15",
        classified(question)
    );
    ask(sql, question)
        .bind::<Nullable<Timestamptz>, _>(after.map(|cursor| cursor.at))
        .bind::<Nullable<SqlUuid>, _>(after.map(|cursor| cursor.id))
        .bind::<BigInt, _>(limit + 1)
        .load(conn)
}

/// Returns the keys of all procedure versions.
pub(super) fn procedure_versions(conn: &mut PgConnection) -> QueryResult<Vec<ProcedureVersionId>> {
    procedure_versions::table.select(procedure_versions::id).load(conn)
}
