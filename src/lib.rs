//! The open backend of a Vietnamese province's one-stop shop (một cửa).

pub mod analysis;
pub mod app;
pub mod approvals;
pub mod audit;
pub mod calendars;
pub mod campaigns;
pub mod catalogue;
pub mod citizens;
pub mod command;
pub mod config;
pub mod costs;
pub mod domain;
pub mod dossiers;
pub mod error;
pub mod exports;
pub mod health;
pub mod http;
pub mod listening;
pub mod lookup;
pub mod notices;
pub mod openapi;
pub mod platform;
pub mod quality;
pub mod reorganisations;
pub mod retention;
pub mod routes;
#[expect(missing_docs, reason = "written by diesel")]
pub mod schema;
pub mod seals;
pub mod sign_on;
pub mod simulation;
pub mod staff;
pub mod state;
pub mod statistics;
pub mod worker;
