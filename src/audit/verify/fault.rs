//! What can be wrong with the audit, each in one line.

use std::fmt;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::http::office_time::OfficeTime;

/// Which checkpoint says something, and where it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// Its number.
    pub number: i64,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// Its line in the file of those kept elsewhere; `None` for one of the database.
    pub line: Option<usize>,
}

/// One fault. `chain` is the code of a unit, or `house`; `seq` the place in the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are what the lines say")]
pub enum Fault {
    /// An entry is not as it was when it was linked.
    Edited { chain: String, seq: i64, entry: Uuid },
    /// An entry that was linked is not there.
    Deleted { chain: String, seq: i64, entry: Uuid },
    /// Places are empty.
    LinksMissing { chain: String, from: i64, to: i64 },
    /// A link does not follow the one before it.
    Disordered { chain: String, seq: i64, entry: Uuid },
    /// More of a chain is wrong than is worth naming.
    More { chain: String, count: usize },
    /// A checkpoint saw another entry at this place.
    Rewritten { chain: String, seq: i64, entry: Uuid, witness: Witness },
    /// A checkpoint saw more of the chain than there is.
    TailCut { chain: String, last: i64, seen: i64, witness: Witness },
    /// An entry is neither linked nor waits for it.
    Inserted { entry: Uuid },
    /// An entry that waited for its link is not there.
    WaitingDeleted { entry: Uuid },
    /// No key of ours signed it like this.
    NotSigned { witness: Witness },
    /// Numbers of checkpoints are missing in the database.
    CheckpointsMissing { from: i64, to: i64 },
    /// A checkpoint that was kept is not in the database.
    KeptMissing { witness: Witness },
    /// A checkpoint that was kept is another one in the database.
    KeptDiffers { witness: Witness },
    /// A line of the file is no checkpoint.
    KeptUnreadable { line: usize },
}

impl fmt::Display for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, made_at, line } = self;
        write!(f, "checkpoint {number} of {}", OfficeTime(*made_at))?;
        match line {
            Some(line) => write!(f, " (line {line} of the file)"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Edited { chain, seq, entry } => {
                write!(f, "{chain} {seq}: entry {entry} is not what was linked: it was edited or exchanged")
            }
            Self::Deleted { chain, seq, entry } => write!(f, "{chain} {seq}: entry {entry} was deleted"),
            Self::LinksMissing { chain, from, to } if from == to => write!(f, "{chain} {from}: the link was deleted"),
            Self::LinksMissing { chain, from, to } => write!(f, "{chain} {from} to {to}: the links were deleted"),
            Self::Disordered { chain, seq, entry } => write!(
                f,
                "{chain} {seq}: entry {entry} does not follow {chain} {}: entries were reordered or inserted here",
                seq - 1
            ),
            Self::More { chain, count } => write!(f, "{chain}: {count} more faults"),
            Self::Rewritten { chain, seq, entry, witness } => write!(
                f,
                "{chain} {seq}: entry {entry} is not what {witness} saw here: the chain was rewritten from here or before"
            ),
            Self::TailCut { chain, last, seen, witness } => {
                write!(f, "{chain} {last}: the tail was cut here: {witness} saw the chain up to {seen}")
            }
            Self::Inserted { entry } => {
                write!(f, "entry {entry} is in no chain and waits for none: it was inserted, or its link was deleted")
            }
            Self::WaitingDeleted { entry } => write!(f, "entry {entry} waited for its link and was deleted"),
            Self::NotSigned { witness } => write!(
                f,
                "{witness} is not signed by a known key: it was forged, or secrets.audit_public_keys lacks its key"
            ),
            Self::CheckpointsMissing { from, to } if from == to => write!(f, "checkpoint {from} was deleted"),
            Self::CheckpointsMissing { from, to } => write!(f, "checkpoints {from} to {to} were deleted"),
            Self::KeptMissing { witness } => write!(f, "{witness} is not in the database: it was deleted"),
            Self::KeptDiffers { witness } => write!(f, "{witness} is another one in the database: it was exchanged"),
            Self::KeptUnreadable { line } => write!(f, "line {line} of the file is no checkpoint"),
        }
    }
}
