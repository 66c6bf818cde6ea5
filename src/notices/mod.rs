//! Notices: written in the transaction that causes them, sent by the worker outside any, kept as evidence.

mod cancel;
mod claim;
pub mod dispatch;
mod enqueue;
pub mod gateway;
mod outcome;
mod person;
mod queries;
pub mod receipt;
pub mod receipts;
mod record;
mod resend;
pub mod routes;
pub mod templates;
mod view;

pub use crate::domain::notice::Facts;
pub use cancel::{Sent, cancel_unsent};
pub use enqueue::{Cause, enqueue};
pub use person::{NoticeOut, of_person};
pub use resend::{pause_sending, resume_sending};
