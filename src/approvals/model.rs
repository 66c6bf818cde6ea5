//! What is proposed, and what became of it.

use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde_json::{Value, json};

use crate::domain::code::DossierCode;
use crate::domain::ids::{ApprovalId, StaffId};
use crate::domain::role::{Deed, Role};
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
    /// A dossier that was ended wrongly goes on.
    UndoEnd {
        /// Which one.
        code: DossierCode,
        /// Why.
        reason: String,
    },
    /// An account gets a role that reaches over the whole province.
    GrantRole {
        /// Which account.
        staff: StaffId,
        /// Which role.
        role: Role,
        /// Why.
        reason: String,
    },
    /// Units merge, split, or are renamed.
    Reorganise {
        /// The code of the reorganisation.
        code: String,
        /// What becomes of which unit: `reorganisations::PlanForm`.
        plan: Value,
        /// The decision that it rests on.
        source: String,
    },
    /// A draft of a wording may come into use.
    ReviewTemplate {
        /// The version: `received/sms/2`.
        template: String,
        /// Why.
        reason: String,
    },
    /// The same is done with many notices.
    NoticeDeed {
        /// What, and with which, in words.
        subject: String,
        /// The order: `notices::deeds`.
        order: Value,
        /// Why.
        reason: String,
    },
}

/// What confirmations run, by kind of proposal. Held as `web::Data`.
#[derive(Clone, Copy)]
pub struct Hands {
    /// Voids a dossier.
    pub void_dossier: fn(&mut PgConnection, &Act<'_>, &DossierCode, &str) -> Result<(), AppError>,
    /// Undoes the end of a dossier.
    pub undo_end: fn(&mut PgConnection, &Act<'_>, &DossierCode, &str) -> Result<(), AppError>,
    /// Gives an account a role.
    pub grant_role: fn(&mut PgConnection, &Act<'_>, StaffId, Role) -> Result<(), AppError>,
    /// Decides that units are reorganised.
    pub reorganise: fn(&mut PgConnection, &Act<'_>, Value) -> Result<(), AppError>,
    /// Finds a draft of a wording right.
    pub review_template: fn(&mut PgConnection, &Act<'_>, &str) -> Result<(), AppError>,
    /// Does the same with many notices.
    pub notice_deed: fn(&mut PgConnection, &Act<'_>, Value) -> Result<(), AppError>,
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

pub(super) const VOID_DOSSIER: &str = "void_dossier";
pub(super) const UNDO_END: &str = "undo_end";
pub(super) const GRANT_ROLE: &str = "grant_role";
pub(super) const REORGANISE: &str = "reorganise";
pub(super) const REVIEW_TEMPLATE: &str = "review_template";
pub(super) const NOTICE_DEED: &str = "notice_deed";

impl Proposal {
    /// Returns the word for what is proposed.
    pub fn verb(&self) -> &'static str {
        match self {
            Self::VoidDossier { .. } => VOID_DOSSIER,
            Self::UndoEnd { .. } => UNDO_END,
            Self::GrantRole { .. } => GRANT_ROLE,
            Self::Reorganise { .. } => REORGANISE,
            Self::ReviewTemplate { .. } => REVIEW_TEMPLATE,
            Self::NoticeDeed { .. } => NOTICE_DEED,
        }
    }

    /// Returns the code or key of what it is about; the same is proposed only once at a time.
    pub fn subject(&self) -> String {
        match self {
            Self::VoidDossier { code, .. } | Self::UndoEnd { code, .. } => code.as_str().to_owned(),
            Self::GrantRole { staff, .. } => staff.to_string(),
            Self::Reorganise { code, .. } => code.clone(),
            Self::ReviewTemplate { template, .. } => template.clone(),
            Self::NoticeDeed { subject, .. } => subject.clone(),
        }
    }

    /// Returns what a person needs to be allowed to propose it, and what another needs to confirm it.
    pub(super) fn deeds(&self) -> (Deed, Deed) {
        match self {
            Self::VoidDossier { .. } | Self::UndoEnd { .. } => (Deed::Propose, Deed::Confirm),
            Self::GrantRole { .. } => (Deed::ManageStaff, Deed::ConfirmWide),
            Self::Reorganise { .. } => (Deed::ManageCatalogue, Deed::ConfirmWide),
            Self::ReviewTemplate { .. } => (Deed::ManageNotices, Deed::ConfirmWide),
            Self::NoticeDeed { .. } => (Deed::ResendNotices, Deed::ConfirmNotices),
        }
    }

    /// Returns why.
    pub fn reason(&self) -> &str {
        match self {
            Self::VoidDossier { reason, .. } | Self::UndoEnd { reason, .. } => reason,
            Self::GrantRole { reason, .. } | Self::ReviewTemplate { reason, .. } => reason,
            Self::Reorganise { source, .. } => source,
            Self::NoticeDeed { reason, .. } => reason,
        }
    }

    /// Returns what the use case needs beside subject and reason.
    pub(super) fn body(&self) -> Value {
        match self {
            Self::VoidDossier { .. } | Self::UndoEnd { .. } | Self::ReviewTemplate { .. } => json!({}),
            Self::GrantRole { role, .. } => json!({"role": role}),
            Self::Reorganise { plan, .. } => plan.clone(),
            Self::NoticeDeed { order, .. } => order.clone(),
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
    /// What more there is to say, by kind.
    pub body: Value,
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

    /// Returns the word of the role that an account would get.
    pub fn role(&self) -> Option<&str> {
        self.body.get("role")?.as_str()
    }

    /// Returns how many notices it was about when it was proposed.
    pub fn notices(&self) -> Option<i64> {
        self.body.get("count")?.as_i64()
    }

    /// Returns what is proposed, as it was told to `propose`.
    pub(super) fn proposal(&self) -> Result<Proposal, AppError> {
        let unreadable = || AppError::internal(format!("approval {} can't be read", self.id));
        match self.verb.as_str() {
            VOID_DOSSIER => Ok(Proposal::VoidDossier {
                code: DossierCode::read(&self.subject).ok_or_else(unreadable)?,
                reason: self.reason.clone(),
            }),
            UNDO_END => Ok(Proposal::UndoEnd {
                code: DossierCode::read(&self.subject).ok_or_else(unreadable)?,
                reason: self.reason.clone(),
            }),
            GRANT_ROLE => Ok(Proposal::GrantRole {
                staff: StaffId(self.subject.parse().or(Err(unreadable()))?),
                role: self.role().and_then(|word| word.parse().ok()).ok_or_else(unreadable)?,
                reason: self.reason.clone(),
            }),
            REORGANISE => Ok(Proposal::Reorganise {
                code: self.subject.clone(),
                plan: self.body.clone(),
                source: self.reason.clone(),
            }),
            REVIEW_TEMPLATE => {
                Ok(Proposal::ReviewTemplate { template: self.subject.clone(), reason: self.reason.clone() })
            }
            NOTICE_DEED => Ok(Proposal::NoticeDeed {
                subject: self.subject.clone(),
                order: self.body.clone(),
                reason: self.reason.clone(),
            }),
            _ => Err(unreadable()),
        }
    }
}
