//! Who may come in: people by password and session, programs by key. What each may do is `domain::role`'s table.

mod bearer;
mod known;
pub mod signed;

pub use known::KnownBearers;
pub use signed::Signed;
