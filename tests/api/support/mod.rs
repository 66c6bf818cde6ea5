//! What the tests share.

pub mod answer;
pub mod app;
pub mod client;
pub mod db;
pub mod office;
pub mod program;
pub mod rows;
