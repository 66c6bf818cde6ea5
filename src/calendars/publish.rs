//! A file comes into force.

use diesel::PgConnection;
use serde_json::Value;

use crate::audit::Doer;
use crate::catalogue::import::RowFault;
use crate::catalogue::import::calendar::read_and_plan;
use crate::catalogue::publication::{self, Publication, Tell};
use crate::domain::period::office_date;
use crate::error::AppError;
use crate::state::Act;

/// Publishes the calendar of a file: it is in force when this transaction ends, and the open dossiers are about to follow.
///
/// # Errors
/// [`AppError::Conflict`] while they still follow the one before. The faults of the file are the inner error: nothing is
/// published then.
pub fn publish(
    conn: &mut PgConnection,
    act: &Act<'_>,
    content: Value,
    tell: Tell,
) -> Result<Result<Publication, Vec<RowFault>>, AppError> {
    publication::lock(conn)?;
    let new = match read_and_plan(conn, content, office_date(act.now))? {
        Ok((new, _)) => new,
        Err(faults) => return Ok(Err(faults)),
    };
    let opened = publication::open(conn, (&Doer::from(act.by), act.now), &new, tell)?;
    publication::count_up(conn)?;
    Ok(Ok(opened))
}
