//! Brings the shipped wordings into the database at each start.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::json;

use super::queries;
use super::row::{Row, faults};
use super::shipped::shipped;
use crate::audit::{self, Doer, Noted};
use crate::domain::audit::{Action, Subject};
use crate::domain::ids::TemplateId;
use crate::domain::notice::TemplateState;
use crate::error::AppError;
use crate::schema::notice_templates;

/// Brings the shipped wordings into the database: each that says something else than the newest shipped one is its next
/// version. It comes into use, unless what the province wrote for itself is in use: that stays until somebody here
/// decides otherwise. Returns how many are new.
///
/// # Errors
/// A shipped wording that can't be used, or whatever the database says.
pub fn sync(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<usize, AppError> {
    // Two processes that start at once must not both write the same version.
    queries::lock(conn)?;
    let known = queries::newest_shipped(conn)?;
    let new = shipped(now)?.into_iter().filter(|row| !known.get(&row.key()).is_some_and(|it| it.says_the_same(row)));
    let new: Vec<Row> = new.collect();
    if new.is_empty() {
        return Ok(0);
    }
    let (new, replaced) = place(conn, new)?;
    retire(conn, &replaced, now)?;
    diesel::insert_into(notice_templates::table).values(&new).execute(conn)?;
    queries::tell_all(conn)?;
    note_changes(conn, now, &new)?;
    Ok(new.len())
}

/// Numbers them, and tells which are in use and which go out of use for them.
fn place(conn: &mut PgConnection, new: Vec<Row>) -> Result<(Vec<Row>, Vec<TemplateId>), AppError> {
    let (highest, active) = (queries::highest(conn)?, queries::active(conn)?);
    let mut replaced = Vec::new();
    let mut placed = Vec::with_capacity(new.len());
    for mut row in new {
        check(&row)?;
        row.version = highest.get(&row.key()).map_or(1, |version| version + 1);
        match active.iter().find(|in_use| in_use.key() == row.key()) {
            Some(own) if !own.is_shipped() => {
                row.state = TemplateState::Reviewed;
                row.activated_at = None;
            }
            in_use => replaced.extend(in_use.map(|row| row.id)),
        }
        placed.push(row);
    }
    Ok((placed, replaced))
}

fn check(row: &Row) -> Result<(), AppError> {
    match faults(row).first() {
        None => Ok(()),
        Some(fault) => Err(AppError::internal(format!("shipped wording {}: {}", row.name(), fault.said.en))),
    }
}

fn retire(conn: &mut PgConnection, ids: &[TemplateId], now: DateTime<Utc>) -> QueryResult<()> {
    diesel::update(notice_templates::table.filter(notice_templates::id.eq_any(ids)))
        .set((notice_templates::state.eq(TemplateState::Retired), notice_templates::retired_at.eq(now)))
        .execute(conn)?;
    Ok(())
}

fn note_changes(conn: &mut PgConnection, now: DateTime<Utc>, changed: &[Row]) -> QueryResult<()> {
    let named = changed
        .iter()
        .map(|row| json!({"purpose": row.purpose, "channel": row.channel, "version": row.version, "state": row.state}));
    let details = json!({"wordings": named.collect::<Vec<_>>()});
    let noted = Noted { action: Action::TemplatesChanged, subject: Subject::Templates, details };
    audit::note_by(conn, &Doer::house(), now, &noted)
}
