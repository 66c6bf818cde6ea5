//! Asks gateways what became of messages of which no receipt came: those in doubt first. What they say is written down as
//! a receipt is, and works as one.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bytea, Nullable, SmallInt, Text, Timestamptz};
use futures_util::{StreamExt, stream};
use uuid::Uuid;

use super::super::enqueue::context;
use super::super::receipt::NewReceipt;
use super::super::{queue, receipts};
use super::gateway::Gateway;
use crate::domain::cost::Vnd;
use crate::domain::ids::NoticeId;
use crate::domain::notice::Proof;
use crate::error::AppError;
use crate::platform::data_keys;
use crate::platform::db::Scope;
use crate::platform::gateways::{Asked, Message};
use crate::platform::prepared::Prepare;
use crate::state::AppState;

/// Messages asked after at a time, and so many questions under way at once.
const AT_A_TIME: i64 = 50;
const AT_ONCE: usize = 5;
/// A receipt may be on its way for so long before anybody asks.
const RECEIPTS_TAKE: TimeDelta = TimeDelta::minutes(15);
/// What is in doubt is asked after sooner; and what a gateway does not know after so long it never had.
const DOUBT_TAKES: TimeDelta = TimeDelta::minutes(2);
/// The wait between two questions about the same message.
const ASK_AGAIN: TimeDelta = TimeDelta::minutes(15);
/// What became of older ones is known no more.
const OLDEST: TimeDelta = TimeDelta::days(3);

#[derive(QueryableByName)]
struct Open {
    #[diesel(sql_type = diesel::sql_types::Uuid)]
    id: NoticeId,
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = Nullable<Text>)]
    gateway_ref: Option<String>,
    #[diesel(sql_type = SmallInt)]
    key_id: i16,
    #[diesel(sql_type = Bytea)]
    address: Vec<u8>,
    #[diesel(sql_type = Timestamptz)]
    created_at: DateTime<Utc>,
}

/// Marks them as asked after in the same statement, so that two processes do not ask twice.
const TAKE: &str = "-- notices::sending::asking::take
WITH open AS (
    SELECT n.id FROM notices n
    WHERE n.gateway = $1 AND n.key_id <> 0 AND n.created_at > $2
        AND (n.status = 'in_doubt' AND COALESCE(n.asked_at, n.created_at) < $3
            OR n.status = 'sent' AND n.sent_at < $4 AND COALESCE(n.asked_at, '-infinity') < $4)
    ORDER BY n.status, n.id LIMIT $5
    FOR UPDATE SKIP LOCKED
)
UPDATE notices n SET asked_at = $6 FROM open WHERE n.id = open.id
RETURNING n.id, n.status, n.gateway_ref, n.key_id, n.address, n.created_at";

/// Asks after messages of each gateway that can be asked; returns how many answers said something.
///
/// # Errors
/// Whatever the database says; a gateway that says nothing is asked again later.
pub async fn tick(state: &AppState, gateways: &[Gateway]) -> Result<usize, AppError> {
    let mut told = 0;
    let askable = gateways.iter().filter(|gateway| gateway.http().is_some_and(|http| http.can_be_asked()));
    for gateway in askable {
        let open = take(state, gateway).await?;
        let answers: Vec<(Open, Asked)> = stream::iter(open)
            .map(|open| async {
                let asked = ask(state, gateway, &open).await;
                (open, asked)
            })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        told += keep(state, gateway.name().to_owned(), answers).await?;
    }
    Ok(told)
}

async fn take(state: &AppState, gateway: &Gateway) -> Result<Vec<Open>, AppError> {
    let (name, clock, vault) = (gateway.name().to_owned(), state.clock.clone(), state.vault.clone());
    let work = move |conn: &mut PgConnection| {
        let now = clock.database_now(conn)?;
        let rows: Vec<Open> = diesel::sql_query(TAKE)
            .bind::<Text, _>(&name)
            .bind::<Timestamptz, _>(now - OLDEST)
            .bind::<Timestamptz, _>(now - DOUBT_TAKES)
            .bind::<Timestamptz, _>(now - RECEIPTS_TAKE.max(ASK_AGAIN))
            .bind::<BigInt, _>(AT_A_TIME)
            .bind::<Timestamptz, _>(now)
            .prepared()
            .load(conn)?;
        data_keys::know(conn, &vault, rows.iter().map(|row| row.key_id))?;
        Ok(rows)
    };
    state.db.tx(&Scope::system(), work).await
}

async fn ask(state: &AppState, gateway: &Gateway, open: &Open) -> Asked {
    let Ok(to) = state.vault.open(open.key_id, &context(open.id, "address"), &open.address) else {
        return Asked::Nothing;
    };
    // A question needs no words.
    let (id, at, template) = (open.id, open.created_at, None);
    let message = Message { id, to, wording: Default::default(), template, written_at: at, at, expires_at: at };
    gateway.ask_after(&message, open.gateway_ref.as_deref()).await
}

async fn keep(state: &AppState, gateway: String, answers: Vec<(Open, Asked)>) -> Result<usize, AppError> {
    let clock = state.clock.clone();
    let work = move |conn: &mut PgConnection| {
        let now = clock.database_now(conn)?;
        let mut told = 0;
        for (open, asked) in answers {
            told += usize::from(asked != Asked::Nothing);
            match asked {
                Asked::Told(_, code, price) => {
                    receipts::keep(conn, &receipt(&gateway, &open, (code, price), now))?;
                }
                // It was begun and never got there, so it may go.
                Asked::Unknown if open.status == "in_doubt" => queue::send_what_never_left(conn, open.id, now)?,
                Asked::Unknown | Asked::Nothing => {}
            }
        }
        Ok(told)
    };
    state.db.tx(&Scope::system(), work).await
}

fn receipt(gateway: &str, open: &Open, (code, price): (String, Option<String>), now: DateTime<Utc>) -> NewReceipt {
    NewReceipt {
        id: Uuid::now_v7(),
        gateway: gateway.to_owned(),
        gateway_ref: open.gateway_ref.clone(),
        notice_id: Some(open.id.0),
        code,
        received_at: now,
        proof: Proof::Asked,
        price: price.filter(|price| Vnd::read(price).is_some()),
    }
}
