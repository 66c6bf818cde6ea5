//! Publications as the API shows them.

use serde::Serialize;

use super::foresee::{Counts, Foresight};
use super::queries::Moved;
use crate::catalogue::publication::Publication;
use crate::domain::catalogue::Catalogue;
use crate::domain::ids::UnitId;
use crate::dossiers::recalculate::Move;
use crate::http::office_time::OfficeTime;

/// A calendar that came into force, and how far the open dossiers have followed it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct PublicationView {
    /// The number of the calendar.
    number: i32,
    /// Since when it is in force.
    published_at: OfficeTime,
    /// The name of who published it.
    published_by: String,
    /// Whether the people of a dossier whose due date moves are told.
    tells: bool,
    /// Open dossiers whose due date lay ahead then.
    total: i64,
    /// Of them those that were counted anew so far.
    done: i64,
    /// Of them those whose due date moved.
    moved: i64,
    /// Since when all follow; `null` while they still do.
    finished_at: Option<OfficeTime>,
}

impl From<Publication> for PublicationView {
    fn from(row: Publication) -> Self {
        Self {
            number: row.calendar_version,
            published_at: row.published_at.into(),
            published_by: row.published_by_name,
            tells: row.tells,
            total: row.total,
            done: row.done,
            moved: row.moved,
            finished_at: row.finished_at.map(OfficeTime),
        }
    }
}

/// A due date that moves, or moved.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct MoveView {
    /// The dossier's code.
    code: String,
    /// The code of the unit that resolves it.
    unit_code: Option<String>,
    /// The due date before.
    due_before: OfficeTime,
    /// The due date after.
    due_after: OfficeTime,
    /// Without an extension, before.
    due_unextended_before: OfficeTime,
    /// Without an extension, after.
    due_unextended_after: OfficeTime,
}

impl MoveView {
    pub(super) fn foreseen(moving: &Move, catalogue: &Catalogue) -> Self {
        Self {
            code: moving.code.clone(),
            unit_code: unit_code(catalogue, moving.unit_id),
            due_before: moving.before.at.into(),
            due_after: moving.after.at.into(),
            due_unextended_before: moving.before.unextended.into(),
            due_unextended_after: moving.after.unextended.into(),
        }
    }

    pub(super) fn done(moved: &Moved, catalogue: &Catalogue) -> Self {
        Self {
            code: moved.code.clone(),
            unit_code: unit_code(catalogue, moved.unit_id),
            due_before: moved.due_before.into(),
            due_after: moved.due_after.into(),
            due_unextended_before: moved.due_unextended_before.into(),
            due_unextended_after: moved.due_unextended_after.into(),
        }
    }
}

/// What publishing a calendar would do. Nothing was written.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct WouldMoveView {
    /// The number that the calendar would get.
    number: i32,
    /// The years that are new or differ, and the office hours, where they do.
    changes: Vec<String>,
    /// What should be looked at.
    warnings: Vec<String>,
    /// Open dossiers whose due date lies ahead.
    total: i64,
    /// Of them those that move.
    moved: i64,
    /// Open ones whose clock stands: counted when it goes on.
    paused: i64,
    /// Open ones past their due date, which stays.
    passed: i64,
    /// The same by unit.
    units: Vec<UnitCounts>,
    /// The due dates that move, by the due dates of now.
    items: Vec<MoveView>,
    /// Where the next page of `items` begins; `null` on the last.
    next_cursor: Option<String>,
}

/// The open dossiers that one unit resolves.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct UnitCounts {
    /// The unit's code.
    unit_code: Option<String>,
    /// Those whose due date lies ahead.
    total: i64,
    /// Of them those that move.
    moved: i64,
}

impl WouldMoveView {
    pub(super) fn of(foresight: Foresight, page: (Vec<MoveView>, Option<String>), catalogue: &Catalogue) -> Self {
        let counted = |(unit, counts): (&UnitId, &Counts)| UnitCounts {
            unit_code: unit_code(catalogue, *unit),
            total: counts.total,
            moved: counts.moved,
        };
        let mut units: Vec<UnitCounts> = foresight.units.iter().map(counted).collect();
        units.sort_by(|a, b| a.unit_code.cmp(&b.unit_code));
        Self {
            number: foresight.number,
            changes: foresight.changes.iter().map(ToString::to_string).collect(),
            warnings: foresight.warnings,
            total: foresight.all.total,
            moved: foresight.all.moved,
            paused: foresight.paused,
            passed: foresight.passed,
            units,
            items: page.0,
            next_cursor: page.1,
        }
    }
}

fn unit_code(catalogue: &Catalogue, unit: UnitId) -> Option<String> {
    catalogue.unit(unit).map(|unit| unit.code.clone())
}
