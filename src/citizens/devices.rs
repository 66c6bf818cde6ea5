//! The devices on which a citizen's app shows that there is news.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bytea};
use serde_json::json;

use super::signed::Citizen;
use crate::audit::{self, Doer, Noted};
use crate::domain::audit::{Action, Subject};
use crate::domain::device::{DeviceLanguage, Installation, MOST_DEVICES, PushToken, device_context};
use crate::domain::ids::CitizenDeviceId;
use crate::domain::retention::KeyClass;
use crate::error::AppError;
use crate::schema::citizen_devices;
use crate::state::Act;

/// A device as its app registers it.
pub(super) struct NewDevice {
    pub installation: Installation,
    pub token: PushToken,
    pub language: DeviceLanguage,
}

/// A device as its owner sees it.
#[derive(Queryable, Selectable)]
#[diesel(table_name = citizen_devices)]
pub(super) struct Device {
    pub installation: String,
    pub language: DeviceLanguage,
    pub registered_at: DateTime<Utc>,
    pub seen_at: DateTime<Utc>,
}

/// Registers a device of the holder of an ID number, or puts right what is known of it. Of more than
/// [`MOST_DEVICES`] the one that was not seen for the longest time goes, and nobody else's news go to it any more.
///
/// # Errors
/// Whatever the database says.
pub(super) fn register(
    conn: &mut PgConnection,
    act: &Act<'_>,
    (citizen, holder): (&Citizen, &[u8]),
    device: &NewDevice,
) -> Result<Device, AppError> {
    let token_hash = act.office.vault.index("push_token", device.token.as_str());
    forget_others(conn, holder, device, &token_hash)?;
    let is_known =
        diesel::dsl::exists(own(holder).filter(citizen_devices::installation.eq(device.installation.as_str())));
    let is_known: bool = diesel::select(is_known).get_result(conn)?;
    let kept = keep(conn, act, (holder, device), &token_hash)?;
    forget_oldest(conn, holder)?;
    if !is_known {
        note(conn, act.now, citizen, Action::CitizenDeviceAdded)?;
    }
    Ok(kept)
}

type Own<'a> = diesel::dsl::Filter<citizen_devices::table, diesel::dsl::Eq<citizen_devices::holder_hash, &'a [u8]>>;

fn own(holder: &[u8]) -> Own<'_> {
    citizen_devices::table.filter(citizen_devices::holder_hash.eq(holder))
}

/// A token belongs to who holds the device now: whoever was logged in there before is told nothing there any more.
fn forget_others(conn: &mut PgConnection, holder: &[u8], device: &NewDevice, token_hash: &[u8]) -> QueryResult<usize> {
    let is_same =
        citizen_devices::holder_hash.eq(holder).and(citizen_devices::installation.eq(device.installation.as_str()));
    let same_token = citizen_devices::table.filter(citizen_devices::token_hash.eq(token_hash));
    diesel::delete(same_token.filter(diesel::dsl::not(is_same))).execute(conn)
}

fn keep(
    conn: &mut PgConnection,
    act: &Act<'_>,
    (holder, device): (&[u8], &NewDevice),
    token_hash: &[u8],
) -> Result<Device, AppError> {
    let key = act.data_key(&KeyClass::Notices)?;
    let installation = device.installation.as_str();
    let sealed = key.seal(&device_context(holder, installation), device.token.as_str())?;
    let known_now = (
        citizen_devices::language.eq(device.language),
        citizen_devices::key_id.eq(key.number()),
        citizen_devices::token.eq(&sealed),
        citizen_devices::token_hash.eq(token_hash),
        citizen_devices::seen_at.eq(act.now),
    );
    let kept = diesel::insert_into(citizen_devices::table)
        .values((
            citizen_devices::id.eq(CitizenDeviceId::new()),
            citizen_devices::holder_hash.eq(holder),
            citizen_devices::installation.eq(installation),
            citizen_devices::registered_at.eq(act.now),
            known_now,
        ))
        .on_conflict((citizen_devices::holder_hash, citizen_devices::installation))
        .do_update()
        .set(known_now)
        .returning(Device::as_returning())
        .get_result(conn)?;
    Ok(kept)
}

const FORGET_OLDEST: &str = "-- citizens::devices::forget_oldest
DELETE FROM citizen_devices WHERE id IN (
    SELECT id FROM citizen_devices WHERE holder_hash = $1 ORDER BY seen_at DESC, id DESC OFFSET $2
)";

fn forget_oldest(conn: &mut PgConnection, holder: &[u8]) -> QueryResult<usize> {
    diesel::sql_query(FORGET_OLDEST).bind::<Bytea, _>(holder).bind::<BigInt, _>(MOST_DEVICES).execute(conn)
}

/// Lists the devices of the holder of an ID number, the one seen last first.
pub(super) fn list(conn: &mut PgConnection, holder: &[u8]) -> QueryResult<Vec<Device>> {
    own(holder)
        .order((citizen_devices::seen_at.desc(), citizen_devices::id.desc()))
        .select(Device::as_select())
        .limit(MOST_DEVICES)
        .load(conn)
}

/// Forgets a device; whether there was one.
///
/// # Errors
/// Whatever the database says.
pub(super) fn remove(
    conn: &mut PgConnection,
    (citizen, holder): (&Citizen, &[u8]),
    installation: &Installation,
    now: DateTime<Utc>,
) -> QueryResult<bool> {
    let device = own(holder).filter(citizen_devices::installation.eq(installation.as_str()));
    let was_there = diesel::delete(device).execute(conn)? > 0;
    if was_there {
        note(conn, now, citizen, Action::CitizenDeviceRemoved)?;
    }
    Ok(was_there)
}

fn note(conn: &mut PgConnection, now: DateTime<Utc>, citizen: &Citizen, action: Action) -> QueryResult<()> {
    let noted = Noted { action, subject: Subject::CitizenSession(citizen.session), details: json!({}) };
    audit::note_by(conn, &Doer::unknown(), now, &noted)
}
