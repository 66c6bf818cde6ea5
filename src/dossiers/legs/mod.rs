//! Dossiers that several agencies resolve (liên thông): the parent, with which the citizen deals, and its legs, in which
//! the work is done. Each leg has a dossier of its own from the moment in which it begins; whatever changes its course
//! lets the parent follow (`follow`), and what the citizen does with the parent reaches its legs (`parent`).

mod acknowledge;
mod begin;
mod family;
mod follow;
mod parent;
mod people;
mod view;

pub(super) use acknowledge::{acknowledge, expect_of_another};
pub(super) use begin::{begin_all, read_lead};
pub(super) use family::{check_recall, kind_of};
pub(super) use follow::{Cause, follow};
pub(super) use parent::{end_all, hand_over_all, supply_one, void_all};
pub(super) use people::{people_of, rename, shown_with, tell};
pub use view::{LegView, ParentView};
pub(super) use view::{legs_of, parent_of};

use crate::domain::dossier_kind::NotHere;
use crate::error::{AppError, Said};

/// The answer for a verb that belongs to another part of the family.
pub(super) fn not_here(why: NotHere) -> AppError {
    match why {
        NotHere::Now(refused) => super::change::forbidden_now(&refused),
        NotHere::IsNoLeg => conflict("no_leg", "Hồ sơ này không phải nhánh liên thông", "This dossier is no leg"),
        NotHere::InItsLegs => conflict(
            "done_in_its_legs",
            "Việc này làm trên từng nhánh liên thông; xem legs của hồ sơ",
            "This is done in the legs of the dossier; see its legs",
        ),
        NotHere::WithTheParent => conflict(
            "done_with_the_parent",
            "Việc này làm trên hồ sơ liên thông chung; xem parent của nhánh",
            "This is done with the parent of which the dossier is a leg; see its parent",
        ),
    }
}

fn conflict(code: &'static str, vi: &str, en: &str) -> AppError {
    AppError::Conflict(Said::new(code, vi, en))
}
