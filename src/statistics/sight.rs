//! Whose figures somebody may read.

use crate::domain::ids::UnitId;
use crate::domain::role::{Sight, Who};
use crate::error::{AppError, Said};
use crate::state::Act;

/// Returns the unit whose figures, with all below it, are read; `None` means all of the province.
///
/// Who does not see every dossier sees the figures of the own unit and below.
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
    unit.filter(|id| sees_all || catalogue.is_within(*id, act.by.unit)).map(Some).ok_or_else(|| {
        AppError::NotFound(Said::new(
            "unit_not_found",
            "Không có cơ quan này trong số liệu mà bạn được xem",
            "There is no such unit among the figures that you may read",
        ))
    })
}
