//! Rules of using gateways: how fast, when not at all, and which of several.

mod allowance;
mod breaker;
mod bucket;
mod steering;

pub use allowance::{Allowance, Pace, Standing};
pub use breaker::{Window, open_for};
pub use bucket::{Bucket, Limit};
pub use steering::{Health, TOTAL, resting, steer};
