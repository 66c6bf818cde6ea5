//! Sums held against what they are sums of.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Date, Nullable, Uuid as SqlUuid};
use uuid::Uuid;

use super::fault::{Fault, Place};
use crate::domain::ids::ProcedureVersionId;
use crate::schema::tally_carried;
use crate::state::Act;
use crate::statistics::tallies::marks::{ALL_FIELDS, MEASURES, each, fresh, gathered, spread};

/// Disagreements told of each kind of sums: the first ones say enough.
const AT_MOST: i64 = 1_000;

/// A key whose sums disagree: what is kept, and how much that is too much.
#[derive(QueryableByName)]
struct Differs {
    #[diesel(sql_type = Date)]
    day: NaiveDate,
    #[diesel(sql_type = Bool)]
    is_leg: bool,
    #[diesel(sql_type = SqlUuid)]
    unit_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    field_id: Uuid,
    #[diesel(sql_type = Array<BigInt>)]
    kept: Vec<i64>,
    #[diesel(sql_type = Array<BigInt>)]
    counted: Vec<i64>,
}

impl Differs {
    fn faults(
        self,
        act: &Act<'_>,
        fault: impl Fn(NaiveDate, Place, &'static str, (i64, i64)) -> Fault,
    ) -> impl Iterator<Item = Fault> {
        let place = Place::new(act, self.unit_id, self.field_id, self.is_leg);
        let sums = self.kept.into_iter().zip(self.counted);
        let wrong = MEASURES.into_iter().zip(sums).filter(|(_, (kept, counted))| kept != counted);
        wrong.map(move |(measure, sums)| fault(self.day, place.clone(), measure, sums))
    }
}

/// Returns what finds keys of which `kept` is not the sum of `counted`; both give the columns of `tally_days`.
fn differing(kept: &str, counted: &str) -> String {
    let keys = "day, is_leg, unit_id, field_id";
    let sums = |side: &str| {
        let sums = each(&MEASURES, &format!("coalesce(sum({{}}) FILTER (WHERE {side}), 0)"));
        format!("ARRAY[{sums}]::bigint[]")
    };
    let signed = each(&MEASURES, "sum(CASE WHEN is_kept THEN {} ELSE -{} END)");
    format!(
        "SELECT {keys}, {k} AS kept, {c} AS counted FROM (
            SELECT true AS is_kept, {keys}, {measures} FROM ({kept}) kept
            UNION ALL SELECT false, {keys}, {measures} FROM ({counted}) counted
        ) sides GROUP BY {keys} HAVING ({signed}) IS DISTINCT FROM ({zeros}) ORDER BY {keys} LIMIT {AT_MOST}",
        k = sums("is_kept"),
        c = sums("NOT is_kept"),
        measures = MEASURES.join(", "),
        zeros = MEASURES.map(|_| "0").join(", "),
    )
}

/// Says on which days the marks of these dossiers count other than their history.
pub(super) fn of_marks(
    conn: &mut PgConnection,
    act: &Act<'_>,
    dossiers: &[Uuid],
    hourly: &[ProcedureVersionId],
) -> QueryResult<Vec<Fault>> {
    let kept = spread("(SELECT * FROM tally_marks WHERE dossier_id = ANY($1))");
    let sql = format!(
        "/* statistics::tallies::verify::of_marks */ WITH {} {}",
        fresh("KEY = ANY($1)", "$2"),
        differing(&kept, &spread("fresh"))
    );
    let found: Vec<Differs> = diesel::sql_query(sql)
        .bind::<Array<SqlUuid>, _>(dossiers.to_vec())
        .bind::<Array<SqlUuid>, _>(hourly.to_vec())
        .load(conn)?;
    let fault = |day, place, measure, (kept, counted)| Fault::Mark { day, place, measure, kept, counted };
    Ok(found.into_iter().flat_map(|differs| differs.faults(act, fault)).collect())
}

/// Says which days are not the sums of all marks, and which of those of all fields not the sums of the single ones.
pub(super) fn of_days(conn: &mut PgConnection, act: &Act<'_>) -> QueryResult<Vec<Fault>> {
    let fields = format!("SELECT * FROM tally_days WHERE field_id <> {ALL_FIELDS}");
    let together = format!(
        "SELECT day, is_leg, unit_id, {ALL_FIELDS} AS field_id, {} FROM tally_days WHERE field_id <> {ALL_FIELDS}",
        MEASURES.join(", ")
    );
    let units = format!("SELECT * FROM tally_days WHERE field_id = {ALL_FIELDS}");
    let fault = |day, place, measure, (kept, counted)| Fault::Day { day, place, measure, kept, counted };
    let mut faults = Vec::new();
    for sql in [differing(&fields, &gathered("tally_marks")), differing(&units, &together)] {
        let found: Vec<Differs> =
            diesel::sql_query(format!("/* statistics::tallies::verify::of_days */ {sql}")).load(conn)?;
        faults.extend(found.into_iter().flat_map(|differs| differs.faults(act, fault)));
    }
    Ok(faults)
}

/// Says which totals are not the one before with the days between.
pub(super) fn of_totals(conn: &mut PgConnection, act: &Act<'_>) -> QueryResult<Vec<Fault>> {
    let carried: Vec<NaiveDate> =
        tally_carried::table.order(tally_carried::until).select(tally_carried::until).load(conn)?;
    let keys = "$1 AS day, is_leg, unit_id, field_id";
    let measures = MEASURES.join(", ");
    let sql = differing(
        &format!("SELECT {keys}, {measures} FROM tally_totals WHERE until = $1"),
        &format!(
            "SELECT {keys}, {measures} FROM tally_totals WHERE until = $2
             UNION ALL SELECT {keys}, {measures} FROM tally_days WHERE ($2 IS NULL OR day >= $2) AND day < $1"
        ),
    );
    let sql = format!("/* statistics::tallies::verify::of_totals */ {sql}");
    let fault = |until, place, measure, (kept, counted)| Fault::Total { until, place, measure, kept, counted };
    let (mut faults, mut before) = (Vec::new(), None);
    for until in carried {
        let found: Vec<Differs> =
            diesel::sql_query(&sql).bind::<Date, _>(until).bind::<Nullable<Date>, _>(before).load(conn)?;
        faults.extend(found.into_iter().flat_map(|differs| differs.faults(act, fault)));
        before = Some(until);
    }
    Ok(faults)
}
