//! Notices: who is told what, how it leaves the house, and what is left of it.

mod claim_plan;
mod commands;
mod costs;
pub mod dispatch;
mod enqueuing;
mod evidence;
pub mod gateway;
pub mod given;
mod interruptions;
mod mail;
mod mail_server;
mod next_channel;
mod operators;
mod push;
mod real;
mod receipts;
mod routes;
mod several;
mod smpp;
mod smpp_server;
mod sparing;
mod suppressions;
mod templates;
mod two_people;
mod vendors;
pub mod wording;
mod zalo;
