//! An SMS gateway on loopback that takes everything at once, and how fast the worker drains a queue into it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use figment::Figment;
use figment::providers::{Format, Toml};
use motcua::config::Config;
use motcua::notices::sending::Gateway;
use motcua::platform::stop::stop;
use motcua::state::AppState;
use motcua::worker;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What the gateway says to every message.
const TAKEN: &[u8] =
    b"HTTP/1.1 202 Accepted\r\nContent-Type: text/plain\r\nContent-Length: 22\r\n\r\n0: Accepted for delive";

/// A gateway that counts.
pub struct FastGateway {
    address: SocketAddr,
    taken: Arc<AtomicUsize>,
}

impl FastGateway {
    /// Listens on a port of loopback.
    pub async fn open() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let (address, taken) = (listener.local_addr()?, Arc::new(AtomicUsize::new(0)));
        let counter = Arc::clone(&taken);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, Arc::clone(&counter)));
            }
        });
        Ok(Self { address, taken })
    }

    /// Returns how many messages it took.
    pub fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }
}

async fn answer(stream: TcpStream, taken: Arc<AtomicUsize>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut wire = BufReader::new(stream);
    let mut line = String::new();
    loop {
        line.clear();
        if wire.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        if line == "\r\n" {
            taken.fetch_add(1, Ordering::Relaxed);
            wire.get_mut().write_all(TAKEN).await?;
        }
    }
}

/// Drains the SMS that wait; returns how many a second were sent and recorded.
pub async fn drain(state: &AppState, gateway: &FastGateway, waiting: usize) -> anyhow::Result<f64> {
    let mut config = Config::clone(&state.config);
    let table = format!(
        "kind = \"http\"\nanswer = {{ accepted = [\"*Accepted*\"] }}\n\
         sending = {{ class = \"idempotent\", known_for_s = 86400 }}\n\
         request = {{ url = \"http://{}/cgi-bin/sendsms?to={{to}}&text={{text}}&id={{id}}\" }}\n",
        gateway.address
    );
    config.gateways.insert("sms".to_owned(), Figment::from(Toml::string(&table)).extract()?);
    let gateways = Gateway::all(&config)?.into_iter().take(1).collect();
    let state = AppState { config: Arc::new(config), ..state.clone() };
    let (stopper, stop) = stop();
    let begun = Instant::now();
    let worker = tokio::spawn(worker::run_with(state, gateways, stop));
    while gateway.taken() < waiting {
        anyhow::ensure!(begun.elapsed() < Duration::from_secs(300), "the queue did not drain");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    // A stop ends when what was sent is recorded.
    stopper.stop();
    worker.await.context("the worker panicked")?;
    Ok(f64::from(u32::try_from(waiting)?) / begun.elapsed().as_secs_f64())
}
