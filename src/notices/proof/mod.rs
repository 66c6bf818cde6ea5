//! A page to print: what was sent for a dossier, when, to which masked address, in which words, and what became of it.

mod page;
mod tables;

use diesel::PgConnection;

use self::page::Printed;
use super::evidence::{self, Words};
use crate::domain::ids::DossierId;
use crate::domain::period::office_time;
use crate::error::AppError;
use crate::state::Act;

/// What a proof says of its dossier.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// Its code.
    pub code: String,
    /// What was asked for.
    pub procedure: Option<String>,
    /// Who resolves it.
    pub unit: Option<String>,
}

/// A proof, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofPage {
    /// HTML without a script, with nothing from elsewhere.
    pub html: String,
    /// Whether words are shown, which may name people.
    pub shows_words: bool,
}

/// The styles of the page, which its policy names by their hash.
pub const STYLES: &str = include_str!("proof.css");

/// Makes the proof of a dossier that who acts was found to see.
///
/// # Errors
/// Whatever the database says, or words that do not open.
pub fn proof_page(
    conn: &mut PgConnection,
    act: &Act<'_>,
    dossier: DossierId,
    about: &About,
) -> Result<ProofPage, AppError> {
    let proofs = evidence::of_dossier(conn, act, dossier)?;
    let unit = act.catalogue().unit(act.by.unit).map(|unit| unit.name.clone());
    let printed = Printed { at: office_time(act.now), by: act.by.name.clone(), unit };
    Ok(ProofPage {
        shows_words: proofs.iter().any(|proof| matches!(proof.words, Words::Said(_))),
        html: page::write(about, &printed, &proofs),
    })
}
