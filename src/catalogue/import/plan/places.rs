//! Units and fields: changed where they are, for a dossier names the unit and not a version of it.

use std::collections::{HashMap, HashSet};

use super::super::existing::Existing;
use super::super::read::{FIELDS, FieldRow, Item, UNITS, UnitRow};
use super::super::report::What;
use super::{Differences, Plan, Write};
use crate::domain::catalogue::{Field, Unit};
use crate::domain::ids::{FieldId, UnitId};

impl Plan {
    /// Plans units and their former codes; returns every unit's key by its code of today.
    pub(super) fn units(&mut self, items: &[Item<UnitRow>], existing: &Existing) -> HashMap<String, UnitId> {
        let ids = unit_ids(items, existing);
        let by_id: HashMap<_, _> = existing.units.values().map(|unit| (unit.id, unit)).collect();
        for item in items {
            let Some(unit) = target(&item.row, &ids) else {
                continue;
            };
            let before = by_id.get(&unit.id).copied();
            let mut differing = before.map(|before| differences(before, &unit));
            let aliases = self.aliases.len();
            self.aliases_of(&item.row, unit.id, existing);
            if self.aliases.len() > aliases
                && let Some(differing) = &mut differing
            {
                differing.push("former_codes".to_owned());
            }
            let code = unit.code.clone();
            match differing {
                None => {
                    self.note(UNITS, &code, What::New);
                    self.units.push((Write::Insert, unit));
                }
                Some(fields) => {
                    if self.note_changed(UNITS, &code, fields) {
                        self.units.push((Write::Update, unit));
                    }
                }
            }
        }
        let named: HashSet<UnitId> = items.iter().filter_map(|item| ids.get(&item.row.code).copied()).collect();
        let kept = existing.units.values().filter(|unit| !named.contains(&unit.id));
        self.note_kept(UNITS, kept.map(|unit| &unit.code), |_| false);
        ids
    }

    fn aliases_of(&mut self, row: &UnitRow, unit: UnitId, existing: &Existing) {
        for former in &row.former_codes {
            if existing.aliases.get(&former.code) != Some(&(unit, former.valid_to)) {
                self.aliases.push((former.code.clone(), unit, former.valid_to));
            }
        }
    }

    /// Plans fields; returns every field's key by its code.
    pub(super) fn fields(&mut self, items: &[Item<FieldRow>], existing: &Existing) -> HashMap<String, FieldId> {
        let kept = existing.fields.iter();
        let mut ids: HashMap<_, _> = kept.map(|(code, field)| (code.clone(), field.id)).collect();
        for Item { row, .. } in items {
            let before = existing.fields.get(&row.code);
            let id = before.map_or_else(FieldId::new, |field| field.id);
            ids.insert(row.code.clone(), id);
            let field = Field { id, code: row.code.clone(), name: row.name.clone(), code_is: row.code_is };
            let Some(before) = before else {
                self.note(FIELDS, &row.code, What::New);
                self.fields.push((Write::Insert, field));
                continue;
            };
            let mut differing = Differences::default();
            differing.add("name", &before.name, &field.name);
            differing.add("code_is", &before.code_is, &field.code_is);
            if self.note_changed(FIELDS, &row.code, differing.0) {
                self.fields.push((Write::Update, field));
            }
        }
        self.note_kept(FIELDS, existing.fields.keys(), |code| items.iter().any(|item| item.row.code == code));
        ids
    }
}

/// A unit keeps its key under a new code when the file names the old one as a former code.
fn unit_ids(items: &[Item<UnitRow>], existing: &Existing) -> HashMap<String, UnitId> {
    let kept = existing.units.values();
    let mut ids: HashMap<String, UnitId> = kept.map(|unit| (unit.code.clone(), unit.id)).collect();
    for Item { row, .. } in items {
        let under = |code: &str| existing.units.get(code).map(|unit| unit.id);
        let former = || row.former_codes.iter().find_map(|former| under(&former.code));
        let id = under(&row.code).or_else(former).unwrap_or_else(UnitId::new);
        ids.insert(row.code.clone(), id);
    }
    ids
}

fn target(row: &UnitRow, ids: &HashMap<String, UnitId>) -> Option<Unit> {
    let parent = match &row.parent {
        Some(code) => Some(*ids.get(code)?),
        None => None,
    };
    Some(Unit {
        id: *ids.get(&row.code)?,
        code: row.code.clone(),
        name: row.name.clone(),
        kind: row.kind,
        parent,
        receives_at: *ids.get(&row.receives_at)?,
        hard_area: row.hard_area,
        code_is: row.code_is,
        valid_from: row.valid_from,
        valid_to: row.valid_to,
    })
}

fn differences(before: &Unit, after: &Unit) -> Vec<String> {
    let mut differing = Differences::default();
    differing.add("code", &before.code, &after.code);
    differing.add("name", &before.name, &after.name);
    differing.add("kind", &before.kind, &after.kind);
    differing.add("parent", &before.parent, &after.parent);
    differing.add("receives_at", &before.receives_at, &after.receives_at);
    differing.add("hard_area", &before.hard_area, &after.hard_area);
    differing.add("code_is", &before.code_is, &after.code_is);
    differing.add("valid_from", &before.valid_from, &after.valid_from);
    differing.add("valid_to", &before.valid_to, &after.valid_to);
    differing.0
}
