//! Dossiers from tables: new ones, and those of an old system.

mod given;
mod loading;
mod refusing;
