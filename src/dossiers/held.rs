//! Who held a dossier for how many working minutes: its whole life from acceptance on, divided at hops and pauses.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::model::{Dossier, PauseRow, StepRow};
use super::{deadline, queries};
use crate::domain::held::{Part, Span, divide};
use crate::error::AppError;
use crate::state::Act;

/// A dossier's life with its parts.
pub struct Held {
    /// The hops, in order.
    pub hops: Vec<StepRow>,
    /// The pauses, in order.
    pub pauses: Vec<PauseRow>,
    /// The parts: each names its hop and its pause by their numbers in these lists.
    pub parts: Vec<Part>,
}

impl Held {
    /// Loads a dossier's life, as far as it has come; one that was never accepted has none.
    ///
    /// # Errors
    /// [`AppError::Conflict`] where the calendar has no row.
    pub fn load(conn: &mut PgConnection, act: &Act<'_>, dossier: &Dossier) -> Result<Self, AppError> {
        let hops = queries::steps(conn, dossier.id)?;
        let pauses = queries::pauses(conn, dossier.id)?;
        let parts = match dossier.accepted_at {
            Some(from) => {
                let to = dossier.ended_at.unwrap_or(act.now).max(from);
                let spans: Vec<Span> = hops.iter().map(span_of_hop).collect();
                parts(act, (from, to), &spans, &pauses)?
            }
            None => Vec::new(),
        };
        Ok(Self { hops, pauses, parts })
    }

    /// Returns the working minutes of the parts that are asked for.
    pub fn minutes(&self, asked: impl Fn(&Part) -> bool) -> i64 {
        self.parts.iter().filter(|part| asked(part)).map(|part| part.minutes).sum()
    }

    /// Returns the hop of a part.
    pub fn hop(&self, part: &Part) -> Option<&StepRow> {
        part.hop.and_then(|number| self.hops.get(number))
    }
}

/// Returns the working minutes of one hop in which the clock ran, as the whole life counts them.
///
/// # Errors
/// [`AppError::Conflict`] where the calendar has no row.
pub(super) fn minutes_of(
    conn: &mut PgConnection,
    act: &Act<'_>,
    dossier: &Dossier,
    hop: &Span,
) -> Result<i64, AppError> {
    minutes_beside(act, dossier, hop, &queries::pauses(conn, dossier.id)?)
}

/// As [`minutes_of`], where the pauses are known.
///
/// # Errors
/// [`AppError::Conflict`] where the calendar has no row.
pub(super) fn minutes_beside(
    act: &Act<'_>,
    dossier: &Dossier,
    hop: &Span,
    pauses: &[PauseRow],
) -> Result<i64, AppError> {
    let end = hop.to.unwrap_or(act.now);
    let from = dossier.accepted_at.unwrap_or(hop.from).min(hop.from);
    let parts = parts(act, (from, end.max(from)), std::slice::from_ref(hop), pauses)?;
    let ran = parts.iter().filter(|part| part.hop.is_some() && part.pause.is_none());
    Ok(ran.map(|part| part.minutes).sum())
}

fn parts(
    act: &Act<'_>,
    life: (DateTime<Utc>, DateTime<Utc>),
    hops: &[Span],
    pauses: &[PauseRow],
) -> Result<Vec<Part>, AppError> {
    let pauses: Vec<Span> = pauses.iter().map(|row| Span { from: row.opened_at, to: row.closed_at }).collect();
    divide(act.catalogue().calendar(), life, hops, &pauses).map_err(|err| deadline::refused(err.into()))
}

fn span_of_hop(row: &StepRow) -> Span {
    Span { from: row.entered_at, to: row.left_at }
}
