//! The result on its way to the citizen: at the counter, then handed over.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::change::{Ask, Change};
use super::finish::{INVITATIONS, invite_when_ready};
use super::model::Dossier;
use super::{give_back, legs, originals, steps};
use crate::domain::dossier::{ResultDelivery, Status, StepOutcome, Verb};
use crate::domain::dossier_kind::DossierKind;
use crate::domain::notice::{Facts, Purpose};
use crate::domain::period::office_date;
use crate::error::{AppError, Said};
use crate::http::body::Faults;
use crate::notices;
use crate::state::Act;

/// Where the paper result lies.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Arrive {
    /// Shelf and box, `A3-12` say.
    pub shelf_place: Option<String>,
}

/// To whom the result is handed; the applicant when nothing is said.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandOver {
    /// The name of who takes it.
    pub to: Option<String>,
    /// `counter`, `postal` or `online`; as the dossier says when left out.
    pub way: Option<String>,
    /// The post's number of the parcel.
    pub tracking_number: Option<String>,
    /// Originals that the office still holds: `given_back` with the result, or `kept`. Must be said where there are any.
    pub originals: Option<String>,
}

/// Books that the paper result lies at the counter, and invites to collect it.
pub fn arrive(conn: &mut PgConnection, act: &Act<'_>, ask: &Ask, form: &Arrive) -> Result<Dossier, AppError> {
    let mut faults = Faults::new();
    let shelf_place = faults.optional_text("/shelf_place", 100, form.shelf_place.as_deref());
    let shelf_place = faults.finish(Some(shelf_place))?;
    let mut change = Change::begin(conn, act, ask, Verb::Arrive)?;
    if change.dossier.at_counter_at.is_some() {
        return Err(AppError::Conflict(Said::new(
            "already_at_counter",
            "Kết quả đã có tại quầy",
            "The result lies at the counter already",
        )));
    }
    change.dossier.at_counter_at = Some(act.now);
    change.details = json!({ "shelf_place": shelf_place });
    change.dossier.shelf_place = shelf_place;
    let recorded = change.record(conn, act)?;
    // An electronic result was announced when it was ready.
    if recorded.dossier.result_delivery == ResultDelivery::Counter {
        invite_when_ready(conn, act, &recorded)?;
    }
    Ok(recorded.dossier)
}

/// Hands the result over.
pub fn hand_over(conn: &mut PgConnection, act: &Act<'_>, ask: &Ask, form: &HandOver) -> Result<Dossier, AppError> {
    let change = Change::begin(conn, act, ask, Verb::HandOver)?;
    returned(conn, act, change, form)
}

/// Hands over a dossier that this transaction holds: also in the call that finishes, for whoever may finish may hand over
/// what was just signed.
///
/// # Errors
/// [`AppError::Invalid`] for fields that are wrong; [`AppError::Conflict`] while originals are held and nothing is said of
/// them.
pub(super) fn returned(
    conn: &mut PgConnection,
    act: &Act<'_>,
    mut change: Change,
    form: &HandOver,
) -> Result<Dossier, AppError> {
    let mut faults = Faults::new();
    let to = faults.optional_text("/to", 200, form.to.as_deref());
    let default = change.dossier.result_delivery;
    let way = super::intake::word_or(&mut faults, "/way", form.way.as_deref(), default);
    let tracking = faults.optional_text("/tracking_number", 100, form.tracking_number.as_deref());
    let originals = form.originals.as_deref().and_then(|word| faults.word("/originals", word));
    let way = faults.finish(way)?;
    let given_back = give_back::with_the_result(conn, &change.dossier, originals)?;
    notices::cancel_unsent(conn, act, change.dossier.id, &INVITATIONS)?;
    change.dossier.status = Status::Returned;
    change.dossier.returned_at = Some(act.now);
    steps::leave(conn, act, &change.dossier, StepOutcome::Finished, None)?;
    if change.kind == DossierKind::Parent {
        legs::hand_over_all(conn, act, &change.dossier)?;
    }
    change.details = json!({ "way": way, "tracking_number": tracking, "originals": given_back });
    // Who took it may be anybody: a name, kept sealed.
    change.sealed = to;
    let recorded = change.record(conn, act)?;
    originals::gone(conn, act, &recorded, &given_back)?;
    let facts = Facts { promised: Some(office_date(act.now)), ..Facts::default() };
    recorded.tell(conn, act, Purpose::Returned, facts)?;
    Ok(recorded.dossier)
}
