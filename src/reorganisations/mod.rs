//! Reorganisations of units (sắp xếp đơn vị: nhập, chia, đổi tên, đổi mã): one person proposes, another confirms (`decide`),
//! and the house carries them out on their day (`follow`). Dossiers keep code and history; lists and rights follow.

mod carry_out;
mod decide;
mod follow;
mod foresee;
mod form;
mod model;
mod placing;
mod queries;
pub mod routes;
mod view;

pub use decide::decide;
pub use follow::{Step, step, tick};
pub use foresee::foresee;
pub use form::{MoveForm, Plan, PlanForm, RenameForm, StaffForm};
pub use model::{Reorganisation, Stage};
