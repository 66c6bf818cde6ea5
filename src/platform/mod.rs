//! Doors to the outside: the database, the clock, gateways, secrets, logs.

pub mod clock;
pub mod data_keys;
pub mod db;
pub mod embedded_postgres;
pub mod gateways;
pub mod keyset;
pub mod mail;
pub mod migrations;
pub mod oidc;
pub mod outbox;
pub mod postgres_tools;
pub mod prepared;
pub mod progress;
pub mod ring;
pub mod sealing;
pub mod secret;
pub mod secret_file;
pub mod signing;
pub mod sql_types;
pub mod stop;
pub mod telemetry;
pub mod tls;
