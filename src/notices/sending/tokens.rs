//! Keeps the access tokens of gateways whose refresh tokens are good once. One process at a time fetches the next pair,
//! and nobody uses it before it is in the database: a pair that is lost can only be made anew by a person at the vendor.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use secrecy::ExposeSecret;

use super::gateway::Gateway;
use crate::config::Way;
use crate::error::AppError;
use crate::platform::db::Scope;
use crate::platform::gateways::HttpGateway;
use crate::platform::gateways::token::{Granted, Token, TokenSource};
use crate::platform::secret::Vault;
use crate::schema::gateway_tokens as t;
use crate::state::AppState;

/// The next pair is fetched so long before the token ends.
const ENDS_BEFORE: TimeDelta = TimeDelta::minutes(30);
/// Longer than a fetch may take.
const FETCH_TAKES: TimeDelta = TimeDelta::minutes(2);
/// A token that ends so soon and could not be renewed is an alarm.
const ALARM_BEFORE: TimeDelta = TimeDelta::hours(24);

/// The pair as the database keeps it.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = t)]
struct Row {
    gateway: String,
    key_id: i16,
    access: Option<Vec<u8>>,
    refresh: Vec<u8>,
    access_until: Option<DateTime<Utc>>,
    refreshed_at: DateTime<Utc>,
    fetching_until: Option<DateTime<Utc>>,
}

/// What is to be done.
enum Need {
    /// The pair is good; this process takes the token.
    Nothing(Option<Token>),
    /// This process fetches the next pair by this refresh token.
    Fetch(String),
}

/// Looks after the pair of each gateway that has one; returns how many were fetched.
///
/// # Errors
/// Whatever the database says, or a pair that does not open.
pub async fn tick(state: &AppState, gateways: &[Gateway]) -> Result<usize, AppError> {
    let mut fetched = 0;
    for gateway in gateways {
        let source = gateway.http().and_then(HttpGateway::token_source).filter(|source| source.rotates());
        if let Some(source) = source {
            fetched += usize::from(look_after(state, gateway.name(), source).await?);
        }
    }
    Ok(fetched)
}

async fn look_after(state: &AppState, name: &str, source: &TokenSource) -> Result<bool, AppError> {
    match need(state, name).await? {
        Need::Nothing(token) => {
            source.hold(token);
            Ok(false)
        }
        Need::Fetch(refresh) => match source.fetch(&refresh).await {
            Ok(granted) => {
                keep(state, name, granted.clone()).await?;
                source.hold(Some(Token::new(granted.access, granted.good_for)));
                tracing::info!(gateway = name, "gateway {name} gave the next access token");
                Ok(true)
            }
            Err(reply) => {
                let code = reply.code.unwrap_or_default();
                tracing::error!(
                    gateway = name,
                    code,
                    "gateway {name} gave no access token ({code}); if this lasts, a new refresh token is needed in \
                     gateways.{name}.settings.refresh_token"
                );
                Ok(false)
            }
        },
    }
}

/// Says what is to be done; whoever is to fetch is alone with it for two minutes.
async fn need(state: &AppState, name: &str) -> Result<Need, AppError> {
    let (name, clock, vault) = (name.to_owned(), state.clock.clone(), state.vault.clone());
    let first = first_refresh_token(state, &name);
    let work = move |conn: &mut PgConnection| {
        let now = clock.database_now(conn)?;
        let found: Option<Row> = t::table.find(&name).select(Row::as_select()).for_update().first(conn).optional()?;
        let row = match found {
            Some(row) => row,
            None if first.is_empty() => return Ok(Need::Nothing(None)),
            None => begin(conn, &vault, (&name, &first), now)?,
        };
        let is_good = row.access_until.is_some_and(|until| until > now + ENDS_BEFORE);
        let is_being_fetched = row.fetching_until.is_some_and(|until| until > now);
        if is_good || is_being_fetched {
            return Ok(Need::Nothing(row.token(&vault, now)?));
        }
        if row.access_until.is_some_and(|until| until < now + ALARM_BEFORE - ENDS_BEFORE && until < now) {
            tracing::error!(gateway = name, "the access token of gateway {name} has ended");
        }
        diesel::update(t::table.find(&name)).set(t::fetching_until.eq(now + FETCH_TAKES)).execute(conn)?;
        Ok(Need::Fetch(vault.open(row.key_id, &place(&name, "refresh"), &row.refresh)?))
    };
    state.db.tx(&Scope::system(), work).await
}

fn first_refresh_token(state: &AppState, name: &str) -> String {
    let settings = state.config.gateways.get(name).and_then(|gateway| match &gateway.way {
        Way::Http(http) => http.settings.get("refresh_token"),
        _ => None,
    });
    settings.map(|token| token.expose_secret().to_owned()).unwrap_or_default()
}

fn begin(
    conn: &mut PgConnection,
    vault: &Vault,
    (name, refresh): (&str, &str),
    now: DateTime<Utc>,
) -> Result<Row, AppError> {
    let row = Row {
        gateway: name.to_owned(),
        key_id: vault.key_id(),
        access: None,
        refresh: vault.seal(&place(name, "refresh"), refresh)?,
        access_until: None,
        refreshed_at: now,
        fetching_until: None,
    };
    diesel::insert_into(t::table).values(&row).execute(conn)?;
    Ok(row)
}

async fn keep(state: &AppState, name: &str, granted: Granted) -> Result<(), AppError> {
    let (name, clock, vault) = (name.to_owned(), state.clock.clone(), state.vault.clone());
    let work = move |conn: &mut PgConnection| {
        let now = clock.database_now(conn)?;
        let good_for = TimeDelta::from_std(granted.good_for).unwrap_or(TimeDelta::hours(1));
        let row = t::table.find(&name);
        let access = vault.seal(&place(&name, "access"), &granted.access)?;
        // Both parts of the pair are sealed by the same key.
        let refresh = match &granted.refresh {
            Some(next) => next.clone(),
            None => {
                let (key_id, sealed): (i16, Vec<u8>) = row.select((t::key_id, t::refresh)).first(conn)?;
                vault.open(key_id, &place(&name, "refresh"), &sealed)?
            }
        };
        diesel::update(row)
            .set((
                t::key_id.eq(vault.key_id()),
                t::access.eq(Some(access)),
                t::refresh.eq(vault.seal(&place(&name, "refresh"), &refresh)?),
                t::access_until.eq(Some(now + good_for)),
                t::refreshed_at.eq(now),
                t::fetching_until.eq(None::<DateTime<Utc>>),
            ))
            .execute(conn)?;
        Ok(())
    };
    state.db.tx(&Scope::system(), work).await
}

impl Row {
    fn token(&self, vault: &Vault, now: DateTime<Utc>) -> Result<Option<Token>, AppError> {
        let Some((sealed, until)) = self.access.as_ref().zip(self.access_until).filter(|(_, until)| *until > now)
        else {
            return Ok(None);
        };
        let text = vault.open(self.key_id, &place(&self.gateway, "access"), sealed)?;
        Ok(Some(Token::new(text, (until - now).to_std().unwrap_or(Duration::ZERO))))
    }
}

/// The place for which a token is sealed.
fn place(gateway: &str, column: &str) -> String {
    format!("gateway {gateway} {column}")
}
