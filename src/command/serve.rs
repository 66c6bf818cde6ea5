//! `motcua serve` and `motcua work`: run until told to stop, then end what is under way.

use std::net::TcpListener;
use std::path::PathBuf;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use anyhow::Context;
use clap::Args;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;

use super::demo;
use crate::app::{self, House};
use crate::config::Config;
use crate::listening::{bind, listen_on};
use crate::platform::clock::Clock;
use crate::platform::db::Scope;
use crate::platform::gateways::GatewayFault;
use crate::platform::stop::{Stopper, stop};
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
    /// Serves until SIGTERM or SIGINT. SIGHUP reads the settings anew, secrets and all, without refusing a request.
    ///
    /// # Errors
    /// What opening the house or binding the address meets.
    pub fn run(self, config: Config, files: &[PathBuf]) -> anyhow::Result<()> {
        let house = House::open(config)?;
        let accounts = if self.demo { demo::prepare(&house.state, &self.province)? } else { Vec::new() };
        runtime()?.block_on(serve(house, files, &accounts))
    }
}

/// Runs the loops only, until SIGTERM or SIGINT.
///
/// # Errors
/// What opening the house meets, or gateways that can't be.
pub fn work(config: Config) -> anyhow::Result<()> {
    let house = House::open(config)?;
    runtime()?.block_on(async {
        let mut told = Told::listen()?;
        let (stopper, stop) = stop();
        let keys = tokio::spawn(worker::keep_keys(house.state.clone(), stop.clone()));
        let loops = tokio::spawn(worker::run(house.state.clone(), stop));
        while told.what().await == Word::ReadSettings {
            tracing::warn!("`work` reads its settings at its start alone: restart it, what is queued waits");
        }
        stopper.stop();
        keys.await?;
        loops.await??;
        Ok(())
    })
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().context("no runtime could be made")
}

/// Far longer than a connection waits for its thread.
const HANDED_ON_WITHIN: Duration = Duration::from_secs(1);

/// A server with its loops.
struct Running {
    handle: ServerHandle,
    server: JoinHandle<std::io::Result<()>>,
    keys: JoinHandle<()>,
    loops: Option<JoinHandle<Result<(), GatewayFault>>>,
    stopper: Stopper,
}

impl Running {
    fn start(state: &AppState, listener: TcpListener) -> anyhow::Result<Self> {
        let listening = listen_on(state.clone(), listener)?;
        let (stopper, stop) = stop();
        let keys = tokio::spawn(worker::keep_keys(state.clone(), stop.clone()));
        let loops = state.config.worker.enabled.then(|| tokio::spawn(worker::run(state.clone(), stop)));
        let handle = listening.server.handle();
        Ok(Self { handle, server: tokio::spawn(listening.server), keys, loops, stopper })
    }

    /// Leaves the address to another server: takes no connection any more, then ends what is under way.
    async fn give_way(self) -> anyhow::Result<()> {
        self.handle.pause().await;
        // A connection that was taken and not yet handed to its thread would be dropped by a stop.
        tokio::time::sleep(HANDED_ON_WITHIN).await;
        self.stop().await
    }

    /// Ends what is under way, then returns.
    async fn stop(self) -> anyhow::Result<()> {
        self.handle.stop(true).await;
        self.stopper.stop();
        self.server.await??;
        self.keys.await?;
        if let Some(loops) = self.loops {
            loops.await??;
        }
        Ok(())
    }
}

async fn serve(house: House, files: &[PathBuf], accounts: &[DemoAccount]) -> anyhow::Result<()> {
    let listener = bind(&house.state.config)?;
    let address = listener.local_addr()?;
    let mut told = Told::listen()?;
    let mut running = Running::start(&house.state, listener.try_clone()?)?;
    tracing::info!(address = %address, "serving at http://{address}");
    if !accounts.is_empty() {
        demo::print(&house.state, house.state.clock.now(), address, accounts)?;
    }
    while told.what().await == Word::ReadSettings {
        match renewed(&house, files, &listener) {
            Ok(fresh) => {
                let old = std::mem::replace(&mut running, fresh);
                tracing::info!("the settings were read anew; requests under way end with those of before");
                old.give_way().await?;
            }
            Err(fault) => {
                tracing::error!(fault = format!("{fault:#}"), "the new settings can't be used; those of before stay")
            }
        }
    }
    tracing::info!("stopping: requests and messages under way are ended first");
    running.stop().await
}

/// Starts beside what runs, on the same address, with the settings and secrets of now: nobody is refused meanwhile.
fn renewed(house: &House, files: &[PathBuf], listener: &TcpListener) -> anyhow::Result<Running> {
    let config = Config::load(files)?;
    let url = if house.postgres.is_some() { house.database_url.clone() } else { config.database.url.clone() };
    let state = app::state(config, &url, Clock::System)?;
    // Whatever is wrong with them shows before anything is stopped.
    state.db.tx_here(&Scope::system(), |conn| state.office.in_force(conn).map(|_| ()))?;
    state.have_keys_here(state.clock.now())?;
    Running::start(&state, listener.try_clone()?)
}

/// What the process is told from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    /// SIGTERM or SIGINT.
    Stop,
    /// SIGHUP.
    ReadSettings,
}

struct Told {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

impl Told {
    fn listen() -> std::io::Result<Self> {
        let (terminate, interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        Ok(Self { terminate, interrupt, hangup: signal(SignalKind::hangup())? })
    }

    async fn what(&mut self) -> Word {
        tokio::select! {
            _ = self.terminate.recv() => Word::Stop,
            _ = self.interrupt.recv() => Word::Stop,
            _ = self.hangup.recv() => Word::ReadSettings,
        }
    }
}
