//! Figures frozen as they were reported (chốt số liệu): the rows of a period with the dossiers behind every cell, what the
//! figures meant, by which calendar, when and by whom, as bytes that never change, and their hash in the audit.
//!
//! A seal hides nothing and destroys nothing, so it needs one signature. What comes to light later changes no seal: it is
//! shown as adjustments (điều chỉnh), each a dossier with its cells before and after, or in a seal that names the former.

mod adjustments;
mod carry;
mod content;
mod file;
mod form;
mod queries;
pub mod routes;
mod seal;
pub mod verify;
mod view;

pub use form::{Rows, SealForm};
pub use seal::seal;
