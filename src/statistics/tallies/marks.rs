//! The SQL of marks: what the history of a dossier comes to, and on which days that counts.

/// What comes and goes in a period, as columns of `tally_days` and `tally_totals`.
pub(super) const FLOWS: [&str; 17] = [
    "online",
    "direct",
    "early",
    "on_time",
    "late",
    "withdrawn",
    "stopped",
    "refused",
    "apologised_early",
    "apologised_on_time",
    "late_statutory",
    "apologised_statutory",
    "postal",
    "late_with_result",
    "apologised_with_result",
    "late_promised",
    "apologised_promised",
];

/// What is there at a midnight, as columns of the same.
const THERE: [&str; 5] = ["overdue", "falls_due", "paused", "paused_supplement", "paused_payment"];

/// All that is summed of marks: the flows, and what is there at a midnight.
pub(super) const MEASURES: [&str; FLOWS.len() + THERE.len()] = {
    let mut all = [""; FLOWS.len() + THERE.len()];
    let (flows, there) = all.split_at_mut(FLOWS.len());
    flows.copy_from_slice(&FLOWS);
    there.copy_from_slice(&THERE);
    all
};

/// The key under which all fields of a unit are summed together.
pub(super) const ALL_FIELDS: &str = "'00000000-0000-0000-0000-000000000000'::uuid";

/// Returns the sums of rows, by day, unit and field, and by day and unit: what `tally_days` holds, in the order `day, is_leg,
/// unit_id, field_id` and the measures.
pub(super) fn summed(rows: &str) -> String {
    format!(
        "SELECT day, is_leg, unit_id, coalesce(field_id, {ALL_FIELDS}) AS field_id, {sums} FROM ({rows}) AS parts
         GROUP BY GROUPING SETS ((day, is_leg, unit_id, field_id), (day, is_leg, unit_id))
         HAVING ({parts}) IS DISTINCT FROM ({zeros})",
        sums = each(&MEASURES, "sum({})::int AS {}"),
        parts = each(&MEASURES, "sum({})"),
        zeros = MEASURES.map(|_| "0").join(", "),
    )
}

/// The columns of a mark after its key.
const COLUMNS: [&str; 19] = [
    "is_leg",
    "unit_id",
    "field_id",
    "is_alone",
    "is_online",
    "is_postal",
    "accepted_on",
    "ended_on",
    "ended_as",
    "ended_by",
    "is_apologised",
    "is_late_statutory",
    "is_promised_anew",
    "overdue_from",
    "overdue_to",
    "falls_due_on",
    "paused",
    "paused_supplement",
    "paused_payment",
];

/// On which day of a mark it counts in which flows, and when it does.
const FLOW_DAYS: [(&str, &[(&str, &str)]); 2] = [
    ("m.accepted_on", &[("online", "m.is_online"), ("direct", "NOT m.is_online"), ("postal", "m.is_postal")]),
    (
        "m.ended_on",
        &[
            ("early", "m.ended_as = 'early'"),
            ("on_time", "m.ended_as = 'on_time'"),
            ("late", "m.ended_as = 'late'"),
            ("withdrawn", "m.ended_by = 'withdrawal'"),
            ("stopped", "m.ended_by = 'stop'"),
            ("refused", "m.ended_by = 'refusal'"),
            ("apologised_early", "m.is_apologised AND m.ended_as = 'early'"),
            ("apologised_on_time", "m.is_apologised AND m.ended_as = 'on_time'"),
            ("late_statutory", "m.is_late_statutory AND m.ended_as = 'late'"),
            ("apologised_statutory", "m.is_late_statutory AND m.is_apologised AND m.ended_as <> 'late'"),
            ("late_with_result", "m.ended_as = 'late' AND m.ended_by IN ('result', 'refusal')"),
            (
                "apologised_with_result",
                "m.is_apologised AND m.ended_as <> 'late' AND m.ended_by IN ('result', 'refusal')",
            ),
            ("late_promised", "m.is_promised_anew AND m.ended_as = 'late'"),
            ("apologised_promised", "m.is_promised_anew AND m.is_apologised AND m.ended_as <> 'late'"),
        ],
    ),
];

/// From which day of a mark how much more of a measure is there at each midnight.
const EDGES: [(&str, &str, &str); 3] =
    [("m.overdue_from", "overdue", "1"), ("m.overdue_to", "overdue", "-1"), ("m.falls_due_on", "falls_due", "1")];

/// Measures that are there from the first day of each range of a mark to the day after its last.
pub(super) const RANGES: [&str; 3] = ["paused", "paused_supplement", "paused_payment"];

/// Writes each name by the pattern, `{}` standing for it, with commas between.
pub(super) fn each(names: &[&str], pattern: &str) -> String {
    names.iter().map(|name| pattern.replace("{}", name)).collect::<Vec<_>>().join(", ")
}

/// Returns the columns of a mark.
pub(super) fn columns() -> String {
    format!("dossier_id, {}", COLUMNS.join(", "))
}

/// Returns what writes the rows of `source` as marks where they tell anything new.
pub(super) fn write(source: &str) -> String {
    format!(
        "INSERT INTO tally_marks AS m ({columns}) {source} ON CONFLICT (dossier_id) DO UPDATE SET {set} \
         WHERE ({kept}) IS DISTINCT FROM ({new})",
        columns = columns(),
        set = each(&COLUMNS, "{} = EXCLUDED.{}"),
        kept = each(&COLUMNS, "m.{}"),
        new = each(&COLUMNS, "EXCLUDED.{}"),
    )
}

/// Returns the condition that a fresh mark is not what is kept of it.
pub(super) fn differs(fresh: &str, kept: &str) -> String {
    let of = |alias: &str| each(&COLUMNS, &format!("{alias}.{{}}"));
    format!("({}) IS DISTINCT FROM ({})", of(fresh), of(kept))
}

/// Returns each day on which the marks of a table count, with what: `is_leg, unit_id, field_id, day` and the measures. Marks
/// counted alone are part of no sum.
pub(super) fn spread(marks: &str) -> String {
    let flows = FLOW_DAYS.iter().map(|(day, flows)| format!("SELECT {}", part(day, flows, "({})::int")));
    format!(
        "SELECT m.dossier_id, m.is_leg, m.unit_id, m.field_id, v.day, {of_v} FROM {marks} m CROSS JOIN LATERAL (
            {parts}
        ) AS v (day, {measures}) WHERE v.day IS NOT NULL AND NOT m.is_alone",
        of_v = each(&MEASURES, "v.{}"),
        parts = flows.chain(edges()).collect::<Vec<_>>().join(" UNION ALL "),
        measures = MEASURES.join(", "),
    )
}

/// Returns what `spread` gives of all marks of a table, summed to a row or a few of each day and key. Each of the flows is
/// counted on a walk of its own, as nearly every mark is part of it, and what is there on one of the few that ever were.
pub(super) fn gathered(marks: &str) -> String {
    let flows = FLOW_DAYS.iter().map(|(day, flows)| {
        format!(
            "SELECT m.is_leg, m.unit_id, m.field_id, {} FROM {marks} m WHERE {day} IS NOT NULL AND NOT m.is_alone
             GROUP BY m.is_leg, m.unit_id, m.field_id, {day}",
            part(day, flows, "(count(*) FILTER (WHERE {}))::int"),
        )
    });
    let ever = EDGES.iter().map(|(day, ..)| format!("{day} IS NOT NULL"));
    let ever = ever.chain(RANGES.iter().map(|range| format!("m.{range} <> '{{}}'")));
    let there = format!(
        "SELECT m.is_leg, m.unit_id, m.field_id, v.day, {none}, {sums} FROM {marks} m CROSS JOIN LATERAL ({edges})
         AS v (day, {measures}) WHERE NOT m.is_alone AND ({ever}) AND v.day IS NOT NULL
         GROUP BY m.is_leg, m.unit_id, m.field_id, v.day",
        none = FLOWS.map(|_| "0").join(", "),
        sums = each(&THERE, "sum(v.{})::int"),
        edges = edges().join(" UNION ALL "),
        measures = MEASURES.join(", "),
        ever = ever.collect::<Vec<_>>().join(" OR "),
    );
    format!(
        "SELECT * FROM ({parts}) AS v (is_leg, unit_id, field_id, day, {measures})",
        parts = flows.chain([there]).collect::<Vec<_>>().join(" UNION ALL "),
        measures = MEASURES.join(", "),
    )
}

/// Returns what selects each day from which on a mark is there, or is there no more, with all measures.
fn edges() -> Vec<String> {
    let days = EDGES.iter().map(|(day, measure, much)| format!("SELECT {}", part(day, &[(measure, much)], "{}")));
    let ranges = RANGES.iter().flat_map(|measure| {
        let edge = |day: &str, much| {
            format!("SELECT {} FROM unnest(m.{measure}) AS r", part(&format!("{day}(r)"), &[(measure, much)], "{}"))
        };
        [edge("lower", "1"), edge("upper", "-1")]
    });
    days.chain(ranges).collect()
}

/// Returns a day and all measures, which are nothing but these, each written by the pattern.
fn part(day: &str, values: &[(&str, &str)], pattern: &str) -> String {
    let of = |measure: &&str| {
        let value = values.iter().find(|(name, _)| name == measure);
        value.map_or_else(|| "0".to_owned(), |(_, value)| pattern.replace("{}", value))
    };
    let measures: Vec<String> = MEASURES.iter().map(of).collect();
    format!("{day}, {}", measures.join(", "))
}

/// Returns the common table expression `chosen`: of the dossiers whose key a condition on `KEY` chooses, all that their marks
/// say beside what their states do; and whether they count.
///
/// `hourly` is the parameter that holds the versions with terms in hours.
pub(super) fn chosen(condition: &str, hourly: &str) -> String {
    CHOSEN.replace("$DOSSIERS", &condition.replace("KEY", "d.id")).replace("$HOURLY", hourly)
}

/// Returns common table expressions that end in `fresh`: the marks of the dossiers whose key a condition on `KEY` chooses,
/// computed from their history by the rules of `queries::CLASSIFIED`, with `counts`, and `latest_at`, the last moment known of
/// them.
///
/// A state is in force at the midnights T with `valid_from < T <= valid_to`; of these it is overdue from the day after its
/// due date, or at all when its clock stopped too late.
pub(super) fn fresh(condition: &str, hourly: &str) -> String {
    // Asked of the states too, whose index is in the order of the keys: a part of the dossiers reads a part of the states.
    let fresh = FRESH.replace("$STATES", &condition.replace("KEY", "s.dossier_id"));
    format!("{}, {fresh}", chosen(condition, hourly))
}

const CHOSEN: &str = "
chosen AS NOT MATERIALIZED (
    SELECT d.id, d.parent_id IS NOT NULL AS is_leg, d.resolving_unit_id AS unit_id, d.field_id,
        d.accepted_at IS NOT NULL AND NOT d.mirrored AND d.status NOT IN ('voided', 'declined') AS counts,
        d.channel = 'online' AS is_online, d.channel = 'postal' AS is_postal, d.accepted_at, d.ended_at,
        (d.accepted_at AT TIME ZONE INTERVAL '+07:00')::date AS accepted_on,
        (d.ended_at AT TIME ZONE INTERVAL '+07:00')::date AS ended_on,
        CASE WHEN d.standing = 'late' THEN 'late' WHEN d.status IN ('withdrawn', 'stopped') THEN 'on_time'
             ELSE coalesce(d.standing, 'on_time') END AS ended_as,
        CASE WHEN d.status = 'withdrawn' THEN 'withdrawal' WHEN d.status = 'stopped' THEN 'stop'
             WHEN d.status IN ('finished', 'returned') AND d.result = 'refused' THEN 'refusal' ELSE 'result' END AS ended_by,
        d.apologised, coalesce(d.standing_statutory = 'late', true) AS is_late_statutory,
        coalesce(d.standing = 'late' OR d.apologised, false)
            AND coalesce((SELECT true FROM dossier_reschedulings r WHERE r.dossier_id = d.id LIMIT 1), false)
            AS is_promised_anew,
        d.procedure_version_id = ANY ($HOURLY) AS is_hourly
    FROM dossiers d WHERE $DOSSIERS
)";

const FRESH: &str = "
states AS (
    SELECT s.dossier_id, s.unit_id = c.unit_id AS at_home, s.valid_from, s.valid_to, s.paused, s.status,
        s.valid_to IS NOT DISTINCT FROM lead(s.valid_from) OVER in_order AS is_followed,
        (s.valid_from AT TIME ZONE INTERVAL '+07:00')::date AS begins_on,
        (s.due_at AT TIME ZONE INTERVAL '+07:00')::date AS due_on,
        greatest((s.valid_from AT TIME ZONE INTERVAL '+07:00')::date, c.accepted_on) + 1 AS first_midnight,
        least((s.valid_to AT TIME ZONE INTERVAL '+07:00')::date, c.ended_on) AS last_midnight, c.is_hourly
    FROM dossier_states s JOIN chosen c ON c.id = s.dossier_id WHERE $STATES
    WINDOW in_order AS (PARTITION BY s.dossier_id ORDER BY s.valid_from, s.valid_to)
), judged AS (
    SELECT s.*, CASE WHEN s.paused AND first_midnight <= coalesce(last_midnight, 'infinity')
            THEN daterange(first_midnight - 1, last_midnight) END AS stands,
        CASE WHEN NOT s.paused THEN greatest(s.first_midnight, s.due_on + 1)
        WHEN s.valid_to IS NULL OR s.first_midnight <= s.last_midnight THEN (
            SELECT s.first_midnight FROM (
                SELECT CASE WHEN s.is_hourly
                    THEN date_trunc('minute', p.valid_to) > date_trunc('minute', p.due_at)
                    ELSE (p.valid_to AT TIME ZONE INTERVAL '+07:00')::date
                       > (p.due_at AT TIME ZONE INTERVAL '+07:00')::date END AS too_late
                FROM dossier_states p
                WHERE p.dossier_id = s.dossier_id AND NOT p.paused AND p.due_at IS NOT NULL AND p.valid_to <= s.valid_from
                ORDER BY p.valid_from DESC, p.valid_to DESC, p.id DESC LIMIT 1
            ) stopped WHERE too_late) END AS overdue_midnight
    FROM states s
), lives AS (
    SELECT dossier_id, bool_and(at_home AND is_followed) AS is_plain, min(begins_on) AS begins_on,
        max(valid_from) AS last_at,
        range_agg(daterange(overdue_midnight, last_midnight, '[]'))
            FILTER (WHERE (paused OR due_on IS NOT NULL) AND overdue_midnight <= coalesce(last_midnight, 'infinity'))
            AS overdue,
        max(CASE WHEN NOT paused THEN due_on + 1 WHEN overdue_midnight IS NOT NULL THEN date '0001-01-01' END)
            FILTER (WHERE valid_to IS NULL) AS falls_due_on,
        range_agg(stands) FILTER (WHERE paused) AS paused,
        range_agg(stands) FILTER (WHERE paused AND status = 'awaiting_supplement') AS paused_supplement,
        range_agg(stands) FILTER (WHERE paused AND status = 'awaiting_payment') AS paused_payment
    FROM judged GROUP BY dossier_id
), fresh AS (
    SELECT c.id AS dossier_id, c.is_leg, c.unit_id, c.field_id,
        NOT coalesce(l.is_plain AND l.begins_on <= c.accepted_on AND coalesce(c.ended_on >= c.accepted_on, true)
            AND coalesce(l.overdue = multirange(range_merge(l.overdue)), true), false) AND c.counts AS is_alone,
        c.is_online, c.is_postal, CASE WHEN c.counts THEN c.accepted_on END AS accepted_on,
        CASE WHEN c.counts THEN c.ended_on END AS ended_on,
        CASE WHEN c.counts AND c.ended_on IS NOT NULL THEN c.ended_as END AS ended_as,
        CASE WHEN c.counts AND c.ended_on IS NOT NULL THEN c.ended_by END AS ended_by,
        c.apologised AS is_apologised, c.is_late_statutory, c.is_promised_anew,
        CASE WHEN c.counts THEN lower(range_merge(l.overdue)) - 1 END AS overdue_from,
        CASE WHEN c.counts THEN upper(range_merge(l.overdue)) - 1 END AS overdue_to,
        CASE WHEN c.counts AND c.ended_on IS NULL THEN l.falls_due_on END AS falls_due_on,
        coalesce(CASE WHEN c.counts THEN l.paused END, '{}') AS paused,
        coalesce(CASE WHEN c.counts THEN l.paused_supplement END, '{}') AS paused_supplement,
        coalesce(CASE WHEN c.counts THEN l.paused_payment END, '{}') AS paused_payment,
        c.counts, greatest(c.accepted_at, c.ended_at, l.last_at) AS latest_at
    FROM chosen c LEFT JOIN lives l ON l.dossier_id = c.id
)";
