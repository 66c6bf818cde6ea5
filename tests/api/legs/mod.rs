//! Dossiers that several agencies resolve: one parent for the citizen, a leg with its own clock for each agency.

mod behind;
mod ends;
mod figures;
pub mod given;
mod groups;
mod pauses;
mod redirected;
mod rights;
mod rules;
mod warned;
