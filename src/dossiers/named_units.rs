//! The units that a body names.

use chrono::{DateTime, NaiveDate, Utc};

use super::intake::Intake;
use crate::domain::catalogue::{Catalogue, Procedure, Unit};
use crate::domain::ids::UnitId;
use crate::domain::period::office_date;
use crate::error::Said;
use crate::http::body::Faults;
use crate::state::Act;

/// Reads the unit that resolves; where only one can, it need not be named.
pub(super) fn read_resolving<'a>(
    catalogue: &'a Catalogue,
    (procedure, at): (Option<&Procedure>, DateTime<Utc>),
    intake: &Intake,
    faults: &mut Faults,
) -> Option<&'a Unit> {
    let day = office_date(at);
    let Some(code) = intake.unit_code.as_deref() else {
        let procedure = procedure?;
        let all = catalogue.units().into_iter();
        let resolving = all.filter(|unit| unit.exists_on(day) && procedure.is_resolved_by(unit));
        let only = match resolving.take(2).collect::<Vec<_>>().as_slice() {
            [only] => Some(*only),
            _ => None,
        };
        return faults.required("/unit_code", only);
    };
    let unit = read_unit(catalogue, (code, at), faults)?;
    let resolves = procedure?.is_resolved_by(unit);
    let said = Said::new(
        "unit_does_not_resolve",
        "Đơn vị này không giải quyết thủ tục đó",
        "This unit does not resolve that procedure",
    );
    faults.read("/unit_code", said, resolves.then_some(unit))
}

/// Reads the unit to which something goes at a moment.
pub(super) fn read_unit<'a>(
    catalogue: &'a Catalogue,
    (code, at): (&str, DateTime<Utc>),
    faults: &mut Faults,
) -> Option<&'a Unit> {
    let said = Said::new("no_such_unit", "Không có đơn vị này", "There is no such unit");
    let unit = faults.read("/unit_code", said, catalogue.unit_by_code(code))?;
    let day = office_date(at);
    if !unit.exists_on(day) {
        faults.add("/unit_code", not_there(catalogue, unit, day));
        return None;
    }
    Some(unit)
}

fn not_there(catalogue: &Catalogue, unit: &Unit, day: NaiveDate) -> Said {
    let heir = catalogue.unit(catalogue.successions().heir(unit.id, day)).filter(|heir| heir.id != unit.id);
    let (vi, en) = match heir {
        Some(heir) => (
            format!("; nay là {} ({})", heir.code, heir.name),
            format!("; {} ({}) is in its place", heir.code, heir.name),
        ),
        None => (String::new(), String::new()),
    };
    Said::new(
        "unit_not_there_then",
        format!("Đơn vị {} không hoạt động vào ngày {}{vi}", unit.code, day.format("%d/%m/%Y")),
        format!("The unit {} does not exist on {day}{en}", unit.code),
    )
}

/// Reads a unit that has a counter: others' dossiers are received there, or it is one that resolves for itself.
pub(super) fn read_counter(
    act: &Act<'_>,
    (pointer, code): (&str, Option<&str>),
    faults: &mut Faults,
) -> Option<UnitId> {
    let code = code?;
    let said = Said::new(
        "no_such_counter",
        "Không có bộ phận một cửa này",
        "There is no unit with this code that has a counter",
    );
    let day = office_date(act.now);
    let unit = act.catalogue().unit_by_code(code).filter(|unit| unit.receives_at == unit.id && unit.exists_on(day));
    faults.read(pointer, said, unit).map(|unit| unit.id)
}

/// Reads the place where the matter lies; papers may name it by what it was called before.
pub(super) fn read_place(catalogue: &Catalogue, intake: &Intake, faults: &mut Faults) -> Option<String> {
    let code = intake.place_code.as_deref()?;
    let said = Said::new(
        "no_such_place",
        "Không có địa bàn này; dùng mã xã, phường",
        "There is no such place; use the code of a commune",
    );
    faults.read("/place_code", said, catalogue.unit_by_code(code)).map(|unit| unit.code.clone())
}
