//! What the citizen does with the parent reaches its legs: withdrawn, stopped, voided, supplied, handed over together.

use diesel::prelude::*;
use serde_json::json;

use super::begin::give_up_the_rest;
use super::family::members;
use crate::domain::dossier::{Status, StepOutcome, Verb};
use crate::dossiers::change::Change;
use crate::dossiers::model::Dossier;
use crate::dossiers::supplement::{self, Supply};
use crate::dossiers::{end, pause, queries, steps};
use crate::error::{AppError, Said};
use crate::platform::db::take_in_hand;
use crate::state::Act;

/// Does something to every leg of the parent in hand that is as `wanted`, and leaves the parent in hand.
fn each(
    conn: &mut PgConnection,
    parent: &Dossier,
    wanted: impl Fn(&Dossier) -> bool,
    mut deed: impl FnMut(&mut PgConnection, Dossier) -> Result<(), AppError>,
) -> Result<(), AppError> {
    let begun = members(conn, parent.id)?.into_iter().filter_map(|member| member.dossier);
    for leg in begun.filter(wanted).collect::<Vec<_>>() {
        let leg = queries::lock_in_family(conn, leg.id)?;
        deed(conn, leg)?;
    }
    take_in_hand(conn, parent.id)?;
    Ok(())
}

fn change_of(leg: Dossier, parent: &Dossier, verb: Verb, note: Option<&str>) -> Change {
    let mut change = Change::next(leg, verb);
    change.details = json!({ "parent": parent.code });
    change.note = note.map(str::to_owned);
    change
}

/// Ends what is under way of a parent that is withdrawn or stopped; results that are there stay.
pub(in crate::dossiers) fn end_all(
    conn: &mut PgConnection,
    act: &Act<'_>,
    parent: &Dossier,
    (verb, note): (Verb, Option<&str>),
) -> Result<(), AppError> {
    give_up_the_rest(conn, parent.id)?;
    each(
        conn,
        parent,
        |leg| leg.status.is_open(),
        |conn, leg| {
            let mut change = change_of(leg, parent, verb, note);
            end::end(conn, act, &mut change.dossier, parent.status)?;
            steps::leave(conn, act, &change.dossier, StepOutcome::Ended, note)?;
            change.record_alone(conn, act)?;
            Ok(())
        },
    )
}

/// Voids the legs of a parent that was entered by mistake.
pub(in crate::dossiers) fn void_all(
    conn: &mut PgConnection,
    act: &Act<'_>,
    parent: &Dossier,
    reason: &str,
) -> Result<(), AppError> {
    give_up_the_rest(conn, parent.id)?;
    each(
        conn,
        parent,
        |leg| leg.status != Status::Voided,
        |conn, leg| {
            let mut change = change_of(leg, parent, Verb::Void, Some(reason));
            pause::close_any(conn, act, &change.dossier)?;
            steps::leave(conn, act, &change.dossier, StepOutcome::Ended, Some(reason))?;
            change.dossier.status = Status::Voided;
            change.record_alone(conn, act)?;
            Ok(())
        },
    )
}

/// Hands over the results of all legs with the parent.
pub(in crate::dossiers) fn hand_over_all(
    conn: &mut PgConnection,
    act: &Act<'_>,
    parent: &Dossier,
) -> Result<(), AppError> {
    each(
        conn,
        parent,
        |leg| leg.status == Status::Finished,
        |conn, leg| {
            let mut change = change_of(leg, parent, Verb::HandOver, None);
            change.dossier.status = Status::Returned;
            change.dossier.returned_at = Some(act.now);
            change.record_alone(conn, act)?;
            Ok(())
        },
    )
}

/// Books papers that came for a leg, brought to the counter of the parent; returns the parent as it stands then.
///
/// # Errors
/// [`AppError::Conflict`] when no leg waits for papers, [`AppError::Invalid`] when it is not clear which one.
pub(in crate::dossiers) fn supply_one(
    conn: &mut PgConnection,
    act: &Act<'_>,
    parent: &Dossier,
    form: &Supply,
) -> Result<Dossier, AppError> {
    let begun = members(conn, parent.id)?.into_iter().filter_map(|member| member.dossier);
    let waiting: Vec<Dossier> = begun.filter(|leg| leg.status == Status::AwaitingSupplement).collect();
    let leg = match (form.leg.as_deref(), waiting.as_slice()) {
        (None, [only]) => only,
        (_, []) => {
            return Err(super::conflict("no_leg_waits", "Không nhánh nào chờ bổ sung", "No leg waits for papers"));
        }
        (named, several) => several.iter().find(|leg| Some(leg.code.as_str()) == named).ok_or_else(which)?,
    };
    let leg = queries::lock_in_family(conn, leg.id)?;
    supplement::supplied(conn, act, Change::next(leg, Verb::Supply), form)?;
    Ok(queries::lock_in_family(conn, parent.id)?)
}

fn which() -> AppError {
    let said = Said::new(
        "which_leg",
        "Hãy ghi mã của nhánh đang chờ bổ sung",
        "Name the code of the leg that waits for the papers",
    );
    AppError::invalid("/leg", said)
}
