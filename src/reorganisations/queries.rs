//! Rows of reorganisations, and the dossiers of units that have ended.

use chrono::NaiveDate;
use diesel::prelude::*;
use uuid::Uuid;

use super::model::Reorganisation;
use crate::domain::ids::{DossierId, UnitId};
use crate::schema::{dossier_units, reorganisations, unit_successions};

/// Finds the next one with something to do on a day, and locks it: of several processes one does the next part.
pub(super) fn lock_next(conn: &mut PgConnection, today: NaiveDate) -> QueryResult<Option<Reorganisation>> {
    reorganisations::table
        .filter(reorganisations::finished_at.is_null())
        .filter(reorganisations::refused.is_null())
        .filter(reorganisations::announced_at.is_null().or(reorganisations::effective_on.le(today)))
        .order((reorganisations::effective_on, reorganisations::code))
        .select(Reorganisation::as_select())
        .for_update()
        .first(conn)
        .optional()
}

/// Writes how far one is.
pub(super) fn write_progress(conn: &mut PgConnection, row: &Reorganisation) -> QueryResult<()> {
    diesel::update(reorganisations::table.find(&row.code))
        .set((
            reorganisations::announced_at.eq(row.announced_at),
            reorganisations::refused.eq(&row.refused),
            reorganisations::begun_at.eq(row.begun_at),
            reorganisations::cursor_unit.eq(row.cursor_unit),
            reorganisations::cursor_dossier.eq(row.cursor_dossier),
            reorganisations::pass.eq(row.pass),
            reorganisations::done.eq(row.done),
            reorganisations::moved.eq(row.moved),
            reorganisations::finished_at.eq(row.finished_at),
        ))
        .execute(conn)?;
    Ok(())
}

/// Finds one by its code.
pub(super) fn find(conn: &mut PgConnection, code: &str) -> QueryResult<Option<Reorganisation>> {
    reorganisations::table.find(code).select(Reorganisation::as_select()).first(conn).optional()
}

/// Lists them, the latest day first.
pub(super) fn list(conn: &mut PgConnection) -> QueryResult<Vec<Reorganisation>> {
    reorganisations::table
        .order((reorganisations::effective_on.desc(), reorganisations::code))
        .limit(200)
        .select(Reorganisation::as_select())
        .load(conn)
}

/// Returns the units that one ends, each with who follows it in all that goes nowhere else.
pub(super) fn heirs(conn: &mut PgConnection, code: &str) -> QueryResult<Vec<(UnitId, UnitId)>> {
    unit_successions::table
        .filter(unit_successions::reorganisation.eq(code))
        .filter(unit_successions::field_id.is_null())
        .order(unit_successions::from_unit_id)
        .select((unit_successions::from_unit_id, unit_successions::to_unit_id))
        .load(conn)
}

/// Returns the next dossiers that the units have to do with, after the cursor, each with its unit.
pub(super) fn next_left(
    conn: &mut PgConnection,
    units: &[UnitId],
    (unit, dossier): (Uuid, Uuid),
    limit: i64,
) -> QueryResult<Vec<(UnitId, DossierId)>> {
    let later = dossier_units::unit_id.eq(unit).and(dossier_units::dossier_id.gt(dossier));
    dossier_units::table
        .filter(dossier_units::unit_id.eq_any(units))
        .filter(dossier_units::unit_id.gt(unit).or(later))
        .select((dossier_units::unit_id, dossier_units::dossier_id))
        .distinct()
        .order((dossier_units::unit_id, dossier_units::dossier_id))
        .limit(limit)
        .load(conn)
}
