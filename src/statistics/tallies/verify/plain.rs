//! Marks that are plainly right, so that a recount looks closely only at the others.

use diesel::prelude::*;
use diesel::sql_types::{Array, Uuid as SqlUuid};
use uuid::Uuid;

use super::recount::Found;
use crate::domain::ids::ProcedureVersionId;
use crate::platform::prepared::Prepare;
use crate::statistics::tallies::marks::{RANGES, chosen, differs};

/// A dossier is plain when it ended, its clock never ran past a due date before that, and one unit had it: its mark then
/// follows without a closer look at each state. What is not surely so is not plain, and nothing is said of its mark. A plain
/// one has the mark that `fresh` computes:
/// - Each state ends as the next begins, and the last one is open, in whatever order they came. As none ends before it
///   begins, that is their order in time; of those that begin at one moment, all but the last are of no length, and alike.
///   So it is the order of `fresh` too, by which they are followed as well.
/// - A running state is overdue at midnights after the day it was due, up to its end and that of the dossier: there are none
///   when either came first. (A moment before another is on no later day.) A paused one is overdue when the clock stopped
///   too late: that is the end of a running state, which came first or lies after the end of the dossier, as all do that
///   follow it.
/// - It is paused on the days of its paused states, from the day it was accepted to the one it ended, each without its last.
/// - What has ended falls due no more.
const PLAIN: &str = "
lives AS (
    SELECT s.dossier_id, array_agg(s.valid_from) AS froms, array_agg(s.valid_to) AS tos, array_agg(s.unit_id) AS units,
        min(s.due_at) FILTER (WHERE NOT s.paused AND coalesce(s.valid_to > s.due_at, true)) AS outlived,
        range_agg($DAYS) FILTER (WHERE s.paused) AS paused,
        range_agg($DAYS) FILTER (WHERE s.paused AND s.status = 'awaiting_supplement') AS paused_supplement,
        range_agg($DAYS) FILTER (WHERE s.paused AND s.status = 'awaiting_payment') AS paused_payment
    FROM dossier_states s WHERE s.dossier_id > $1 AND s.dossier_id <= $2 GROUP BY s.dossier_id
), plain AS (
    SELECT c.id AS dossier_id, c.counts, c.counts AND c.ended_at >= c.accepted_at
            AND coalesce(c.ended_at <= l.outlived, true) AND l.froms[1] <= c.accepted_at AND c.unit_id = ALL (l.units)
            AND l.froms[2:] || '{NULL}' = l.tos AS is_plain,
        c.is_leg, c.unit_id, c.field_id, false AS is_alone, c.is_online, c.is_postal, c.accepted_on, c.ended_on,
        c.ended_as, c.ended_by, c.apologised AS is_apologised, c.is_late_statutory, c.is_promised_anew,
        NULL::date AS overdue_from, NULL::date AS overdue_to, NULL::date AS falls_due_on, $PAUSED
    FROM chosen c LEFT JOIN lives l ON l.dossier_id = c.id
)";

/// The days of a state, without the last.
const DAYS: &str =
    "daterange((s.valid_from AT TIME ZONE INTERVAL '+07:00')::date, (s.valid_to AT TIME ZONE INTERVAL '+07:00')::date)";

/// Of the days of its states, those of a dossier. Most have none, and nothing is computed for them.
const PAUSED: &str = "CASE WHEN l.$RANGE IS NULL THEN '{}' ELSE l.$RANGE
    * datemultirange(daterange(c.accepted_on, greatest(c.accepted_on, c.ended_on))) END AS $RANGE";

/// Returns the common table expressions that end in `plain`.
fn plain() -> String {
    let paused = RANGES.map(|range| PAUSED.replace("$RANGE", range));
    PLAIN.replace("$DAYS", DAYS).replace("$PAUSED", &paused.join(", "))
}

/// Returns the dossiers of a share, in their order, whose marks are not plainly right: few of a house that works in time.
pub(super) fn doubtful(
    conn: &mut PgConnection,
    (after, last): (Uuid, Uuid),
    hourly: &[ProcedureVersionId],
) -> QueryResult<Vec<Uuid>> {
    let sql = format!(
        "/* statistics::tallies::verify::doubtful */ WITH {}, {} SELECT p.dossier_id FROM plain p
         LEFT JOIN tally_marks m ON m.dossier_id = p.dossier_id AND m.dossier_id > $1 AND m.dossier_id <= $2
         WHERE CASE WHEN m.dossier_id IS NULL THEN p.counts WHEN p.is_plain THEN {} ELSE true END",
        chosen("KEY > $1 AND KEY <= $2", "$3"),
        plain(),
        differs("p", "m"),
    );
    let found: Vec<Found> = diesel::sql_query(sql)
        .bind::<SqlUuid, _>(after)
        .bind::<SqlUuid, _>(last)
        .bind::<Array<SqlUuid>, _>(hourly.to_vec())
        .prepared()
        .load(conn)?;
    Ok(found.into_iter().map(|found| found.dossier_id).collect())
}
