//! What a dossier is to others, and which verbs are for it: a dossier that several agencies resolve is a parent with legs
//! (`legs`).

use super::dossier::{Refused, Status, Verb};

/// What a dossier is to others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DossierKind {
    /// It stands alone, as most do.
    Alone,
    /// It is made of legs.
    Parent,
    /// It is a leg of another.
    Leg,
}

/// The verb is for another dossier of the family, or for another moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotHere {
    /// Only legs are acknowledged.
    IsNoLeg,
    /// The work is done in the legs.
    InItsLegs,
    /// The citizen deals with the parent.
    WithTheParent,
    /// The status forbids it.
    Now(Refused),
}

impl DossierKind {
    /// Checks a verb against what the dossier is and its status. Legs do the work; the citizen deals with the parent:
    /// one slip, one set of people, one result. Papers asked for by a leg are supplied to the parent at any time.
    ///
    /// # Errors
    /// Where the verb belongs.
    pub fn check(self, verb: Verb, status: Status) -> Result<(), NotHere> {
        use Verb::{
            Accept, Acknowledge, Apologise, Arrive, Correct, Decline, Extend, GiveBack, HandOver, SetCase, Stop,
            Supply, Transfer, Undo, Void, Withdraw,
        };
        match (self, verb) {
            (Self::Parent, Supply) if status.is_open() => return Ok(()),
            (Self::Alone | Self::Parent, Acknowledge) => return Err(NotHere::IsNoLeg),
            (
                Self::Leg,
                Accept | Decline | Transfer | Withdraw | Arrive | HandOver | GiveBack | Undo | Void | Correct,
            ) => {
                return Err(NotHere::WithTheParent);
            }
            (
                Self::Parent,
                Transfer | SetCase | Extend | Apologise | Supply | Withdraw | Stop | Arrive | HandOver | GiveBack
                | Void | Correct,
            )
            | (Self::Alone | Self::Leg, _) => {}
            (Self::Parent, _) => return Err(NotHere::InItsLegs),
        }
        verb.check(status).map_err(NotHere::Now)
    }
}
