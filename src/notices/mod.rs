//! Notices: written in the transaction that causes them, sent by the worker outside any, kept as evidence.

pub mod callbacks;
mod cancel;
pub mod deeds;
mod devices;
mod enqueue;
mod evidence;
pub mod next_channel;
mod of_dossier;
mod person;
mod proof;
mod push;
mod queries;
mod queue;
pub mod receipt;
pub mod receipts;
mod refused;
pub mod routes;
pub mod sending;
mod sparing;
pub mod suppressions;
mod switch;
pub mod templates;
mod view;

pub use crate::domain::notice::Facts;
pub use cancel::{Sent, call_back_unsent, cancel_unsent};
pub use enqueue::{Cause, enqueue};
pub use of_dossier::{NoticesAsked, list_of_dossier};
pub use person::{NoticeOut, of_person};
pub use proof::{About, ProofPage, STYLES as PROOF_STYLES, proof_page};
pub use switch::{pause_sending, resume_sending};
pub use view::NoticeView;
