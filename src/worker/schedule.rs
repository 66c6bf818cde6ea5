//! What is done how often. Each duty takes no input and may be done twice or by several processes at once.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::audit;
use crate::calendars;
use crate::citizens;
use crate::costs;
use crate::dossiers::foresight::{fill, warn};
use crate::dossiers::remind;
use crate::error::AppError;
use crate::exports::{jobs, mailing};
use crate::http::idempotency;
use crate::notices::sending::{Gateway, asking, links, silence, steer, stranded, tokens};
use crate::notices::{next_channel, receipts};
use crate::platform::db::Scope;
use crate::reorganisations;
use crate::retention;
use crate::sign_on;
use crate::staff::tries;
use crate::state::AppState;
use crate::statistics::{expected, tallies};

/// Something done again and again.
#[derive(Clone, Copy)]
pub struct Duty {
    /// Its name, for logs.
    pub name: &'static str,
    /// The wait between two times.
    pub every: Duration,
    /// Does it; returns how much there was to do.
    pub work: fn(AppState) -> BoxFuture<'static, Result<usize, AppError>>,
}

/// What every process does for itself.
pub const KEYS: Duty = Duty {
    name: "data keys",
    every: Duration::from_secs(2),
    work: |state| async move { state.keep_keys().await }.boxed(),
};

/// Everything but sending, which has its lanes.
pub fn duties() -> Vec<Duty> {
    vec![
        Duty { name: "delivery receipts", every: Duration::from_secs(1), work: |state| take_receipts(state).boxed() },
        Duty {
            name: "one-time codes",
            every: Duration::from_secs(1),
            work: |state| citizens::sending::tick(state).boxed(),
        },
        Duty { name: "foresight", every: Duration::from_secs(60), work: |state| fill::tick(state).boxed() },
        Duty { name: "reminders", every: Duration::from_secs(600), work: |state| remind::tick(state).boxed() },
        Duty { name: "warnings", every: Duration::from_secs(60), work: |state| warn::tick(state).boxed() },
        Duty { name: "audit chains", every: Duration::from_secs(1), work: |state| audit::chain::tick(state).boxed() },
        Duty {
            name: "audit checkpoints",
            every: Duration::from_secs(60),
            work: |state| audit::checkpoint::tick(state).boxed(),
        },
        Duty { name: "tallies", every: Duration::from_secs(1), work: |state| tallies::tick(state).boxed() },
        Duty { name: "expected times", every: Duration::from_secs(3600), work: |state| expected::tick(state).boxed() },
        Duty { name: "calendars", every: Duration::from_secs(2), work: |state| calendars::tick(state).boxed() },
        Duty {
            name: "reorganisations",
            every: Duration::from_secs(5),
            work: |state| reorganisations::tick(state).boxed(),
        },
        Duty {
            name: "old one-time codes",
            every: Duration::from_secs(600),
            work: |state| citizens::sweep::tick(state).boxed(),
        },
        Duty { name: "old log-ins", every: Duration::from_secs(600), work: |state| sign_on::forget_old(state).boxed() },
        Duty { name: "old answers", every: Duration::from_secs(600), work: |state| forget_answers(state).boxed() },
        Duty { name: "retention", every: Duration::from_secs(86_400), work: |state| retention::tick(state).boxed() },
        Duty { name: "costs", every: Duration::from_secs(600), work: |state| costs::watch::tick(state).boxed() },
        Duty { name: "exports", every: Duration::from_secs(2), work: |state| jobs::tick(state).boxed() },
        Duty { name: "failed log-ins", every: Duration::from_secs(600), work: |state| forgive(state).boxed() },
        Duty {
            name: "rate limits",
            every: Duration::from_secs(60),
            work: |state| {
                state.limits.tidy();
                async { Ok(0) }.boxed()
            },
        },
    ]
}

type GatewayWork = fn(AppState, Arc<Vec<Gateway>>) -> BoxFuture<'static, Result<usize, AppError>>;

/// Something done again and again with the gateways.
#[derive(Clone, Copy)]
pub struct GatewayDuty {
    /// Its name, for logs.
    pub name: &'static str,
    /// The wait between two times.
    pub every: Duration,
    /// Does it; returns how much there was to do.
    pub work: GatewayWork,
}

/// What gateways need beside messages.
pub fn gateway_duties() -> Vec<GatewayDuty> {
    vec![
        GatewayDuty {
            name: "access tokens",
            every: Duration::from_secs(5),
            work: |state, gateways| async move { tokens::tick(&state, &gateways).await }.boxed(),
        },
        GatewayDuty {
            name: "links to SMS centres",
            every: Duration::from_secs(1),
            work: |state, gateways| async move { links::tick(&state, &gateways).await }.boxed(),
        },
        GatewayDuty {
            name: "asking after messages",
            every: Duration::from_secs(10),
            work: |state, gateways| async move { asking::tick(&state, &gateways).await }.boxed(),
        },
        GatewayDuty {
            name: "next channels",
            every: Duration::from_secs(15),
            work: |state, gateways| async move { next_channel::tick(&state, &gateways).await }.boxed(),
        },
        GatewayDuty {
            name: "mailed reports",
            every: Duration::from_secs(60),
            work: |state, gateways| async move { mailing::tick(&state, &gateways).await }.boxed(),
        },
        GatewayDuty {
            name: "stranded notices",
            every: Duration::from_secs(60),
            work: |state, gateways| async move { stranded::tick(&state, &gateways).await }.boxed(),
        },
        GatewayDuty {
            name: "missing receipts",
            every: Duration::from_secs(3600),
            work: |state, gateways| async move { silence::tick(&state, &gateways).await }.boxed(),
        },
        GatewayDuty {
            name: "shares of gateways",
            every: Duration::from_secs(60),
            work: |state, gateways| async move { steer::tick(&state, &gateways).await }.boxed(),
        },
    ]
}

async fn take_receipts(state: AppState) -> Result<usize, AppError> {
    let (clock, config) = (state.clock.clone(), state.config.clone());
    let work = move |conn: &mut diesel::PgConnection| {
        let now = clock.database_now(conn)?;
        receipts::tick(conn, &config.gateways, now).map_err(AppError::from)
    };
    state.db.tx(&Scope::system(), work).await
}

async fn forget_answers(state: AppState) -> Result<usize, AppError> {
    let (clock, kept) = (state.clock.clone(), TimeDelta::hours(state.config.retention.answer_hours.into()));
    let work = move |conn: &mut diesel::PgConnection| {
        let now = clock.database_now(conn)?;
        idempotency::forget_old(conn, now - kept).map_err(AppError::from)
    };
    state.db.tx(&Scope::system(), work).await
}

async fn forgive(state: AppState) -> Result<usize, AppError> {
    let clock = state.clock.clone();
    let work = move |conn: &mut diesel::PgConnection| {
        let now = clock.database_now(conn)?;
        tries::forget_old(conn, now).map_err(AppError::from)
    };
    state.db.tx(&Scope::system(), work).await
}
