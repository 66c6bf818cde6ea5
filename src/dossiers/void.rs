//! Entered by mistake: proposed by one person, carried out when another confirms.

use diesel::prelude::*;
use serde_json::json;

use super::change::{Ask, Change};
use super::model::Dossier;
use super::{legs, pause, steps};
use crate::audit;
use crate::domain::audit::{Action, Subject};
use crate::domain::code::DossierCode;
use crate::domain::dossier::{Status, StepOutcome, Verb};
use crate::domain::dossier_kind::DossierKind;
use crate::domain::notice::Purpose;
use crate::error::AppError;
use crate::http::etag::IfMatch;
use crate::notices;
use crate::state::Act;

/// Checks that a dossier may be voided by who proposes it, changing nothing.
///
/// # Errors
/// As every verb.
pub fn check(conn: &mut PgConnection, act: &Act<'_>, ask: &Ask) -> Result<Dossier, AppError> {
    Ok(Change::begin(conn, act, ask, Verb::Void)?.dossier)
}

/// Voids a dossier: its code stays used, no figure counts it, nothing more is sent for it.
///
/// # Errors
/// As every verb.
pub fn carry_out(
    conn: &mut PgConnection,
    act: &Act<'_>,
    code: &DossierCode,
    reason: &str,
) -> Result<Dossier, AppError> {
    let ask = Ask { code: code.clone(), if_match: IfMatch::default() };
    let mut change = Change::begin(conn, act, &ask, Verb::Void)?;
    let all: Vec<Purpose> = Purpose::ALL.to_vec();
    notices::cancel_unsent(conn, act, change.dossier.id, &all)?;
    pause::close_any(conn, act, &change.dossier)?;
    steps::leave(conn, act, &change.dossier, StepOutcome::Ended, Some(reason))?;
    if change.kind == DossierKind::Parent {
        legs::void_all(conn, act, &change.dossier, reason)?;
    }
    change.dossier.status = Status::Voided;
    change.note = Some(reason.to_owned());
    audit::note(conn, act, Action::DossierVoided, Subject::Dossier(code.as_str()), json!({}))?;
    Ok(change.record(conn, act)?.dossier)
}
