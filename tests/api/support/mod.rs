//! What the tests share.

pub mod bare;
pub mod rows;
