//! Who held a dossier for how many working minutes, as it is shown: each list adds up to the whole.

use serde::Serialize;

use crate::domain::held::Part;
use crate::dossiers::held::Held;
use crate::dossiers::model::Dossier;
use crate::http::office_time::OfficeTime;
use crate::state::Act;

/// The working minutes of a dossier's whole life, from acceptance to its end or to now.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = DossierHeld)]
pub struct HeldView {
    /// All of them.
    pub whole_minutes: i64,
    /// Those in which the clock ran: the office had it.
    pub inside_minutes: i64,
    /// Those in which the clock stood: the citizen or another agency had it.
    pub outside_minutes: i64,
    /// The inside ones by step; they add up.
    pub by_step: Vec<HeldBy>,
    /// The inside ones by person, or role where nobody had taken the step; they add up.
    pub by_person: Vec<HeldBy>,
    /// The inside ones by unit; they add up.
    pub by_unit: Vec<HeldBy>,
    /// The outside ones by pause; they add up.
    pub by_pause: Vec<PauseHeld>,
}

/// One that held it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct HeldBy {
    /// The step, the person or role, or the unit's name.
    pub name: String,
    /// The unit's code.
    pub unit: Option<String>,
    /// The working minutes.
    pub minutes: i64,
}

/// One pause.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct PauseHeld {
    /// `supplement`, `payment`, `external` or `suspension`.
    pub kind: String,
    /// When it was opened.
    pub opened_at: OfficeTime,
    /// The working minutes.
    pub minutes: i64,
}

impl HeldView {
    pub(super) fn new(act: &Act<'_>, dossier: &Dossier, held: &Held) -> Self {
        let unit_of = |part: &Part| held.hop(part).map_or(dossier.resolving_unit_id, |hop| hop.unit_id);
        let code_of = |part: &Part| act.catalogue().unit(unit_of(part)).map(|unit| unit.code.clone());
        let by = |name: &dyn Fn(&Part) -> String| {
            let mut list: Vec<HeldBy> = Vec::new();
            for part in held.parts.iter().filter(|part| part.pause.is_none()) {
                let (name, unit) = (name(part), code_of(part));
                match list.iter_mut().find(|one| one.name == name && one.unit == unit) {
                    Some(one) => one.minutes += part.minutes,
                    None => list.push(HeldBy { name, unit, minutes: part.minutes }),
                }
            }
            list
        };
        let step = |part: &Part| held.hop(part).map(|hop| hop.does.clone()).unwrap_or_default();
        let person = |part: &Part| {
            let hop = held.hop(part);
            hop.map(|hop| hop.holder_name.clone().unwrap_or_else(|| hop.role.clone())).unwrap_or_default()
        };
        let unit = |part: &Part| {
            let unit = act.catalogue().unit(unit_of(part));
            unit.map(|unit| unit.name.clone()).unwrap_or_default()
        };
        let pauses = held.pauses.iter().enumerate().map(|(number, pause)| PauseHeld {
            kind: pause.kind.to_string(),
            opened_at: OfficeTime(pause.opened_at),
            minutes: held.minutes(|part| part.pause == Some(number)),
        });
        Self {
            whole_minutes: held.minutes(|_| true),
            inside_minutes: held.minutes(|part| part.pause.is_none()),
            outside_minutes: held.minutes(|part| part.pause.is_some()),
            by_step: by(&step),
            by_person: by(&person),
            by_unit: by(&unit),
            by_pause: pauses.collect(),
        }
    }
}
