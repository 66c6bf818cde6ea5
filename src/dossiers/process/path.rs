//! The steps that a dossier has taken, the one under way, and those that come as things stand.

use diesel::PgConnection;

use crate::domain::process::{self, Step};
use crate::dossiers::held::Held;
use crate::dossiers::model::{Dossier, StepRow};
use crate::dossiers::{facts, steps};
use crate::error::AppError;
use crate::state::Act;

/// A dossier's way through its process.
pub(super) struct Path<'a> {
    /// The steps of the process.
    pub steps: &'a [Step],
    /// The hop under way, with its working minutes so far.
    pub open: Option<(StepRow, i64)>,
    /// The numbers of the steps that come, as long as nobody chooses otherwise.
    pub ahead: Vec<usize>,
}

impl<'a> Path<'a> {
    /// Loads it.
    ///
    /// # Errors
    /// Whatever the database says.
    pub(super) fn load(
        conn: &mut PgConnection,
        act: &'a Act<'_>,
        dossier: &Dossier,
        held: &Held,
    ) -> Result<Self, AppError> {
        let steps = steps::process_of(act, dossier)?.steps.as_slice();
        let last = held.hops.iter().rposition(|hop| hop.left_at.is_none());
        let open = last.and_then(|number| {
            let used = held.minutes(|part| part.hop == Some(number) && part.pause.is_none());
            Some((held.hops.get(number)?.clone(), used))
        });
        let at = open.as_ref().and_then(|(hop, _)| usize::try_from(hop.step).ok());
        let mut ahead = Vec::new();
        if let Some(mut at) = at {
            let facts = facts::load(conn, dossier, None)?;
            while let Some(next) = process::next(steps, at, &facts) {
                ahead.push(next);
                at = next;
            }
        }
        Ok(Self { steps, open, ahead })
    }

    /// Returns the step of the process that is under way.
    pub(super) fn current(&self) -> Option<&'a Step> {
        let (hop, _) = self.open.as_ref()?;
        self.steps.get(usize::try_from(hop.step).ok()?)
    }
}
