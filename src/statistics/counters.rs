//! Which units take dossiers in. Figures of counters are theirs alone: of a unit whose dossiers another takes in they would
//! be all zeros, and look as if nobody had come.

use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Timestamptz, Uuid as SqlUuid};

use super::periods::not_there;
use super::sight::units_then;
use crate::domain::ids::UnitId;
use crate::domain::period::Period;
use crate::error::{AppError, Said};
use crate::state::Act;

/// Checks that a unit, or one below it, takes dossiers in: dossiers of a unit that was there in the period are received there,
/// or some were taken in there all the same, as where a counter was closed since. `None` is the whole province.
///
/// # Errors
/// [`AppError::Invalid`] that names `?unit` and says where its dossiers are taken in instead.
pub fn check_counter(
    conn: &mut PgConnection,
    act: &Act<'_>,
    period: &Period,
    unit: Option<UnitId>,
) -> Result<(), AppError> {
    let all = units_then(act, unit, period);
    unit.zip(all).map_or(Ok(()), |(unit, all)| check(conn, act, period, (unit, &all)))
}

/// As [`check_counter`], of the one unit that a row is of, where one was asked for.
///
/// # Errors
/// [`AppError::Invalid`] that names `?unit`.
pub(super) fn check_row_counter(
    conn: &mut PgConnection,
    act: &Act<'_>,
    period: &Period,
    row: Option<&str>,
) -> Result<(), AppError> {
    let unit = row.and_then(|code| act.catalogue().unit_by_code(code.trim())).map(|unit| unit.id);
    unit.map_or(Ok(()), |unit| check(conn, act, period, (unit, &[unit])))
}

fn check(
    conn: &mut PgConnection,
    act: &Act<'_>,
    period: &Period,
    (unit, at): (UnitId, &[UnitId]),
) -> Result<(), AppError> {
    if has_counter(act, period, at) || took_in(conn, period, at)? {
        return Ok(());
    }
    Err(no_counter(act, unit))
}

fn has_counter(act: &Act<'_>, period: &Period, at: &[UnitId]) -> bool {
    let units = act.catalogue().units();
    units.iter().any(|unit| at.contains(&unit.receives_at) && not_there(act, period, unit.id).is_none())
}

#[derive(QueryableByName)]
struct TookIn {
    #[diesel(sql_type = Bool)]
    any: bool,
}

/// Whether anything that the figures of counters count came in or was accepted there.
fn took_in(conn: &mut PgConnection, period: &Period, at: &[UnitId]) -> QueryResult<bool> {
    let counted = "d.receiving_unit_id = ANY ($3) AND d.status <> 'voided' AND NOT d.mirrored AND d.parent_id IS NULL";
    let (from, to) = period.bounds();
    let found: TookIn = diesel::sql_query(format!(
        "/* statistics::counters::took_in */ SELECT \
         EXISTS (SELECT FROM dossiers d WHERE d.registered_at >= $1 AND d.registered_at < $2 AND {counted}) \
         OR EXISTS (SELECT FROM dossiers d WHERE d.accepted_at >= $1 AND d.accepted_at < $2 AND {counted}) AS any"
    ))
    .bind::<Timestamptz, _>(from)
    .bind::<Timestamptz, _>(to)
    .bind::<Array<SqlUuid>, _>(at)
    .get_result(conn)?;
    Ok(found.any)
}

fn no_counter(act: &Act<'_>, unit: UnitId) -> AppError {
    let catalogue = act.catalogue();
    let written = |id| catalogue.unit(id).map(|unit| format!("{} ({})", unit.name, unit.code)).unwrap_or_default();
    let (asked, counter) =
        (written(unit), catalogue.unit(unit).map(|unit| written(unit.receives_at)).unwrap_or_default());
    AppError::invalid(
        "?unit",
        Said::new(
            "unit_has_no_counter",
            format!(
                "{asked} không có nơi tiếp nhận hồ sơ riêng nên không có số liệu tiếp nhận; hồ sơ của cơ quan này do {counter} \
                 tiếp nhận, hãy xem số liệu của nơi đó"
            ),
            format!(
                "{asked} has no counter of its own, and so no figures of one; its dossiers are taken in by {counter}: ask for \
                 the figures of that"
            ),
        ),
    )
}
