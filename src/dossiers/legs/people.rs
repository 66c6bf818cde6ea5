//! The people of a leg are those of its parent: kept once, told once.

use diesel::prelude::*;

use super::begin::copy_words;
use super::family::members;
use crate::domain::ids::DossierId;
use crate::domain::notice::{Facts, Purpose};
use crate::dossiers::change::Recorded;
use crate::dossiers::model::Dossier;
use crate::dossiers::people::{self, Participant};
use crate::dossiers::queries;
use crate::error::AppError;
use crate::notices::{self, Cause};
use crate::platform::db::take_in_hand;
use crate::schema::dossier_words;
use crate::state::Act;

/// Returns the dossier that holds the people of another: its parent, or itself.
pub(in crate::dossiers) fn shown_with(dossier: &Dossier) -> DossierId {
    dossier.parent_id.unwrap_or(dossier.id)
}

/// Reads the people of a dossier that who acts may see; of a leg, those of its parent.
///
/// # Errors
/// As [`people::open_all`].
pub(in crate::dossiers) fn people_of(
    conn: &mut PgConnection,
    act: &Act<'_>,
    dossier: &Dossier,
) -> Result<Vec<Participant>, AppError> {
    let holder = shown_with(dossier);
    take_in_hand(conn, holder)?;
    let found = people::open_all(conn, &act.office.vault, holder)?;
    take_in_hand(conn, dossier.id)?;
    Ok(found)
}

/// Tells the people of the parent what a leg asks of them; all else they hear of the parent itself.
///
/// # Errors
/// As [`notices::enqueue`].
pub(in crate::dossiers) fn tell(
    conn: &mut PgConnection,
    act: &Act<'_>,
    recorded: &Recorded,
    (purpose, facts): (Purpose, Facts),
) -> Result<usize, AppError> {
    let leg = &recorded.dossier;
    let asks = matches!(purpose, Purpose::Supplement | Purpose::SupplementReminder | Purpose::Payment);
    let Some(parent) = leg.parent_id.filter(|_| asks) else {
        return Ok(0);
    };
    let parent = queries::lock_in_family(conn, parent)?;
    let cause = Cause {
        dossier_id: parent.id,
        event_id: Some(recorded.event),
        code: parent.code,
        unit_id: leg.resolving_unit_id,
        purpose,
        facts,
    };
    let told = notices::enqueue(conn, act, &cause)?;
    take_in_hand(conn, leg.id)?;
    Ok(told)
}

/// Lets the legs of a parent be found by the names of its people as they are now.
pub(in crate::dossiers) fn rename(conn: &mut PgConnection, parent: DossierId) -> QueryResult<()> {
    let legs: Vec<DossierId> = members(conn, parent)?.into_iter().filter_map(|member| member.row.dossier_id).collect();
    for leg in legs {
        take_in_hand(conn, leg)?;
        diesel::delete(dossier_words::table.filter(dossier_words::dossier_id.eq(leg))).execute(conn)?;
        take_in_hand(conn, parent)?;
        copy_words(conn, parent, leg)?;
    }
    Ok(())
}
