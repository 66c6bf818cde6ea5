//! What the office knows: units, fields, procedures, processes, the calendar. Loaded whole into memory, changed by
//! imports alone, open to everybody.

pub mod import;
mod load;
mod stored;

pub use load::{load, version};
