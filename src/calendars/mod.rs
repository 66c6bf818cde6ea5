//! Calendars that come into force: what one would move is foreseen, it is published, and the open dossiers follow it batch
//! by batch, wherever the one before stopped.

mod follow;
mod foresee;
mod publish;
mod queries;
pub mod routes;
mod view;

pub use follow::{Followed, Step, follow_here, left, step, tick};
pub use foresee::{Counts, Foresight, foresee};
pub use publish::publish;
