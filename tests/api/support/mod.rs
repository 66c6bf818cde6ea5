//! What the tests share.

pub mod app;
pub mod bare;
pub mod db;
pub mod office;
pub mod rows;
