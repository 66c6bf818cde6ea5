//! What operators do with notices that did not arrive: they send them again, or on another channel, call them back, or
//! note that the person was called up. To one notice, or to all that a filter finds; above a number that is set, two
//! people do it. Each leaves a row for each notice (`history`) and an entry of the audit.

mod carry_out;
pub mod command;
mod dead;
mod filter;
pub(super) mod history;
mod many;
mod one;
mod order;
pub mod routes;
mod view;

pub use many::confirmed;

use crate::domain::audit::Action;
use crate::domain::notice::NoticeDeed;
use crate::error::{AppError, Said};

/// There is no such notice, or none that who asks may know of.
pub(super) fn no_such_notice() -> AppError {
    AppError::NotFound(Said::new("not_found", "Không có thông báo này", "There is no such notice"))
}

/// The word by which the audit records a deed.
fn recorded_as(deed: NoticeDeed) -> Action {
    match deed {
        NoticeDeed::Replay => Action::NoticeResent,
        NoticeDeed::ReplayOn => Action::NoticeSentOtherwise,
        NoticeDeed::Cancel => Action::NoticeCancelled,
        NoticeDeed::ToldByPhone => Action::NoticeToldByPhone,
    }
}
