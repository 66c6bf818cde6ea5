//! Processes one by one, for who manages the catalogue: read as they were written, and saved. What is wrong with one is
//! found by the checks of the import (`catalogue::import::one_process`), and it is written in the same way.

mod queries;
pub mod routes;
mod save;
mod view;
