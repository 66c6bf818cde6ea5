//! The service, tried from outside: one binary, one folder a feature.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected fails where it stands"
)]

mod access;
mod approvals;
mod embedded_postgres;
mod staff;
//! The one test binary.

mod deadlines;
mod exports;
mod lookup;
mod statistics;
mod support;
