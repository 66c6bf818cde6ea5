//! The routes of log-ins, accounts and keys.

pub mod accounts;
pub mod grants;
pub mod keys;
pub mod second_factor;
pub mod sessions;
pub mod sign_on;

use uuid::Uuid;

use super::no_such;
use crate::error::AppError;

/// Reads a key of ours from a path; what is none belongs to nothing.
fn read_id(text: &str, vi: &str, en: &str) -> Result<Uuid, AppError> {
    Uuid::try_parse(text).or(Err(no_such(vi, en)))
}
