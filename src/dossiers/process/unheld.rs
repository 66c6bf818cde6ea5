//! Steps under way or to come that nobody in their unit can do: told beside every dossier that they affect.

use diesel::prelude::*;

use super::path::Path;
use crate::domain::ids::UnitId;
use crate::dossiers::model::Dossier;
use crate::dossiers::steps;
use crate::error::{AppError, Said};
use crate::schema::staff;
use crate::state::Act;

/// Returns a warning for each such step.
///
/// # Errors
/// Whatever the database says.
pub(super) fn warnings(
    conn: &mut PgConnection,
    act: &Act<'_>,
    dossier: &Dossier,
    path: &Path<'_>,
) -> Result<Vec<Said>, AppError> {
    let mut warnings = Vec::new();
    let open = path.open.as_ref().filter(|(hop, _)| hop.holder_id.is_none());
    let current = open.map(|(hop, _)| (hop.role.clone(), hop.does.clone(), hop.unit_id));
    let coming = path.ahead.iter().filter_map(|index| path.steps.get(*index));
    let coming = coming.map(|step| (step.role.0.clone(), step.does.clone(), steps::unit_of(act, dossier, step)));
    let mut asked: Vec<(String, UnitId)> = Vec::new();
    for (role, does, unit) in current.into_iter().chain(coming) {
        if asked.contains(&(role.clone(), unit)) || is_held(conn, act, &role, unit)? {
            continue;
        }
        let name = act.catalogue().unit(unit).map_or("?", |unit| unit.name.as_str());
        warnings.push(Said::new(
            "nobody_holds",
            format!("Bước “{does}”: {name} chưa có ai giữ vai trò {role}"),
            format!("The step “{does}”: nobody at {name} has the role {role}"),
        ));
        asked.push((role, unit));
    }
    Ok(warnings)
}

fn is_held(conn: &mut PgConnection, act: &Act<'_>, role: &str, unit: UnitId) -> QueryResult<bool> {
    let there = staff::table
        .filter(staff::role.eq(role))
        .filter(staff::disabled_at.is_null())
        .filter(staff::unit_id.eq_any(act.catalogue().within(unit)));
    diesel::select(diesel::dsl::exists(there)).get_result(conn)
}
