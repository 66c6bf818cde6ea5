//! What the conditions of a process look at, of one dossier.

use diesel::prelude::*;

use super::deadline::Derivation;
use super::model::Dossier;
use super::queries;
use crate::domain::dossier::PaperState;
use crate::domain::person::{Part, PersonKind};
use crate::domain::process::Facts;
use crate::error::AppError;
use crate::schema::dossier_people;

/// Loads them.
///
/// # Errors
/// Whatever the database says.
pub(super) fn load(conn: &mut PgConnection, dossier: &Dossier, choice: Option<String>) -> Result<Facts, AppError> {
    let applicant_kind: PersonKind =
        dossier_people::table.find((dossier.id, Part::Applicant)).select(dossier_people::kind).first(conn)?;
    let derivation = dossier.derivation.is_some().then(|| Derivation::of(dossier)).transpose()?;
    let here = |state: PaperState| state != PaperState::Asked;
    let papers = queries::papers(conn, dossier.id)?.into_iter().filter(|paper| here(paper.state));
    Ok(Facts {
        choice,
        channel: dossier.channel,
        applicant_kind,
        result_delivery: dossier.result_delivery,
        hard_area: derivation.as_ref().is_some_and(|derivation| derivation.hard_area),
        cases: derivation.map(|found| found.cases.into_iter().map(|case| case.code).collect()).unwrap_or_default(),
        papers: papers.filter_map(|paper| paper.code).collect(),
    })
}
