//! Figures as they were known at an earlier moment: of each dossier the last state recorded until then counts, and an
//! end that was undone since is one again; a new date that was promised later was not promised yet.
//!
//! What was due, who had it and whether it stood are read from the same `dossier_states` as ever. Of an end that still
//! stands the dossier itself says how it is counted; of one that was undone, its state and its event do.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use diesel::PgConnection;

use super::drill::{Behind, DrillForm, drill};
use super::tally::{Table, TableForm, count_table};
use crate::domain::period::{Period, from_office_time, office_date};
use crate::domain::working_time::midnight;
use crate::error::{AppError, Said};
use crate::http::body::Faults;
use crate::http::office_time::read_moment;
use crate::http::page::Page;
use crate::state::Act;

/// Dossiers with the columns that the classification reads, as they were known at `{known_at}`.
///
/// `k` is the last state known then; `e` the end known then: whether it stands to this day, and the moment by which it is
/// judged, which is when its clock had stopped where it stood, with the due dates, all cut to the day or the minute.
const KNOWN: &str = "(
    SELECT d.id, d.code, d.channel, k.status, d.procedure_version_id, d.field_id, d.accepted_at, d.parent_id, d.mirrored,
           d.resolving_unit_id, d.due_at, e.ended_at,
           CASE WHEN k.status IN ('finished', 'returned') THEN e.ended_at END AS finished_at,
           CASE WHEN e.stands THEN d.result
                WHEN k.status IN ('finished', 'returned') THEN (
                    SELECT v.details ->> 'result' FROM dossier_events v
                    WHERE v.dossier_id = d.id AND v.to_status = 'finished' AND v.happened_at = e.ended_at
                    ORDER BY v.number DESC LIMIT 1) END AS result,
           CASE WHEN e.stands THEN d.standing
                WHEN e.ended_at IS NULL THEN NULL
                WHEN e.judged > e.due THEN 'late'
                WHEN k.status IN ('finished', 'returned') AND e.judged < e.due_unextended THEN 'early'
                ELSE 'on_time' END AS standing,
           CASE WHEN e.stands THEN d.apologised
                ELSE coalesce(k.status IN ('finished', 'returned') AND e.judged > e.due_unextended
                     AND e.judged <= e.due, false) END AS apologised,
           CASE WHEN e.stands THEN d.standing_statutory
                WHEN e.judged <= e.due_statutory THEN 'on_time' END AS standing_statutory
    FROM dossiers d
    JOIN LATERAL (
        SELECT status FROM dossier_states
        WHERE dossier_id = d.id AND recorded_at <= {known_at}
        ORDER BY valid_from DESC, valid_to DESC, id DESC LIMIT 1
    ) k ON true
    LEFT JOIN LATERAL (
        SELECT began.valid_from AS ended_at, t.judged, t.due, t.due_unextended, t.due_statutory,
               began.valid_from = d.ended_at AS stands
        FROM (
            SELECT valid_from, due_at, due_unextended, was_paused, stood_from
            FROM (
                SELECT status, valid_from, due_at, due_unextended,
                       bool_and(status IN ('withdrawn', 'stopped', 'finished', 'returned')) OVER newest AS has_ended,
                       lead(paused) OVER newest AS was_paused,
                       (SELECT max(p.valid_to) FROM dossier_states p
                        WHERE p.dossier_id = d.id AND NOT p.paused AND p.valid_to <= s.valid_from
                          AND p.status NOT IN ('withdrawn', 'stopped', 'finished', 'returned')) AS stood_from,
                       row_number() OVER newest AS place
                FROM dossier_states s
                WHERE s.dossier_id = d.id AND s.recorded_at <= {known_at}
                WINDOW newest AS (ORDER BY valid_from DESC, valid_to DESC, id DESC)
            ) states
            WHERE has_ended ORDER BY place DESC LIMIT 1
        ) began
        CROSS JOIN LATERAL (
            SELECT date_trunc(grain.unit, moment AT TIME ZONE INTERVAL '+07:00') AS judged,
                   date_trunc(grain.unit, began.due_at AT TIME ZONE INTERVAL '+07:00') AS due,
                   date_trunc(grain.unit, began.due_unextended AT TIME ZONE INTERVAL '+07:00') AS due_unextended,
                   date_trunc(grain.unit, d.due_statutory AT TIME ZONE INTERVAL '+07:00') AS due_statutory
            FROM (SELECT CASE WHEN d.procedure_version_id = ANY($6) THEN 'minute' ELSE 'day' END AS unit) grain,
                 (SELECT CASE WHEN began.was_paused THEN coalesce(began.stood_from, began.valid_from)
                         ELSE began.valid_from END AS moment) judging
        ) t
    ) e ON true
    WHERE d.accepted_at < $2 AND d.accepted_at <= {known_at} AND (d.ended_at IS NULL OR d.ended_at >= $1 OR d.accepted_at >= $1)
)";

/// Puts what was known at a moment in the place of what is known now.
pub(super) fn as_known(classified: &str, at: DateTime<Utc>) -> String {
    let known_at = format!("'{}'::timestamptz", at.to_rfc3339_opts(SecondsFormat::Micros, true));
    let granted = format!("(SELECT dossier_id FROM dossier_reschedulings WHERE granted_at <= {known_at})");
    classified
        .replace("FROM dossiers d", &format!("FROM {} d", KNOWN.replace("{known_at}", &known_at)))
        .replace("FROM dossier_reschedulings r", &format!("FROM {granted} r"))
}

/// Reads as of when figures are asked for: a moment, or a date, whose last moment it is then. `None` is now.
pub(crate) fn read_as_of(faults: &mut Faults, text: Option<&str>) -> Option<Option<DateTime<Utc>>> {
    let Some(text) = text.map(str::trim) else { return Some(None) };
    let day = || chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.succ_opt();
    let moment = read_moment(text).or_else(|| Some(from_office_time(midnight(day()?)) - TimeDelta::microseconds(1)));
    let said = Said::new(
        "not_a_moment",
        "as_of phải viết như 2024-06-30 hoặc 2024-06-30T17:00:00+07:00",
        "as_of is written like 2024-06-30 or 2024-06-30T17:00:00+07:00",
    );
    faults.read("?as_of", said, moment).map(Some)
}

/// Checks that something could be known of the period then.
///
/// # Errors
/// [`AppError::Invalid`] for a moment to come, and for one before the period begins.
pub(super) fn check_as_of(act: &Act<'_>, period: &Period, as_of: Option<DateTime<Utc>>) -> Result<(), AppError> {
    check_has_come(act, as_of)?;
    if as_of.is_none_or(|at| office_date(at) >= period.from()) {
        return Ok(());
    }
    let said =
        Said::new("as_of_before_period", "as_of trước khi kỳ báo cáo bắt đầu", "as_of is before the period begins");
    Err(AppError::invalid("?as_of", said))
}

/// Checks that the moment as of which something is asked for has come.
///
/// # Errors
/// [`AppError::Invalid`] for a moment to come.
pub(crate) fn check_has_come(act: &Act<'_>, as_of: Option<DateTime<Utc>>) -> Result<(), AppError> {
    if as_of.is_none_or(|at| at <= act.now) {
        return Ok(());
    }
    let said = Said::new(
        "as_of_in_future",
        "as_of chưa tới: chưa ai biết số liệu lúc đó",
        "as_of is still to come: nobody knows the figures of then",
    );
    Err(AppError::invalid("?as_of", said))
}

/// Counts a period as it was known at a moment; as `tabulate` without one.
///
/// # Errors
/// As `tabulate`, and [`AppError::Invalid`] for a moment at which nothing could be known of the period.
pub fn tabulate_as_of(
    conn: &mut PgConnection,
    act: &Act<'_>,
    form: &TableForm,
    as_of: Option<DateTime<Utc>>,
) -> Result<Table, AppError> {
    check_as_of(act, &form.period, as_of)?;
    match as_of {
        None => super::tally::tabulate(conn, act, form),
        Some(at) => count_table(conn, &Act { now: at, ..*act }, form, Some(at)),
    }
}

/// Lists the dossiers behind a cell as it was known at a moment.
///
/// # Errors
/// As `dossiers_behind`, and [`AppError::Invalid`] for a moment at which nothing could be known of the period.
pub fn dossiers_behind_as_of(
    conn: &mut PgConnection,
    act: &Act<'_>,
    form: &DrillForm,
    as_of: Option<DateTime<Utc>>,
) -> Result<Page<Behind>, AppError> {
    check_as_of(act, &form.period, as_of)?;
    match as_of {
        None => super::drill::dossiers_behind(conn, act, form),
        Some(at) => drill(conn, &Act { now: at, ..*act }, form, Some(at)),
    }
}
