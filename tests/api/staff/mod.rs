//! Log-ins, accounts, keys.

mod accounts;
mod command;
mod demo;
mod device_keys;
pub mod house;
mod keys;
mod log_in;
mod own_password;
