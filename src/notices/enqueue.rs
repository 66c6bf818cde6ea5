//! Writes the notices of an event, in its transaction: to whom, on which channels, in which words.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;

use crate::domain::cost::Telco;
use crate::domain::ids::{DossierId, EventId, NoticeId, TemplateId, UnitId};
use crate::domain::notice::{Encoding, Facts, Known, NoticeChannel, NoticeStatus, Purpose, Template, Wording};
use crate::domain::person::{Email, Mandate, Part, Phone, person_context};
use crate::domain::retention::KeyClass;
use crate::error::AppError;
use crate::platform::prepared::Prepare;
use crate::schema::{dossier_people, dossiers, notices};
use crate::state::Act;

use super::evidence::Said;
use super::push;
use super::queue::{self, Place};
use super::refused::Refused;
use super::sparing::Told;

/// Why somebody is told something: the event and what the message speaks of.
#[derive(Debug, Clone)]
pub struct Cause {
    /// The dossier.
    pub dossier_id: DossierId,
    /// Its event, where there is one; the same event tells nobody the same thing twice.
    pub event_id: Option<EventId>,
    /// The dossier's code.
    pub code: String,
    /// The unit that speaks.
    pub unit_id: UnitId,
    /// What for.
    pub purpose: Purpose,
    /// What the message speaks of.
    pub facts: Facts,
}

/// Writes the notices that the cause calls for and puts them into the queue; returns how many are new.
///
/// The applicant is always told, the submitter as the mandate allows, the same number or address once, on each
/// channel that the dossier allows, that has a gateway and an address and for which there are words.
///
/// # Errors
/// Whatever the database says, or a sealed address that does not open.
pub fn enqueue(conn: &mut PgConnection, act: &Act<'_>, cause: &Cause) -> Result<usize, AppError> {
    let people = read_people(conn, cause)?;
    let mut told: Vec<NewNotice> = Vec::new();
    let mut tell = |notice: NewNotice| {
        let is_same = |other: &NewNotice| other.channel == notice.channel && other.address_hash == notice.address_hash;
        if !told.iter().any(is_same) {
            told.push(notice);
        }
    };
    for person in &people {
        for channel in NoticeChannel::ALL {
            compose(act, cause, person, *channel)?.into_iter().for_each(&mut tell);
        }
    }
    push::compose(conn, act, cause, &people)?.into_iter().for_each(tell);
    let suppressed = take_out_refused(conn, act, &people, &mut told)?;
    let standbys = stand_by(act, cause.purpose, &mut told);
    insert(conn, &suppressed)?;
    let written = write(conn, act, cause, told, act.now)?;
    Ok(written.len() + write_standbys(conn, &written, standbys)?)
}

/// Whom a notice in place of another one is for, on which channel, and when it may go out.
#[derive(Debug, Clone, Copy)]
pub(super) struct InPlaceOf {
    pub(super) parent: NoticeId,
    pub(super) recipient: Part,
    pub(super) channel: NoticeChannel,
    pub(super) run_at: DateTime<Utc>,
}

/// Writes what a notice said once more, for another channel; `None` where the dossier does not allow that channel, the
/// person has no address there, there are no words for it, or the event was told there already.
///
/// # Errors
/// As [`enqueue`].
pub(super) fn enqueue_in_place(
    conn: &mut PgConnection,
    act: &Act<'_>,
    cause: &Cause,
    other: &InPlaceOf,
) -> Result<Option<NoticeId>, AppError> {
    let people = read_people(conn, cause)?;
    let Some(person) = people.iter().find(|(person, _)| person.part == other.recipient) else {
        return Ok(None);
    };
    let mut told = match other.channel {
        NoticeChannel::Push => push::compose(conn, act, cause, std::slice::from_ref(person))?,
        channel => compose(act, cause, person, channel)?.into_iter().collect(),
    };
    for notice in &mut told {
        notice.parent_id = Some(other.parent);
        notice.expires_at += other.run_at - act.now;
    }
    take_out_refused(conn, act, &people, &mut told)?;
    let written = write(conn, act, cause, told, other.run_at)?;
    Ok(written.first().copied())
}

/// One of the people of a dossier who are told, with the channels that it allows.
pub(super) type Person = (Reached, Allowed);

#[derive(Queryable, Selectable)]
#[diesel(table_name = dossier_people)]
pub(super) struct Reached {
    pub(super) part: Part,
    mandate: Option<Mandate>,
    key_id: i16,
    phone: Option<Vec<u8>>,
    email: Option<Vec<u8>>,
    id_number_hash: Option<Vec<u8>>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = dossiers)]
pub(super) struct Allowed {
    notify_sms: bool,
    notify_email: bool,
    notify_zalo: bool,
}

#[derive(Insertable)]
#[diesel(table_name = notices)]
pub(super) struct NewNotice {
    id: NoticeId,
    dossier_id: DossierId,
    event_id: Option<EventId>,
    unit_id: UnitId,
    purpose: Purpose,
    recipient: Part,
    channel: NoticeChannel,
    template_id: TemplateId,
    key_id: i16,
    address: Vec<u8>,
    address_hash: Vec<u8>,
    address_masked: String,
    telco: Option<Telco>,
    wording: Vec<u8>,
    encoding: Encoding,
    segments: i16,
    status: NoticeStatus,
    reason: Option<&'static str>,
    final_at: Option<DateTime<Utc>>,
    attempts: i16,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    parent_id: Option<NoticeId>,
}

/// Reads who may be told and how; the applicant first.
fn read_people(conn: &mut PgConnection, cause: &Cause) -> QueryResult<Vec<Person>> {
    let people: Vec<Person> = dossier_people::table
        .inner_join(dossiers::table)
        .filter(dossier_people::dossier_id.eq(cause.dossier_id))
        .order(dossier_people::part)
        .select((Reached::as_select(), Allowed::as_select()))
        .load(conn)?;
    let told = |person: &Reached| cause.purpose.is_for(person.part, person.mandate);
    Ok(people.into_iter().filter(|(person, _)| told(person)).collect())
}

pub(super) struct Address {
    pub(super) plain: String,
    pub(super) masked: String,
    pub(super) hash: Vec<u8>,
    /// By the prefix of a number.
    pub(super) telco: Option<Telco>,
}

fn compose(
    act: &Act<'_>,
    cause: &Cause,
    (person, allowed): &Person,
    channel: NoticeChannel,
) -> Result<Option<NewNotice>, AppError> {
    let is_allowed = match channel {
        NoticeChannel::Sms => allowed.notify_sms,
        NoticeChannel::Email => allowed.notify_email,
        NoticeChannel::Zalo => allowed.notify_zalo,
        // Composed for each device, of which there may be several.
        NoticeChannel::Push => false,
    };
    let has_way = is_allowed && act.office.config.has_way_out(channel);
    let Some(template) = act.office.templates.find(cause.purpose, channel).filter(|_| has_way) else {
        return Ok(None);
    };
    let Some(address) = address(act, cause, person, channel)? else {
        return Ok(None);
    };
    let wording = word(act, cause, template);
    seal(act, cause, (person.part, channel, template.id), &address, &wording).map(Some)
}

fn address(
    act: &Act<'_>,
    cause: &Cause,
    person: &Reached,
    channel: NoticeChannel,
) -> Result<Option<Address>, AppError> {
    let (column, sealed) = match channel {
        NoticeChannel::Sms | NoticeChannel::Zalo => ("phone", &person.phone),
        NoticeChannel::Email => ("email", &person.email),
        NoticeChannel::Push => return Ok(None),
    };
    let Some(sealed) = sealed else {
        return Ok(None);
    };
    let context = person_context(cause.dossier_id, person.part, column);
    let vault = &act.office.vault;
    let plain = vault.open(person.key_id, &context, sealed)?;
    let read = match channel {
        NoticeChannel::Sms | NoticeChannel::Zalo => {
            Phone::read(&plain).map(|phone| (phone.masked(), Telco::of(&phone)))
        }
        NoticeChannel::Email => Email::read(&plain).map(|email| (email.masked(), None)),
        NoticeChannel::Push => None,
    };
    Ok(read.map(|(masked, telco)| Address { hash: vault.index(column, &plain), plain, masked, telco }))
}

pub(super) fn word(act: &Act<'_>, cause: &Cause, template: &Template) -> Wording {
    let config = &act.office.config;
    let unit = act.catalogue().unit(cause.unit_id);
    let known = Known {
        code: &cause.code,
        unit: unit.map_or(&config.notices.sender, |unit| &unit.name),
        lookup_url: &config.server.public_url,
        sender: &config.notices.sender,
    };
    template.render(&known, &cause.facts)
}

/// Returns the place for which a column of a notice is sealed.
pub(super) fn context(notice_id: NoticeId, column: &str) -> String {
    format!("notice {notice_id} {column}")
}

pub(super) fn seal(
    act: &Act<'_>,
    cause: &Cause,
    (recipient, channel, template_id): (Part, NoticeChannel, TemplateId),
    address: &Address,
    wording: &Wording,
) -> Result<NewNotice, AppError> {
    let id = NoticeId::new();
    let key = act.data_key(&KeyClass::Notices)?;
    let (encoding, segments) = channel.plan(&wording.text);
    let said = Said { wording: wording.clone(), facts: cause.facts.clone() };
    let written = serde_json::to_string(&said).map_err(|err| AppError::Internal(err.into()))?;
    let longest = TimeDelta::hours(act.office.config.notices.expires_h.into());
    Ok(NewNotice {
        id,
        dossier_id: cause.dossier_id,
        event_id: cause.event_id,
        unit_id: cause.unit_id,
        purpose: cause.purpose,
        recipient,
        channel,
        template_id,
        key_id: key.number(),
        address: key.seal(&context(id, "address"), &address.plain)?,
        address_hash: address.hash.clone(),
        address_masked: address.masked.clone(),
        telco: address.telco,
        wording: key.seal(&context(id, "wording"), &written)?,
        encoding,
        segments: i16::try_from(segments).unwrap_or(i16::MAX),
        status: NoticeStatus::Queued,
        reason: None,
        final_at: None,
        attempts: 0,
        created_at: act.now,
        expires_at: act.now + cause.purpose.is_of_use_for(longest),
        parent_id: None,
    })
}

/// Takes out what must not go out: what a person does not want is not written at all, what the suppression list holds back
/// is returned, so that it is written down that the person was not told there.
fn take_out_refused(
    conn: &mut PgConnection,
    act: &Act<'_>,
    people: &[Person],
    told: &mut Vec<NewNotice>,
) -> QueryResult<Vec<NewNotice>> {
    let addresses = told.iter().map(|notice| notice.address_hash.as_slice()).collect();
    let holders = people.iter().filter_map(|(person, _)| person.id_number_hash.as_deref()).collect();
    let refused = Refused::read(conn, act, addresses, holders)?;
    let of_person = |part: Part| {
        let person = people.iter().find(|(person, _)| person.part == part);
        person.and_then(|(person, _)| person.id_number_hash.as_deref())
    };
    told.retain(|notice| !refused.declines(notice.purpose, notice.channel, of_person(notice.recipient)));
    let is_suppressed = |notice: &mut NewNotice| refused.suppresses(notice.channel, &notice.address_hash);
    let mut suppressed: Vec<NewNotice> = told.extract_if(.., is_suppressed).collect();
    for notice in &mut suppressed {
        notice.status = NoticeStatus::Cancelled;
        (notice.reason, notice.final_at) = (Some("suppressed"), Some(act.now));
    }
    Ok(suppressed)
}

/// Takes out what stands by: of the channels that are tried one after another, all but the first of each person.
fn stand_by(act: &Act<'_>, purpose: Purpose, told: &mut Vec<NewNotice>) -> Vec<NewNotice> {
    let ladders = act.office.config.notices.ladders();
    let rung = |notice: &NewNotice| ladders.rung(purpose, notice.channel);
    told.sort_by_key(|notice| (notice.recipient, rung(notice)));
    let mut standbys: Vec<NewNotice> = Vec::new();
    let mut before: Option<(Part, NoticeId)> = None;
    let mut at_once = Vec::new();
    for mut notice in told.drain(..) {
        let (is_rung, part, id) = (rung(&notice).is_some(), notice.recipient, notice.id);
        match before {
            Some((of, parent)) if is_rung && of == part => {
                (notice.status, notice.parent_id) = (NoticeStatus::Standby, Some(parent));
                standbys.push(notice);
            }
            _ => at_once.push(notice),
        }
        if is_rung {
            before = Some((part, id));
        }
    }
    *told = at_once;
    standbys
}

/// Writes both rows of each notice and returns the new ones; an event that was told already adds none.
fn write(
    conn: &mut PgConnection,
    act: &Act<'_>,
    cause: &Cause,
    mut told: Vec<NewNotice>,
    at: DateTime<Utc>,
) -> Result<Vec<NoticeId>, AppError> {
    if told.is_empty() {
        return Ok(Vec::new());
    }
    let hashes = told.iter().map(|notice| notice.address_hash.as_slice()).collect();
    let mut before = Told::read(conn, act, cause, hashes)?;
    let priority = cause.purpose.priority();
    let mut places: Vec<Place> = Vec::new();
    for notice in &mut told {
        before.call_back_outdated(conn, act, (notice.channel, &notice.address_hash))?;
        let run_at = before.room_for(notice.id, &notice.address_hash, at);
        // It is of use for as long after its time has come.
        notice.expires_at += run_at - at;
        places.push(Place { notice_id: notice.id, priority, run_at });
    }
    let new = insert(conn, &told)?;
    places.retain(|place| new.contains(&place.notice_id));
    queue::put(conn, &places)?;
    Ok(new)
}

fn insert(conn: &mut PgConnection, told: &[NewNotice]) -> QueryResult<Vec<NoticeId>> {
    if told.is_empty() {
        return Ok(Vec::new());
    }
    diesel::insert_into(notices::table)
        .values(told)
        .on_conflict_do_nothing()
        .returning(notices::id)
        .prepared()
        .get_results(conn)
}

/// Writes those that stand by, one after another: one whose forerunner was told already is not needed.
fn write_standbys(conn: &mut PgConnection, written: &[NoticeId], standbys: Vec<NewNotice>) -> QueryResult<usize> {
    let mut known = written.to_vec();
    for notice in standbys {
        if notice.parent_id.is_some_and(|parent| known.contains(&parent)) {
            known.extend(insert(conn, &[notice])?);
        }
    }
    Ok(known.len() - written.len())
}
