//! Whether seals are what they were: bytes, dossiers and audit still tell one hash.

use std::fmt;

use data_encoding::HEXLOWER;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use sha2::{Digest, Sha256};

use super::content::Kept;
use super::queries::{self, SealRow};
use crate::domain::audit::{Action, Subject};
use crate::domain::ids::SealId;
use crate::error::AppError;
use crate::platform::progress::Progress;
use crate::schema::{audit_entries, seals};

/// What is wrong with a seal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Its bytes are not what was hashed.
    Content {
        /// Which.
        seal: SealId,
    },
    /// The dossiers behind it are not those that its bytes name by their hash.
    Dossiers {
        /// Which.
        seal: SealId,
    },
    /// The audit knows nothing of it, or another hash.
    Audit {
        /// Which.
        seal: SealId,
    },
    /// The audit knows of it, and it is gone.
    Gone {
        /// What the audit calls it.
        subject: String,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Content { seal } => write!(f, "seal {seal}: its content was changed"),
            Self::Dossiers { seal } => write!(f, "seal {seal}: the dossiers behind it were changed"),
            Self::Audit { seal } => write!(f, "seal {seal}: the audit does not tell its hash"),
            Self::Gone { subject } => write!(f, "{subject} is in the audit and is gone"),
        }
    }
}

/// What was found.
#[derive(Debug)]
pub struct Findings {
    /// All that is wrong.
    pub faults: Vec<Fault>,
    /// How many seals were looked at.
    pub seals: usize,
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} seals, {} faults", self.seals, self.faults.len())
    }
}

/// Verifies every seal, changing nothing.
///
/// # Errors
/// Whatever the database says.
pub fn verify(conn: &mut PgConnection, progress: &Progress) -> Result<Findings, AppError> {
    conn.batch_execute("SET LOCAL statement_timeout = 0")?;
    let rows: Vec<SealRow> =
        seals::table.order((seals::sealed_at, seals::id)).select(SealRow::as_select()).load(conn)?;
    let told: Vec<(String, serde_json::Value)> = audit_entries::table
        .filter(audit_entries::action.eq(Action::ReportSealed.as_str()))
        .order(audit_entries::id)
        .select((audit_entries::subject, audit_entries::details))
        .load(conn)?;
    progress.set_total(u64::try_from(rows.len()).unwrap_or(0));
    let mut faults = Vec::new();
    for row in &rows {
        let content = queries::content(conn, row.id)?;
        faults.extend(of_seal(conn, row, &content)?);
        let (subject, hash) = (Subject::Seal(row.id).to_string(), HEXLOWER.encode(&row.hash));
        let is_told = told.iter().any(|(of, details)| *of == subject && details["hash"] == hash.as_str());
        faults.extend((!is_told).then_some(Fault::Audit { seal: row.id }));
        progress.advance(1);
    }
    let is_there = |subject: &str| rows.iter().any(|row| Subject::Seal(row.id).to_string() == subject);
    let gone = told.into_iter().map(|(subject, _)| subject).filter(|subject| !is_there(subject));
    faults.extend(gone.map(|subject| Fault::Gone { subject }));
    progress.finish();
    Ok(Findings { faults, seals: rows.len() })
}

/// Says what is wrong with a seal by itself.
pub(super) fn of_seal(conn: &mut PgConnection, row: &SealRow, content: &[u8]) -> Result<Option<Fault>, AppError> {
    if Sha256::digest(content).as_slice() != row.hash {
        return Ok(Some(Fault::Content { seal: row.id }));
    }
    let kept = Kept::read(content)?;
    let (count, hash) = queries::dossiers_hash(conn, row.id)?;
    let holds = (kept.dossiers.count, &*kept.dossiers.hash) == (count, &*HEXLOWER.encode(&hash));
    Ok((!holds).then_some(Fault::Dossiers { seal: row.id }))
}
