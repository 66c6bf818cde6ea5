//! Notices: who is told what, how it leaves the house, and what is left of it.

mod costs;
pub mod dispatch;
mod enqueuing;
pub mod gateway;
pub mod given;
mod interruptions;
mod mail;
mod mail_server;
mod receipts;
mod routes;
mod several;
mod templates;
mod vendors;
pub mod wording;
