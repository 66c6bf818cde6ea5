//! Whose figures somebody may read.

use crate::domain::ids::UnitId;
use crate::domain::period::office_date;
use crate::domain::role::{Sight, Who};
use crate::error::{AppError, Said};
use crate::state::Act;

/// Returns the unit whose figures, with all below it, are read; `None` means all of the province.
///
/// Who does not see every dossier sees the figures of the own unit and below, and of ended ones that it follows.
///
/// # Errors
/// [`AppError::NotFound`] for a unit that there is not, or that who asks may not know figures of.
pub fn seen_unit(act: &Act<'_>, asked: Option<&str>) -> Result<Option<UnitId>, AppError> {
    let sees_all = act.by.who == Who::System || act.by.role.sight() == Sight::All;
    let Some(code) = asked else {
        return Ok((!sees_all).then_some(act.by.unit));
    };
    let catalogue = act.catalogue();
    let unit = catalogue.unit_by_code(code.trim()).map(|unit| unit.id);
    let today = office_date(act.now);
    let heir = |id| catalogue.successions().heir(id, today);
    let is_theirs = |id: UnitId| catalogue.is_within(id, act.by.unit) || catalogue.is_within(heir(id), act.by.unit);
    unit.filter(|id| sees_all || is_theirs(*id)).map(Some).ok_or_else(|| {
        AppError::NotFound(Said::new(
            "unit_not_found",
            "Không có cơ quan này trong số liệu mà bạn được xem",
            "There is no such unit among the figures that you may read",
        ))
    })
}
