//! Dossiers that several agencies resolve: one parent for the citizen, a leg with its own clock for each agency.

mod rules;
