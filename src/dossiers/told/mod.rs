//! What the people of a dossier were told: its notices in their order, and the proof of them to print.

pub mod routes;

use diesel::PgConnection;

use super::identity::reads;
use super::legs;
use super::view;
use crate::domain::code::DossierCode;
use crate::domain::person::ShownIn;
use crate::error::AppError;
use crate::http::page::Page;
use crate::notices::{About, NoticeView, NoticesAsked, list_of_dossier, proof_page};
use crate::state::Act;

/// Lists the notices of a dossier, the first first.
///
/// # Errors
/// [`AppError::NotFound`] for a dossier that who asks may not know of.
fn list(
    conn: &mut PgConnection,
    act: &Act<'_>,
    code: &DossierCode,
    asked: NoticesAsked,
) -> Result<Page<NoticeView>, AppError> {
    let dossier = view::visible(conn, act, code)?;
    list_of_dossier(conn, dossier.id, asked)
}

/// Makes the proof of what was sent for a dossier. Words may name people, so who sees them is written down.
///
/// # Errors
/// [`AppError::NotFound`] for a dossier that who asks may not know of.
fn proof(conn: &mut PgConnection, act: &Act<'_>, code: &DossierCode) -> Result<String, AppError> {
    let dossier = view::visible(conn, act, code)?;
    let catalogue = act.catalogue();
    let about = About {
        code: dossier.code.clone(),
        procedure: catalogue.procedure(dossier.procedure_version_id).map(|procedure| procedure.name.clone()),
        unit: catalogue.unit(dossier.resolving_unit_id).map(|unit| unit.name.clone()),
    };
    let page = proof_page(conn, act, dossier.id, &about)?;
    if page.shows_words {
        reads::note(conn, act, &[legs::shown_with(&dossier)], (ShownIn::NoticeProof, None))?;
    }
    Ok(page.html)
}
