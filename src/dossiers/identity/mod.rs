//! Whole numbers and addresses of people: shown to those who give a reason, handed out for one person, and who has
//! seen them.

pub mod export;
pub mod reads;
pub mod routes;
mod unmask;

use crate::error::{AppError, Said};
use crate::http::body::Faults;

const SHORTEST_REASON: usize = 10;
const LONGEST_REASON: usize = 500;

/// Reads why somebody wants to see what they do not see every day.
fn read_reason(faults: &mut Faults, reason: Option<&str>) -> Option<String> {
    let said = Said::new(
        "wrong_length",
        format!("Nêu lý do từ {SHORTEST_REASON} đến {LONGEST_REASON} ký tự"),
        format!("Give a reason of {SHORTEST_REASON} to {LONGEST_REASON} characters"),
    );
    let reason = faults.required("/reason", reason)?.trim();
    let fits = (SHORTEST_REASON..=LONGEST_REASON).contains(&reason.chars().count());
    faults.read("/reason", said, fits.then(|| reason.to_owned()))
}

/// A reason alone.
///
/// # Errors
/// [`AppError::Invalid`] when it is missing, too short or too long.
fn only_reason(reason: Option<&str>) -> Result<String, AppError> {
    let mut faults = Faults::new();
    let reason = read_reason(&mut faults, reason);
    faults.finish(reason)
}
