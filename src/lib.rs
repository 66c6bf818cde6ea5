//! The open backend of a Vietnamese province's one-stop shop (một cửa).

pub mod approvals;
pub mod config;
pub mod domain;
pub mod error;
pub mod http;
pub mod platform;
pub mod routes;
#[expect(missing_docs, reason = "written by diesel")]
pub mod schema;
pub mod staff;
pub mod state;
