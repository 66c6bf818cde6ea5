//! Units that go on below another unit: a branch goes to the department that follows in its field.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::form::Reader;
use crate::domain::ids::UnitId;
use crate::error::Said;

/// A unit that lies below another one.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ParentForm {
    /// The code of the unit.
    pub unit: String,
    /// The code of the unit above it from then on.
    pub parent: String,
}

/// A unit that lies below another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placing {
    /// Which unit.
    pub unit: UnitId,
    /// The unit above it from then on.
    pub parent: UnitId,
}

/// Who follows each unit that ends, in all that goes nowhere else.
pub type Heirs = HashMap<UnitId, UnitId>;

/// A tree is far less deep than this; what is deeper is a loop.
const DEEPEST: usize = 32;

impl Reader<'_> {
    /// Reads who lies below whom from the day on; those lines that nothing is wrong with.
    pub(super) fn placings(&mut self, lines: &[ParentForm], heirs: &Heirs) -> Vec<Placing> {
        let read = lines.iter().enumerate();
        let read: Vec<Option<Placing>> = read.map(|(index, line)| self.placing((index, line), heirs)).collect();
        let mut above: HashMap<UnitId, UnitId> = HashMap::new();
        for (index, placing) in read.iter().enumerate() {
            let Some(placing) = placing else { continue };
            if above.insert(placing.unit, placing.parent).is_some() {
                let said = Said::new("stands_twice", "Đơn vị này có hai lần", "This unit stands twice");
                self.faults.add(format!("/parents/{index}/unit"), said);
            }
        }
        let mut placings = Vec::with_capacity(read.len());
        for (index, placing) in read.into_iter().enumerate() {
            let Some(placing) = placing else { continue };
            if !self.is_below_itself(placing, &above, heirs) {
                placings.push(placing);
                continue;
            }
            let said = Said::new(
                "below_itself",
                "Đơn vị sẽ trực thuộc chính nó, trực tiếp hoặc qua đơn vị khác",
                "The unit would lie below itself, directly or through another",
            );
            self.faults.add(format!("/parents/{index}/parent"), said);
        }
        placings
    }

    fn placing(&mut self, (index, line): (usize, &ParentForm), heirs: &Heirs) -> Option<Placing> {
        let unit = self.unit(&format!("/parents/{index}/unit"), &line.unit);
        let parent = self.unit(&format!("/parents/{index}/parent"), &line.parent);
        let (unit, parent, on) = (unit?, parent?, self.on?);
        for (pointer, named) in [("unit", unit), ("parent", parent)] {
            if !named.exists_on(on) || heirs.contains_key(&named.id) {
                let said = Said::new(
                    "unit_not_there",
                    format!("Đơn vị {} chưa có hoặc đã chấm dứt vào ngày đó", named.code),
                    format!("The unit {} does not exist on that day", named.code),
                );
                self.faults.add(format!("/parents/{index}/{pointer}"), said);
                return None;
            }
        }
        if unit.parent == Some(parent.id) {
            let said = Said::new(
                "no_new_parent",
                format!("{} đã trực thuộc {}", unit.code, parent.code),
                format!("{} lies below {} already", unit.code, parent.code),
            );
            self.faults.add(format!("/parents/{index}/parent"), said);
            return None;
        }
        Some(Placing { unit: unit.id, parent: parent.id })
    }

    fn is_below_itself(&self, placing: Placing, above: &HashMap<UnitId, UnitId>, heirs: &Heirs) -> bool {
        let up = |at: &UnitId| above.get(at).copied().or_else(|| self.parent_then(*at, heirs));
        std::iter::successors(Some(placing.parent), up).take(DEEPEST).any(|at| at == placing.unit)
    }

    /// Below whom a unit lies when units have ended: below the one that follows the unit above it, or where that lay if it
    /// follows that itself.
    fn parent_then(&self, unit: UnitId, heirs: &Heirs) -> Option<UnitId> {
        let ended = self.catalogue.tree().above(unit).skip(1).find(|above| heirs.get(above) != Some(&unit))?;
        Some(heirs.get(&ended).copied().unwrap_or(ended))
    }
}
