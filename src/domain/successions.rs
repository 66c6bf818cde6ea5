//! Which unit follows one that ended: merged into another, or split among several by field.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::ids::{FieldId, UnitId};

/// A unit that takes over what another did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Succession {
    /// The unit that ends.
    pub from: UnitId,
    /// The unit that takes over.
    pub to: UnitId,
    /// Only what belongs to this field; `None` takes over all that no other line names.
    pub field: Option<FieldId>,
    /// The first day of it, in Asia/Ho_Chi_Minh.
    pub on: NaiveDate,
}

/// All successions, of yesterday and those to come.
#[derive(Debug, Clone, Default)]
pub struct Successions(HashMap<UnitId, Vec<Succession>>);

/// A chain longer than this is a loop.
const LONGEST: usize = 32;

impl Successions {
    /// Puts them in order.
    pub fn new(all: Vec<Succession>) -> Self {
        let mut by_unit: HashMap<UnitId, Vec<Succession>> = HashMap::new();
        for one in all {
            by_unit.entry(one.from).or_default().push(one);
        }
        Self(by_unit)
    }

    /// Returns the unit that answers on a day for what a unit did in a field: itself where it still does.
    pub fn in_charge(&self, unit: UnitId, field: FieldId, day: NaiveDate) -> UnitId {
        self.follow(unit, day, |lines| {
            let of_field = lines.iter().find(|line| line.field == Some(field));
            of_field.or_else(|| lines.iter().find(|line| line.field.is_none()))
        })
    }

    /// Returns the unit that answers on a day for all of a unit that went nowhere else: itself where it still does.
    pub fn heir(&self, unit: UnitId, day: NaiveDate) -> UnitId {
        self.follow(unit, day, |lines| lines.iter().find(|line| line.field.is_none()))
    }

    fn follow(&self, unit: UnitId, day: NaiveDate, choose: impl Fn(&[Succession]) -> Option<&Succession>) -> UnitId {
        let next = |at: &UnitId| {
            let lines = self.0.get(at)?;
            choose(lines).filter(|line| line.on <= day).map(|line| line.to)
        };
        std::iter::successors(Some(unit), next).take(LONGEST).last().unwrap_or(unit)
    }

    /// Whether somebody follows a unit, now or on a day to come.
    pub fn ends(&self, unit: UnitId) -> bool {
        self.0.contains_key(&unit)
    }

    /// Returns who is in charge on a day of what each unit that ended did, field by field.
    pub fn map(&self, fields: &[FieldId], day: NaiveDate) -> Vec<(UnitId, FieldId, UnitId)> {
        let mut all = Vec::new();
        for unit in self.0.keys() {
            let moved = fields.iter().map(|field| (*unit, *field, self.in_charge(*unit, *field, day)));
            all.extend(moved.filter(|(from, _, to)| from != to));
        }
        all.sort_unstable();
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn unit(number: u128) -> UnitId {
        UnitId(Uuid::from_u128(number))
    }

    fn field(number: u128) -> FieldId {
        FieldId(Uuid::from_u128(number))
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn line(from: u128, to: u128, of: Option<u128>, on: &str) -> Succession {
        Succession { from: unit(from), to: unit(to), field: of.map(field), on: day(on) }
    }

    fn tried() -> Successions {
        Successions::new(vec![
            line(1, 3, None, "2025-07-01"),
            line(2, 4, Some(8), "2025-07-01"),
            line(2, 3, None, "2025-07-01"),
            line(3, 5, None, "2027-01-01"),
        ])
    }

    #[test]
    fn a_unit_answers_for_itself_to_its_last_day() {
        let all = tried();
        assert_eq!(all.in_charge(unit(1), field(8), day("2025-06-30")), unit(1));
        assert_eq!(all.in_charge(unit(1), field(8), day("2025-07-01")), unit(3));
        assert_eq!(all.in_charge(unit(9), field(8), day("2025-07-01")), unit(9));
    }

    #[test]
    fn a_split_unit_is_followed_field_by_field() {
        let all = tried();
        assert_eq!(all.in_charge(unit(2), field(8), day("2025-07-01")), unit(4));
        assert_eq!(all.in_charge(unit(2), field(7), day("2025-07-01")), unit(3));
        assert_eq!(all.heir(unit(2), day("2025-07-01")), unit(3));
    }

    #[test]
    fn who_follows_a_follower_answers_for_both() {
        let all = tried();
        assert_eq!(all.in_charge(unit(1), field(7), day("2027-01-01")), unit(5));
        let expected = [(1, 7, 3), (2, 7, 3), (1, 8, 3), (2, 8, 4)];
        let mut map = all.map(&[field(7), field(8)], day("2026-01-01"));
        map.sort_by_key(|(from, of, _)| (*of, *from));
        assert_eq!(map, expected.map(|(from, of, to)| (unit(from), field(of), unit(to))));
    }

    #[test]
    fn a_loop_hangs_nobody() {
        let all = Successions::new(vec![line(1, 2, None, "2025-01-01"), line(2, 1, None, "2025-01-01")]);
        assert!([unit(1), unit(2)].contains(&all.in_charge(unit(1), field(7), day("2025-01-01"))));
    }
}
