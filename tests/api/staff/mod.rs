//! Log-ins, second factors, sessions, accounts, keys.

mod accounts;
mod command;
mod cookies;
mod demo;
mod device_keys;
mod grants;
pub mod house;
mod keys;
mod log_in;
mod own_password;
mod second_factor;
mod sessions;
mod slow_down;
