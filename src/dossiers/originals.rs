//! Originals that were taken for comparison: what the office holds since when, and to whom it was given back
//! (NĐ 61/2018/NĐ-CP Đ20.2). They lie with the dossier with which the citizen deals: what a leg asked for, with its parent.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;

use super::change::Recorded;
use super::legs;
use super::model::{Dossier, Paper};
use super::papers::PaperRead;
use crate::domain::dossier::PaperKind;
use crate::domain::ids::{DossierId, EventId, UnitId};
use crate::domain::role::{Deed, Who};
use crate::error::{AppError, Said};
use crate::http::body::Faults;
use crate::http::office_time::OfficeTime;
use crate::platform::db::take_in_hand;
use crate::schema::{dossier_events, dossier_originals};
use crate::state::Act;

/// An original, held or given back.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = dossier_originals)]
pub(super) struct Original {
    pub dossier_id: DossierId,
    pub number: i16,
    pub name: String,
    pub quantity: i16,
    pub taken_at: DateTime<Utc>,
    pub taken_by: String,
    pub unit_id: UnitId,
    pub given_back_at: Option<DateTime<Utc>>,
    pub given_back_by: Option<String>,
    pub given_back_event_id: Option<EventId>,
}

/// An original that somebody brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brought {
    /// What it is.
    pub name: String,
    /// How many.
    pub quantity: i16,
}

/// Reads which papers of an intake are originals to be given back, by their positions from 1, noting every fault.
pub(super) fn read_marked(faults: &mut Faults, positions: &[i16], papers: &[PaperRead]) -> Vec<Brought> {
    let mut seen = BTreeSet::new();
    let mut brought = Vec::new();
    for (index, position) in positions.iter().enumerate().filter(|(_, position)| seen.insert(**position)) {
        let pointer = format!("/give_back/{index}");
        let place = usize::try_from(*position).ok().and_then(|position| position.checked_sub(1));
        match place.and_then(|place| papers.get(place)) {
            Some(paper) if paper.kind == PaperKind::Original => {
                brought.push(Brought { name: paper.name.clone(), quantity: paper.quantity });
            }
            Some(_) => faults.add(
                pointer,
                Said::new(
                    "not_an_original",
                    "Chỉ bản chính (kind = original) mới được ghi là sẽ trả lại",
                    "Only what is of the kind original is given back",
                ),
            ),
            None => faults.add(
                pointer,
                Said::new("no_such_paper", "Không có giấy tờ ở vị trí này", "There is no paper at this position"),
            ),
        }
    }
    brought
}

/// Finds which of the papers that come now are originals to be given back. A copy may have been asked for: the original is
/// brought to be compared with it.
///
/// # Errors
/// [`AppError::Invalid`] for papers that are not among those that come.
pub(super) fn read_supplied(coming: &[&Paper], positions: &[i16]) -> Result<Vec<Brought>, AppError> {
    let positions: BTreeSet<i16> = positions.iter().copied().collect();
    let find =
        |position: &i16| coming.iter().find(|paper| paper.position == *position).ok_or_else(|| not_coming(*position));
    let brought = positions
        .iter()
        .map(|position| find(position).map(|paper| Brought { name: paper.name.clone(), quantity: paper.quantity }));
    brought.collect()
}

fn not_coming(position: i16) -> AppError {
    let said = Said::new(
        "not_supplied",
        format!("Giấy tờ số {position} không nằm trong số giấy tờ nộp lần này"),
        format!("Paper {position} is not among those that come now"),
    );
    AppError::invalid("/give_back", said)
}

/// The answer where nobody of the office stands by who could take a paper.
pub(super) fn nobody_took_it() -> AppError {
    let said = Said::new(
        "not_at_the_counter",
        "Chỉ giấy tờ nộp tại quầy hoặc qua bưu chính mới được giữ bản chính",
        "Originals are taken at a counter or from the post alone",
    );
    AppError::invalid("/give_back", said)
}

/// Notes that the office holds originals from a moment on. A leg's go to its parent, whose transaction holds both.
///
/// # Errors
/// Whatever the database says.
pub(super) fn take(
    conn: &mut PgConnection,
    act: &Act<'_>,
    dossier: &Dossier,
    (brought, taken_at): (&[Brought], DateTime<Utc>),
) -> QueryResult<()> {
    if brought.is_empty() {
        return Ok(());
    }
    let with = legs::shown_with(dossier);
    take_in_hand(conn, with)?;
    let last = of(conn, with)?.last().map_or(0, |original| original.number);
    // The house itself, replaying what a counter did, works nowhere.
    let unit = if act.by.who == Who::System { dossier.receiving_unit_id } else { act.by.unit };
    let rows = brought.iter().zip(last.saturating_add(1)..).map(|(one, number)| Original {
        dossier_id: with,
        number,
        name: one.name.clone(),
        quantity: one.quantity,
        taken_at,
        taken_by: act.by.name.clone(),
        unit_id: unit,
        given_back_at: None,
        given_back_by: None,
        given_back_event_id: None,
    });
    let rows: Vec<Original> = rows.collect();
    diesel::insert_into(dossier_originals::table).values(&rows).execute(conn)?;
    take_in_hand(conn, dossier.id)
}

/// Loads all that were ever taken with a dossier, in order.
pub(super) fn of(conn: &mut PgConnection, dossier: DossierId) -> QueryResult<Vec<Original>> {
    dossier_originals::table
        .filter(dossier_originals::dossier_id.eq(dossier))
        .order(dossier_originals::number)
        .select(Original::as_select())
        .load(conn)
}

/// Notes that originals went back by a verb that is written; the dossier is locked by it.
pub(super) fn gone(conn: &mut PgConnection, act: &Act<'_>, recorded: &Recorded, numbers: &[i16]) -> QueryResult<()> {
    if numbers.is_empty() {
        return Ok(());
    }
    let rows = dossier_originals::table
        .filter(dossier_originals::dossier_id.eq(recorded.dossier.id))
        .filter(dossier_originals::number.eq_any(numbers));
    diesel::update(rows)
        .set((
            dossier_originals::given_back_at.eq(act.now),
            dossier_originals::given_back_by.eq(&act.by.name),
            dossier_originals::given_back_event_id.eq(recorded.event),
        ))
        .execute(conn)
        .map(drop)
}

/// Takes back that originals went with a result: that it was handed over is undone.
pub(super) fn never_gone(conn: &mut PgConnection, dossier: DossierId, event: EventId) -> QueryResult<()> {
    let rows = dossier_originals::table
        .filter(dossier_originals::dossier_id.eq(dossier))
        .filter(dossier_originals::given_back_event_id.eq(event));
    diesel::update(rows)
        .set((
            dossier_originals::given_back_at.eq(None::<DateTime<Utc>>),
            dossier_originals::given_back_by.eq(None::<String>),
            dossier_originals::given_back_event_id.eq(None::<EventId>),
        ))
        .execute(conn)
        .map(drop)
}

/// An original that the office holds or held.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = Original)]
pub struct OriginalView {
    /// By which it is given back.
    pub number: i16,
    pub name: String,
    pub quantity: i16,
    pub taken_at: OfficeTime,
    /// Who took it.
    pub taken_by: String,
    /// Where it lies.
    pub unit: Option<String>,
    /// `null` while the office holds it.
    pub given_back_at: Option<OfficeTime>,
    pub given_back_by: Option<String>,
    /// Who received it, for those who see whole identities; `null` also where nobody but the applicant was named.
    pub given_back_to: Option<String>,
}

/// Shows the originals of a dossier to who may see it.
///
/// # Errors
/// Whatever the database says, or a sealed name that does not open.
pub(super) fn shown(conn: &mut PgConnection, act: &Act<'_>, dossier: DossierId) -> Result<Vec<OriginalView>, AppError> {
    let all = of(conn, dossier)?;
    let receivers = receivers(conn, act, &all)?;
    let to = |event: EventId| receivers.iter().find(|(id, _)| *id == event).map(|(_, name)| name.clone());
    let view = |original: Original| OriginalView {
        number: original.number,
        name: original.name,
        quantity: original.quantity,
        taken_at: original.taken_at.into(),
        taken_by: original.taken_by,
        unit: act.catalogue().unit(original.unit_id).map(|unit| unit.code.clone()),
        given_back_at: original.given_back_at.map(OfficeTime),
        given_back_by: original.given_back_by,
        given_back_to: original.given_back_event_id.and_then(to),
    };
    Ok(all.into_iter().map(view).collect())
}

type Receiver = (EventId, String);

/// Opens who received originals, as far as who acts may know it.
fn receivers(conn: &mut PgConnection, act: &Act<'_>, all: &[Original]) -> Result<Vec<Receiver>, AppError> {
    let events: Vec<EventId> = all.iter().filter_map(|original| original.given_back_event_id).collect();
    if events.is_empty() || !act.by.may(Deed::ReadIdentity) {
        return Ok(Vec::new());
    }
    let sealed: Vec<(EventId, Option<i16>, Option<Vec<u8>>)> = dossier_events::table
        .filter(dossier_events::id.eq_any(&events))
        .select((dossier_events::id, dossier_events::key_id, dossier_events::sealed))
        .load(conn)?;
    let named = sealed.into_iter().filter_map(|(id, key, bytes)| Some((id, key?, bytes?)));
    let opened = named.map(|(id, key, bytes)| Ok((id, act.office.vault.open(key, &format!("event {id}"), &bytes)?)));
    opened.collect()
}
