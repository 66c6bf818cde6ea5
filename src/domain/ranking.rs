//! Ranking of units with fair small-number handling: who resolves five dossiers, all on time, is not better than who
//! resolves five thousand, all but two.
//!
//! Each share has its Wilson interval at 95 %. Units whose intervals overlap share places: a place is a range. Below a number
//! of dossiers a unit is not ranked at all.

/// An interval of a share, in basis points, rounded outwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval {
    /// The lowest share that is likely.
    pub low: u32,
    /// The highest.
    pub high: u32,
}

/// A range of places, the first being the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Places {
    /// The best place that the unit may hold.
    pub best: usize,
    /// The worst.
    pub worst: usize,
}

/// z² of 95 %, in ten-thousandths: 1.96².
const Z2: u128 = 38_416;
const UNIT: u128 = 10_000;

/// Returns the Wilson interval of `part` of `whole` at 95 %; `None` without a whole, or for a part beyond it.
#[must_use]
pub fn wilson(part: i64, whole: i64) -> Option<Interval> {
    let (k, n) = (u128::try_from(part).ok()?, u128::try_from(whole).ok()?);
    if n == 0 || k > n {
        return None;
    }
    // Everything in ten-thousandths, over one denominator: whole numbers, so that it is the same on every machine.
    let over = UNIT * n + Z2;
    let centre = UNIT * (UNIT * k + Z2 / 2);
    let under_root = Z2 * (UNIT * k * (n - k) + Z2 / 4 * n) * UNIT * UNIT / n;
    let half = under_root.isqrt() + 1;
    let low = centre.saturating_sub(half) / over;
    let high = (centre + half).div_ceil(over).min(UNIT);
    let exact = (UNIT * k / n, (UNIT * k).div_ceil(n));
    let (low, high) = (u32::try_from(low.min(exact.0)).ok()?, u32::try_from(high.max(exact.1)).ok()?);
    Some(Interval { low, high })
}

/// Returns the places of units by their part and whole; `None` for those with fewer than `fewest`, which are not ranked.
#[must_use]
pub fn places(shares: &[(i64, i64)], fewest: i64) -> Vec<Option<Places>> {
    let intervals: Vec<Option<Interval>> =
        shares.iter().map(|(part, whole)| wilson(*part, *whole).filter(|_| *whole >= fewest.max(1))).collect();
    let ranked: Vec<Interval> = intervals.iter().flatten().copied().collect();
    let place = |own: Interval| Places {
        best: 1 + ranked.iter().filter(|other| other.low > own.high).count(),
        worst: ranked.iter().filter(|other| other.high >= own.low).count(),
    };
    intervals.into_iter().map(|own| own.map(place)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn intervals_are_those_of_the_books() {
        // 9 of 10: 0.5958 to 0.9821; 0 of 10: 0 to 0.2775; 81 of 263: 0.2553 to 0.3662, rounded outwards.
        assert_eq!(wilson(9, 10), Some(Interval { low: 5958, high: 9822 }));
        assert_eq!(wilson(0, 10), Some(Interval { low: 0, high: 2776 }));
        assert_eq!(wilson(81, 263), Some(Interval { low: 2552, high: 3663 }));
        assert_eq!((wilson(0, 0), wilson(3, 2), wilson(-1, 2)), (None, None, None));
    }

    #[test]
    fn five_of_five_share_the_first_place_with_nearly_all_of_five_thousand() {
        let found = places(&[(5, 5), (4998, 5000), (4000, 5000)], 5);
        assert_eq!(found[0], Some(Places { best: 1, worst: 3 }));
        assert_eq!(found[1], Some(Places { best: 1, worst: 2 }));
        assert_eq!(found[2], Some(Places { best: 2, worst: 3 }));
        assert_eq!(places(&[(5, 5), (4998, 5000)], 30), [None, Some(Places { best: 1, worst: 1 })]);
    }

    proptest! {
        #[test]
        fn the_share_lies_in_its_interval_and_more_dossiers_narrow_it(part in 0..2_000_i64, rest in 0..2_000_i64) {
            let whole = part + rest + 1;
            let own = wilson(part, whole).unwrap();
            let points = u32::try_from(part * 10_000 / whole).unwrap();
            prop_assert!(own.low <= points && points <= own.high && own.high <= 10_000);
            let more = wilson(part * 10, whole * 10).unwrap();
            prop_assert!(more.high - more.low <= own.high - own.low);
        }

        #[test]
        fn places_are_within_the_ranked(shares in prop::collection::vec((0..50_i64, 0..50_i64), 1..12)) {
            let shares: Vec<_> = shares.into_iter().map(|(part, rest)| (part, part + rest)).collect();
            let found = places(&shares, 5);
            let ranked = found.iter().flatten().count();
            for place in found.iter().flatten() {
                prop_assert!(1 <= place.best && place.best <= place.worst && place.worst <= ranked);
            }
        }
    }
}
