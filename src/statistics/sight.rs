//! Whose figures somebody may read.

use super::periods::check_period;
use super::queries::Map;
use crate::domain::ids::UnitId;
use crate::domain::period::{Period, office_date};
use crate::domain::role::{Deed, Role, Sight, Who};
use crate::error::{AppError, Said};
use crate::state::Act;

/// Returns the unit whose figures, with all below it, are read; `None` means all of the province.
///
/// Who leads, oversees or audits may ask for the figures of every unit; all others for those of their own unit and below,
/// and of ended ones that it follows. Without a unit, who does not see every dossier reads the figures of the own unit.
///
/// # Errors
/// [`AppError::NotFound`] for a unit that there is not, or that who asks may not know figures of.
pub fn seen_unit(act: &Act<'_>, asked: Option<&str>) -> Result<Option<UnitId>, AppError> {
    let Some(code) = asked else {
        return Ok((!sees_every_dossier(act)).then_some(act.by.unit));
    };
    let unit = named(act, code).filter(|id| sees_figures_of(act, Some(*id)));
    unit.map(Some).ok_or_else(no_such_unit)
}

/// As [`seen_unit`], for what leads to dossiers or money: only who sees every dossier looks into other units.
///
/// # Errors
/// As [`seen_unit`].
pub fn own_unit(act: &Act<'_>, asked: Option<&str>) -> Result<Option<UnitId>, AppError> {
    let Some(code) = asked else {
        return Ok((!sees_every_dossier(act)).then_some(act.by.unit));
    };
    let unit = named(act, code).filter(|id| sees_dossiers_of(act, Some(*id)));
    unit.map(Some).ok_or_else(no_such_unit)
}

/// As [`seen_unit`], for a period of which there are figures: no table of one that has not begun looks like a zero.
///
/// # Errors
/// As [`seen_unit`] and [`check_period`].
pub fn seen_in(act: &Act<'_>, asked: Option<&str>, period: &Period) -> Result<Option<UnitId>, AppError> {
    let unit = seen_unit(act, asked)?;
    check_period(act, period, (unit, Map::Then)).map(|()| unit)
}

/// As [`own_unit`], for a period of which there are figures.
///
/// # Errors
/// As [`own_unit`] and [`check_period`].
pub fn own_in(act: &Act<'_>, asked: Option<&str>, period: &Period) -> Result<Option<UnitId>, AppError> {
    let unit = own_unit(act, asked)?;
    check_period(act, period, (unit, Map::Then)).map(|()| unit)
}

/// Returns the units whose figures make up those of a unit in a period: itself and all that lay below it on the last day.
pub fn units_then(act: &Act<'_>, unit: Option<UnitId>, period: &Period) -> Option<Vec<UnitId>> {
    unit.map(|unit| act.catalogue().tree().within_on(unit, Map::Then.day(act.now, period)))
}

/// Whether who asks may read the figures of a unit with all below it; `None` is the whole province.
pub fn sees_figures_of(act: &Act<'_>, unit: Option<UnitId>) -> bool {
    let leads = matches!(act.by.role, Role::Leader | Role::Chair);
    leads || sees_dossiers_of(act, unit)
}

/// Whether who asks may list dossiers behind figures, or in a register, at all; of which units is said by
/// [`sees_dossiers_of`]. Everybody else who works here reads figures alone.
pub fn lists_dossiers(act: &Act<'_>) -> bool {
    act.by.who == Who::System || act.by.may(Deed::ReadStatistics)
}

/// Whether who asks may see the dossiers of a unit and of all below it; `None` is the whole province.
pub fn sees_dossiers_of(act: &Act<'_>, unit: Option<UnitId>) -> bool {
    sees_every_dossier(act) || unit.is_some_and(|unit| is_theirs(act, unit))
}

fn sees_every_dossier(act: &Act<'_>) -> bool {
    act.by.who == Who::System || act.by.role.sight() == Sight::All
}

fn is_theirs(act: &Act<'_>, unit: UnitId) -> bool {
    let catalogue = act.catalogue();
    let heir = catalogue.successions().heir(unit, office_date(act.now));
    catalogue.is_within(unit, act.by.unit) || catalogue.is_within(heir, act.by.unit)
}

fn named(act: &Act<'_>, code: &str) -> Option<UnitId> {
    act.catalogue().unit_by_code(code.trim()).map(|unit| unit.id)
}

fn no_such_unit() -> AppError {
    AppError::NotFound(Said::new(
        "unit_not_found",
        "Không có cơ quan này trong số liệu mà bạn được xem",
        "There is no such unit among the figures that you may read",
    ))
}
