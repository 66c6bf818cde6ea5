//! The one loop: what the house does on its own. Each part has a task; a part that fails waits a little and
//! goes on, and none brings another down.

mod schedule;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};

use crate::error::{AppError, Chain};
use crate::notices::sending::{Gateway, Lane};
use crate::platform::gateways::GatewayFault;
use crate::platform::stop::Stop;
use crate::state::AppState;

pub use schedule::{Duty, GatewayDuty, duties, gateway_duties};

const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Runs everything until it is told to stop, with the gateways that the settings describe.
///
/// # Errors
/// [`GatewayFault`] at the start, when they describe none; nothing later.
pub async fn run(state: AppState, stop: Stop) -> Result<(), GatewayFault> {
    let gateways = Gateway::all(&state.config)?;
    run_with(state, gateways, stop).await;
    Ok(())
}

/// Runs everything until it is told to stop, with these gateways; ends when what was under way is recorded.
pub async fn run_with(state: AppState, gateways: Vec<Gateway>, stop: Stop) {
    let mut tasks = Vec::new();
    let gateways = Arc::new(gateways);
    for lane in Lane::all(&state, gateways.to_vec()) {
        let lane = Arc::new(lane);
        for _ in 0..lane.loops() {
            let (lane, state, stop) = (Arc::clone(&lane), state.clone(), stop.clone());
            tasks.push(tokio::spawn(serve(lane, state, stop)));
        }
    }
    for duty in gateway_duties() {
        let gateways = Arc::clone(&gateways);
        let again = move |state: AppState| (duty.work)(state, Arc::clone(&gateways));
        tasks.push(tokio::spawn(do_again_and_again((duty.name, duty.every), again, state.clone(), stop.clone())));
    }
    for duty in duties() {
        tasks.push(tokio::spawn(do_again_and_again((duty.name, duty.every), duty.work, state.clone(), stop.clone())));
    }
    tracing::info!(tasks = tasks.len(), "the worker runs");
    join_all(tasks).await;
    tracing::info!("the worker has stopped");
}

/// Keeps the data keys of this process until it is told to stop; one without loops needs it too.
pub async fn keep_keys(state: AppState, stop: Stop) {
    do_again_and_again((schedule::KEYS.name, schedule::KEYS.every), schedule::KEYS.work, state, stop).await;
}

async fn serve(lane: Arc<Lane>, state: AppState, mut stop: Stop) {
    let idle = Duration::from_millis(state.config.notices.idle_ms.max(1));
    let mut failed_wait = FIRST_WAIT;
    while !stop.is_stopped() {
        let wait = match guarded(lane.tick(&state, &stop)).await {
            Ok(tick) => {
                failed_wait = FIRST_WAIT;
                if tick.is_full { Duration::ZERO } else { tick.wait.unwrap_or(idle).min(idle) }
            }
            Err(err) => failed("notices", &err, &mut failed_wait),
        };
        if !wait.is_zero() && !stop.pause(wait).await {
            break;
        }
    }
}

async fn do_again_and_again(
    (name, every): (&'static str, Duration),
    work: impl Fn(AppState) -> BoxFuture<'static, Result<usize, AppError>>,
    state: AppState,
    mut stop: Stop,
) {
    let mut failed_wait = FIRST_WAIT;
    loop {
        let wait = match guarded(work(state.clone())).await {
            Ok(done) => {
                failed_wait = FIRST_WAIT;
                if done > 0 {
                    tracing::debug!(duty = name, done, "a duty was done");
                }
                every
            }
            Err(err) => failed(name, &err, &mut failed_wait),
        };
        if !stop.pause(wait).await {
            break;
        }
    }
}

/// A panic is one tick's failure, not the loop's end.
async fn guarded<T>(tick: impl Future<Output = Result<T, AppError>>) -> Result<T, AppError> {
    match AssertUnwindSafe(tick).catch_unwind().await {
        Ok(done) => done,
        Err(_) => Err(AppError::internal("a tick panicked")),
    }
}

fn failed(what: &'static str, err: &AppError, wait: &mut Duration) -> Duration {
    let now = *wait;
    *wait = (now * 2).min(LONGEST_WAIT);
    match err {
        AppError::Unavailable { cause, .. } => {
            tracing::warn!(part = what, cause, "a tick waits for the database");
        }
        other => tracing::error!(part = what, error = %Chain(other), "a tick failed"),
    }
    now
}
