//! Due dates under another calendar: foreseen, and moved. Done by the house to many dossiers at once, so it writes them by
//! few statements and not verb by verb.
//!
//! A due date that had passed when the calendar came is not touched, nor is an ended dossier; `due_first`, on the slip, never
//! moves. While the clock stands there is no due date: it is counted by the calendar in force when the pause closes.

mod queries;

use chrono::{DateTime, Datelike, Utc};
use diesel::PgConnection;
use serde_json::json;

use super::model::{Dossier, Event};
use super::{deadline, foresight};
use crate::domain::calendars::{Calendars, PublishedCalendar};
use crate::domain::dossier::Verb;
use crate::domain::ids::{DossierId, EventId, UnitId};
use crate::domain::notice::{Facts, Purpose};
use crate::domain::period::office_date;
use crate::error::AppError;
use crate::http::page::Cursor;
use crate::notices::{self, Cause};
use crate::state::Act;

pub use queries::{count_untouched, keys_after};

/// The due dates of a dossier, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// By term, case, pauses and calendar.
    pub unextended: DateTime<Utc>,
    /// The same with an extension.
    pub at: DateTime<Utc>,
}

impl Due {
    fn of(dossier: &Dossier) -> Option<Self> {
        Some(Self { unextended: dossier.due_unextended?, at: dossier.due_at? })
    }
}

/// A due date that moves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// Of which dossier.
    pub dossier_id: DossierId,
    /// Its code.
    pub code: String,
    /// The unit that resolves it.
    pub unit_id: UnitId,
    /// From when.
    pub before: Due,
    /// To when.
    pub after: Due,
}

/// What a calendar would do to some dossiers.
#[derive(Debug, Default)]
pub struct Foreseen {
    /// The units that resolve them, one for each dossier.
    pub units: Vec<UnitId>,
    /// The due dates that would move, in the order of the due dates of now.
    pub moves: Vec<Move>,
    /// Where the next ones begin; `None` when there are none.
    pub next: Option<Cursor>,
}

/// What was done to a batch.
#[derive(Debug, Default)]
pub struct Recalculated {
    /// How many dossiers were counted anew.
    pub done: usize,
    /// The due dates that moved.
    pub moves: Vec<Move>,
}

/// Says what a calendar would do to the next `limit` open dossiers, writing nothing.
///
/// # Errors
/// Whatever the database says.
pub fn foresee(
    conn: &mut PgConnection,
    act: &Act<'_>,
    calendar: &PublishedCalendar,
    (after, limit): (Cursor, i64),
) -> Result<Foreseen, AppError> {
    let dossiers = queries::load_after(conn, calendar, after, limit)?;
    let mut foreseen = Foreseen::default();
    let is_full = i64::try_from(dossiers.len()).is_ok_and(|found| found == limit);
    foreseen.next =
        dossiers.last().filter(|_| is_full).and_then(|last| Some(Cursor { at: last.due_at?, id: last.id.0 }));
    for mut dossier in dossiers {
        foreseen.units.push(dossier.resolving_unit_id);
        let counted = count_anew(calendar, act.catalogue().calendars(), &mut dossier)?;
        foreseen.moves.extend(counted.and_then(|change| change.moved(&dossier)));
    }
    Ok(foreseen)
}

/// Counts a batch of open dossiers anew by the calendar in force and writes what came of it: the dossiers, what is in
/// force of them, one event each, and notices where people are told.
///
/// # Errors
/// Whatever the database says; then nothing is written.
pub fn recalculate(
    conn: &mut PgConnection,
    act: &Act<'_>,
    keys: &[Cursor],
    tells: bool,
) -> Result<Recalculated, AppError> {
    let calendars = act.catalogue().calendars();
    let mut counted = Vec::with_capacity(keys.len());
    for mut dossier in queries::lock(conn, calendars.in_force(), keys)? {
        if let Some(change) = count_anew(calendars.in_force(), calendars, &mut dossier)? {
            dossier.version += i64::from(change.shows(&dossier));
            counted.push((change, dossier));
        }
    }
    write(conn, act, &counted)?;
    let moves: Vec<Move> = counted.iter().filter_map(|(change, dossier)| change.moved(dossier)).collect();
    if tells {
        tell(conn, act, &counted)?;
    }
    Ok(Recalculated { done: keys.len(), moves })
}

/// A dossier as it was, as far as a calendar can change it.
struct Change {
    event: EventId,
    before: Due,
    statutory: Option<DateTime<Utc>>,
    provisional: bool,
}

impl Change {
    /// Whether anybody can see a difference: only then there is an event, and a new version.
    fn shows(&self, dossier: &Dossier) -> bool {
        Due::of(dossier) != Some(self.before)
            || (self.statutory, self.provisional) != (dossier.due_statutory, dossier.provisional)
    }

    fn moved(&self, dossier: &Dossier) -> Option<Move> {
        let after = Due::of(dossier).filter(|after| *after != self.before)?;
        let (code, unit_id) = (dossier.code.clone(), dossier.resolving_unit_id);
        Some(Move { dossier_id: dossier.id, code, unit_id, before: self.before, after })
    }
}

/// Counts one anew. One that the calendar does not reach stays as it is, and keeps no other from its new date.
fn count_anew(
    calendar: &PublishedCalendar,
    known: &Calendars,
    dossier: &mut Dossier,
) -> Result<Option<Change>, AppError> {
    let Some(before) = Due::of(dossier) else { return Ok(None) };
    let (statutory, provisional) = (dossier.due_statutory, dossier.provisional);
    match deadline::follow(calendar, known, dossier) {
        Ok(()) => Ok(Some(Change { event: EventId::new(), before, statutory, provisional })),
        Err(AppError::Conflict(said)) => {
            tracing::warn!(dossier.id = %dossier.id, calendar = calendar.number, why = %said.en, "a due date stays as it is");
            Ok(None)
        }
        Err(err) => Err(err),
    }
}

type Counted = (Change, Dossier);

fn write(conn: &mut PgConnection, act: &Act<'_>, counted: &[Counted]) -> Result<(), AppError> {
    queries::write_dossiers(conn, counted.iter().map(|(_, dossier)| dossier))?;
    let moved = counted.iter().filter(|(change, dossier)| change.moved(dossier).is_some());
    queries::write_states(conn, act.now, moved.map(|(_, dossier)| dossier))?;
    let shown = counted.iter().filter(|(change, dossier)| change.shows(dossier));
    let events: Vec<Event> = shown.map(|(change, dossier)| event(act, change, dossier)).collect();
    queries::write_events(conn, &events)?;
    // Its moments are counted in working time, so they turn even where the due date stays.
    let ids: Vec<DossierId> = counted.iter().map(|(_, dossier)| dossier.id).collect();
    foresight::forget(conn, &ids)
}

fn event(act: &Act<'_>, change: &Change, dossier: &Dossier) -> Event {
    Event {
        id: change.event,
        dossier_id: dossier.id,
        number: i32::try_from(dossier.version).unwrap_or(i32::MAX),
        verb: Verb::Recalculate,
        from_status: Some(dossier.status),
        to_status: dossier.status,
        happened_at: act.now,
        recorded_at: act.now,
        actor: act.by.principal(),
        actor_name: act.by.name.clone(),
        unit_id: None,
        note: Some(reason(act, dossier)),
        details: json!({
            "calendar_version": act.catalogue().calendar_version(),
            "due_before": change.before.at,
            "due_at": dossier.due_at,
            "due_unextended_before": change.before.unextended,
            "due_unextended": dossier.due_unextended,
        }),
        key_id: None,
        sealed: None,
    }
}

/// Why, with the document that decided the days of the year in which it is due now.
fn reason(act: &Act<'_>, dossier: &Dossier) -> String {
    let year = dossier.due_at.map(|due_at| office_date(due_at).year());
    let row = year.and_then(|year| act.catalogue().calendar().years().get(&year));
    let source = row.map(|row| format!(" ({})", row.source)).unwrap_or_default();
    format!("Lịch làm việc của cơ quan nhà nước thay đổi{source}")
}

/// Tells the people of the dossiers whose due date moved.
fn tell(conn: &mut PgConnection, act: &Act<'_>, counted: &[Counted]) -> Result<(), AppError> {
    for (change, dossier) in counted.iter().filter(|(change, dossier)| dossier.due_at != Some(change.before.at)) {
        let facts =
            Facts { due: dossier.due_at.map(office_date), reason: Some(reason(act, dossier)), ..Facts::default() };
        let cause = Cause {
            dossier_id: dossier.id,
            event_id: Some(change.event),
            code: dossier.code.clone(),
            unit_id: dossier.resolving_unit_id,
            purpose: Purpose::DueChanged,
            facts,
        };
        notices::enqueue(conn, act, &cause)?;
    }
    Ok(())
}
