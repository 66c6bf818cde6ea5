//! Notices: written in the transaction that causes them, sent by the worker outside any, kept as evidence.

mod cancel;
mod enqueue;
pub mod templates;

pub use cancel::{Sent, cancel_unsent};
pub use enqueue::{Cause, enqueue};
