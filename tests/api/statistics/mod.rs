//! Figures: what each cell counts, who may read them, and that they always add up.

mod ageing;
mod analysis;
mod as_of;
mod cells;
mod definitions;
mod durations;
mod every_cell;
mod intake;
mod promises;
mod properties;
mod public;
mod quality;
mod routes;
mod tallies;

use motcua::domain::ids::UnitId;
use motcua::domain::role::{Actor, Role, Who};
use uuid::Uuid;

/// The service itself, who sees all figures.
fn system(unit: Uuid) -> Actor {
    Actor::new(Who::System, "system", Role::Controller, UnitId(unit))
}
