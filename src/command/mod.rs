//! What the command line does, a file for each command.

pub mod migrate;
pub mod serve;
