//! What figures say beyond themselves: how they moved, who does better, and what a reviewer should look at. All of it comes
//! from `statistics`, so that each number leads to its dossiers.

pub mod routes;
mod view;
