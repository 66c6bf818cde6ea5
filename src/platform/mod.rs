//! Doors to the outside: the database, the clock, gateways, secrets, logs.

pub mod clock;
pub mod db;
pub mod embedded_postgres;
pub mod progress;
pub mod secret;
pub mod sql_types;
pub mod stop;
pub mod telemetry;
