//! What a reorganisation would do, before it is decided.

use diesel::dsl::{count, count_star};
use diesel::prelude::*;

use super::form::{Plan, PlanForm};
use super::view::Reach;
use crate::domain::ids::UnitId;
use crate::error::AppError;
use crate::schema::{dossier_units, dossiers, staff};
use crate::state::Act;

/// Reads a plan and counts what it reaches, writing nothing.
///
/// # Errors
/// [`AppError::Invalid`] with every fault of the plan.
pub fn foresee(conn: &mut PgConnection, act: &Act<'_>, form: &PlanForm) -> Result<(Plan, Reach), AppError> {
    let plan = form.read(act.catalogue())?;
    let ending: Vec<UnitId> = plan.moves.iter().map(|line| line.from).collect();
    let open = dossiers::table
        .filter(dossiers::resolving_unit_id.eq_any(&ending))
        .filter(dossiers::ended_at.is_null())
        .filter(dossiers::mirrored.eq(false));
    let reach = Reach {
        open_dossiers: open.select(count_star()).first(conn)?,
        dossiers: dossier_units::table
            .filter(dossier_units::unit_id.eq_any(&ending))
            .select(count(dossier_units::dossier_id).aggregate_distinct())
            .first(conn)?,
        staff: staff::table.filter(staff::unit_id.eq_any(&ending)).select(count_star()).first(conn)?,
    };
    Ok((plan, reach))
}
