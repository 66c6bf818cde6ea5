//! A reorganisation as it is stored.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde_json::Value;
use uuid::Uuid;

use crate::domain::words::words;
use crate::schema::reorganisations;

/// A reorganisation that was decided. Times are UTC; the migration explains the columns.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = reorganisations, check_for_backend(diesel::pg::Pg))]
#[expect(missing_docs, reason = "the migration explains every column")]
pub struct Reorganisation {
    pub code: String,
    pub source: String,
    pub effective_on: NaiveDate,
    pub plan: Value,
    pub decided_at: DateTime<Utc>,
    pub decided_by: String,
    pub decided_by_name: String,
    pub announced_at: Option<DateTime<Utc>>,
    pub refused: Option<String>,
    pub begun_at: Option<DateTime<Utc>>,
    pub cursor_unit: Uuid,
    pub cursor_dossier: Uuid,
    pub pass: i16,
    pub done: i64,
    pub moved: i64,
    pub finished_at: Option<DateTime<Utc>>,
}

words! {
    /// How far a reorganisation is.
    pub enum Stage {
        /// Two people have decided it.
        Decided = "decided",
        /// The catalogue knows of it; it begins on its day.
        Announced = "announced",
        /// It can't be carried out: the catalogue has changed since.
        Refused = "refused",
        /// Units have ended, their dossiers follow.
        UnderWay = "under_way",
        /// All is done.
        Finished = "finished",
    }
}

impl Reorganisation {
    /// Returns how far it is.
    pub fn stage(&self) -> Stage {
        match (&self.refused, self.announced_at, self.begun_at, self.finished_at) {
            (Some(_), ..) => Stage::Refused,
            (None, _, _, Some(_)) => Stage::Finished,
            (None, _, Some(_), None) => Stage::UnderWay,
            (None, Some(_), None, None) => Stage::Announced,
            (None, None, None, None) => Stage::Decided,
        }
    }
}
