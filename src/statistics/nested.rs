//! A table of two levels: groups of rows, such as kinds of units with their fields, counted in one pass.

use diesel::PgConnection;

use super::periods::check_period;
use super::queries::Question;
use super::tallies::{self, Detail, KeyCells};
use super::tally::{self, Grouping, Names, Row, Table, TableForm};
use crate::error::AppError;
use crate::state::Act;

/// A row with the rows that it is the sum of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The sum.
    pub row: Row,
    /// What it is the sum of, in the order of their keys.
    pub rows: Vec<Row>,
}

/// Counts a period by `form.grouping`, and each of its rows by `inner`; returns the groups and the total.
///
/// # Errors
/// As [`tally::tabulate`]; an identity that is broken on either level refuses the whole table.
pub fn tabulate_groups(
    conn: &mut PgConnection,
    act: &Act<'_>,
    form: &TableForm,
    inner: Grouping,
) -> Result<(Vec<Group>, Row), AppError> {
    check_period(act, &form.period, (form.within, form.map))?;
    let asked = tally::question(conn, act, (&form.period, form.map))?;
    let units = asked.units_within(act, form.within);
    let question = Question { counting: form.counting, units, ..asked };
    let by_field = [form.grouping, inner].contains(&Grouping::Field);
    let detail = if by_field { Detail::Fields } else { Detail::Units };
    let counted = tallies::count(conn, &question, detail)?;
    let names = Names { catalogue: act.catalogue(), day: question.mapped_on };
    group_up(&names, &counted, (form.grouping, inner))
}

/// Makes groups of counts, each with its rows.
pub(super) fn group_up(
    names: &Names<'_>,
    counted: &[KeyCells],
    (outer, inner): (Grouping, Grouping),
) -> Result<(Vec<Group>, Row), AppError> {
    let Table { rows, total } = tally::put_together(names, counted, outer)?;
    let mut groups = Vec::with_capacity(rows.len());
    for row in rows {
        let mut of_row: Vec<&KeyCells> = Vec::new();
        for count in counted {
            let (_, key) = tally::group_of(names, outer, count)?;
            if key.code == row.key.code {
                of_row.push(count);
            }
        }
        let rows = tally::put_together(names, of_row.iter().copied(), inner)?.rows;
        groups.push(Group { row, rows });
    }
    Ok((groups, total))
}
