//! The second factor of people: the code of an authenticator app, and recovery codes for whoever has lost it.

mod enrolment;
mod factor;
mod proof;
mod totp;

pub(super) use enrolment::{Started, confirm, enrol, new_recovery_codes, remove, reset, start, state_of};
pub(super) use factor::has;
pub(super) use proof::{Asked, Caller, Proof, prove, show};
pub(super) use totp::new_secret;

use crate::error::{AppError, Said};

/// The code shown is none of now, was used before, or is no recovery code.
fn wrong_code() -> AppError {
    AppError::invalid(
        "/code",
        Said::new(
            "wrong_code",
            "Mã không đúng hoặc đã dùng, hãy chờ mã tiếp theo",
            "The code is wrong or was used, wait for the next one",
        ),
    )
}
