//! The open backend of a Vietnamese province's one-stop shop (một cửa).

pub mod catalogue;
pub mod config;
pub mod domain;
pub mod error;
pub mod exports;
pub mod http;
pub mod lookup;
pub mod notices;
pub mod platform;
#[expect(missing_docs, reason = "written by diesel")]
pub mod schema;
pub mod staff;
pub mod state;
pub mod statistics;
