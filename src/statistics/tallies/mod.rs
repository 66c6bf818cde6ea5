//! Tallies: the figures of units and fields by day, so that a month of ten years is answered as fast as one of the first.
//!
//! Each dossier that counts has a mark (`marks`): the days on which it came, ended, was overdue. `tally_days` is the sum of
//! all marks, `tally_totals` carries the sums forward, so a period is the difference of two totals (`count`). A verb only
//! says which dossier it touched (a trigger inserts a line into `tally_waiting`), and waits for nobody. What waits is
//! counted from its history until the house has taken it up (`keep`); so are those whose life no sum of days tells, as they
//! changed hands. The answer is that of the full classification at every moment; `verify` proves it.

mod count;
mod keep;
mod marks;
pub mod verify;

pub(super) use count::{Detail, KeyCells, count};
pub use keep::{keep, tick};
