//! Log-ins at an OpenID provider: a certified one on this machine, and one that forges.

mod browser;
mod certified;
mod citizens;
mod forged;
mod forger;
mod given;
mod sessions;
mod staff;
