//! What the office knows: units, fields, procedures, processes, the calendar. Loaded whole into memory, changed by
//! imports, saved processes and published calendars alone, open to everybody.

mod case;
mod explanation;
pub mod import;
mod listing;
mod load;
pub mod preview;
pub mod processes;
pub mod publication;
pub mod routes;
mod stored;
mod views;

pub use case::Cases;
pub use explanation::{ExplanationLine, explanation};
pub use load::{hold, load, versions};
