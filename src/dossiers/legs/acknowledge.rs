//! A leg is taken up by its unit, within two working hours of its beginning (NĐ 63/2024/NĐ-CP).

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::begin::acknowledge_by;
use crate::domain::dossier::{Status, Verb};
use crate::dossiers::accept::Note;
use crate::dossiers::change::{Ask, Change};
use crate::dossiers::model::Dossier;
use crate::error::AppError;
use crate::schema::dossier_legs;
use crate::state::Act;

/// Takes up a leg. When its unit does so is measured; late is late and never refused.
pub(in crate::dossiers) fn acknowledge(
    conn: &mut PgConnection,
    act: &Act<'_>,
    ask: &Ask,
    form: &Note,
) -> Result<Dossier, AppError> {
    let note = form.read()?;
    let mut change = Change::begin(conn, act, ask, Verb::Acknowledge)?;
    change.dossier.status = Status::Processing;
    change.dossier.progress = Status::Processing.progress(0, 1).unwrap_or(change.dossier.progress);
    change.note = note;
    let row = dossier_legs::table.filter(dossier_legs::dossier_id.eq(change.dossier.id));
    // A clock that went back must not acknowledge what has not begun.
    let at = diesel::dsl::sql::<diesel::sql_types::Nullable<diesel::sql_types::Timestamptz>>("greatest(started_at, ")
        .bind::<diesel::sql_types::Timestamptz, _>(act.now)
        .sql(")");
    diesel::update(row).set(dossier_legs::acknowledged_at.eq(at)).execute(conn)?;
    Ok(change.record(conn, act)?.dossier)
}

/// Lets a leg that went to the wrong unit be taken up by the right one, which has its working hours for that from now on.
/// When the leg began stays, and so does the history of who acknowledged it before.
pub(in crate::dossiers) fn expect_of_another(
    conn: &mut PgConnection,
    act: &Act<'_>,
    leg: &mut Dossier,
) -> Result<(), AppError> {
    leg.status = Status::Received;
    diesel::update(dossier_legs::table.filter(dossier_legs::dossier_id.eq(leg.id)))
        .set((
            dossier_legs::unit_id.eq(leg.resolving_unit_id),
            dossier_legs::acknowledge_by.eq(acknowledge_by(act)?),
            dossier_legs::acknowledged_at.eq(None::<DateTime<Utc>>),
        ))
        .execute(conn)?;
    Ok(())
}
