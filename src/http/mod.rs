//! What routes share: how a request is read, how an answer and a refusal are written.

pub mod body;
pub mod by_code;
pub mod contract;
pub mod edge;
pub mod error;
pub mod etag;
pub mod figures;
pub mod html;
pub mod idempotency;
pub mod limit;
pub mod locale;
pub mod office_time;
pub mod page;
mod unreadable;
pub mod wrong_pins;
