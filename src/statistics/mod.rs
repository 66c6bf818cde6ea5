//! Figures: the cells of biểu 06 and their rates by unit, kind, field or parent, and the dossiers behind each cell.
//!
//! Everything is computed at one instant from the history as known then. A count and its drill-down share one
//! classification (`queries`), so that a number always leads to exactly that many dossiers.

mod askable;
mod asked;
mod cell;
mod definitions;
mod drill;
pub mod intake;
pub mod legs;
mod nested;
mod queries;
pub mod routes;
mod sight;
mod tally;

pub(crate) use askable::check_asked;
pub(crate) use asked::period_query;
pub use asked::{AskedPeriod, PeriodForm, PeriodOut, PeriodRule};
pub use cell::Cell;
pub use definitions::{DEFINITIONS, Definition};
pub(crate) use drill::no_such_group;
pub use drill::{Behind, DrillForm, GroupKey, dossiers_behind};
pub use intake::{IntakeCell, IntakeCounts};
pub(crate) use intake::{IntakeFigures, count_intake};
pub use nested::{Group, tabulate_groups};
pub use queries::{Aged, Counting, Map};
pub use sight::seen_unit;
pub use tally::{Grouping, Key, Row, Table, TableForm, ageing, tabulate, tally};
pub(crate) use tally::{kind_key, total_key, unit_key};
