//! Which rows of a public table are shown: none so small that it would point at a person, and none that could be found by
//! taking the shown ones from the total.

/// Returns whether each row is shown. A row has counts of people's dossiers; a count from 1 to `smallest - 1` is too small.
///
/// Rows with one too small are hidden. What is hidden together must be two rows at least and be too small in no count, or
/// the total minus the shown rows would tell it: so the smallest shown rows are hidden too, until it is so. `smallest` of
/// 0 or 1 hides nothing.
#[must_use]
pub fn shown<const N: usize>(rows: &[[i64; N]], smallest: i64) -> Vec<bool> {
    let is_small = |count: &i64| (1..smallest).contains(count);
    let mut shown: Vec<bool> = rows.iter().map(|row| !row.iter().any(is_small)).collect();
    while tells(rows, &shown, smallest) {
        let next =
            rows.iter().zip(&mut shown).filter(|(row, is_shown)| **is_shown && row.iter().any(|count| *count > 0));
        match next.min_by_key(|(row, _)| row.iter().sum::<i64>()) {
            Some((_, is_shown)) => *is_shown = false,
            None => return shown,
        }
    }
    shown
}

/// Whether the total may be shown: not where what is hidden could still be found by it.
#[must_use]
pub fn total_is_shown<const N: usize>(rows: &[[i64; N]], shown: &[bool], smallest: i64) -> bool {
    !tells(rows, shown, smallest)
}

/// Whether the total minus the shown rows is too small in a count, or is one single row.
fn tells<const N: usize>(rows: &[[i64; N]], shown: &[bool], smallest: i64) -> bool {
    let hidden: Vec<&[i64; N]> =
        rows.iter().zip(shown).filter(|(_, is_shown)| !**is_shown).map(|(row, _)| row).collect();
    let sum = hidden.iter().fold([0; N], |mut sum, row| {
        sum.iter_mut().zip(row.iter()).for_each(|(all, one)| *all += one);
        sum
    });
    hidden.len() == 1 || sum.iter().any(|count| (1..smallest).contains(count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_small_row_hides_the_next_smallest_with_it() {
        let rows = [[100, 90], [2, 2], [40, 30], [60, 50]];
        assert_eq!(shown(&rows, 5), [true, false, false, true]);
    }

    #[test]
    fn nothing_is_hidden_where_nothing_is_small() {
        assert_eq!(shown(&[[5, 0], [7, 6]], 5), [true, true]);
        assert_eq!(shown(&[[1, 0], [2, 1]], 0), [true, true]);
    }

    #[test]
    fn one_small_row_alone_takes_the_total_with_it() {
        let rows = [[3, 1]];
        let told = shown(&rows, 5);
        assert_eq!((told.clone(), total_is_shown(&rows, &told, 5)), (vec![false], false));
    }

    proptest! {
        #[test]
        fn no_small_count_can_be_subtracted_out(
            rows in prop::collection::vec([0..30_i64, 0..30, 0..30], 0..12), smallest in 0..12_i64,
        ) {
            let told = shown(&rows, smallest);
            for (row, _) in rows.iter().zip(&told).filter(|(_, is_shown)| **is_shown) {
                prop_assert!(row.iter().all(|count| *count == 0 || *count >= smallest));
            }
            if total_is_shown(&rows, &told, smallest) {
                let hidden: Vec<_> = rows.iter().zip(&told).filter(|(_, is_shown)| !**is_shown).collect();
                prop_assert_ne!(hidden.len(), 1);
                for column in 0..3 {
                    let rest: i64 = hidden.iter().map(|(row, _)| row[column]).sum();
                    prop_assert!(rest == 0 || rest >= smallest, "{rest} is left of column {column}");
                }
            } else {
                prop_assert!(told.iter().zip(&rows).all(|(is_shown, row)| !is_shown || row.iter().all(|count| *count == 0)));
            }
        }
    }
}
