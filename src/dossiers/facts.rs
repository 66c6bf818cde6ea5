//! What the conditions of a process look at, of one dossier.

use diesel::prelude::*;

use super::deadline::Derivation;
use super::model::Dossier;
use super::{legs, queries};
use crate::domain::dossier::PaperState;
use crate::domain::person::{Part, PersonKind};
use crate::domain::process::Facts;
use crate::error::AppError;
use crate::platform::db::take_in_hand;
use crate::schema::dossier_people;

/// Loads them.
///
/// # Errors
/// Whatever the database says.
pub(super) fn load(conn: &mut PgConnection, dossier: &Dossier, choice: Option<String>) -> Result<Facts, AppError> {
    // The people of a leg are kept with its parent, and so are the papers that came with it.
    let holder = legs::shown_with(dossier);
    let is_leg = holder != dossier.id;
    let mut papers = queries::papers(conn, dossier.id)?;
    if is_leg {
        take_in_hand(conn, holder)?;
        papers.extend(queries::papers(conn, holder)?);
    }
    let applicant_kind: PersonKind =
        dossier_people::table.find((holder, Part::Applicant)).select(dossier_people::kind).first(conn)?;
    if is_leg {
        take_in_hand(conn, dossier.id)?;
    }
    let derivation = dossier.derivation.is_some().then(|| Derivation::of(dossier)).transpose()?;
    let here = |state: PaperState| state != PaperState::Asked;
    let papers = papers.into_iter().filter(|paper| here(paper.state));
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
