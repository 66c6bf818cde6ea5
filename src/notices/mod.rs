//! Notices: written in the transaction that causes them, sent by the worker outside any, kept as evidence.

pub mod callbacks;
mod cancel;
mod enqueue;
mod person;
mod queries;
pub mod receipt;
pub mod receipts;
mod resend;
pub mod routes;
pub mod sending;
pub mod templates;
mod view;

pub use crate::domain::notice::Facts;
pub use cancel::{Sent, cancel_unsent};
pub use enqueue::{Cause, enqueue};
pub use person::{NoticeOut, of_person};
pub use resend::{pause_sending, resume_sending};
