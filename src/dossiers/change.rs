//! What every verb has in common: lock, check, write, record, tell.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::{Value, json};

use super::access::{Relations, check_role, check_unit};
use super::model::{Dossier, Event, InForce, State};
use super::{foresight, legs, people, queries};
use crate::domain::code::DossierCode;
use crate::domain::dossier::{Refused, Status, Verb};
use crate::domain::dossier_kind::DossierKind;
use crate::domain::ids::EventId;
use crate::domain::notice::{Facts, Purpose};
use crate::domain::role::Who;
use crate::error::{AppError, Said};
use crate::http::etag::IfMatch;
use crate::notices::{self, Cause};
use crate::platform::prepared::Prepare;
use crate::schema::dossier_events;
use crate::state::Act;

/// Which dossier, and which version of it the caller has seen.
#[derive(Debug, Clone)]
pub struct Ask {
    /// The code.
    pub code: DossierCode,
    /// The versions accepted.
    pub if_match: IfMatch,
}

/// One verb under way on a locked dossier.
pub struct Change {
    /// The dossier, to be changed in place.
    pub dossier: Dossier,
    /// What the history says for people.
    pub note: Option<String>,
    /// What the history says for programs.
    pub details: Value,
    /// Old and new values that only some may read, sealed.
    pub sealed: Option<String>,
    /// What the dossier is to others.
    pub kind: DossierKind,
    verb: Verb,
    from: Option<Status>,
    state: Option<InForce>,
}

/// A verb that is written.
pub struct Recorded {
    /// The dossier as it stands now.
    pub dossier: Dossier,
    /// The event.
    pub event: EventId,
}

impl Change {
    /// Locks a dossier for a verb: it is there, may be known of, is as the caller saw it, the verb is lawful now,
    /// and who acts may use it here.
    ///
    /// # Errors
    /// [`AppError::NotFound`], [`AppError::Forbidden`], [`AppError::Stale`] or [`AppError::Conflict`].
    pub fn begin(conn: &mut PgConnection, act: &Act<'_>, ask: &Ask, verb: Verb) -> Result<Self, AppError> {
        check_role(act, verb)?;
        let dossier = queries::lock(conn, &ask.code)?.ok_or_else(no_such_dossier)?;
        let relations = Relations::load(conn, dossier.id)?;
        if !relations.are_seen_by(act) {
            return Err(no_such_dossier());
        }
        check_unit(act, &relations, verb)?;
        if dossier.mirrored {
            return Err(mirrored());
        }
        ask.if_match.check(dossier.version, dossier.status)?;
        let kind = legs::kind_of(conn, act, &dossier)?;
        kind.check(verb, dossier.status).map_err(legs::not_here)?;
        Ok(Self { kind, ..Self::next(dossier, verb) })
    }

    /// Starts the history of a dossier that was just inserted.
    pub fn first(dossier: Dossier, verb: Verb) -> Self {
        Self {
            verb,
            from: None,
            state: None,
            dossier,
            kind: DossierKind::Alone,
            note: None,
            details: json!({}),
            sealed: None,
        }
    }

    /// Goes on with a dossier that this transaction holds already.
    pub fn next(dossier: Dossier, verb: Verb) -> Self {
        let (from, state) = (Some(dossier.status), Some(InForce::of(&dossier)));
        Self { verb, from, state, dossier, kind: DossierKind::Alone, note: None, details: json!({}), sealed: None }
    }

    /// Writes the dossier, what is in force from now on, and the event; the parent follows what moves one of its legs.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn record(self, conn: &mut PgConnection, act: &Act<'_>) -> Result<Recorded, AppError> {
        let parent = self.dossier.parent_id.filter(|_| self.moves());
        let (verb, note) = (self.verb, self.note.clone());
        let recorded = self.record_alone(conn, act)?;
        if let Some(parent) = parent {
            legs::follow(conn, act, parent, &legs::Cause { leg: &recorded.dossier, verb, note: note.as_deref() })?;
        }
        Ok(recorded)
    }

    /// Whether the dossier is elsewhere than before: another status, or its clock stands or runs now.
    fn moves(&self) -> bool {
        let now = (self.dossier.status, self.dossier.due_at.is_some());
        self.state.as_ref().is_none_or(|before| (before.status, before.due_at.is_some()) != now)
    }

    /// As [`Change::record`], for a leg whose parent is at work itself.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn record_alone(mut self, conn: &mut PgConnection, act: &Act<'_>) -> Result<Recorded, AppError> {
        if let Some(progress) = self.dossier.status.progress(0, 0).filter(|_| self.dossier.status != Status::Processing)
        {
            self.dossier.progress = progress;
        }
        if self.from == Some(Status::Registered) && self.dossier.status != Status::Registered {
            // The first word to who filed it, whatever it says, is the answer.
            self.dossier.answered_at.get_or_insert(act.now);
        }
        if self.from.is_some() {
            self.dossier.version += 1;
            diesel::update(&self.dossier).set(&self.dossier).prepared().execute(conn)?;
        }
        self.write_state(conn, act.now)?;
        if self.is_foreseen() {
            foresight::refresh(conn, act, &self.dossier)?;
        }
        foresight::settle(conn, &self.dossier, self.from)?;
        let event = self.write_event(conn, act)?;
        Ok(Recorded { dossier: self.dossier, event })
    }

    /// Whether somebody's time ran, or begins to.
    fn is_foreseen(&self) -> bool {
        if self.dossier.mirrored {
            return false;
        }
        let waits = |status| status == Status::Registered;
        self.dossier.accepted_at.is_some() || waits(self.dossier.status) || self.from.is_some_and(waits)
    }

    fn write_state(&self, conn: &mut PgConnection, now: DateTime<Utc>) -> QueryResult<()> {
        let fresh = InForce::of(&self.dossier);
        if self.state.as_ref() == Some(&fresh) {
            return Ok(());
        }
        let paused = self.dossier.accepted_at.is_some() && self.dossier.due_at.is_none();
        queries::open_state(conn, now, &State { dossier_id: self.dossier.id, paused, in_force: fresh })
    }

    fn write_event(&self, conn: &mut PgConnection, act: &Act<'_>) -> Result<EventId, AppError> {
        let id = EventId::new();
        let (key_id, sealed) = self.seal(act, id)?.unzip();
        let event = Event {
            id,
            dossier_id: self.dossier.id,
            // One event a version, so the number is the version.
            number: i32::try_from(self.dossier.version).unwrap_or(i32::MAX),
            verb: self.verb,
            from_status: self.from,
            to_status: self.dossier.status,
            happened_at: act.now,
            recorded_at: act.now,
            actor: act.by.principal(),
            actor_name: act.by.name.clone(),
            unit_id: (act.by.who != Who::System).then_some(act.by.unit),
            note: self.note.clone(),
            details: self.details.clone(),
            key_id,
            sealed,
        };
        diesel::insert_into(dossier_events::table).values(&event).execute(conn)?;
        Ok(id)
    }

    fn seal(&self, act: &Act<'_>, id: EventId) -> Result<Option<(i16, Vec<u8>)>, AppError> {
        let Some(text) = &self.sealed else { return Ok(None) };
        let key = people::data_key(act, &self.dossier)?;
        Ok(Some((key.number(), key.seal(&format!("event {id}"), text)?)))
    }
}

impl Recorded {
    /// Tells the people of the dossier; returns how many notices were written.
    ///
    /// # Errors
    /// Whatever writing them meets: then the verb is not done either.
    pub fn tell(
        &self,
        conn: &mut PgConnection,
        act: &Act<'_>,
        purpose: Purpose,
        facts: Facts,
    ) -> Result<usize, AppError> {
        if self.dossier.parent_id.is_some() {
            return legs::tell(conn, act, self, (purpose, facts));
        }
        let cause = Cause {
            dossier_id: self.dossier.id,
            event_id: Some(self.event),
            code: self.dossier.code.clone(),
            unit_id: self.dossier.resolving_unit_id,
            purpose,
            facts,
        };
        notices::enqueue(conn, act, &cause)
    }
}

/// The answer for a dossier that is not there, or that who asks may not know of.
pub fn no_such_dossier() -> AppError {
    AppError::NotFound(Said::new("no_such_dossier", "Không có hồ sơ này", "There is no such dossier"))
}

/// The answer to any verb on a dossier that another system resolves.
fn mirrored() -> AppError {
    AppError::Conflict(Said::new(
        "mirrored",
        "Hồ sơ do hệ thống của bộ xử lý, ở đây chỉ để xem; hãy làm trên hệ thống đó",
        "A ministry's own system resolves this dossier, it is here to be read; do it there",
    ))
}

/// The answer for a verb that the status forbids, with those that would be lawful.
pub(super) fn forbidden_now(refused: &Refused) -> AppError {
    let lawful: Vec<_> = refused.lawful_now().iter().map(|verb| verb.as_str()).collect();
    let lawful = if lawful.is_empty() { "–".to_owned() } else { lawful.join(", ") };
    AppError::Conflict(Said::new(
        "status_forbids",
        format!("Hồ sơ đang ở trạng thái “{}”, không thể {}; có thể: {lawful}", refused.status.vi(), refused.verb),
        format!("The dossier is {}, so it can't {}; it can: {lawful}", refused.status, refused.verb),
    ))
}
