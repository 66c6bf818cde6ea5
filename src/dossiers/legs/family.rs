//! A parent with its legs, as they stand.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::domain::dossier::{Outcome, Status};
use crate::domain::dossier_kind::DossierKind;
use crate::domain::ids::{DossierId, ProcedureVersionId, UnitId};
use crate::domain::legs::Stand;
use crate::dossiers::model::Dossier;
use crate::dossiers::{queries, steps};
use crate::error::AppError;
use crate::platform::db::take_in_hand;
use crate::schema::{dossier_legs, dossiers};
use crate::state::Act;

/// A leg of a parent, begun or not.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = dossier_legs)]
pub(super) struct LegRow {
    pub parent_id: DossierId,
    pub number: i16,
    pub does: String,
    pub unit_id: UnitId,
    pub procedure_version_id: ProcedureVersionId,
    pub dossier_id: Option<DossierId>,
    pub ready_at: Option<DateTime<Utc>>,
    pub started_at: Option<DateTime<Utc>>,
    pub acknowledge_by: Option<DateTime<Utc>>,
    pub acknowledged_at: Option<DateTime<Utc>>,
    pub moot: bool,
}

/// A leg with its dossier, once it has begun.
pub(super) struct Member {
    pub row: LegRow,
    pub dossier: Option<Dossier>,
}

impl Member {
    pub(super) fn stand(&self) -> Stand {
        self.dossier.as_ref().map_or(Stand::NotBegun, stand)
    }
}

/// Says how a leg stands by its dossier.
fn stand(dossier: &Dossier) -> Stand {
    match dossier.status {
        Status::Finished | Status::Returned if dossier.result == Some(Outcome::Granted) => Stand::Granted,
        status if status.is_open() && dossier.due_at.is_none() => Stand::Stands,
        status if status.is_open() => Stand::Runs,
        _ => Stand::Failed,
    }
}

/// Loads the legs of the parent in hand, in order.
pub(super) fn members(conn: &mut PgConnection, parent: DossierId) -> QueryResult<Vec<Member>> {
    let rows: Vec<LegRow> = dossier_legs::table
        .filter(dossier_legs::parent_id.eq(parent))
        .order(dossier_legs::number)
        .select(LegRow::as_select())
        .load(conn)?;
    let begun: Vec<Dossier> =
        dossiers::table.filter(dossiers::parent_id.eq(parent)).select(Dossier::as_select()).load(conn)?;
    let of = |row: &LegRow| begun.iter().find(|dossier| Some(dossier.id) == row.dossier_id).cloned();
    Ok(rows.into_iter().map(|row| Member { dossier: of(&row), row }).collect())
}

/// Says what a dossier is to others. A parent has its legs from its acceptance on.
pub(in crate::dossiers) fn kind_of(
    conn: &mut PgConnection,
    act: &Act<'_>,
    dossier: &Dossier,
) -> QueryResult<DossierKind> {
    if dossier.parent_id.is_some() {
        return Ok(DossierKind::Leg);
    }
    let process = act.catalogue().process(dossier.process_version_id);
    if process.is_none_or(|process| process.legs.is_empty()) {
        return Ok(DossierKind::Alone);
    }
    let legs = dossier_legs::table.filter(dossier_legs::parent_id.eq(dossier.id));
    let has_legs: bool = diesel::select(diesel::dsl::exists(legs)).get_result(conn)?;
    Ok(if has_legs { DossierKind::Parent } else { DossierKind::Alone })
}

/// Checks that the result of a leg may be taken back: no leg that waited for it has begun.
///
/// # Errors
/// [`AppError::Conflict`] where one has.
pub(in crate::dossiers) fn check_recall(conn: &mut PgConnection, act: &Act<'_>, leg: &Dossier) -> Result<(), AppError> {
    let (Some(parent_id), Some(number)) = (leg.parent_id, leg.leg) else { return Ok(()) };
    let parent = queries::lock_in_family(conn, parent_id)?;
    let members = members(conn, parent_id)?;
    let place = usize::try_from(number - 1).unwrap_or(usize::MAX);
    let legs = &steps::process_of(act, &parent)?.legs;
    let went_on = legs.iter().zip(&members).any(|(leg, member)| leg.after.contains(&place) && member.dossier.is_some());
    take_in_hand(conn, leg.id)?;
    if went_on {
        return Err(super::conflict(
            "legs_went_on",
            "Nhánh sau đã bắt đầu theo kết quả này, không thể thu hồi",
            "A leg that waited for this result has begun, so it can't be taken back",
        ));
    }
    Ok(())
}
