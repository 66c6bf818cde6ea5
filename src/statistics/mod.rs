//! Figures: the cells of biểu 06 and their rates by unit, kind, field or parent, and the dossiers behind each cell.
//!
//! Everything is computed at one instant from the history as known then. A count and its drill-down share one
//! classification (`queries`), so that a number always leads to exactly that many dossiers.

pub mod ageing;
mod asked;
mod cell;
mod codes;
mod counters;
pub mod definitions;
mod drill;
pub mod durations;
pub mod early;
pub mod expected;
pub mod frozen;
mod head;
pub mod hours;
pub mod intake;
mod known;
pub mod legs;
mod nested;
mod patterns;
mod periods;
pub mod public;
mod punctual;
mod queries;
pub mod received_at;
pub mod routes;
mod row;
mod sight;
pub mod tallies;
mod tally;
pub(crate) mod working_days;

pub use asked::{AskedPeriod, PeriodForm, PeriodOut, PeriodRule};
pub(crate) use asked::{period_body, period_query, with_period};
pub use cell::Cell;
pub use codes::CodedDossier;
pub use counters::check_counter;
pub(crate) use definitions::of_rows;
pub use definitions::{Definition, Topic, version_of};
pub(crate) use drill::no_such_group;
pub use drill::{Behind, Chosen, DrillForm, GroupKey, RowKey, chosen_row, dossiers_behind};
pub use head::FiguresHead;
pub use intake::{IntakeBehind, IntakeCell, IntakeCounts, IntakeFigures, count_intake, intake_behind};
pub(crate) use known::{check_has_come, read_as_of};
pub use known::{dossiers_behind_as_of, tabulate_as_of};
pub use nested::{Group, tabulate_groups};
pub use patterns::{Found, Pattern, behind_pattern, patterns};
pub use periods::{CalendarOut, check_period};
pub use punctual::{
    AverageTime, QualityCell, QualityCounts, QualityDossier, average_times, behind_quality, quality_counts,
};
pub use queries::{Counting, Map};
pub use sight::{lists_dossiers, own_in, own_unit, seen_in, seen_unit, sees_dossiers_of, sees_figures_of, units_then};
pub use tally::{Grouping, Key, Row, Table, TableForm, tabulate, tally};
pub(crate) use tally::{kind_key, total_key, unit_key};
