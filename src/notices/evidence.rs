//! All that proves what became of notices: their words, every attempt and receipt, and what operators did with them.

use std::collections::HashMap;

use diesel::PgConnection;
use serde::{Deserialize, Serialize};

use super::deeds::history::{self, DeedRow};
use super::enqueue::context;
use super::queries::{self, AttemptRow, Listed, ReceiptRow, Sealed};
use crate::costs::{Paid, paid_for};
use crate::domain::ids::{DossierId, NoticeId};
use crate::domain::notice::{Facts, Wording};
use crate::error::AppError;
use crate::state::Act;

/// What lies sealed in a notice. Notices of before facts were kept have none.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Said {
    #[serde(flatten)]
    pub(super) wording: Wording,
    #[serde(default)]
    pub(super) facts: Facts,
}

/// The words of a notice, as far as they may and can be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Words {
    /// As they went out.
    Said(Wording),
    /// A secret of who got them.
    Secret,
    /// Erased when their time was over.
    Erased,
}

/// One notice with all that proves it.
pub(super) struct Proof {
    pub(super) listed: Listed,
    pub(super) words: Words,
    /// The version of the template that it was made of.
    pub(super) version: i32,
    pub(super) attempts: Vec<AttemptRow>,
    pub(super) receipts: Vec<ReceiptRow>,
    pub(super) deeds: Vec<DeedRow>,
    pub(super) paid: Paid,
}

/// Opens what lies sealed in a notice; none once it is erased.
pub(super) fn open(act: &Act<'_>, id: NoticeId, sealed: &Sealed) -> Result<Option<Said>, AppError> {
    if sealed.wording.is_empty() {
        return Ok(None);
    }
    let opened = act.office.vault.open(sealed.key_id, &context(id, "wording"), &sealed.wording)?;
    serde_json::from_str(&opened).map(Some).map_err(|err| AppError::Internal(err.into()))
}

/// Gathers what proves notices that who acts was found to see, in their order.
///
/// # Errors
/// Whatever the database says, or words that do not open.
pub(super) fn prove(conn: &mut PgConnection, act: &Act<'_>, found: Vec<Listed>) -> Result<Vec<Proof>, AppError> {
    let ids: Vec<NoticeId> = found.iter().map(|(row, ..)| row.id).collect();
    let mut sealed = queries::wordings(conn, &ids)?;
    let mut attempts = by_notice(queries::attempts(conn, &ids)?, |row| Some(row.notice_id));
    let mut receipts = by_notice(queries::receipts(conn, &ids)?, |row| row.notice_id.map(NoticeId));
    let mut paid = paid_for(conn, &ids)?;
    let mut deeds = by_notice(history::of(conn, &ids)?, |row| Some(row.notice_id));
    let mut proofs = Vec::with_capacity(found.len());
    for listed in found {
        let id = listed.0.id;
        let sealed = sealed.remove(&id).ok_or_else(|| AppError::internal(format!("notice {id} has no template")))?;
        let words = match listed.0.purpose.is_secret() {
            true => Words::Secret,
            false => open(act, id, &sealed)?.map_or(Words::Erased, |said| Words::Said(said.wording)),
        };
        proofs.push(Proof {
            listed,
            words,
            version: sealed.version,
            attempts: attempts.remove(&id).unwrap_or_default(),
            receipts: receipts.remove(&id).unwrap_or_default(),
            deeds: deeds.remove(&id).unwrap_or_default(),
            paid: paid.remove(&id).unwrap_or_default(),
        });
    }
    Ok(proofs)
}

/// The notices of one dossier that a proof holds at most; no dossier has nearly so many.
const MOST: i64 = 1000;

/// Gathers what proves all notices of a dossier, the first first.
pub(super) fn of_dossier(conn: &mut PgConnection, act: &Act<'_>, dossier: DossierId) -> Result<Vec<Proof>, AppError> {
    let found = queries::of_dossier(conn, dossier, (None, MOST))?;
    prove(conn, act, found)
}

fn by_notice<T>(rows: Vec<T>, key: impl Fn(&T) -> Option<NoticeId>) -> HashMap<NoticeId, Vec<T>> {
    let mut parted: HashMap<NoticeId, Vec<T>> = HashMap::new();
    for row in rows {
        if let Some(id) = key(&row) {
            parted.entry(id).or_default().push(row);
        }
    }
    parted
}
