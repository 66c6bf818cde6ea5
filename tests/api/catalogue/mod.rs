//! The catalogue: how it is loaded, shown and counted by.

mod given;
mod importing;
mod previewing;
mod showing;
