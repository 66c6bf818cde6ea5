//! Clients that keep their connections and ask as fast as they are answered.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// One request as its bytes.
pub struct Request(String);

impl Request {
    /// A `GET`.
    pub fn get(path: &str, token: Option<&str>) -> Self {
        Self(format!("GET {path} HTTP/1.1\r\nHost: bench\r\n{}\r\n", bearer(token)))
    }

    /// A `POST` of JSON.
    pub fn post(path: &str, token: Option<&str>, body: &str) -> Self {
        Self(format!(
            "POST {path} HTTP/1.1\r\nHost: bench\r\n{}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            bearer(token),
            body.len()
        ))
    }
}

fn bearer(token: Option<&str>) -> String {
    token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default()
}

/// What was reached.
pub struct Reached {
    /// Requests, or chains of them, a second.
    pub per_second: f64,
    /// What half of the answers took at most.
    pub p50: Duration,
    /// What 99 of 100 answers took at most.
    pub p99: Duration,
    /// Answers that were no success.
    pub failed: usize,
}

impl fmt::Display for Reached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = |time: Duration| time.as_secs_f64() * 1000.0;
        write!(f, "{:.0}/s, p50 {:.1} ms, p99 {:.1} ms", self.per_second, ms(self.p50), ms(self.p99))?;
        if self.failed > 0 { write!(f, ", {} FAILED", self.failed) } else { Ok(()) }
    }
}

/// Who asks, for how long.
pub struct Load {
    address: SocketAddr,
    clients: usize,
    time: Duration,
}

impl Load {
    /// So many clients for so many seconds.
    pub fn new(address: SocketAddr, clients: usize, seconds: u64) -> Self {
        Self { address, clients, time: Duration::from_secs(seconds) }
    }

    /// Asks what `request` says for each client and round.
    pub async fn run(
        self,
        request: impl Fn(usize, usize) -> Request + Send + Sync + 'static,
    ) -> anyhow::Result<Reached> {
        let request = Arc::new(request);
        let (address, time) = (self.address, self.time);
        self.gather(move |client| {
            let request = Arc::clone(&request);
            async move {
                let mut wire = Wire::open(address).await?;
                let (mut times, mut failed, begun) = (Vec::new(), 0, Instant::now());
                while begun.elapsed() < time {
                    let asked = Instant::now();
                    let status = wire.ask(&request(client, times.len())).await?.0;
                    failed += usize::from(!(200..300).contains(&status));
                    times.push(asked.elapsed());
                }
                Ok((times, failed))
            }
        })
        .await
    }

    /// Asks chains: `request` gets client, round, the code of the first answer and the number of the step, until it
    /// has no more.
    pub async fn run_chains(
        self,
        request: impl Fn(usize, usize, &str, usize) -> Option<Request> + Send + Sync + 'static,
    ) -> anyhow::Result<Reached> {
        let request = Arc::new(request);
        let (address, time) = (self.address, self.time);
        self.gather(move |client| {
            let request = Arc::clone(&request);
            async move {
                let mut wire = Wire::open(address).await?;
                let (mut times, mut failed, begun) = (Vec::new(), 0, Instant::now());
                while begun.elapsed() < time {
                    let (asked, mut code, mut step) = (Instant::now(), String::new(), 0);
                    while let Some(next) = request(client, times.len(), &code, step) {
                        let (status, body) = wire.ask(&next).await?;
                        failed += usize::from(!(200..300).contains(&status));
                        if step == 0 {
                            code = code_of(&body);
                        }
                        step += 1;
                    }
                    times.push(asked.elapsed());
                }
                Ok((times, failed))
            }
        })
        .await
    }

    async fn gather<F>(self, client: impl Fn(usize) -> F) -> anyhow::Result<Reached>
    where
        F: Future<Output = anyhow::Result<(Vec<Duration>, usize)>> + Send + 'static,
    {
        let begun = Instant::now();
        let tasks: Vec<_> = (0..self.clients).map(|number| tokio::spawn(client(number))).collect();
        let (mut times, mut failed) = (Vec::new(), 0);
        for task in tasks {
            let (more, bad) = task.await??;
            times.extend(more);
            failed += bad;
        }
        let seconds = begun.elapsed().as_secs_f64();
        times.sort_unstable();
        let count = u32::try_from(times.len())?;
        let at = |percent: usize| times.get(times.len() * percent / 100).copied().unwrap_or_default();
        Ok(Reached { per_second: f64::from(count) / seconds, p50: at(50), p99: at(99), failed })
    }
}

fn code_of(body: &[u8]) -> String {
    let answer: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    answer.get("code").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
}

/// Asks once on a connection of its own; returns the status.
pub async fn once(address: SocketAddr, request: &Request) -> anyhow::Result<u16> {
    Ok(Wire::open(address).await?.ask(request).await?.0)
}

/// A connection that is kept.
pub struct Wire(BufReader<TcpStream>);

impl Wire {
    /// Opens it.
    pub async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::new(stream)))
    }

    /// Asks; returns the status and the body.
    pub async fn ask(&mut self, request: &Request) -> anyhow::Result<(u16, Vec<u8>)> {
        self.0.get_mut().write_all(request.0.as_bytes()).await?;
        let mut line = String::new();
        self.0.read_line(&mut line).await?;
        let status = line.split_whitespace().nth(1).context("no status line")?.parse()?;
        let mut length = 0;
        loop {
            line.clear();
            self.0.read_line(&mut line).await?;
            if line.trim().is_empty() {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse()?;
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).await?;
        Ok((status, body))
    }
}
