//! What is proposed, and what became of it.

use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde_json::{Value, json};

use crate::domain::code::DossierCode;
use crate::domain::ids::{ApprovalId, StaffId};
use crate::domain::words::words;
use crate::error::AppError;
use crate::state::Act;

/// What can be proposed. One more needs a line in each function here, a field of [`Hands`] and an arm in `confirm`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proposal {
    /// A dossier entered by mistake stops counting anywhere.
    VoidDossier {
        /// Which one.
        code: DossierCode,
        /// Why.
        reason: String,
    },
}

/// What confirmations run, by kind of proposal. Held as `web::Data`.
#[derive(Clone, Copy)]
pub struct Hands {
    /// Voids a dossier.
    pub void_dossier: fn(&mut PgConnection, &Act<'_>, &DossierCode, &str) -> Result<(), AppError>,
}

words! {
    /// What became of a proposal.
    pub enum State {
        /// It waits.
        Open = "open",
        /// Another person said yes, and it was done.
        Confirmed = "confirmed",
        /// Somebody said no.
        Rejected = "rejected",
        /// Nobody said anything in time.
        Expired = "expired",
    }
}

const VOID_DOSSIER: &str = "void_dossier";

impl Proposal {
    /// Returns the word for what is proposed.
    pub fn verb(&self) -> &'static str {
        match self {
            Self::VoidDossier { .. } => VOID_DOSSIER,
        }
    }

    /// Returns the code of what it is about; the same is proposed only once at a time.
    pub fn subject(&self) -> &str {
        match self {
            Self::VoidDossier { code, .. } => code.as_str(),
        }
    }

    /// Returns why.
    pub fn reason(&self) -> &str {
        match self {
            Self::VoidDossier { reason, .. } => reason,
        }
    }

    /// Returns what the use case needs beside subject and reason.
    pub(super) fn body(&self) -> Value {
        match self {
            Self::VoidDossier { .. } => json!({}),
        }
    }
}

/// A proposal with its people and its fate.
#[derive(Debug, Clone, diesel::Queryable)]
pub struct Approval {
    /// Its key.
    pub id: ApprovalId,
    /// What is proposed.
    pub verb: String,
    /// Of what: a dossier's code, say.
    pub subject: String,
    /// Why.
    pub reason: String,
    /// Who proposed it.
    pub proposed_by: StaffId,
    /// The name of who did.
    pub proposed_by_name: String,
    /// When.
    pub proposed_at: DateTime<Utc>,
    /// Until when it can be confirmed.
    pub expires_at: DateTime<Utc>,
    /// The stored state: nobody writes `expired` when the moment comes.
    pub stored: String,
    /// Who decided.
    pub decided_by: Option<StaffId>,
    /// When.
    pub decided_at: Option<DateTime<Utc>>,
}

impl Approval {
    /// Returns what became of it until `now`.
    pub fn state_at(&self, now: DateTime<Utc>) -> State {
        match (self.stored.as_str(), self.decided_by) {
            ("confirmed", _) => State::Confirmed,
            // Closed by nobody: it made way for the same, proposed anew.
            ("rejected", None) => State::Expired,
            ("rejected", Some(_)) => State::Rejected,
            _ if self.expires_at <= now => State::Expired,
            _ => State::Open,
        }
    }

    /// Returns what is proposed, as it was told to `propose`.
    pub(super) fn proposal(&self) -> Result<Proposal, AppError> {
        let unreadable = || AppError::internal(format!("approval {} can't be read", self.id));
        match self.verb.as_str() {
            VOID_DOSSIER => Ok(Proposal::VoidDossier {
                code: DossierCode::read(&self.subject).ok_or_else(unreadable)?,
                reason: self.reason.clone(),
            }),
            _ => Err(unreadable()),
        }
    }
}
