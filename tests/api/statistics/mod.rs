//! Figures: what each cell counts, who may read them, and that they always add up.

mod cells;
mod properties;
mod routes;

use motcua::domain::ids::UnitId;
use motcua::domain::role::{Actor, Role, Who};
use uuid::Uuid;

/// The service itself, who sees all figures.
fn system(unit: Uuid) -> Actor {
    Actor { who: Who::System, name: "system".to_owned(), role: Role::Controller, unit: UnitId(unit) }
}
