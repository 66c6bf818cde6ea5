//! A reorganisation is decided: written down, to be carried out by the house.

use diesel::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::form::PlanForm;
use super::model::Reorganisation;
use crate::audit;
use crate::domain::audit::{Action, Subject};
use crate::error::{AppError, Said, breaks};
use crate::schema::reorganisations;
use crate::state::Act;

/// Books that units are reorganised from a day on. The house announces it at once and carries it out on the day.
///
/// # Errors
/// [`AppError::Invalid`] with every fault of the plan, [`AppError::Conflict`] when the code is in use.
pub fn decide(conn: &mut PgConnection, act: &Act<'_>, form: &PlanForm) -> Result<Reorganisation, AppError> {
    let plan = form.read(act.catalogue())?;
    let row = Reorganisation {
        code: plan.code,
        source: plan.source,
        effective_on: plan.on,
        plan: serde_json::to_value(form).map_err(|err| AppError::Internal(err.into()))?,
        decided_at: act.now,
        decided_by: act.by.principal(),
        decided_by_name: act.by.name.clone(),
        announced_at: None,
        refused: None,
        begun_at: None,
        cursor_unit: Uuid::nil(),
        cursor_dossier: Uuid::nil(),
        pass: 1,
        done: 0,
        moved: 0,
        finished_at: None,
    };
    let written = diesel::insert_into(reorganisations::table).values(&row).execute(conn);
    written.map_err(|err| if breaks(&err, "reorganisations_pkey") { code_taken() } else { err.into() })?;
    let details = json!({
        "on": row.effective_on, "source": row.source, "moves": plan.moves.len(), "renames": plan.renames.len(),
        "placed": plan.placings.len(),
    });
    audit::note(conn, act, Action::UnitsReorganised, Subject::Reorganisation(&row.code), details)?;
    Ok(row)
}

pub(super) fn code_taken() -> AppError {
    AppError::Conflict(Said::new(
        "code_taken",
        "Mã đợt sắp xếp này đã có; hãy dùng mã khác",
        "There is a reorganisation with this code already; use another",
    ))
}
