//! One entry, written in the transaction of its deed: both are there, or neither.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::Value;
use uuid::Uuid;

use crate::domain::audit::{Action, Subject};
use crate::domain::ids::{AuditEntryId, UnitId};
use crate::domain::role::{Actor, Who};
use crate::schema::audit_entries;
use crate::state::Act;

/// Whose chain holds what the house itself does, and what nobody known does.
pub(super) const HOUSE: UnitId = UnitId(Uuid::nil());

/// Who does something that is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doer {
    principal: String,
    name: String,
    role: Option<&'static str>,
    unit: UnitId,
}

impl Doer {
    /// The house itself.
    pub fn house() -> Self {
        Self { principal: "system".to_owned(), name: "motcua".to_owned(), role: None, unit: HOUSE }
    }

    /// Whoever is not known: nobody is believed before the log-in.
    pub fn unknown() -> Self {
        Self { principal: "unknown".to_owned(), name: String::new(), role: None, unit: HOUSE }
    }

    /// Returns the stable text by which rows name who acted.
    pub fn principal(&self) -> &str {
        &self.principal
    }

    /// Returns the name that histories show.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl From<&Actor> for Doer {
    fn from(actor: &Actor) -> Self {
        let role = (actor.who != Who::System).then(|| actor.role.as_str());
        Self { principal: actor.principal(), name: actor.name.clone(), role, unit: actor.unit }
    }
}

/// What was done, to what. The details hold no personal data and no free text: ids, words, counts and dates.
#[derive(Debug, Clone)]
pub struct Noted<'a> {
    /// The deed.
    pub action: Action,
    /// Of what.
    pub subject: Subject<'a>,
    /// A JSON object.
    pub details: Value,
}

/// An entry as it is stored. Its words are read as text: a newer version may know more of them.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_entries)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub(super) struct Entry {
    pub id: AuditEntryId,
    pub happened_at: DateTime<Utc>,
    pub principal: String,
    pub actor_name: String,
    pub role: Option<String>,
    pub unit_id: UnitId,
    pub action: String,
    pub subject: String,
    pub details: Value,
}

/// Records what who acts does, in the transaction in which it is done.
///
/// # Errors
/// Whatever the database says; then the deed must not be done either.
pub fn note(
    conn: &mut PgConnection,
    act: &Act<'_>,
    action: Action,
    subject: Subject<'_>,
    details: Value,
) -> QueryResult<()> {
    note_by(conn, &Doer::from(act.by), act.now, &Noted { action, subject, details })
}

/// As [`note`], where no [`Act`] is at hand.
///
/// # Errors
/// As [`note`].
pub fn note_by(conn: &mut PgConnection, by: &Doer, now: DateTime<Utc>, noted: &Noted<'_>) -> QueryResult<()> {
    let entry = Entry {
        id: AuditEntryId::new(),
        happened_at: now,
        principal: by.principal.clone(),
        actor_name: by.name.clone(),
        role: by.role.map(str::to_owned),
        unit_id: by.unit,
        action: noted.action.as_str().to_owned(),
        subject: noted.subject.to_string(),
        details: noted.details.clone(),
    };
    // Nothing is read back, so that a role that may only insert can write it.
    diesel::insert_into(audit_entries::table).values(entry).execute(conn)?;
    Ok(())
}
