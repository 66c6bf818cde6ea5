//! Sees to it that gateways have an access token. Where refresh tokens are good once, one process at a time fetches the
//! next pair, and nobody uses it before it is in the database: a pair that is lost can only be made anew by a person at
//! the vendor.

use std::time::{Duration, Instant};

use super::gateway::Gateway;
use super::token_pairs::{self, Next};
use crate::domain::delivery::{Outcome, Reply};
use crate::error::{AppError, Chain};
use crate::platform::gateways::token::{Granted, Token, TokenSource};
use crate::platform::gateways::{Handed, HttpGateway, Message};
use crate::state::AppState;

/// How long a message waits for the pair that another process is fetching, and how often it looks.
const OTHERS_TAKE: Duration = Duration::from_secs(15);
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// Where a gateway stands with its tokens.
enum Looked {
    /// There is a good one.
    Good,
    /// There is the next one.
    Fetched,
    /// Another process is fetching it.
    Waits,
    /// It could not be got, now or a moment ago.
    Failed,
}

/// Looks after the pair of each gateway that has one; returns how many were fetched.
///
/// # Errors
/// Whatever the database says, or a pair that does not open.
pub async fn tick(state: &AppState, gateways: &[Gateway]) -> Result<usize, AppError> {
    let mut fetched = 0;
    for gateway in gateways {
        if let Some(source) = source_of(gateway).filter(|source| source.rotates()) {
            let _alone = source.alone().await;
            let looked = look_after(state, gateway.name(), source, None).await?;
            fetched += usize::from(matches!(looked, Looked::Fetched));
        }
    }
    Ok(fetched)
}

/// Hands a message over. That it needs a new token first is no try of the message.
pub(super) async fn send(state: &AppState, gateway: &Gateway, message: &Message) -> Reply {
    let ended = match gateway.send(message).await {
        Handed::Replied(reply) => return reply,
        Handed::WithoutToken(ended) => ended,
    };
    if let Err(reply) = renew(state, gateway, ended.as_ref()).await {
        return reply;
    }
    match gateway.send(message).await {
        Handed::Replied(reply) => reply,
        Handed::WithoutToken(_) => Reply::new(Outcome::Account, "takes no access token"),
    }
}

/// Gets a token in place of the one that has ended; many who want one wait for one fetch.
async fn renew(state: &AppState, gateway: &Gateway, ended: Option<&Token>) -> Result<(), Reply> {
    let Some(source) = source_of(gateway) else {
        return Ok(());
    };
    if let Some(ended) = ended.filter(|_| !source.rotates()) {
        // The next one is fetched when it is asked for.
        source.forget(ended);
        return Ok(());
    }
    let until = Instant::now() + OTHERS_TAKE;
    let _alone = source.alone().await;
    while !source.holds_another(ended) {
        match look_after(state, gateway.name(), source, ended).await {
            Ok(Looked::Good | Looked::Fetched) => return Ok(()),
            Ok(Looked::Waits) if Instant::now() < until => tokio::time::sleep(LOOK_AGAIN).await,
            Ok(Looked::Waits | Looked::Failed) => return Err(Reply::new(Outcome::Account, "no access token")),
            Err(err) => {
                tracing::warn!(gateway = gateway.name(), error = %Chain(&err), "an access token could not be looked for");
                return Err(Reply::new(Outcome::Throttled, "no access token yet"));
            }
        }
    }
    Ok(())
}

fn source_of(gateway: &Gateway) -> Option<&TokenSource> {
    gateway.http().and_then(HttpGateway::token_source)
}

async fn look_after(
    state: &AppState,
    name: &str,
    source: &TokenSource,
    ended: Option<&Token>,
) -> Result<Looked, AppError> {
    let found = token_pairs::look(state, name, ended.cloned()).await?;
    source.hold(found.token);
    match found.next {
        Next::Nothing => Ok(Looked::Good),
        Next::Wait => Ok(Looked::Waits),
        Next::Rest => Ok(Looked::Failed),
        Next::Fetch(refresh) => fetch(state, name, source, &refresh).await,
    }
}

async fn fetch(state: &AppState, name: &str, source: &TokenSource, refresh: &str) -> Result<Looked, AppError> {
    match source.fetch(refresh).await {
        Ok(granted) => {
            keep(state, name, &granted).await?;
            source.hold(Some(Token::new(granted.access, granted.good_for)));
            tracing::info!(gateway = name, "gateway {name} gave the next access token");
            Ok(Looked::Fetched)
        }
        Err(reply) => {
            let code = reply.code.unwrap_or_default();
            tracing::error!(
                gateway = name,
                code,
                "gateway {name} gave no access token ({code}); if this lasts, a new refresh token is needed in \
                 gateways.{name}.settings.refresh_token"
            );
            token_pairs::note_failure(state, name).await?;
            Ok(Looked::Failed)
        }
    }
}

/// The refresh token before this pair is used up, so the database is waited for.
async fn keep(state: &AppState, name: &str, granted: &Granted) -> Result<(), AppError> {
    let mut wait = Duration::from_millis(200);
    loop {
        match token_pairs::keep(state, name, granted.clone()).await {
            Err(err @ AppError::Unavailable { .. }) if wait < Duration::from_secs(60) => {
                tracing::warn!(gateway = name, error = %Chain(&err), "the next pair of tokens could not be kept yet");
                tokio::time::sleep(wait).await;
                wait *= 2;
            }
            Err(err) => {
                tracing::error!(
                    gateway = name,
                    "the next pair of tokens of gateway {name} is lost; a new refresh token is needed in \
                     gateways.{name}.settings.refresh_token"
                );
                return Err(err);
            }
            Ok(()) => return Ok(()),
        }
    }
}
