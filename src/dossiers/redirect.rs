//! A dossier that went to the wrong agency goes to the right one; who held it stays on record.

use diesel::prelude::*;
use serde::Deserialize;
use serde_json::json;

use super::access::relate;
use super::change::{Ask, Change};
use super::model::Dossier;
use super::{deadline, legs, steps};
use crate::domain::dossier::{Status, StepOutcome, UnitRelation, Verb};
use crate::domain::dossier_kind::DossierKind;
use crate::domain::ids::{DossierId, UnitId};
use crate::domain::process;
use crate::error::{AppError, Said};
use crate::http::body::Faults;
use crate::schema::dossier_units;
use crate::state::Act;

/// Where it should have gone.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Redirect {
    /// The code of the unit that resolves it.
    pub unit_code: Option<String>,
    /// Why: stands in the history.
    pub reason: Option<String>,
}

/// Hands a dossier to the unit that should have had it. Its code, its clock and its process stay; the time that the first
/// unit held it remains that unit's. A leg is to be acknowledged anew.
pub fn redirect(conn: &mut PgConnection, act: &Act<'_>, ask: &Ask, form: &Redirect) -> Result<Dossier, AppError> {
    let mut faults = Faults::new();
    let code = faults.required("/unit_code", form.unit_code.as_deref());
    let said = Said::new("no_such_unit", "Không có đơn vị này", "There is no such unit");
    let unit = code.and_then(|code| faults.read("/unit_code", said, act.catalogue().unit_by_code(code)));
    let reason = faults.text("/reason", 1000, form.reason.as_deref());
    let (unit, reason) = faults.finish(unit.zip(reason))?;
    let mut change = Change::begin(conn, act, ask, Verb::Redirect)?;
    let from = change.dossier.resolving_unit_id;
    let resolves = deadline::procedure_of(act, &change.dossier)?.is_resolved_by(unit);
    if !resolves || unit.id == from {
        let said = Said::new(
            "unit_does_not_resolve",
            "Đơn vị này không giải quyết thủ tục đó, hoặc đang giữ hồ sơ",
            "This unit does not resolve that procedure, or has the dossier already",
        );
        return Err(AppError::invalid("/unit_code", said));
    }
    turn(conn, (change.dossier.id, from), UnitRelation::Resolves, UnitRelation::Formerly)?;
    // Where it comes back, the line of before is turned again.
    if turn(conn, (change.dossier.id, unit.id), UnitRelation::Formerly, UnitRelation::Resolves)? == 0 {
        relate(conn, change.dossier.id, &[(unit.id, UnitRelation::Resolves)])?;
    }
    change.dossier.resolving_unit_id = unit.id;
    // A leg is with its unit from the start.
    if change.dossier.status == Status::Processing || change.kind == DossierKind::Leg {
        let first = process::first_inside(&steps::process_of(act, &change.dossier)?.steps);
        steps::leave(conn, act, &change.dossier, StepOutcome::Reassigned, Some(&reason))?;
        steps::enter(conn, act, &mut change.dossier, first)?;
    }
    if change.kind == DossierKind::Leg {
        legs::expect_of_another(conn, act, &mut change.dossier)?;
    }
    let from = act.catalogue().unit(from).map(|unit| unit.code.clone());
    change.details = json!({ "from_unit": from, "to_unit": unit.code });
    change.note = Some(reason);
    Ok(change.record(conn, act)?.dossier)
}

/// Makes what a unit has to do with a dossier something else; returns how many lines that were, one at most.
fn turn(
    conn: &mut PgConnection,
    (dossier, unit): (DossierId, UnitId),
    from: UnitRelation,
    to: UnitRelation,
) -> QueryResult<usize> {
    let line = dossier_units::table.find((unit, dossier, from));
    diesel::update(line).set(dossier_units::why.eq(to)).execute(conn)
}
