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

/// A whole of so many times the smallest number is a crowd: a small part of it points at nobody.
const CROWD: i64 = 20;

/// Returns whether the shares of each row are shown, which tell into which parts its whole falls; of rows that are shown
/// themselves.
///
/// A part from 1 to `smallest - 1` of a whole that is no crowd is hidden, and so are the shares of the smallest other rows until
/// what is hidden together tells no such part either: the shares of the total would.
#[must_use]
pub fn shares_shown<const N: usize>(rows: &[[i64; N]], rows_shown: &[bool], smallest: i64) -> Vec<bool> {
    let of_rows = rows.iter().zip(rows_shown);
    let mut shown: Vec<bool> = of_rows.map(|(parts, is_shown)| *is_shown && !points(parts, smallest)).collect();
    while !total_shares_are_shown(rows, &shown, smallest) {
        let next = rows.iter().zip(&mut shown).filter(|(parts, is_shown)| **is_shown && parts.iter().sum::<i64>() > 0);
        match next.min_by_key(|(parts, _)| parts.iter().sum::<i64>()) {
            Some((_, is_shown)) => *is_shown = false,
            None => return shown,
        }
    }
    shown
}

/// Whether the shares of the total may be shown: not where those that are hidden could still be found by them.
#[must_use]
pub fn total_shares_are_shown<const N: usize>(rows: &[[i64; N]], shown: &[bool], smallest: i64) -> bool {
    let is_something = |parts: &[i64; N]| parts.iter().any(|part| *part > 0);
    let hidden = rows.iter().zip(shown).filter(|(parts, is_shown)| !**is_shown && is_something(parts));
    let hidden: Vec<&[i64; N]> = hidden.map(|(parts, _)| parts).collect();
    hidden.len() != 1 && !points(&sum_of(&hidden), smallest)
}

/// Whether a part is so small, and the whole no crowd, that it would point at somebody.
fn points<const N: usize>(parts: &[i64; N], smallest: i64) -> bool {
    parts.iter().any(|part| (1..smallest).contains(part)) && parts.iter().sum::<i64>() < CROWD * smallest
}

fn sum_of<const N: usize>(rows: &[&[i64; N]]) -> [i64; N] {
    rows.iter().fold([0; N], |mut sum, row| {
        sum.iter_mut().zip(row.iter()).for_each(|(all, one)| *all += one);
        sum
    })
}

/// Whether the total minus the shown rows is too small in a count, or is one single row.
fn tells<const N: usize>(rows: &[[i64; N]], shown: &[bool], smallest: i64) -> bool {
    let hidden: Vec<&[i64; N]> =
        rows.iter().zip(shown).filter(|(_, is_shown)| !**is_shown).map(|(row, _)| row).collect();
    hidden.len() == 1 || sum_of(&hidden).iter().any(|count| (1..smallest).contains(count))
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

    #[test]
    fn a_small_part_of_a_crowd_points_at_nobody() {
        let rows = [[60, 39, 1], [6, 0, 0], [50, 48, 1]];
        assert_eq!(shares_shown(&rows, &[true; 3], 5), [true, false, false]);
        assert!(total_shares_are_shown(&rows, &[true, false, false], 5));
    }

    proptest! {
        #[test]
        fn no_small_part_of_what_is_no_crowd_can_be_subtracted_out(
            rows in prop::collection::vec(([0..60_i64, 0..60, 0..12], any::<bool>()), 0..12), smallest in 0..12_i64,
        ) {
            let (rows, rows_shown): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
            let told = shares_shown(&rows, &rows_shown, smallest);
            let tells = |parts: [i64; 3]| {
                let whole: i64 = parts.iter().sum();
                parts.iter().any(|part| *part > 0 && *part < smallest) && whole < 20 * smallest
            };
            for ((row, is_shown), row_is_shown) in rows.iter().zip(&told).zip(&rows_shown) {
                prop_assert!(!is_shown || (*row_is_shown && !tells(*row)));
            }
            if total_shares_are_shown(&rows, &told, smallest) {
                let hidden = rows.iter().zip(&told).filter(|(row, is_shown)| !**is_shown && **row != [0; 3]);
                let hidden: Vec<_> = hidden.map(|(row, _)| row).collect();
                let rest = [0, 1, 2].map(|part| hidden.iter().map(|row| row[part]).sum());
                prop_assert!(hidden.len() != 1 && !tells(rest), "{rest:?} is left");
            } else {
                prop_assert!(told.iter().zip(&rows).all(|(is_shown, row)| !is_shown || *row == [0; 3]));
            }
        }

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
