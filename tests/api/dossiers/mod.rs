//! A dossier's life, as the counter, the department and the citizen meet it.

mod acting_together;
mod bad_input;
mod dates;
mod intake;
mod life;
mod lists;
mod originals;
mod pauses;
mod sight;
mod steps;
