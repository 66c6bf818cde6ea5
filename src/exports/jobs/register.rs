//! The register (sổ theo dõi hồ sơ): dossiers by acceptance, batch by batch.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use super::moments;
use crate::domain::ids::{ProcedureVersionId, UnitId};
use crate::domain::period::{Period, office_date, office_time};
use crate::domain::unit::Unit;
use crate::exports::layouts::{Layout, RegisterColumn, Shows};
use crate::state::Act;

/// Dossiers in a batch.
const BATCH: i64 = 5000;

/// Whose register it is.
pub(super) struct Question {
    pub period: Period,
    pub units: Option<Vec<UnitId>>,
}

/// A dossier of the register.
#[derive(Debug, QueryableByName)]
pub(super) struct Entry {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Text)]
    channel: String,
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = Text)]
    result_delivery: String,
    #[diesel(sql_type = Nullable<Text>)]
    place_code: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    standing: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    applicant: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    received_by: Option<String>,
    #[diesel(sql_type = SqlUuid)]
    procedure_version_id: ProcedureVersionId,
    #[diesel(sql_type = SqlUuid)]
    resolving_unit_id: UnitId,
    #[diesel(sql_type = Timestamptz)]
    pub accepted_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    due_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    finished_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    returned_at: Option<DateTime<Utc>>,
}

/// Whose dossiers stand in it: those that count, of the units that resolve them now.
const CHOSEN: &str = "d.accepted_at >= $1 AND d.accepted_at < $2 AND NOT d.mirrored AND d.parent_id IS NULL
  AND d.status NOT IN ('voided', 'declined') AND ($3 IS NULL OR d.resolving_unit_id = ANY($3))";

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// Counts the dossiers of a register.
pub(super) fn count(conn: &mut PgConnection, question: &Question) -> QueryResult<i64> {
    let (from, to) = question.period.bounds();
    let sql = format!("/* exports::register::count */ SELECT count(*) AS number FROM dossiers d WHERE {CHOSEN}");
    let counted = diesel::sql_query(sql).bind::<Timestamptz, _>(from).bind::<Timestamptz, _>(to).bind::<Nullable<
        Array<SqlUuid>,
    >, _>(
        question.units.as_ref(),
    );
    Ok(counted.get_result::<Number>(conn)?.number)
}

/// Reads the next batch. Who took a dossier in is who did so first, and its events are found by their key one by one: of
/// those of a dossier the first is it, or the one after the filing. Who imported one took nothing in.
pub(super) fn batch(
    conn: &mut PgConnection,
    question: &Question,
    after: Option<(DateTime<Utc>, Uuid)>,
) -> QueryResult<Vec<Entry>> {
    let (from, to) = question.period.bounds();
    let sql = format!(
        "/* exports::register::batch */ SELECT d.id, d.code, d.channel, d.status, d.result_delivery, d.place_code, \
         d.standing, d.procedure_version_id, d.resolving_unit_id, d.accepted_at, coalesce(d.due_at, d.due_first) AS due_at, \
         d.finished_at, d.returned_at, \
         (SELECT p.name FROM dossier_people p WHERE p.dossier_id = d.id AND p.part = 'applicant' AND p.erased_at IS NULL) \
         AS applicant, \
         (SELECT e.actor_name FROM dossier_events e WHERE e.dossier_id = d.id AND e.verb IN ('receive', 'accept') \
          AND NOT e.details ? 'imported' ORDER BY e.number LIMIT 1) AS received_by FROM dossiers d \
         WHERE {CHOSEN} AND ($4 IS NULL OR (d.accepted_at, d.id) > ($4, $5)) ORDER BY d.accepted_at, d.id LIMIT $6"
    );
    diesel::sql_query(sql)
        .bind::<Timestamptz, _>(from)
        .bind::<Timestamptz, _>(to)
        .bind::<Nullable<Array<SqlUuid>>, _>(question.units.as_ref())
        .bind::<Nullable<Timestamptz>, _>(after.map(|(at, _)| at))
        .bind::<Nullable<SqlUuid>, _>(after.map(|(_, id)| id))
        .bind::<BigInt, _>(BATCH)
        .load(conn)
}

/// Writes a batch as it is kept until the file is made: one line a dossier, the texts of the columns; the first of them
/// has the number after `done`.
pub(super) fn rows(act: &Act<'_>, layout: &Layout, entries: &[Entry], done: i64) -> Result<Vec<u8>, csv::Error> {
    let mut lines = csv::WriterBuilder::new().from_writer(Vec::new());
    for (number, entry) in (done + 1..).zip(entries) {
        lines.write_record(layout.columns.iter().map(|column| text(act, &column.shows, entry, number)))?;
    }
    lines.flush()?;
    lines.into_inner().map_err(|err| err.into_error().into())
}

fn text(act: &Act<'_>, shows: &Shows, entry: &Entry, number: i64) -> String {
    let moment = |at: Option<DateTime<Utc>>| at.map_or_else(String::new, |at| moments::written(office_time(at)));
    let column = match shows {
        Shows::RowNumber => return number.to_string(),
        Shows::Code => return entry.code.clone(),
        Shows::Register(column) => *column,
        Shows::Name | Shows::Open | Shows::Count(_) | Shows::Rate(..) => return String::new(),
    };
    let procedure = act.catalogue().procedure(entry.procedure_version_id);
    // Units are called what they were called when the dossier was accepted.
    let unit_then = |unit: &Unit| act.catalogue().named_on(unit, office_date(entry.accepted_at)).1;
    match column {
        RegisterColumn::Procedure => procedure.map_or_else(String::new, |procedure| procedure.name.clone()),
        RegisterColumn::ProcedureCode => procedure.map_or_else(String::new, |procedure| procedure.code.clone()),
        RegisterColumn::Applicant => entry.applicant.clone().unwrap_or_default(),
        RegisterColumn::Unit => act.catalogue().unit(entry.resolving_unit_id).map_or_else(String::new, unit_then),
        RegisterColumn::Channel => word(&entry.channel).to_owned(),
        RegisterColumn::AcceptedAt => moment(Some(entry.accepted_at)),
        RegisterColumn::DueAt => moment(entry.due_at),
        RegisterColumn::FinishedAt => moment(entry.finished_at),
        RegisterColumn::ReturnedAt => moment(entry.returned_at),
        RegisterColumn::ResultDelivery => word(&entry.result_delivery).to_owned(),
        RegisterColumn::ReceivedBy => entry.received_by.clone().unwrap_or_default(),
        // A code that names no unit of the catalogue says more than nothing.
        RegisterColumn::Place => entry.place_code.as_deref().map_or_else(String::new, |code| {
            act.catalogue().unit_by_code(code).map_or_else(|| code.to_owned(), unit_then)
        }),
        RegisterColumn::Status => word(&entry.status).to_owned(),
        RegisterColumn::Standing => entry.standing.as_deref().map_or("", word).to_owned(),
    }
}

fn word(word: &str) -> &str {
    match word {
        "direct" => "Trực tiếp",
        "online" => "Trực tuyến",
        "postal" => "Bưu chính",
        "counter" => "Tại quầy",
        "received" => "Được tiếp nhận",
        "processing" => "Đang xử lý",
        "awaiting_supplement" => "Yêu cầu bổ sung",
        "awaiting_payment" => "Nghĩa vụ tài chính",
        "withdrawn" => "Công dân rút",
        "suspended" => "Tạm dừng",
        "stopped" => "Dừng xử lý",
        "finished" => "Đã xử lý xong",
        "returned" => "Đã trả kết quả",
        "early" => "Trước hạn",
        "on_time" => "Đúng hạn",
        "late" => "Quá hạn",
        other => other,
    }
}
