//! Calendars that come into force: what moves is foreseen, published once, and followed by every open dossier.

mod command;
mod following;
mod foreseeing;
pub mod given;
mod mixing;
mod refusing;
mod staying;
