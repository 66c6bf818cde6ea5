//! Which unit lies below which, today and on any day before: a reorganisation moves units, and figures of a period count
//! them where they lay then.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::ids::UnitId;
use super::unit::Unit;

/// Below which unit a unit lay before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormerParent {
    /// Which unit.
    pub unit: UnitId,
    /// The unit above it then; `None` where there was none.
    pub parent: Option<UnitId>,
    /// The first day on which it no longer lay there, in Asia/Ho_Chi_Minh.
    pub valid_to: NaiveDate,
}

/// Where units lie, and where they lay.
#[derive(Debug, Clone, Default)]
pub struct UnitTree {
    parents: HashMap<UnitId, Option<UnitId>>,
    formers: HashMap<UnitId, Vec<FormerParent>>,
}

/// The tree is far less deep than this; a loop in it must not hang us.
const DEEPEST: usize = 32;

impl UnitTree {
    /// Puts units in order.
    pub fn new(units: &[Unit], formers: Vec<FormerParent>) -> Self {
        let mut by_unit: HashMap<UnitId, Vec<FormerParent>> = HashMap::new();
        for former in formers {
            by_unit.entry(former.unit).or_default().push(former);
        }
        Self { parents: units.iter().map(|unit| (unit.id, unit.parent)).collect(), formers: by_unit }
    }

    /// Returns the unit above another today.
    pub fn parent(&self, unit: UnitId) -> Option<UnitId> {
        self.parents.get(&unit).copied().flatten()
    }

    /// Returns the unit above another on a day, in Asia/Ho_Chi_Minh.
    pub fn parent_on(&self, unit: UnitId, day: NaiveDate) -> Option<UnitId> {
        let formers = self.formers.get(&unit).into_iter().flatten();
        match formers.filter(|former| day < former.valid_to).min_by_key(|former| former.valid_to) {
            Some(former) => former.parent,
            None => self.parent(unit),
        }
    }

    /// Returns a unit and all above it today, the nearest first.
    pub fn above(&self, unit: UnitId) -> impl Iterator<Item = UnitId> {
        std::iter::successors(Some(unit), |at| self.parent(*at)).take(DEEPEST)
    }

    /// Returns a unit and all above it on a day, the nearest first.
    pub fn above_on(&self, unit: UnitId, day: NaiveDate) -> impl Iterator<Item = UnitId> {
        std::iter::successors(Some(unit), move |at| self.parent_on(*at, day)).take(DEEPEST)
    }

    /// Returns a unit and all that lie below it today.
    pub fn within(&self, above: UnitId) -> Vec<UnitId> {
        self.parents.keys().copied().filter(|unit| self.above(*unit).any(|at| at == above)).collect()
    }

    /// Returns a unit and all that lay below it on a day.
    pub fn within_on(&self, above: UnitId, day: NaiveDate) -> Vec<UnitId> {
        self.parents.keys().copied().filter(|unit| self.above_on(*unit, day).any(|at| at == above)).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use chrono::Days;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    const UNITS: u128 = 8;

    fn unit(number: u128) -> UnitId {
        UnitId(Uuid::from_u128(number))
    }

    fn day(number: u64) -> NaiveDate {
        NaiveDate::from_ymd_opt(2025, 1, 1).unwrap() + Days::new(number)
    }

    fn tree(parents: &HashMap<UnitId, Option<UnitId>>, formers: &[FormerParent]) -> UnitTree {
        let mut tree = UnitTree::new(&[], formers.to_vec());
        tree.parents.clone_from(parents);
        tree
    }

    fn within(tree: &UnitTree, on: NaiveDate) -> Vec<BTreeSet<UnitId>> {
        (0..UNITS).map(|above| tree.within_on(unit(above), on).into_iter().collect()).collect()
    }

    #[test]
    fn a_unit_lies_below_the_former_one_up_to_the_day_before() {
        let parents = HashMap::from([(unit(1), None), (unit(2), None), (unit(3), Some(unit(2)))]);
        let tree = tree(&parents, &[FormerParent { unit: unit(3), parent: Some(unit(1)), valid_to: day(10) }]);
        assert_eq!(tree.parent_on(unit(3), day(9)), Some(unit(1)));
        assert_eq!(tree.parent_on(unit(3), day(10)), Some(unit(2)));
        assert_eq!(tree.within_on(unit(2), day(9)), [unit(2)]);
        assert_eq!(tree.within(unit(1)), [unit(1)]);
    }

    #[test]
    fn a_loop_hangs_nobody() {
        let parents = HashMap::from([(unit(1), Some(unit(2))), (unit(2), Some(unit(1)))]);
        assert_eq!(tree(&parents, &[]).within(unit(1)).len(), 2);
    }

    proptest! {
        /// Whatever moves later, what lay below a unit on a day stays what it was.
        #[test]
        fn a_move_changes_no_day_before_it(moves in prop::collection::vec((1..UNITS, 0..UNITS, 1_u64..4), 1..20)) {
            let mut parents: HashMap<_, _> = (0..UNITS).map(|number| (unit(number), None)).collect();
            let (mut formers, mut today) = (Vec::new(), 0);
            let mut seen = vec![(0, within(&tree(&parents, &formers), day(0)))];
            for (moved, to, days) in moves {
                today += days;
                // Units lie below those of smaller numbers alone, so that there is no loop.
                let to = Some(unit(to)).filter(|_| to < moved);
                let parent = parents.insert(unit(moved), to).flatten();
                formers.push(FormerParent { unit: unit(moved), parent, valid_to: day(today) });
                let tree = tree(&parents, &formers);
                seen.push((today, within(&tree, day(today))));
                for (on, expected) in &seen {
                    prop_assert_eq!(&within(&tree, day(*on)), expected, "on day {}", on);
                }
                prop_assert_eq!(tree.within(unit(0)).len(), tree.within_on(unit(0), day(today)).len());
            }
        }
    }
}
