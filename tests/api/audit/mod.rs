//! What can be proved afterwards.

mod chains;
mod checkpoints;
mod command;
mod deeds;
mod given;
mod reading;
mod secrets;
