//! Who holds the step under way, and so may hand it on.

use diesel::prelude::*;

use super::access::is_ours;
use super::model::{Dossier, StepRow};
use super::steps;
use crate::domain::role::{Role, Who};
use crate::error::{AppError, Said};
use crate::schema::dossier_step_helpers;
use crate::state::Act;

/// Returns the step under way when who acts holds it: the person to whom it was given, or who does it with them, else
/// the role that the process names in the unit of the step; a division head or leader of that unit always.
///
/// # Errors
/// [`AppError::Conflict`] without a step under way, [`AppError::Forbidden`] for anybody else.
pub(super) fn held_step(conn: &mut PgConnection, act: &Act<'_>, dossier: &Dossier) -> Result<StepRow, AppError> {
    let step = steps::current(conn, dossier)?.ok_or_else(no_step)?;
    check_holding_unit(act, &step)?;
    let in_charge = matches!(act.by.role, Role::DivisionHead | Role::Leader);
    let holds = match step.holder_id {
        Some(holder) => act.by.staff_id() == Some(holder) || helps(conn, act, &step)?,
        None => act.by.role.as_str() == step.role,
    };
    if act.by.who == Who::System || in_charge || holds {
        return Ok(step);
    }
    let holder = step.holder_name.as_deref().unwrap_or(&step.role);
    Err(AppError::Forbidden(Said::new(
        "not_the_holder",
        format!("Bước “{}” đang do {holder} giữ", step.does),
        format!("The step “{}” is held by {holder}", step.does),
    )))
}

/// Checks that the step is done in the unit of who acts, or below it.
///
/// # Errors
/// [`AppError::Forbidden`].
pub(super) fn check_holding_unit(act: &Act<'_>, step: &StepRow) -> Result<(), AppError> {
    if is_ours(act, step.unit_id) {
        return Ok(());
    }
    let unit = act.catalogue().unit(step.unit_id).map_or("?", |unit| unit.name.as_str());
    Err(AppError::Forbidden(Said::new(
        "held_elsewhere",
        format!("Bước “{}” đang ở {unit}", step.does),
        format!("The step “{}” is at {unit}", step.does),
    )))
}

/// The answer where no step is under way.
pub(super) fn no_step() -> AppError {
    AppError::Conflict(Said::new("no_step", "Hồ sơ không có bước nào đang mở", "The dossier has no step under way"))
}

fn helps(conn: &mut PgConnection, act: &Act<'_>, step: &StepRow) -> QueryResult<bool> {
    let Some(own) = act.by.staff_id() else { return Ok(false) };
    diesel::select(diesel::dsl::exists(dossier_step_helpers::table.find((step.id, own)))).get_result(conn)
}
