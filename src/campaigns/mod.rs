//! Invitations to collect a result before its due date, as a campaign of its own: who was invited when, reached or not
//! and why, came or not and how soon, and how many working days the office was early.
//!
//! A dossier counts once, with its last invitation. A figure and the dossiers behind it share one classification
//! (`invited`), in SQL and at one instant.

mod cell;
mod files;
mod invited;
pub mod routes;
mod table;
mod view;

use crate::domain::words::words;

words! {
    /// What makes a row.
    pub enum CampaignGroup {
        /// The unit that resolves.
        Unit = "unit",
        /// The month of the invitation, of the calendar.
        Month = "month",
        /// The kind of unit.
        Kind = "kind",
        /// The unit in a month.
        UnitMonth = "unit_month",
    }
}
