//! Figures: what each cell counts, who may read them, and that they always add up.

mod cells;
mod properties;
mod routes;
