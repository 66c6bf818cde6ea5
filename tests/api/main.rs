//! The one test binary.

mod deadlines;
mod embedded_postgres;
mod exports;
mod lookup;
mod statistics;
mod support;
