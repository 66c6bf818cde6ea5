//! Processes at work: real ones step by step, who held a dossier for how long, and what is foreseen.

mod assignment;
mod foresight;
pub mod given;
mod held;
mod real_ones;
mod saving;
mod saving_by_api;
mod warnings;
