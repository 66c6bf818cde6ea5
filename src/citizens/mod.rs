//! What a citizen sees after proving who asks: more of one dossier by a one-time code to the phone on file, or all the
//! own ones by a log-in; and where news of them are pushed to.
//!
//! Requests for codes are answered alike whatever the code of the dossier: a request only writes down what was
//! typed, and a duty looks afterwards whether there is anybody to send a code to.

pub mod channels;
mod codes;
pub mod device_routes;
mod devices;
mod digits;
mod log_in;
mod queries;
pub mod routes;
pub mod sending;
mod sessions;
mod signed;
pub mod sweep;
mod view;
