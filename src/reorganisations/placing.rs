//! Units that go on below another unit: a branch goes to the department that follows in its field.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::form::Reader;
use crate::domain::ids::UnitId;
use crate::domain::successions::Succession;
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

/// A tree is far less deep than this; what is deeper is a loop.
const DEEPEST: usize = 32;

impl Reader<'_> {
    /// Reads who lies below whom from the day on.
    pub(super) fn placings(&mut self, lines: &[ParentForm], moves: &[Succession]) -> Vec<Placing> {
        let read = lines.iter().enumerate().map(|(index, line)| self.placing((index, line), moves));
        let read: Vec<Option<Placing>> = read.collect();
        let mut above: HashMap<UnitId, UnitId> = HashMap::new();
        for (index, placing) in read.iter().enumerate() {
            let Some(placing) = placing else { continue };
            if above.insert(placing.unit, placing.parent).is_some() {
                let said = Said::new("stands_twice", "Đơn vị này có hai lần", "This unit stands twice");
                self.faults.add(format!("/parents/{index}/unit"), said);
            }
        }
        for (index, placing) in read.iter().enumerate() {
            if placing.is_some_and(|placing| self.is_below_itself(placing, &above, moves)) {
                let said = Said::new(
                    "below_itself",
                    "Đơn vị sẽ trực thuộc chính nó, trực tiếp hoặc qua đơn vị khác",
                    "The unit would lie below itself, directly or through another",
                );
                self.faults.add(format!("/parents/{index}/parent"), said);
            }
        }
        read.into_iter().flatten().collect()
    }

    fn placing(&mut self, (index, line): (usize, &ParentForm), moves: &[Succession]) -> Option<Placing> {
        let unit = self.unit(&format!("/parents/{index}/unit"), &line.unit);
        let parent = self.unit(&format!("/parents/{index}/parent"), &line.parent);
        let (unit, parent, on) = (unit?, parent?, self.on?);
        let ends = |id: UnitId| moves.iter().any(|line| line.from == id);
        for (pointer, named) in [("unit", unit), ("parent", parent)] {
            if !named.exists_on(on) || ends(named.id) {
                let said = Said::new(
                    "unit_not_there",
                    format!("Đơn vị {} chưa có hoặc đã chấm dứt vào ngày đó", named.code),
                    format!("The unit {} does not exist on that day", named.code),
                );
                self.faults.add(format!("/parents/{index}/{pointer}"), said);
            }
        }
        if unit.parent == Some(parent.id) {
            let said = Said::new(
                "no_new_parent",
                format!("{} đã trực thuộc {}", unit.code, parent.code),
                format!("{} lies below {} already", unit.code, parent.code),
            );
            self.faults.add(format!("/parents/{index}/parent"), said);
        }
        Some(Placing { unit: unit.id, parent: parent.id })
    }

    fn is_below_itself(&self, placing: Placing, above: &HashMap<UnitId, UnitId>, moves: &[Succession]) -> bool {
        let heir = |id: UnitId| {
            let rest = moves.iter().find(|line| line.from == id && line.field.is_none());
            rest.map_or(id, |line| line.to)
        };
        let up = |at: &UnitId| above.get(at).copied().or_else(|| self.catalogue.tree().parent(*at)).map(heir);
        let path: Vec<UnitId> = std::iter::successors(Some(placing.parent), up).take(DEEPEST).collect();
        path.contains(&placing.unit)
    }
}
