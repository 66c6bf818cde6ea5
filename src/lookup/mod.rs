//! The public status of a dossier: anyone may ask, and only public columns are read
//! (TT 01/2018/TT-VPCP Đ16.2.d: without log-in the code and the degree of completion, nothing else).

mod expected;
mod legs;
mod queries;
pub mod routes;
mod view;
mod wording;

pub use view::{PinnedOut, Reading, StatusOut, UnitOut, read_known, status_of};
