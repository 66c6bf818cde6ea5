//! What can be proved afterwards: an entry for each deed that is not a dossier's own history, written in the
//! transaction of the deed, chained per unit by hashes, and anchored by signed checkpoints that are kept elsewhere.
//!
//! Tables that refuse change stop mistakes; chains show what somebody did who could switch that off; checkpoints show
//! what somebody did who recomputed a whole chain or cut its end.

mod canonical;
pub mod chain;
pub mod checkpoint;
mod entry;
mod queries;
pub mod routes;
pub mod verify;

pub use entry::{Doer, Noted, note, note_by};
