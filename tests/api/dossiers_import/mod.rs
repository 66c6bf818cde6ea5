//! Dossiers from tables: new ones, and those of an old system.

pub mod given;
mod loading;
mod refusing;
