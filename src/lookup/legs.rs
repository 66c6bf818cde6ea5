//! How far the legs of a dossier are that several agencies resolve.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;

use super::queries::{self, Wanted};
use super::view::UnitOut;
use super::wording;
use crate::domain::dossier::Status;
use crate::domain::ids::DossierId;
use crate::http::locale::Language;
use crate::http::office_time::OfficeTime;
use crate::platform::db::take_in_hand;
use crate::schema::{dossier_legs, dossiers, units};

/// A leg: what is done, where, and how far it is.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = LegProgress)]
pub struct LegOut {
    does: String,
    unit: UnitOut,
    /// `waiting` for another leg, `moot` when that will not come, else as of a dossier.
    status: &'static str,
    /// The same in words.
    status_text: &'static str,
    /// When it is due; `null` while its clock stands or has not started.
    #[schema(value_type = Option<String>, format = DateTime)]
    due_at: Option<OfficeTime>,
}

/// A leg with its dossier, once it has begun.
#[derive(Debug, Clone, Queryable)]
pub(super) struct Leg {
    does: String,
    unit: (String, String),
    is_moot: bool,
    begun: Option<(DossierId, Status, Option<DateTime<Utc>>)>,
}

impl Leg {
    pub(super) fn shown(&self, language: Language) -> LegOut {
        let (code, name) = self.unit.clone();
        let (status, status_text) = self.status_in_words(language);
        let due_at = self.begun.as_ref().filter(|(_, status, _)| status.is_open()).and_then(|(.., due_at)| *due_at);
        LegOut {
            does: self.does.clone(),
            unit: UnitOut { code, name },
            status,
            status_text,
            due_at: due_at.map(OfficeTime),
        }
    }

    fn status_in_words(&self, language: Language) -> (&'static str, &'static str) {
        match (&self.begun, self.is_moot, language) {
            (Some((_, status, _)), ..) => (status.as_str(), wording::status_text(*status, language)),
            (None, true, Language::Vietnamese) => ("moot", "Không thực hiện"),
            (None, true, Language::English) => ("moot", "Will not be done"),
            (None, false, Language::Vietnamese) => ("waiting", "Chờ bước trước"),
            (None, false, Language::English) => ("waiting", "Waits for what comes before"),
        }
    }
}

/// Lists the legs of a dossier, in order; none for most.
pub(super) fn legs(conn: &mut PgConnection, parent: DossierId) -> QueryResult<Vec<Leg>> {
    dossier_legs::table
        .inner_join(units::table)
        .left_join(dossiers::table.on(dossier_legs::dossier_id.eq(dossiers::id.nullable())))
        .filter(dossier_legs::parent_id.eq(parent))
        .order(dossier_legs::number)
        .select((
            dossier_legs::does,
            (units::code, units::name),
            dossier_legs::moot,
            (dossiers::id, dossiers::status, dossiers::due_at).nullable(),
        ))
        .load(conn)
}

/// Returns what a leg asks of the citizen now, with the status that says so. Who may see the parent may know it.
pub(super) fn asked_by(
    conn: &mut PgConnection,
    parent: DossierId,
    legs: &[Leg],
) -> QueryResult<Option<(Status, Wanted)>> {
    let asks = |status: Status| matches!(status, Status::AwaitingSupplement | Status::AwaitingPayment);
    let asking = legs.iter().filter_map(|leg| leg.begun.as_ref()).find(|(_, status, _)| asks(*status));
    let Some((leg, status, _)) = asking else { return Ok(None) };
    take_in_hand(conn, *leg)?;
    let wanted = queries::wanted(conn, *leg)?;
    take_in_hand(conn, parent)?;
    Ok(Some((*status, wanted)))
}
