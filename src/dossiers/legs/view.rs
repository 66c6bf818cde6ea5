//! How a parent shows its legs, and a leg its parent.

use diesel::prelude::*;
use serde::Serialize;

use super::family::{Member, members};
use crate::domain::deadline::Standing;
use crate::domain::dossier::{Outcome, Status};
use crate::domain::legs::{Leg, Stand, Turn};
use crate::dossiers::model::Dossier;
use crate::dossiers::originals::{self, OriginalView};
use crate::dossiers::view::PaperView;
use crate::dossiers::{queries, steps};
use crate::error::AppError;
use crate::http::office_time::OfficeTime;
use crate::platform::db::take_in_hand;
use crate::state::Act;

/// A leg of a dossier, as who sees the parent sees it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct LegView {
    pub number: i16,
    /// Of its own dossier; `null` until it begins.
    pub code: Option<String>,
    pub does: String,
    pub unit: Option<String>,
    pub procedure_code: Option<String>,
    /// The status of its dossier; `waiting` before it begins, `moot` when what it waited for will not come.
    pub status: &'static str,
    /// What it still waits for.
    pub waits_for: Vec<String>,
    pub started_at: Option<OfficeTime>,
    /// Until when its unit is to acknowledge it.
    pub acknowledge_by: Option<OfficeTime>,
    pub acknowledged_at: Option<OfficeTime>,
    pub due_first: Option<OfficeTime>,
    /// `null` while its clock stands.
    pub due_at: Option<OfficeTime>,
    pub finished_at: Option<OfficeTime>,
    #[schema(value_type = Option<String>)]
    pub standing: Option<Standing>,
    #[schema(value_type = Option<String>)]
    pub result: Option<Outcome>,
    pub result_number: Option<String>,
    pub result_reason: Option<String>,
}

/// The parent of which a dossier is a leg, as far as its unit needs it; the people are shown with the leg.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ParentView {
    pub code: String,
    #[schema(value_type = String)]
    pub status: Status,
    pub procedure_code: Option<String>,
    pub procedure_name: Option<String>,
    /// The unit that answers for the parent.
    pub resolving_unit: Option<String>,
    /// Whose counter received it.
    pub receiving_unit: Option<String>,
    pub accepted_at: Option<OfficeTime>,
    pub due_at: Option<OfficeTime>,
    /// What was handed in with it.
    pub papers: Vec<PaperView>,
    /// Originals that were taken with it to be given back, also those that a leg asked for.
    pub originals: Vec<OriginalView>,
}

/// Shows the legs of a dossier that who acts may see; none for most.
///
/// # Errors
/// Whatever the database says.
pub(in crate::dossiers) fn legs_of(
    conn: &mut PgConnection,
    act: &Act<'_>,
    parent: &Dossier,
) -> Result<Vec<LegView>, AppError> {
    let legs = &steps::process_of(act, parent)?.legs;
    if legs.is_empty() {
        return Ok(Vec::new());
    }
    let members = members(conn, parent.id)?;
    let stands: Vec<Stand> = members.iter().map(Member::stand).collect();
    let turns = legs.turns(&stands);
    let waits_for = |leg: &Leg, turn: &Option<Turn>| {
        let open = leg.after.iter().filter(|place| stands.get(**place) != Some(&Stand::Granted));
        let open = open.filter(|_| *turn == Some(Turn::Waits));
        open.filter_map(|place| legs.get(*place)).map(|leg| leg.does.clone()).collect()
    };
    let shown = legs.iter().zip(&turns).zip(members.iter());
    Ok(shown.map(|((leg, turn), member)| LegView { waits_for: waits_for(leg, turn), ..of(act, member) }).collect())
}

fn of(act: &Act<'_>, Member { row, dossier }: &Member) -> LegView {
    let dossier = dossier.as_ref();
    let unit = act.catalogue().unit(dossier.map_or(row.unit_id, |leg| leg.resolving_unit_id));
    let before = if row.moot { "moot" } else { "waiting" };
    LegView {
        number: row.number,
        code: dossier.map(|leg| leg.code.clone()),
        does: row.does.clone(),
        unit: unit.map(|unit| unit.code.clone()),
        procedure_code: act.catalogue().procedure(row.procedure_version_id).map(|procedure| procedure.code.clone()),
        status: dossier.map_or(before, |leg| leg.status.as_str()),
        waits_for: Vec::new(),
        started_at: row.started_at.map(OfficeTime),
        acknowledge_by: row.acknowledge_by.map(OfficeTime),
        acknowledged_at: row.acknowledged_at.map(OfficeTime),
        due_first: dossier.and_then(|leg| leg.due_first).map(OfficeTime),
        due_at: dossier.and_then(|leg| leg.due_at).map(OfficeTime),
        finished_at: dossier.and_then(|leg| leg.finished_at).map(OfficeTime),
        standing: dossier.and_then(|leg| leg.standing),
        result: dossier.and_then(|leg| leg.result),
        result_number: dossier.and_then(|leg| leg.result_number.clone()),
        result_reason: dossier.and_then(|leg| leg.result_reason.clone()),
    }
}

/// Shows the parent of a leg that who acts may see.
///
/// # Errors
/// Whatever the database says.
pub(in crate::dossiers) fn parent_of(
    conn: &mut PgConnection,
    act: &Act<'_>,
    leg: &Dossier,
) -> Result<Option<ParentView>, AppError> {
    let Some(id) = leg.parent_id else { return Ok(None) };
    take_in_hand(conn, id)?;
    let parent = queries::known(conn, id)?;
    let papers = queries::papers(conn, id)?.into_iter().map(PaperView::from).collect();
    let originals = originals::shown(conn, act, id)?;
    take_in_hand(conn, leg.id)?;
    let unit = |id| act.catalogue().unit(id).map(|unit| unit.code.clone());
    let procedure = act.catalogue().procedure(parent.procedure_version_id);
    Ok(Some(ParentView {
        code: parent.code,
        status: parent.status,
        procedure_code: procedure.map(|procedure| procedure.code.clone()),
        procedure_name: procedure.map(|procedure| procedure.name.clone()),
        resolving_unit: unit(parent.resolving_unit_id),
        receiving_unit: unit(parent.receiving_unit_id),
        accepted_at: parent.accepted_at.map(OfficeTime),
        due_at: parent.due_at.map(OfficeTime),
        papers,
        originals,
    }))
}
