//! A dossier's life, one file per verb. Each verb, in one transaction: locks the dossier, checks itself against
//! the status, writes the new state, one event, and the notices it causes (`change::Change`).

pub mod access;
pub mod action;
mod change;
mod deadline;
pub mod identity;
pub mod import;
mod legs;
mod model;
mod numbering;
pub mod people;
mod queries;
pub mod recalculate;
pub mod routes;
pub mod search;
mod steps;
pub mod view;

mod accept;
mod assign;
mod batch;
mod consult;
mod correct;
mod end;
mod extend;
mod facts;
mod finish;
pub mod foresight;
mod give_back;
mod hand_over;
mod held;
mod held_by;
mod immediate;
pub mod intake;

mod mirror;
mod named_units;
mod originals;
mod papers;
mod pause;
mod payment;
mod process;
mod receive;
mod redirect;
pub mod remind;
mod set_case;
mod step;
pub mod succeed;
mod supplement;
mod suspend;
pub mod told;
pub mod undo;
pub mod void;

pub use change::Ask;
pub use intake::{Intake, Notify};
pub use model::Dossier;
pub use papers::PaperForm;
pub use people::PersonForm;
pub use receive::{Received, receive, submit};
