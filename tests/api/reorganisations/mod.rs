//! Units merge, split and are renamed: their dossiers, people and figures follow.

mod following;
pub mod given;
mod legs;
mod maps;
mod refusing;
mod tree;
