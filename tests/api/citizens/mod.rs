//! What citizens see after proving who they are.

mod devices;
mod given;
mod one_time_codes;
mod own_dossier;
