//! Shows the people of a dossier whole to who oversees and gives a reason; the audit and the readings keep both.

use diesel::PgConnection;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::reads;
use crate::audit;
use crate::domain::audit::{Action, Subject};
use crate::domain::code::DossierCode;
use crate::domain::person::{Part, ShownIn};
use crate::dossiers::legs;
use crate::dossiers::people::PersonView;
use crate::dossiers::view;
use crate::error::AppError;
use crate::state::Act;

/// Why.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnmaskForm {
    /// What it is needed for: 10–500 characters.
    pub reason: Option<String>,
}

/// The people of a dossier, whole.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct IdentityView {
    /// The dossier's code.
    pub code: String,
    /// Whom it is for.
    pub applicant: Option<PersonView>,
    /// Who brought it.
    pub submitter: Option<PersonView>,
}

/// Shows the people of a dossier whole, and records who saw them and why. The audit names the reading, which holds the
/// reason: free text may hold personal data, and the audit is for ever.
///
/// # Errors
/// [`AppError::NotFound`] for a dossier that who asks may not know of.
pub(super) fn unmask(
    conn: &mut PgConnection,
    act: &Act<'_>,
    code: &DossierCode,
    reason: &str,
) -> Result<IdentityView, AppError> {
    let dossier = view::visible(conn, act, code)?;
    let mut shown = IdentityView { code: dossier.code.clone(), applicant: None, submitter: None };
    for participant in legs::people_of(conn, act, &dossier)? {
        let person = Some(PersonView::in_clear(&participant));
        match participant.part {
            Part::Applicant => shown.applicant = person,
            Part::Submitter => shown.submitter = person,
        }
    }
    let read = reads::note(conn, act, &[legs::shown_with(&dossier)], (ShownIn::Unmasking, Some(reason)))?;
    let subject = Subject::Dossier(&dossier.code);
    audit::note(conn, act, Action::IdentityUnmasked, subject, json!({ "read": read }))?;
    Ok(shown)
}
