//! Who may come in: people by password and second factor, who get a session by token or cookie; programs by key. What
//! each may do is `domain::role`'s table.

mod accounts;
pub mod bearer;
pub mod command;
mod cookie;
mod credentials;
pub mod demo;
pub mod grants;
mod keys;
mod known;
mod log_in;
mod own_password;
mod password;
pub mod routes;
mod second_factor;
mod sessions;
mod sign_on;
pub mod signed;
mod terminal;
pub mod tries;

pub use accounts::Account;
use cookie::{CSRF_HEADER, NAME as COOKIE_NAME};
pub use credentials::Credentials;
pub use known::KnownBearers;
pub use signed::{Identified, Signed};

use crate::error::{AppError, Said};

/// There is no such account, session or key, or none that who asks may know of.
fn no_such(vi: &str, en: &str) -> AppError {
    AppError::NotFound(Said::new("not_found", format!("Không có {vi} này"), format!("There is no such {en}")))
}

/// What only a person may do, keys not.
pub(crate) fn people_only() -> AppError {
    AppError::Forbidden(Said::new(
        "people_only",
        "Việc này chỉ dành cho người đăng nhập bằng tài khoản, không dành cho khóa API",
        "Only a person who has logged in may do this, not an API key",
    ))
}
