//! Keys of the things that are kept: one type each, so that no dossier is looked up by a unit's key.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident,)+) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// Makes a new key; keys made later sort later.
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

impl NoticeId {
    /// Returns a number that is the same for the same notice and evenly strewn over many.
    pub fn luck(self) -> u64 {
        self.0.as_u64_pair().1
    }
}

ids! {
    /// A unit (cơ quan, đơn vị).
    UnitId,
    /// A field (lĩnh vực).
    FieldId,
    /// A procedure (TTHC), whatever its version.
    ProcedureId,
    /// One version of a procedure.
    ProcedureVersionId,
    /// A process (quy trình), whatever its version.
    ProcessId,
    /// One version of a process.
    ProcessVersionId,
    /// A dossier (hồ sơ).
    DossierId,
    /// An event in a dossier's history.
    EventId,
    /// A pause (tạm dừng).
    PauseId,
    /// A member of staff.
    StaffId,
    /// A log-in.
    SessionId,
    /// A second factor of an account.
    SecondFactorId,
    /// An API key.
    KeyId,
    /// A request for a one-time code.
    OneTimeCodeId,
    /// What a citizen holds after coming in.
    CitizenSessionId,
    /// A citizen's device to which news are pushed.
    CitizenDeviceId,
    /// A log-in under way at an identity provider.
    LogInId,
    /// A proposal that waits for a second person.
    ApprovalId,
    /// A notice (thông báo).
    NoticeId,
    /// What an operator did with a notice.
    NoticeDeedId,
    /// A line of the suppression list.
    SuppressionId,
    /// A report or register that the worker makes.
    ExportId,
    /// One version of a notice's wording.
    TemplateId,
    /// An entry of the audit.
    AuditEntryId,
    /// A sealed report.
    SealId,
    /// One showing of whole numbers and addresses to somebody.
    IdentityReadId,
}
