//! What is due: dossiers by their end and the years of their field, notices and readings by their age.

use chrono::{DateTime, Months, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::domain::device::FORGOTTEN_AFTER;
use crate::schema::dossiers;
use crate::state::Act;

/// Before which end a dossier is due, `$1` in general, and by the codes of fields in `$2` and `$3`.
///
/// One that was declined or voided has no end of its own: it ended when its last state began.
const DUE: &str = "
FROM dossiers d JOIN fields f ON f.id = d.field_id
WHERE d.status IN ('declined', 'withdrawn', 'stopped', 'finished', 'returned', 'voided')
  AND d.registered_at < $4
  AND EXISTS (SELECT FROM dossier_people p WHERE p.dossier_id = d.id AND p.erased_at IS NULL)
  AND greatest(d.returned_at, coalesce(d.ended_at, (
      SELECT max(s.valid_from) FROM dossier_states s WHERE s.dossier_id = d.id
  ))) < coalesce((SELECT own.cutoff FROM unnest($2, $3) own (code, cutoff) WHERE own.code = f.code), $1)";

/// Moments before which things are due.
struct Cutoffs {
    dossiers: DateTime<Utc>,
    fields: Vec<String>,
    of_fields: Vec<DateTime<Utc>>,
    latest: DateTime<Utc>,
}

impl Cutoffs {
    fn of(act: &Act<'_>) -> Self {
        let retention = &act.office.config.retention;
        let years_ago = |years: u32| months_ago(act, years.saturating_mul(12));
        let dossiers = years_ago(retention.dossier_years);
        let of_fields: Vec<_> = retention.field_years.values().map(|years| years_ago(*years)).collect();
        let latest = of_fields.iter().copied().chain([dossiers]).max().unwrap_or(dossiers);
        Self { dossiers, fields: retention.field_years.keys().cloned().collect(), of_fields, latest }
    }
}

/// Returns the moment so many months before now.
fn months_ago(act: &Act<'_>, months: u32) -> DateTime<Utc> {
    act.now.checked_sub_months(Months::new(months)).unwrap_or(DateTime::<Utc>::MIN_UTC)
}

/// Before which moment the recipient and words of a notice are due.
pub(super) fn notices_before(act: &Act<'_>) -> DateTime<Utc> {
    months_ago(act, act.office.config.retention.notice_months)
}

/// Before which moment readings are due.
pub(super) fn reads_before(act: &Act<'_>) -> DateTime<Utc> {
    months_ago(act, act.office.config.retention.identity_read_months)
}

/// Before which moment devices that were not seen since are due.
pub(super) fn devices_before(act: &Act<'_>) -> DateTime<Utc> {
    act.now.checked_sub_months(FORGOTTEN_AFTER).unwrap_or(DateTime::<Utc>::MIN_UTC)
}

#[derive(QueryableByName)]
struct Key {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// Locks dossiers whose people are due, the oldest first, at most so many.
pub(super) fn dossiers(conn: &mut PgConnection, act: &Act<'_>, most: i64) -> QueryResult<Vec<Uuid>> {
    let cutoffs = Cutoffs::of(act);
    let sql = format!(
        "-- retention::due::dossiers
        SELECT d.id {DUE} ORDER BY d.registered_at, d.id LIMIT $5 FOR UPDATE OF d SKIP LOCKED"
    );
    let found: Vec<Key> = diesel::sql_query(sql)
        .bind::<Timestamptz, _>(cutoffs.dossiers)
        .bind::<Array<Text>, _>(cutoffs.fields)
        .bind::<Array<Timestamptz>, _>(cutoffs.of_fields)
        .bind::<Timestamptz, _>(cutoffs.latest)
        .bind::<BigInt, _>(most)
        .load(conn)?;
    Ok(found.into_iter().map(|key| key.id).collect())
}

/// Adds the legs of dossiers, whose people are those of their parents.
pub(super) fn with_legs(conn: &mut PgConnection, parents: &[Uuid]) -> QueryResult<Vec<Uuid>> {
    let of = dossiers::parent_id.eq_any(parents);
    let legs: Vec<Uuid> = dossiers::table.filter(of).select(dossiers::id).load(conn)?;
    Ok(parents.iter().copied().chain(legs).collect())
}

/// How many dossiers of a field are due.
#[derive(Debug, QueryableByName)]
pub(super) struct OfField {
    #[diesel(sql_type = Text)]
    pub field: String,
    #[diesel(sql_type = BigInt)]
    pub dossiers: i64,
}

/// Counts the dossiers whose people are due, by field.
pub(super) fn count_dossiers(conn: &mut PgConnection, act: &Act<'_>) -> QueryResult<Vec<OfField>> {
    let cutoffs = Cutoffs::of(act);
    let sql = format!(
        "-- retention::due::count_dossiers
        SELECT f.code AS field, count(*) AS dossiers {DUE} GROUP BY f.code ORDER BY f.code"
    );
    diesel::sql_query(sql)
        .bind::<Timestamptz, _>(cutoffs.dossiers)
        .bind::<Array<Text>, _>(cutoffs.fields)
        .bind::<Array<Timestamptz>, _>(cutoffs.of_fields)
        .bind::<Timestamptz, _>(cutoffs.latest)
        .load(conn)
}
