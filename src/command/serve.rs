//! `motcua serve` and `motcua work`: run until told to stop, then end what is under way.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

use super::demo;
use crate::app::{House, listen};
use crate::config::Config;
use crate::platform::stop::stop;
use crate::staff::demo::DemoAccount;
use crate::state::AppState;
use crate::worker;

/// How the service is run.
#[derive(Debug, Args)]
pub struct Serve {
    /// Loads the demo province and makes a demo account for each role, once.
    #[arg(long)]
    demo: bool,
    /// Where the demo province lies.
    #[arg(long, default_value = "config/province")]
    province: PathBuf,
}

impl Serve {
    /// Serves until SIGTERM or SIGINT.
    ///
    /// # Errors
    /// What opening the house or binding the address meets.
    pub fn run(self, config: Config) -> anyhow::Result<()> {
        let house = House::open(config)?;
        let accounts = if self.demo { demo::prepare(&house.state, &self.province)? } else { Vec::new() };
        runtime()?.block_on(serve(house.state.clone(), &accounts))
    }
}

/// Runs the loops only, until SIGTERM or SIGINT.
///
/// # Errors
/// What opening the house meets, or gateways that can't be.
pub fn work(config: Config) -> anyhow::Result<()> {
    let house = House::open(config)?;
    runtime()?.block_on(async {
        let (stopper, stop) = stop();
        let loops = tokio::spawn(worker::run(house.state.clone(), stop));
        told_to_stop().await?;
        stopper.stop();
        loops.await??;
        Ok(())
    })
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().context("no runtime could be made")
}

async fn serve(state: AppState, accounts: &[DemoAccount]) -> anyhow::Result<()> {
    let (stopper, stop) = stop();
    let listening = listen(state.clone())?;
    tracing::info!(address = %listening.address, "serving at http://{}", listening.address);
    let loops = state.config.worker.enabled.then(|| tokio::spawn(worker::run(state.clone(), stop)));
    if !accounts.is_empty() {
        demo::print(&state, state.clock.now(), listening.address, accounts)?;
    }
    let handle = listening.server.handle();
    let server = tokio::spawn(listening.server);
    told_to_stop().await?;
    tracing::info!("stopping: requests and messages under way are ended first");
    handle.stop(true).await;
    stopper.stop();
    server.await??;
    if let Some(loops) = loops {
        loops.await??;
    }
    Ok(())
}

async fn told_to_stop() -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
