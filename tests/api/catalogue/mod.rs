//! The catalogue: how it is loaded, shown and counted by.

pub mod given;
mod importing;
mod previewing;
mod showing;
