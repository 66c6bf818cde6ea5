//! How dossiers are found and locked.

use diesel::prelude::*;

use super::model::{Dossier, Paper, PauseRow, Payment, Rescheduled, StepRow};
use crate::domain::code::DossierCode;
use crate::domain::ids::DossierId;
use crate::schema::{dossier_papers, dossier_pauses, dossier_payments, dossier_reschedulings, dossier_steps, dossiers};

/// Finds a dossier by its code.
pub(super) fn find(conn: &mut PgConnection, code: &DossierCode) -> QueryResult<Option<Dossier>> {
    dossiers::table.filter(dossiers::code.eq(code.as_str())).select(Dossier::as_select()).first(conn).optional()
}

/// Finds a dossier by its code and locks it to the end of the transaction.
pub(super) fn lock(conn: &mut PgConnection, code: &DossierCode) -> QueryResult<Option<Dossier>> {
    dossiers::table
        .filter(dossiers::code.eq(code.as_str()))
        .select(Dossier::as_select())
        .for_update()
        .first(conn)
        .optional()
}

/// Loads the pauses of a dossier, in order.
pub(super) fn pauses(conn: &mut PgConnection, dossier: DossierId) -> QueryResult<Vec<PauseRow>> {
    dossier_pauses::table
        .filter(dossier_pauses::dossier_id.eq(dossier))
        .order((dossier_pauses::opened_at, dossier_pauses::id))
        .select(PauseRow::as_select())
        .load(conn)
}

/// Loads the steps of a dossier, in order.
pub(super) fn steps(conn: &mut PgConnection, dossier: DossierId) -> QueryResult<Vec<StepRow>> {
    dossier_steps::table
        .filter(dossier_steps::dossier_id.eq(dossier))
        .order(dossier_steps::number)
        .select(StepRow::as_select())
        .load(conn)
}

/// Loads the papers of a dossier, in order.
pub(super) fn papers(conn: &mut PgConnection, dossier: DossierId) -> QueryResult<Vec<Paper>> {
    dossier_papers::table
        .filter(dossier_papers::dossier_id.eq(dossier))
        .order(dossier_papers::position)
        .select(Paper::as_select())
        .load(conn)
}

/// Loads what is or was owed.
pub(super) fn payments(conn: &mut PgConnection, dossier: DossierId) -> QueryResult<Vec<Payment>> {
    dossier_payments::table
        .filter(dossier_payments::dossier_id.eq(dossier))
        .order(dossier_payments::id)
        .select(Payment::as_select())
        .load(conn)
}

/// Loads the one second promise, if there is one.
pub(super) fn rescheduling(conn: &mut PgConnection, dossier: DossierId) -> QueryResult<Option<Rescheduled>> {
    dossier_reschedulings::table.find(dossier).select(Rescheduled::as_select()).first(conn).optional()
}
