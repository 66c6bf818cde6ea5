//! Wordings of notices and their versions: shipped, or written here and read by a second person before they are used.
//!
//! What a version says never changes, so what was reviewed is what is sent, and each notice names what it was worded by.

mod draft;
mod in_use;
mod lint;
mod load;
mod name;
mod preview;
mod queries;
mod review;
pub mod routes;
mod row;
mod shipped;
mod sync;
mod vendor_ids;
mod view;

pub use lint::{WrongTemplate, lint, warn_of_faults};
pub use load::load;
pub use review::review;
pub use sync::sync;
