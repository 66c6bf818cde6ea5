//! On which channels a person wants to be told: their own word, kept for good, the last one counts (Luật 91/2025/QH15: consent
//! is given for a purpose, can be proved, and can be taken back at any time).

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Bytea, Text, Uuid as SqlUuid};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::signed::Citizen;
use crate::domain::ids::NoticeId;
use crate::domain::notice::{NoticeChannel, Purpose};
use crate::domain::role::Actor;
use crate::error::AppError;
use crate::http::body::{Body, Faults};
use crate::notices::call_back_unsent;
use crate::platform::db::Scope;
use crate::schema::notice_consents;
use crate::state::{Act, AppState};

/// For each channel whether the person wants to be told there; one that is left out stays as it is.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChannelsForm {
    /// `{"sms": true, "zalo": false}`.
    channels: Option<BTreeMap<String, bool>>,
}

/// What the person said of each channel; one of which nothing was said goes by what each dossier says.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ChannelsOut {
    /// `true`, `false`, or `null` where nothing was said.
    channels: BTreeMap<&'static str, Option<bool>>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = notice_consents)]
struct Consent {
    id: Uuid,
    person_hash: Vec<u8>,
    channel: NoticeChannel,
    granted: bool,
    at: DateTime<Utc>,
    session_id: Uuid,
}

/// Shows what the person said of each channel.
///
/// # Errors
/// 401; 403 after a one-time code, which proves a dossier and not a person.
#[utoipa::path(get, path = "/api/v1/citizen/channels", tag = "citizens", security(("bearer" = [])),
    responses((status = 200, body = ChannelsOut), (status = 401), (status = 403)))]
pub async fn show_own_channels(state: web::Data<AppState>, citizen: Citizen) -> Result<HttpResponse, AppError> {
    let person = citizen.person()?;
    let read = move |conn: &mut PgConnection| Ok::<_, AppError>(said(conn, &person)?);
    Ok(HttpResponse::Ok().json(state.db.read(&Scope::system(), read).await?))
}

/// Says on which channels the person wants to be told from now on; what waits to go out on the others is called back. Codes
/// that one asked for and corrections of what was said before come all the same.
///
/// # Errors
/// 401; 403 after a one-time code; 422.
#[utoipa::path(put, path = "/api/v1/citizen/channels", tag = "citizens", security(("bearer" = [])),
    request_body = ChannelsForm,
    responses((status = 200, body = ChannelsOut), (status = 401), (status = 403), (status = 422)))]
pub async fn choose_own_channels(
    state: web::Data<AppState>,
    citizen: Citizen,
    Body(form): Body<ChannelsForm>,
) -> Result<HttpResponse, AppError> {
    let person = citizen.person()?;
    let wanted = form.read()?;
    let session = citizen.session.0;
    let choose = move |conn: &mut PgConnection, act: &Act<'_>| choose(conn, act, (&person, session), &wanted);
    Ok(HttpResponse::Ok().json(state.act_over_all(&Actor::house(), choose).await?))
}

impl ChannelsForm {
    fn read(self) -> Result<Vec<(NoticeChannel, bool)>, AppError> {
        let mut faults = Faults::new();
        let asked = faults.required("/channels", self.channels).unwrap_or_default();
        let read = |(word, wanted): (String, bool)| Some((faults.word("/channels", &word)?, wanted));
        let wanted = asked.into_iter().filter_map(read).collect();
        faults.finish(Some(wanted))
    }
}

fn said(conn: &mut PgConnection, person: &[u8]) -> QueryResult<ChannelsOut> {
    let last: Vec<(NoticeChannel, bool)> = notice_consents::table
        .filter(notice_consents::person_hash.eq(person))
        .distinct_on(notice_consents::channel)
        .order((notice_consents::channel, notice_consents::id.desc()))
        .select((notice_consents::channel, notice_consents::granted))
        .load(conn)?;
    let of = |channel: &NoticeChannel| last.iter().find(|(of, _)| of == channel).map(|(_, granted)| *granted);
    Ok(ChannelsOut { channels: NoticeChannel::ALL.iter().map(|channel| (channel.as_str(), of(channel))).collect() })
}

/// What waits for a person on channels that they do not want; what is critical goes out all the same.
const WAITING: &str = "-- citizens::channels::waiting
SELECT n.id FROM dossier_people p JOIN notices n ON n.dossier_id = p.dossier_id AND n.recipient = p.part
WHERE p.id_number_hash = $1 AND n.channel = ANY ($2) AND n.purpose <> ALL ($3) AND n.status IN ('queued', 'standby')
ORDER BY n.id";

#[derive(QueryableByName)]
struct Waiting {
    #[diesel(sql_type = SqlUuid)]
    id: NoticeId,
}

fn choose(
    conn: &mut PgConnection,
    act: &Act<'_>,
    (person, session): (&[u8], Uuid),
    wanted: &[(NoticeChannel, bool)],
) -> Result<ChannelsOut, AppError> {
    let consent = |(channel, granted): &(NoticeChannel, bool)| Consent {
        id: Uuid::now_v7(),
        person_hash: person.to_vec(),
        channel: *channel,
        granted: *granted,
        at: act.now,
        session_id: session,
    };
    let rows: Vec<Consent> = wanted.iter().map(consent).collect();
    diesel::insert_into(notice_consents::table).values(&rows).execute(conn)?;
    let declined = wanted.iter().filter(|(_, granted)| !granted).map(|(channel, _)| channel.as_str());
    let critical = Purpose::ALL.iter().filter(|purpose| purpose.is_critical()).map(|purpose| purpose.as_str());
    let waiting: Vec<Waiting> = diesel::sql_query(WAITING)
        .bind::<Bytea, _>(person)
        .bind::<Array<Text>, _>(declined.collect::<Vec<_>>())
        .bind::<Array<Text>, _>(critical.collect::<Vec<_>>())
        .load(conn)?;
    let ids: Vec<NoticeId> = waiting.into_iter().map(|row| row.id).collect();
    call_back_unsent(conn, act, &ids, "declined")?;
    Ok(said(conn, person)?)
}
