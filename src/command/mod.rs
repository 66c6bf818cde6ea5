//! What the command line does, a file for each command.

pub mod backup;
pub mod calendar;
pub mod data_keys;
mod demo;
pub mod import;
pub mod migrate;
pub mod reorganise;
pub mod restore;
pub mod sending;
pub mod serve;
mod set_aside;
pub mod simulate;
pub mod verify;
pub mod wordings;

use crate::domain::role::Actor;

/// The person at the terminal, who may do whatever the house may.
pub fn console() -> Actor {
    Actor::house()
}
