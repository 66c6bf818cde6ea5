//! A dossier that went to the wrong agency goes to the right one; who held it stays on record.

use diesel::prelude::*;
use serde::Deserialize;
use serde_json::json;

use super::access::pass_on;
use super::change::{Ask, Change};
use super::model::Dossier;
use super::named_units::read_unit;
use super::{deadline, legs, steps};
use crate::domain::dossier::{Status, StepOutcome, Verb};
use crate::domain::dossier_kind::DossierKind;
use crate::domain::process;
use crate::error::{AppError, Said};
use crate::http::body::Faults;
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
    let unit = code.and_then(|code| read_unit(act.catalogue(), (code, act.now), &mut faults));
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
    pass_on(conn, change.dossier.id, (from, unit.id))?;
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
