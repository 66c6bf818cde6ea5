//! What messages cost: tariffs, estimates and bills, figures of a period, and budgets that are told when they are spent.
//!
//! A notice gets its estimate in the statement that records that a gateway took it (`estimate_sql`), and what was
//! charged when the gateway says it ([`bill`]). No budget ever holds a message back.

mod alarms;
mod bill;
mod budgets;
mod estimate;
mod figures;
mod paid;
pub mod routes;
mod tariffs;
mod view;
pub mod watch;

pub use alarms::metrics;
pub use bill::bill;
pub(crate) use estimate::estimate_sql;
pub use figures::CostGrouping;
pub use paid::{Paid, paid_for};
pub use tariffs::{Tariff, tariffs_on};
