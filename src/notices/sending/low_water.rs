//! From when on the queue is looked through. Rows that were taken lie dead in the index until no transaction can see them
//! any more; behind a report of an hour there are hundreds of thousands, and a claim need not step over them.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::notice::PRIORITIES;

/// Longer than a transaction that writes notices takes as a rule. What one that took longer wrote is found when all is
/// looked through.
const SLACK: TimeDelta = TimeDelta::seconds(3);

/// A priority of what lies at the gateway, or of what may go to any: claims go through these in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Group(usize);

const GROUPS: usize = PRIORITIES.len() * 2;

impl Group {
    /// Returns all of them with their priority and whether it is what lies at the gateway, in the order of a claim.
    pub(super) fn all() -> impl Iterator<Item = (Self, i16, bool)> {
        let of_priority =
            |(at, priority): (usize, i16)| [(Self(at * 2), priority, true), (Self(at * 2 + 1), priority, false)];
        PRIORITIES.into_iter().enumerate().flat_map(of_priority)
    }

    /// Finds the group of a row.
    pub(super) fn of(priority: i16, lies_at_the_gateway: bool) -> Self {
        let found = Self::all().find(|(_, of, at_gateway)| (*of, *at_gateway) == (priority, lies_at_the_gateway));
        found.map_or(Self(GROUPS), |(group, _, _)| group)
    }
}

/// The marks, one for each group; what was due before is not looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LowWater([DateTime<Utc>; GROUPS]);

impl Default for LowWater {
    fn default() -> Self {
        Self([DateTime::UNIX_EPOCH; GROUPS])
    }
}

impl LowWater {
    /// Returns the mark of a group.
    pub(super) fn of(&self, group: Group) -> DateTime<Utc> {
        self.0.get(group.0).copied().unwrap_or(DateTime::UNIX_EPOCH)
    }

    /// Returns the marks after a claim at `now` that took these rows, each by its group and when it was due; it was full
    /// if it may have left some. A group that it came to its end of holds nothing older than the slack; the last one of a
    /// full claim nothing older than what it gave; those behind were not looked at.
    #[must_use]
    pub(super) fn after(self, taken: &[(Group, DateTime<Utc>)], is_full: bool, now: DateTime<Utc>) -> Self {
        let last = taken.iter().map(|(group, _)| *group).max().filter(|_| is_full);
        let oldest = taken.iter().filter(|(group, _)| Some(*group) == last).map(|(_, due)| *due).min();
        let mut marks = self.0;
        for (mark, (group, _, _)) in marks.iter_mut().zip(Group::all()) {
            *mark = match last {
                Some(last) if group > last => *mark,
                Some(last) if group == last => oldest.map_or(*mark, |oldest| oldest.min(now) - SLACK),
                _ => now - SLACK,
            };
        }
        Self(marks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A row of the queue: its group, when it was due, and when it was written.
    #[derive(Debug, Clone, Copy)]
    struct Row {
        group: Group,
        due: DateTime<Utc>,
        written: DateTime<Utc>,
    }

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::seconds(second)
    }

    fn claim(rows: &[Row], low_water: &LowWater, now: DateTime<Utc>, most: usize) -> Vec<usize> {
        let is_seen = |row: &Row| row.written <= now && row.due <= now && row.due >= low_water.of(row.group);
        let mut found: Vec<usize> = (0..rows.len()).filter(|at| is_seen(&rows[*at])).collect();
        found.sort_by_key(|at| (rows[*at].group, rows[*at].due, *at));
        found.truncate(most);
        found
    }

    proptest! {
        #[test]
        fn claims_that_keep_to_the_marks_take_just_what_claims_without_would_take(
            rows in prop::collection::vec((0..GROUPS, 0..200_i64, 0..3_i64), 0..80),
            steps in prop::collection::vec((1..12_i64, 1..6_usize), 1..60),
        ) {
            let row = |(group, due, late): &(usize, i64, i64)| {
                Row { group: Group(*group), due: at(*due), written: at(due + late) }
            };
            let mut rows: Vec<Row> = rows.iter().map(row).collect();
            let (mut low_water, mut now) = (LowWater::default(), at(0));
            for (wait, most) in steps {
                now += TimeDelta::seconds(wait);
                let taken = claim(&rows, &low_water, now, most);
                prop_assert_eq!(&taken, &claim(&rows, &LowWater::default(), now, most));
                let told: Vec<_> = taken.iter().map(|at| (rows[*at].group, rows[*at].due)).collect();
                low_water = low_water.after(&told, taken.len() >= most, now);
                let mut at = 0;
                rows.retain(|_| {
                    at += 1;
                    !taken.contains(&(at - 1))
                });
            }
        }
    }

    #[test]
    fn a_claim_that_found_room_leaves_nothing_older_than_the_slack() {
        let marks = LowWater::default().after(&[], false, at(100));
        assert!(Group::all().all(|(group, _, _)| marks.of(group) == at(97)));
    }
}
