//! The service, tried from outside: one binary, one folder a feature.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected fails where it stands"
)]

mod support;

mod access;
mod approvals;
mod audit;
mod backup;
mod calendars;
mod campaigns;
mod catalogue;
mod citizens;
mod command_line;
mod contract;
mod database_roles;
mod deadlines;
mod demo;
mod doors;
mod dossiers;
mod dossiers_import;
mod edge;
mod embedded_postgres;
mod exports;
mod fuzzed;
mod house;
mod intake;
mod killed;
mod legs;
mod lookup;
mod migrations;
mod notices;
mod operation;
mod personal;
mod processes;
mod readme;
mod renewed;
mod reorganisations;
mod seals;
mod settings;
mod sign_on;
mod simulation;
mod staff;
mod statistics;
