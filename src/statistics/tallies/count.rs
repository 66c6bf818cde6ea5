//! A period counted by the tallies, with what they do not hold yet counted from its history: exactly the classification.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Date, Nullable, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use super::marks::{ALL_FIELDS, FLOWS, each, spread};
use crate::domain::ids::{FieldId, UnitId};
use crate::domain::period::office_date;
use crate::domain::running_total::Summed;
use crate::domain::tally::Cells;
use crate::platform::prepared::Prepare;
use crate::statistics::queries::{self, Counted, Counting, Question};
use crate::statistics::row::row_of_counts;

/// Dossiers that are counted one by one beside the tallies; where there are more, all are counted from the history.
const AT_MOST_APART: i64 = 20_000;

/// Whether the fields of a unit are counted apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::statistics) enum Detail {
    /// A unit as a whole.
    Units,
    /// Each field of a unit.
    Fields,
}

/// The cells of a unit, or of one of its fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::statistics) struct KeyCells {
    pub unit_id: Uuid,
    /// `None` where fields are not counted apart.
    pub field_id: Option<Uuid>,
    pub cells: Cells,
}

impl From<&Counted> for KeyCells {
    fn from(counted: &Counted) -> Self {
        Self { unit_id: counted.unit_id, field_id: Some(counted.field_id), cells: counted.cells() }
    }
}

type Counts = BTreeMap<(Uuid, Option<Uuid>), Cells>;

/// Counts a period by unit, and field where asked: by the tallies where they can tell, else by one pass over the history.
pub(in crate::statistics) fn count(
    conn: &mut PgConnection,
    question: &Question,
    detail: Detail,
) -> QueryResult<Vec<KeyCells>> {
    let mut counts = Counts::new();
    match by_tallies(conn, question, detail)? {
        Some(told) => counts = told,
        None => add_counted(&mut counts, detail, queries::count(conn, question)?),
    }
    let told = counts.into_iter().filter(|(_, cells)| *cells != Cells::default());
    Ok(told.map(|((unit_id, field_id), cells)| KeyCells { unit_id, field_id, cells }).collect())
}

fn add(counts: &mut Counts, (unit, field): (Uuid, Uuid), detail: Detail, cells: Cells) {
    let key = (unit, (detail == Detail::Fields).then_some(field));
    let sum = counts.entry(key).or_default();
    *sum = *sum + cells;
}

fn add_counted(counts: &mut Counts, detail: Detail, counted: Vec<Counted>) {
    for count in counted {
        add(counts, (count.unit_id, count.field_id), detail, count.cells());
    }
}

/// `None` where the tallies cannot tell, or would not be faster.
pub(super) fn by_tallies(conn: &mut PgConnection, question: &Question, detail: Detail) -> QueryResult<Option<Counts>> {
    if question.known_at.is_some() {
        return Ok(None);
    }
    let edges = Edges::of(conn, question)?;
    if edges.is_current && edges.latest_at.is_some_and(|latest| latest > question.now) {
        return Ok(None);
    }
    let apart = apart(conn, question, &edges)?;
    if apart.len() > usize::try_from(AT_MOST_APART).unwrap_or(usize::MAX) {
        return Ok(None);
    }
    let mut counts = Counts::new();
    add_counted(&mut counts, detail, queries::count_of(conn, question, &apart)?);
    let heirs: BTreeMap<(UnitId, FieldId), UnitId> =
        question.heirs.iter().map(|(from, field, to)| ((*from, *field), *to)).collect();
    for sums in sum(conn, question, &edges, (&apart, detail))? {
        let field = sums.field_id.unwrap_or_default();
        let unit = heirs.get(&(UnitId(sums.unit_id), FieldId(field))).map_or(sums.unit_id, |heir| heir.0);
        if question.units.as_ref().is_none_or(|units| units.contains(&UnitId(unit))) {
            add(&mut counts, (unit, field), detail, sums.cells(question));
        }
    }
    Ok(Some(counts))
}

/// Between which days sums are taken, and to which of them totals are carried.
struct Edges {
    from: NaiveDate,
    /// No later than tomorrow: nothing has happened after today.
    to: NaiveDate,
    carried_from: Option<NaiveDate>,
    carried_to: Option<NaiveDate>,
    /// Whether the period reaches beyond now: overdue is then what is overdue now.
    is_current: bool,
    latest_at: Option<DateTime<Utc>>,
}

#[derive(QueryableByName)]
struct Keeping {
    #[diesel(sql_type = Nullable<Timestamptz>)]
    latest_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Date>)]
    carried_from: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Date>)]
    carried_to: Option<NaiveDate>,
}

const KEEPING: &str = "-- statistics::tallies::count::keeping
SELECT latest_at, (SELECT max(until) FROM tally_carried WHERE until <= $1) AS carried_from,
    (SELECT max(until) FROM tally_carried WHERE until <= $2) AS carried_to
FROM tally_keeping";

impl Edges {
    fn of(conn: &mut PgConnection, question: &Question) -> QueryResult<Self> {
        let today = office_date(question.now);
        let is_current = question.to > question.now;
        let tomorrow = today.checked_add_days(Days::new(1)).unwrap_or(today);
        let to = if is_current { office_date(question.to).min(tomorrow) } else { office_date(question.to) };
        let from = office_date(question.from).min(to);
        let kept: Keeping =
            diesel::sql_query(KEEPING).bind::<Date, _>(from).bind::<Date, _>(to).prepared().get_result(conn)?;
        let Keeping { latest_at, carried_from, carried_to } = kept;
        Ok(Self { from, to, carried_from, carried_to, is_current, latest_at })
    }
}

#[derive(QueryableByName)]
struct Apart {
    #[diesel(sql_type = SqlUuid)]
    dossier_id: Uuid,
}

/// What is counted from its history: dossiers that wait to be taken up, those whose marks are part of no sum, and today's
/// terms in hours, which run out by the minute.
const APART: &str = "-- statistics::tallies::count::apart
SELECT dossier_id FROM tally_waiting
UNION SELECT dossier_id FROM tally_marks WHERE is_alone AND accepted_on IS NOT NULL
    AND daterange(accepted_on, greatest(accepted_on, coalesce(ended_on, 'infinity')), '[]') && daterange($1, $2)
UNION SELECT id FROM dossiers WHERE $3 AND due_at >= $4 AND due_at < $5 AND procedure_version_id = ANY ($6)
    AND accepted_at IS NOT NULL AND ended_at IS NULL
LIMIT $7";

fn apart(conn: &mut PgConnection, question: &Question, edges: &Edges) -> QueryResult<Vec<Uuid>> {
    let (midnight, minute) = question.edges();
    let found: Vec<Apart> = diesel::sql_query(APART)
        .bind::<Date, _>(office_date(question.from))
        .bind::<Date, _>(office_date(question.to))
        .bind::<Bool, _>(edges.is_current)
        .bind::<Timestamptz, _>(midnight)
        .bind::<Timestamptz, _>(minute)
        .bind::<Array<SqlUuid>, _>(&question.hourly)
        .bind::<BigInt, _>(AT_MOST_APART + 1)
        .prepared()
        .load(conn)?;
    Ok(found.into_iter().map(|found| found.dossier_id).collect())
}

row_of_counts! {
    /// The sums of one key.
    Sums of Option<Uuid> as Nullable<SqlUuid> => Summed {
        online,
        direct,
        early,
        on_time,
        late,
        withdrawn,
        stopped,
        refused,
        apologised_early,
        apologised_on_time,
        late_statutory,
        apologised_statutory,
        postal,
        late_with_result,
        apologised_with_result,
        late_promised,
        apologised_promised,
        carried_over,
        overdue,
        paused,
        paused_supplement,
        paused_payment,
    }
}

impl Sums {
    fn cells(&self, question: &Question) -> Cells {
        let summed = Summed::from(self);
        if question.apologised_counts_late { summed.with_apologised_late().cells() } else { summed.cells() }
    }
}

/// Takes the difference of what was counted up to both edges, without the marks of those that are counted apart.
fn sum(
    conn: &mut PgConnection,
    question: &Question,
    edges: &Edges,
    (apart, detail): (&[Uuid], Detail),
) -> QueryResult<Vec<Sums>> {
    // By another map of units each field may have gone elsewhere, and what ended units did is asked for too.
    let by_fields = detail == Detail::Fields || !question.heirs.is_empty() || question.field.is_some();
    let units = question.units.as_ref().filter(|_| question.heirs.is_empty());
    diesel::sql_query(sum_sql(by_fields, edges.is_current))
        .bind::<Bool, _>(question.counting == Counting::Legs)
        .bind::<Date, _>(edges.from)
        .bind::<Date, _>(edges.to)
        .bind::<Nullable<Date>, _>(edges.carried_from)
        .bind::<Nullable<Date>, _>(edges.carried_to)
        .bind::<Nullable<Array<SqlUuid>>, _>(units)
        .bind::<Array<SqlUuid>, _>(apart.to_vec())
        .bind::<Nullable<SqlUuid>, _>(question.field)
        .prepared()
        .load(conn)
}

fn sum_sql(by_fields: bool, is_current: bool) -> String {
    // What falls due is overdue now, whatever it was at the last midnight.
    let overdue = if is_current { "falls_due" } else { "overdue" };
    let there = [
        (overdue, "overdue"),
        ("paused", "paused"),
        ("paused_supplement", "paused_supplement"),
        ("paused_payment", "paused_payment"),
    ];
    let part = |flow: &str, carried: &str, standing: &str| {
        let standing = there.map(|(column, name)| format!("{standing}{column} AS {name}")).join(", ");
        format!("{}, {carried} AS carried_over, {standing}", each(&FLOWS, &format!("{flow}{{}} AS {{}}")))
    };
    let open = "(online + direct - early - on_time - late)";
    let mine = "is_leg = $1 AND ($6 IS NULL OR unit_id = ANY ($6)) AND ($8 IS NULL OR field_id = $8)";
    let (field, group, kept) = match by_fields {
        true => ("field_id", ", field_id", format!("{mine} AND field_id > {ALL_FIELDS}")),
        false => ("NULL::uuid", "", format!("{mine} AND field_id = {ALL_FIELDS}")),
    };
    let sums = ["carried_over", "overdue", "paused", "paused_supplement", "paused_payment"];
    format!(
        "/* statistics::tallies::count::sum */ SELECT unit_id, {field} AS field_id, {flows}, {others} FROM (
            SELECT unit_id, field_id, {to} FROM tally_totals WHERE until = $5 AND {kept}
            UNION ALL SELECT unit_id, field_id, {to} FROM tally_days
                WHERE day >= coalesce($5, '-infinity') AND day < $3 AND {kept}
            UNION ALL SELECT unit_id, field_id, {from} FROM tally_totals WHERE until = $4 AND {kept}
            UNION ALL SELECT unit_id, field_id, {from} FROM tally_days
                WHERE day >= coalesce($4, '-infinity') AND day < $2 AND {kept}
            UNION ALL SELECT unit_id, field_id, {less_to} FROM ({marks}) a WHERE day < $3 AND {mine}
            UNION ALL SELECT unit_id, field_id, {less_from} FROM ({marks}) a WHERE day < $2 AND {mine}
        ) parts GROUP BY unit_id{group}",
        flows = each(&FLOWS, "sum({}) AS {}"),
        others = each(&sums, "sum({}) AS {}"),
        to = part("", "0", ""),
        from = part("-", open, "0 * "),
        less_to = part("-", "0", "-"),
        less_from = part("", &format!("-{open}"), "0 * "),
        marks = spread("(SELECT * FROM tally_marks WHERE dossier_id = ANY ($7))"),
    )
}
