//! The pairs of access and refresh tokens as the database keeps them: sealed, one for the house, fetched by one process
//! at a time.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use secrecy::ExposeSecret;

use crate::config::Way;
use crate::error::AppError;
use crate::platform::db::Scope;
use crate::platform::gateways::token::{Granted, Token};
use crate::platform::secret::Vault;
use crate::schema::{gateway_tokens as t, sending};
use crate::state::AppState;

/// The next pair is fetched so long before the token ends, or after half its time where that is later.
const ENDS_BEFORE: TimeDelta = TimeDelta::minutes(30);
/// Longer than a fetch may take, and the wait for a database that is away.
const FETCH_TAKES: TimeDelta = TimeDelta::minutes(3);
/// The wait after a fetch that failed.
const REST: TimeDelta = TimeDelta::minutes(1);

/// A pair.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = t, primary_key(gateway), treat_none_as_null = true)]
struct Row {
    gateway: String,
    key_id: i16,
    access: Option<Vec<u8>>,
    refresh: Vec<u8>,
    access_until: Option<DateTime<Utc>>,
    refreshed_at: DateTime<Utc>,
    fetching_until: Option<DateTime<Utc>>,
    failed_at: Option<DateTime<Utc>>,
    /// Keyed hashes of the refresh tokens of the settings that it was begun with: each is good once.
    begun_with: Vec<Option<Vec<u8>>>,
}

/// What was found, and what is to be done.
pub(super) struct Found {
    /// The token, if it is still good.
    pub(super) token: Option<Token>,
    /// What is to be done.
    pub(super) next: Next,
}

/// What is to be done about a pair.
pub(super) enum Next {
    /// It is good for long enough.
    Nothing,
    /// Another process is fetching the next one.
    Wait,
    /// No pair is to be fetched now: the last try failed a moment ago, or sending is paused.
    Rest,
    /// This process fetches the next one, by this refresh token and alone.
    Fetch(String),
}

/// Looks at the pair of a gateway, which may have refused its token before the time was over.
///
/// # Errors
/// Whatever the database says, or a pair that does not open.
pub(super) async fn look(state: &AppState, name: &str, ended: Option<Token>) -> Result<Found, AppError> {
    let (name, clock, vault) = (name.to_owned(), state.clock.clone(), state.vault.clone());
    let first = first_refresh_token(state, &name);
    let work = move |conn: &mut PgConnection| {
        let now = clock.database_now(conn)?;
        let row = begin(conn, &vault, (&name, &first), now)?;
        let held = row.token(&vault, now)?;
        let is_refused = held.as_ref().zip(ended.as_ref()).is_some_and(|(held, ended)| held.is(ended));
        if is_refused {
            diesel::update(t::table.find(&name)).set(t::access_until.eq(now)).execute(conn)?;
        }
        let token = held.filter(|_| !is_refused);
        let next = match () {
            () if token.is_some() && row.is_fresh(now) => Next::Nothing,
            () if row.fetching_until.is_some_and(|until| until > now) => Next::Wait,
            () if row.failed_at.is_some_and(|at| at + REST > now) || is_paused(conn)? => Next::Rest,
            () => {
                diesel::update(t::table.find(&name)).set(t::fetching_until.eq(now + FETCH_TAKES)).execute(conn)?;
                Next::Fetch(vault.open(row.key_id, &place(&name, "refresh"), &row.refresh)?)
            }
        };
        Ok(Found { token, next })
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

/// Holds the pair, beginning with the refresh token of the settings the first time, and anew when the settings have one
/// that it was never begun with: then a person made a new one, because the pair was lost.
fn begin(
    conn: &mut PgConnection,
    vault: &Vault,
    (name, first): (&str, &str),
    now: DateTime<Utc>,
) -> Result<Row, AppError> {
    let mark = Some(vault.index("refresh_token", first));
    match hold(conn, name).optional()? {
        Some(row) if row.begun_with.contains(&mark) => Ok(row),
        Some(row) => {
            let row = match row.begun_with.is_empty() {
                // From before it was noted with what pairs begin.
                true => Row { begun_with: vec![mark], ..row },
                false => {
                    tracing::info!(gateway = name, "gateway {name} begins anew with the refresh token of the settings");
                    let begun_with = row.begun_with.into_iter().chain([mark]).collect();
                    Row { begun_with, ..Row::begun(vault, (name, first), now)? }
                }
            };
            diesel::update(t::table.find(name)).set(&row).execute(conn)?;
            Ok(row)
        }
        None => {
            let row = Row { begun_with: vec![mark], ..Row::begun(vault, (name, first), now)? };
            // Of two that begin at once, one finds what the other has begun.
            diesel::insert_into(t::table).values(&row).on_conflict_do_nothing().execute(conn)?;
            Ok(hold(conn, name)?)
        }
    }
}

fn hold(conn: &mut PgConnection, name: &str) -> QueryResult<Row> {
    t::table.find(name).select(Row::as_select()).for_update().first(conn)
}

/// Where all sending is paused no pair is used up: after a restore it may be that of a house that still works.
fn is_paused(conn: &mut PgConnection) -> QueryResult<bool> {
    sending::table.select(sending::paused_why.is_not_null()).first(conn)
}

/// Keeps the next pair in place of the one that is used up.
///
/// # Errors
/// Whatever the database says.
pub(super) async fn keep(state: &AppState, name: &str, granted: Granted) -> Result<(), AppError> {
    let (name, clock, vault) = (name.to_owned(), state.clock.clone(), state.vault.clone());
    let work = move |conn: &mut PgConnection| {
        let now = clock.database_now(conn)?;
        let good_for = TimeDelta::from_std(granted.good_for).unwrap_or(TimeDelta::hours(1));
        let row = t::table.find(&name);
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
                t::access.eq(Some(vault.seal(&place(&name, "access"), &granted.access)?)),
                t::refresh.eq(vault.seal(&place(&name, "refresh"), &refresh)?),
                t::access_until.eq(Some(now + good_for)),
                t::refreshed_at.eq(now),
                t::fetching_until.eq(None::<DateTime<Utc>>),
                t::failed_at.eq(None::<DateTime<Utc>>),
            ))
            .execute(conn)?;
        Ok(())
    };
    state.db.tx(&Scope::system(), work).await
}

/// Notes that the next pair could not be got: another try waits a moment.
///
/// # Errors
/// Whatever the database says.
pub(super) async fn note_failure(state: &AppState, name: &str) -> Result<(), AppError> {
    let (name, clock) = (name.to_owned(), state.clock.clone());
    let work = move |conn: &mut PgConnection| {
        let now = clock.database_now(conn)?;
        diesel::update(t::table.find(&name))
            .set((t::fetching_until.eq(None::<DateTime<Utc>>), t::failed_at.eq(Some(now))))
            .execute(conn)?;
        Ok(())
    };
    state.db.tx(&Scope::system(), work).await
}

impl Row {
    fn begun(vault: &Vault, (name, first): (&str, &str), now: DateTime<Utc>) -> Result<Self, AppError> {
        Ok(Self {
            gateway: name.to_owned(),
            key_id: vault.key_id(),
            access: None,
            refresh: vault.seal(&place(name, "refresh"), first)?,
            access_until: None,
            refreshed_at: now,
            fetching_until: None,
            failed_at: None,
            begun_with: Vec::new(),
        })
    }

    fn token(&self, vault: &Vault, now: DateTime<Utc>) -> Result<Option<Token>, AppError> {
        let Some((sealed, until)) = self.access.as_ref().zip(self.access_until).filter(|(_, until)| *until > now)
        else {
            return Ok(None);
        };
        let text = vault.open(self.key_id, &place(&self.gateway, "access"), sealed)?;
        Ok(Some(Token::new(text, (until - now).to_std().unwrap_or(Duration::ZERO))))
    }

    fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        self.access_until.is_some_and(|until| until - now > ENDS_BEFORE.min((until - self.refreshed_at) / 2))
    }
}

/// The place for which a token is sealed.
fn place(gateway: &str, column: &str) -> String {
    format!("gateway {gateway} {column}")
}
